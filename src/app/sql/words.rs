//! What a result says in words: counts, durations, reports as lines. Pure.

use std::time::Duration;

use unicode_width::UnicodeWidthStr;

use super::{Answer, Grid, Piece};
use crate::{
    app::wrapping::wrap,
    postgres::{
        Report, Severity,
        format::{self, States, Style},
        visible_text,
    },
};

/// How a line is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    /// Ordinary.
    Plain,
    /// It matters less.
    Dim,
    /// It went well.
    Good,
    /// Something to look at.
    Warning,
    /// Something that failed.
    Alert,
}

/// A number with marks between its thousands.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time that something took, as exactly as it matters.
#[must_use]
pub fn took(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 0.01 {
        format!("{:.2} ms", seconds * 1000.0)
    } else if seconds < 1.0 {
        format!("{:.0} ms", seconds * 1000.0)
    } else if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        let whole = duration.as_secs();
        format!("{} min {} s", whole / 60, whole % 60)
    }
}

/// How many rows there are, and whether more exist than are shown.
#[must_use]
pub fn count(grid: &Grid, complete: bool) -> String {
    let kept = grid.rows.len() as u64;
    let rows = |count: u64| if count == 1 { "row" } else { "rows" };
    if grid.beyond > 0 {
        let all = kept + grid.beyond;
        return format!("first {} of {} rows", grouped(kept), grouped(all));
    }
    let so_far = if complete { "" } else { " so far" };
    format!("{} {}{so_far}", grouped(kept), rows(kept))
}

/// What a report says, as psql prints it, in lines of at most `width` columns.
#[must_use]
pub fn report(report: &Report, statement: &str, width: usize) -> Vec<(Tone, String)> {
    let style = Style {
        width: None,
        states: States::OfErrors,
    };
    let text = format::report(report, statement, style);
    let first = match report.severity {
        severity if severity >= Severity::Error => Tone::Alert,
        Severity::Warning => Tone::Warning,
        _ => Tone::Plain,
    };
    let mut lines = Vec::new();
    let mut pending = text.lines().peekable();
    let mut tone = first;
    while let Some(line) = pending.next() {
        let points = |next: &&str| line.starts_with("LINE ") && next.trim_start() == "^";
        if let Some(caret) = pending.next_if(points) {
            lines.extend(place(line, caret, width).map(|line| (Tone::Plain, line)));
        } else {
            let flat = line.replace('\t', "    ");
            lines.extend(wrap(&flat, width).into_iter().map(|line| (tone, line)));
        }
        tone = match tone {
            Tone::Alert | Tone::Warning => Tone::Plain,
            other => other,
        };
    }
    lines
}

/// The line with the place of an error and the caret below it, moved to the left together where they are too long.
fn place(line: &str, caret: &str, width: usize) -> [String; 2] {
    let column = caret.width().saturating_sub(1);
    let too_far = (column + width / 4 + 1).saturating_sub(width);
    if line.width() <= width || too_far == 0 {
        return [line.to_owned(), caret.to_owned()];
    }
    let mut dropped = 0;
    let rest: String = line
        .chars()
        .skip_while(|character| {
            let drops = dropped < too_far;
            dropped += if drops {
                character.to_string().width()
            } else {
                0
            };
            drops
        })
        .collect();
    [rest, caret.chars().skip(dropped).collect()]
}

/// What a piece that is no rows and no copied text says, in lines.
#[must_use]
pub fn lines(piece: &Piece, answer: &Answer, width: usize) -> Vec<(Tone, String)> {
    let toned = |tone: Tone, text: &str| {
        let visible = visible_text(text).replace('\t', "    ");
        visible
            .lines()
            .flat_map(|line| wrap(line, width))
            .map(|line| (tone, line))
            .collect()
    };
    match piece {
        Piece::Notice(notice) | Piece::Error(notice) => report(notice, &answer.statement, width),
        Piece::Tag(tag) => toned(Tone::Good, tag),
        Piece::Unreachable(words) => toned(Tone::Alert, words),
        Piece::Remark(words) => toned(Tone::Dim, words),
        Piece::Grid(_) | Piece::CopyOut(_) => Vec::new(),
    }
}

/// Whether a tag says nothing that the rows above it do not say.
#[must_use]
pub fn is_told_by_rows(tag: &str, before: Option<&Piece>) -> bool {
    let adds = ["INSERT", "UPDATE", "DELETE", "MERGE"];
    matches!(before, Some(Piece::Grid(_))) && !adds.iter().any(|verb| tag.starts_with(verb))
}

/// A statement in one line, to name it.
#[must_use]
pub fn short(statement: &str) -> String {
    const LONGEST: usize = 60;
    let words = statement.split_whitespace();
    let mut line = String::new();
    for word in words {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.chars().count() > LONGEST {
            line = line.chars().take(LONGEST).collect::<String>() + "…";
            break;
        }
    }
    visible_text(&line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::Column;

    #[test]
    fn numbers_and_times_are_easy_to_read() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(took(Duration::from_micros(420)), "0.42 ms");
        assert_eq!(took(Duration::from_millis(120)), "120 ms");
        assert_eq!(took(Duration::from_millis(1240)), "1.2 s");
        assert_eq!(took(Duration::from_secs(125)), "2 min 5 s");
    }

    #[test]
    fn more_rows_than_shown_are_never_kept_quiet() {
        let mut grid = Grid::new(vec![Column {
            name: "a".to_owned(),
            type_oid: 23,
        }]);
        assert_eq!(count(&grid, true), "0 rows");
        grid.take(vec![vec![Some("1".to_owned())]]);
        assert_eq!(count(&grid, true), "1 row");
        assert_eq!(count(&grid, false), "1 row so far");
        grid.beyond = 249_999;
        assert_eq!(count(&grid, true), "first 1 of 250,000 rows");
    }

    #[test]
    fn the_caret_stays_below_its_place() {
        let mut error = Report::new(Severity::Error, "42601", "syntax error at or near \"FORM\"");
        error.position = Some(60);
        error.detail = Some("some words that are too many for the line".to_owned());
        let statement = format!("SELECT {} FORM t", "a".repeat(51));
        let lines = report(&error, &statement, 30);
        assert_eq!(
            lines[0],
            (Tone::Alert, "ERROR:  42601: syntax error at".to_owned())
        );
        let caret = lines
            .iter()
            .position(|(_, line)| line.trim() == "^")
            .unwrap();
        let column = lines[caret].1.find('^').unwrap();
        assert!(column < 30);
        assert!(
            lines[caret - 1].1[column..].starts_with("FORM"),
            "{lines:?}"
        );
        assert!(lines.iter().skip(caret).all(|(_, line)| line.width() <= 30));
    }

    #[test]
    fn statements_are_named_in_one_line() {
        assert_eq!(short("SELECT\n  1,\t2"), "SELECT 1, 2");
        assert!(short(&"long ".repeat(40)).ends_with('…'));
        assert_eq!(short("SELECT '\u{1b}'"), "SELECT '\\x1B'");
    }
}
