//! What a server sent, as psql would print it, with nothing in it that steers a terminal. Pure.

use std::fmt::Write;

use super::outcome::{Event, Outcome, ResultSet};
use super::report::Report;
use super::table;
use super::visible::{visible, visible_text};

/// How to print.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    /// The widest a table's line may be; `None`: as wide as it is.
    pub width: Option<usize>,
    /// SQLSTATEs before messages, as psql with `\set VERBOSITY verbose`.
    pub states: States,
}

/// Whose SQLSTATE is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum States {
    /// Nobody's.
    #[default]
    Hidden,
    /// That of errors; notices have little to say by theirs.
    OfErrors,
    /// Everybody's.
    All,
}

/// All that a statement brought, in order. Tags of statements that only return rows are left out, as psql does.
#[must_use]
pub fn outcome(outcome: &Outcome, statement: &str, style: Style) -> String {
    let mut text = String::new();
    let mut rows_shown = false;
    for event in &outcome.events {
        match event {
            Event::Rows(result) => {
                text.push_str(&rows(result, style));
                text.push('\n');
                rows_shown = true;
            }
            Event::Complete(tag) => {
                // Rows of INSERT … RETURNING are followed by their tag; those of SELECT are not.
                let returning = ["INSERT", "UPDATE", "DELETE", "MERGE"]
                    .iter()
                    .any(|verb| tag.starts_with(verb));
                if !rows_shown || returning {
                    let _ = writeln!(text, "{}", visible(tag, false));
                }
                rows_shown = false;
            }
            Event::CopyOut(lines) => {
                text.push_str(&visible_text(lines));
                rows_shown = true;
            }
            Event::Notice(notice) => text.push_str(&report(notice, statement, style)),
            Event::Error(error) => text.push_str(&report(error, statement, style)),
            Event::Notification(notification) => {
                let _ = write!(
                    text,
                    "Asynchronous notification \"{}\"",
                    visible(&notification.channel, false)
                );
                if !notification.payload.is_empty() {
                    let _ = write!(
                        text,
                        " with payload \"{}\"",
                        visible(&notification.payload, false)
                    );
                }
                let process = notification.process_id;
                let _ = writeln!(text, " received from server process with PID {process}.");
            }
            Event::Empty => {}
        }
    }
    text
}

/// A result as an aligned table with its `(n rows)`.
#[must_use]
pub fn rows(result: &ResultSet, style: Style) -> String {
    table::table(result, style.width)
}

/// The schema of an engine's own functions, which are no business of whoever typed the statement.
const INTERNAL: &str = "citus_emulation.";

/// An error or a notice: first line, the place in the statement, DETAIL, HINT, and CONTEXT for errors. A CONTEXT that only
/// walks through an engine's own functions is left out, as Citus has none there.
#[must_use]
pub fn report(report: &Report, statement: &str, style: Style) -> String {
    let mut text = String::new();
    let is_error = report.severity >= super::report::Severity::Error;
    let shows_state = match style.states {
        States::Hidden => false,
        States::OfErrors => is_error,
        States::All => true,
    };
    let state = if shows_state {
        format!("{}: ", report.code)
    } else {
        String::new()
    };
    let _ = writeln!(
        text,
        "{}:  {state}{}",
        report.severity,
        visible_text(&report.message)
    );
    match (
        report.position,
        &report.internal_query,
        report.internal_position,
    ) {
        (Some(position), _, _) => push_place(&mut text, statement, position),
        (None, Some(query), Some(position)) => push_place(&mut text, query, position),
        _ => {}
    }
    let mut field = |name: &str, value: Option<&String>| {
        if let Some(value) = value {
            let _ = writeln!(text, "{name}:  {}", visible_text(value));
        }
    };
    field("DETAIL", report.detail.as_ref());
    field("HINT", report.hint.as_ref());
    if report.position.is_none() {
        field("QUERY", report.internal_query.as_ref());
    }
    if report.severity >= super::report::Severity::Error {
        field(
            "CONTEXT",
            report
                .context
                .as_ref()
                .filter(|context| !context.contains(INTERNAL)),
        );
    }
    text
}

/// How much of a long line is shown around the place.
const PLACE_WIDTH: usize = 60;

