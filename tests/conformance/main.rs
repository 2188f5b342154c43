//! Holds the emulation to what Citus answers: `journey.sql` is replayed, statement by statement, and compared with `journey.out`,
//! which Citus 13.2.2 printed. Where `CITUS_TOUR_TEST_CITUS_BINDIR` names a PostgreSQL that has Citus, the same is replayed there, so that the
//! expectations cannot drift from it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

#[path = "../support/mod.rs"]
mod support;

mod transcript;

use std::fmt::Write as _;

use citus_tour::postgres::{ApplicationName, Session, Target, format, split};
use citus_tour::runtime::{Act, Runtime};

use support::{Cluster, DEADLINE, Engine};
use transcript::Transcript;

/// What still differs from Citus, by the statement's beginning, with the reason.
const DIFFERENCES: &[(&str, &str)] = &[(
    "EXPLAIN",
    "plans are those of PostgreSQL's partitions over postgres_fdw, and say so",
)];

/// What differs because of the server's version: the transcript was printed by PostgreSQL 15.
const NEWER_SERVER: &[(&str, &str)] = &[(
    "SELECT conname, contype FROM pg_constraint",
    "since PostgreSQL 18 every NOT NULL is a constraint with a name",
)];

#[tokio::test(flavor = "multi_thread")]
async fn the_emulation_answers_as_citus_does() {
    let cluster = Cluster::start(Engine::Emulation).await;
    compare(
        &replay(&cluster).await.without_context(),
        &expected().without_context(),
        DIFFERENCES,
    );
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_emulation_answers_as_citus_does_on_the_embedded_postgresql() {
    let Some(cluster) = Cluster::start_embedded().await else {
        return;
    };
    let differences = [DIFFERENCES, NEWER_SERVER].concat();
    compare(
        &replay(&cluster).await.without_context(),
        &expected().without_context(),
        &differences,
    );
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn citus_answers_as_the_transcript_says() {
    let Some(cluster) = Cluster::start_citus().await else {
        return;
    };
    compare(&replay(&cluster).await, &expected(), &[]);
    cluster.end().await;
}

/// Runs the script on a cluster of four and gives what psql would have printed, with the transcript's ports.
async fn replay(cluster: &Cluster) -> Transcript {
    cluster.runtime.act(Act::Start, "worker3").await.unwrap();
    let ports = cluster.ports();
    let to_real = |text: &str| {
        ports.iter().fold(text.to_owned(), |text, (known, real)| {
            replace_port(&text, *known, *real)
        })
    };
    let to_known = |text: &str| {
        ports.iter().fold(text.to_owned(), |text, (known, real)| {
            replace_port(&text, *real, *known)
        })
    };

    let target = Target::new(
        "coordinator",
        cluster.runtime.address("coordinator").unwrap(),
    );
    let mut session = Session::connect(&target, ApplicationName::Lesson, DEADLINE)
        .await
        .unwrap();
    let mut text = String::new();
    let style = format::Style {
        width: None,
        states: format::States::All,
    };
    for statement in split(include_str!("journey.sql")) {
        let sql = to_real(statement.text);
        let outcome = session.run(&sql, DEADLINE).await.unwrap();
        let printed = format::outcome(&outcome, &sql, style);
        let _ = write!(text, "{};\n{}", statement.text, to_known(&printed));
    }
    Transcript::parse(&text)
}

/// Replaces a port where it stands as a number of its own.
fn replace_port(text: &str, from: u16, to: u16) -> String {
    let from = from.to_string();
    let mut replaced = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(&from) {
        let is_digit =
            |character: Option<char>| character.is_some_and(|character| character.is_ascii_digit());
        let alone = !is_digit(rest[..at].chars().next_back())
            && !is_digit(rest[at + from.len()..].chars().next());
        replaced.push_str(&rest[..at]);
        replaced.push_str(&if alone { to.to_string() } else { from.clone() });
        rest = &rest[at + from.len()..];
    }
    replaced + rest
}

fn expected() -> Transcript {
    Transcript::parse(include_str!("journey.out"))
}

fn compare(found: &Transcript, expected: &Transcript, differences: &[(&str, &str)]) {
    let mut report = String::new();
    for (expected, found) in expected.answers.iter().zip(&found.answers) {
        assert_eq!(
            expected.statement, found.statement,
            "the scripts are out of step"
        );
        let is_known = differences
            .iter()
            .any(|(statement, _)| expected.statement.starts_with(statement));
        if !is_known && expected.lines != found.lines {
            let _ = writeln!(
                report,
                "{}\n  Citus:\n    {}\n  here:\n    {}",
                expected.statement,
                expected.lines.join("\n    "),
                found.lines.join("\n    ")
            );
        }
    }
    assert_eq!(expected.answers.len(), found.answers.len());
    assert!(
        report.is_empty(),
        "answers differ from those of Citus:\n{report}"
    );
}
