//! A small SQL prompt: for machines that have a PostgreSQL server but no psql, and for clusters that are somebody's own.

use std::{
    io::{IsTerminal, stdin},
    time::Duration,
};

use super::{
    input::next_line,
    output::{Output, remark},
};
use crate::postgres::{ApplicationName, PostgresError, Session, Target, format, split};

const CONNECT: Duration = Duration::from_secs(5);
/// A day: a person may run what they like, and Ctrl+C ends it.
const STATEMENT: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads statements from standard input and prints what they bring. True when every one of them succeeded.
///
/// # Errors
/// When no session can be opened.
pub(super) async fn talk(target: &Target, output: &Output) -> Result<bool, PostgresError> {
    let mut session = Session::connect(target, ApplicationName::Lesson, CONNECT).await?;
    let interactive = stdin().is_terminal();
    if interactive {
        remark("End a statement with ;  \\q quits");
    }
    let mut text = String::new();
    let mut all_well = true;
    loop {
        if interactive {
            let ready = if text.trim().is_empty() { "=" } else { "-" };
            output.write(format_args!(
                "{}{ready}{}> ",
                target.node,
                session.transaction().prompt()
            ));
        }
        let line = next_line().await;
        let ended = line.is_none() || line.as_deref().is_some_and(|line| line.trim() == "\\q");
        if let Some(line) = line.filter(|_| !ended) {
            text.push_str(&line);
            text.push('\n');
        }
        let (complete, rest) = complete_statements(&text, ended);
        for statement in &complete {
            all_well &= run(&mut session, statement, output).await?;
        }
        text = rest;
        if ended {
            return Ok(all_well);
        }
    }
}

async fn run(
    session: &mut Session,
    statement: &str,
    output: &Output,
) -> Result<bool, PostgresError> {
    if !session.is_connected() {
        session.reconnect(CONNECT).await?;
    }
    match session.run(statement, STATEMENT).await {
        Ok(outcome) => {
            output.write(format::outcome(
                &outcome,
                statement,
                format::Style::default(),
            ));
            Ok(outcome.error().is_none())
        }
        Err(error) => {
            remark(error);
            Ok(false)
        }
    }
}

/// The statements that are whole, and the text that waits for its semicolon. At the end of the input nothing waits.
fn complete_statements(text: &str, at_end: bool) -> (Vec<String>, String) {
    let statements = split(text);
    let whole = statements
        .iter()
        .filter(|statement| statement.terminated || at_end);
    let complete: Vec<String> = whole.map(|statement| statement.text.to_owned()).collect();
    let rest = statements
        .iter()
        .find(|statement| !statement.terminated && !at_end);
    (
        complete,
        rest.map_or_else(String::new, |statement| {
            text[statement.range.start..].to_owned()
        }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_waits_for_its_semicolon() {
        assert_eq!(
            complete_statements("SELECT 1; SELECT", false),
            (vec!["SELECT 1".into()], "SELECT".into())
        );
        assert_eq!(
            complete_statements("SELECT 1", true),
            (vec!["SELECT 1".into()], String::new())
        );
        assert_eq!(complete_statements("  \n", false), (vec![], String::new()));
    }
}