/// `LINE 1: …` and the caret below it.
fn push_place(text: &mut String, statement: &str, position: usize) {
    let Some(index) = position.checked_sub(1) else {
        return;
    };
    let characters: Vec<char> = statement.chars().collect();
    if index > characters.len() {
        return;
    }
    let start = characters[..index]
        .iter()
        .rposition(|c| *c == '\n')
        .map_or(0, |at| at + 1);
    let end = characters[index..]
        .iter()
        .position(|c| *c == '\n')
        .map_or(characters.len(), |at| index + at);
    let number = characters[..start].iter().filter(|c| **c == '\n').count() + 1;
    let column = index - start;
    let (mut from, mut to) = (start, end);
    if end - start > PLACE_WIDTH {
        from = start + column.saturating_sub(PLACE_WIDTH / 2);
        to = end.min(from + PLACE_WIDTH);
    }
    let (cut_before, cut_after) = (from > start, to < end);
    let shown = |range: &[char]| {
        let raw: String = range
            .iter()
            .map(|c| if *c == '\t' { ' ' } else { *c })
            .collect();
        visible(&raw, false).into_owned()
    };
    let mut line = format!("LINE {number}: ");
    if cut_before {
        line.push_str("...");
    }
    line.push_str(&shown(&characters[from..index]));
    let caret = super::visible::width(&line);
    line.push_str(&shown(&characters[index..to]));
    if cut_after {
        line.push_str("...");
    }
    let _ = writeln!(text, "{line}\n{:caret$}^", "");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::{Column, Severity};

    #[test]
    fn an_error_points_at_its_place() {
        let mut error = Report::new(Severity::Error, "42703", "column \"usr_id\" does not exist");
        error.position = Some(28);
        error.hint = Some("Perhaps you meant \"user_id\".".into());
        error.context = Some("while executing command on 127.0.0.1:5441".into());
        let statement = "SELECT count(*)\nFROM orders\nWHERE usr_id = 1";
        error.position = Some(35);
        assert_eq!(
            report(&error, statement, Style::default()),
            "ERROR:  column \"usr_id\" does not exist\n\
             LINE 3: WHERE usr_id = 1\n              ^\n\
             HINT:  Perhaps you meant \"user_id\".\n\
             CONTEXT:  while executing command on 127.0.0.1:5441\n"
        );
        error.context = Some(
            "PL/pgSQL function citus_emulation.remote(integer,text) line 14 at EXECUTE".into(),
        );
        assert!(!report(&error, statement, Style::default()).contains("CONTEXT"));
        error.position = None;
        let verbose = report(
            &error,
            "",
            Style {
                states: States::All,
                width: None,
            },
        );
        assert!(verbose.starts_with("ERROR:  42703: column"));
    }

    #[test]
    fn a_long_line_is_shown_around_the_place() {
        let mut error = Report::new(Severity::Error, "42601", "syntax error");
        error.position = Some(101);
        let text = report(
            &error,
            &format!("{}象{}", "a".repeat(100), "b".repeat(100)),
            Style::default(),
        );
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines[1],
            format!("LINE 1: ...{}象{}...", "a".repeat(30), "b".repeat(29))
        );
        assert_eq!(lines[2].find('^'), Some(41));
        error.position = Some(9_999);
        assert_eq!(report(&error, "short", Style::default()).lines().count(), 1);
    }

    #[test]
    fn notices_come_in_order_and_without_context() {
        let mut notice = Report::new(
            Severity::Notice,
            "00000",
            "Copying data from local table...",
        );
        notice.context = Some("hidden".into());
        let result = ResultSet {
            columns: vec![Column {
                name: "f".into(),
                type_oid: 2278,
            }],
            rows: vec![vec![Some(String::new())]],
        };
        let all = Outcome {
            events: vec![
                Event::Notice(notice),
                Event::Rows(result),
                Event::Complete("SELECT 1".into()),
                Event::Complete("INSERT 0 5".into()),
            ],
            ..Outcome::default()
        };
        assert_eq!(
            outcome(&all, "", Style::default()),
            "NOTICE:  Copying data from local table...\n f \n---\n \n(1 row)\n\nINSERT 0 5\n"
        );
    }
}
