//! Holds the emulation to what Citus answers: scripts are replayed, statement by statement, faults included, and compared with what
//! Citus 13.2.2 printed. Where `CITUS_TOUR_TEST_CITUS_BINDIR` names a PostgreSQL that has Citus, the same is replayed there, so that the
//! expectations cannot drift from it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "every conversation names its tour")]
mod support;

mod transcript;

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use citus_tour::postgres::{ApplicationName, Session, Target, format, split};
use citus_tour::runtime::{Act, Runtime};

use support::{Cluster, DEADLINE};
use transcript::Transcript;

/// What a tour's script brings, as Citus printed it.
struct Conversation {
    tour: &'static str,
    script: &'static str,
    printed: &'static str,
    /// What still differs on the emulation, by the statement's beginning, with the reason.
    differences: &'static [(&'static str, &'static str)],
    /// What differs because of the server's version: the transcripts were printed by PostgreSQL 15.
    newer_server: &'static [(&'static str, &'static str)],
}

const JOURNEY: Conversation = Conversation {
    tour: "journey",
    script: include_str!("journey.sql"),
    printed: include_str!("journey.out"),
    differences: &[(
        "EXPLAIN",
        "plans are those of PostgreSQL's partitions over postgres_fdw, and say so",
    )],
    newer_server: &[(
        "SELECT conname, contype FROM pg_constraint",
        "since PostgreSQL 18 every NOT NULL is a constraint with a name",
    )],
};

const ACTIVE_ACTIVE: Conversation = Conversation {
    tour: "active-active",
    script: include_str!("active-active.sql"),
    printed: include_str!("active-active.out"),
    differences: &[],
    newer_server: &[],
};

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_on_the_emulation() {
    JOURNEY.holds_on_the_emulation().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_on_the_embedded_postgresql() {
    JOURNEY.holds_on_the_embedded_postgresql().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_on_citus() {
    JOURNEY.holds_on_citus().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn active_active_on_the_emulation() {
    ACTIVE_ACTIVE.holds_on_the_emulation().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn active_active_on_the_embedded_postgresql() {
    ACTIVE_ACTIVE.holds_on_the_embedded_postgresql().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn active_active_on_citus() {
    ACTIVE_ACTIVE.holds_on_citus().await;
}

impl Conversation {
    async fn holds_on_the_emulation(&self) {
        let cluster = Cluster::start_tour(self.tour).await;
        self.holds(&cluster, self.differences).await;
        cluster.end().await;
    }

    async fn holds_on_the_embedded_postgresql(&self) {
        let Some(cluster) = Cluster::start_tour_embedded(self.tour).await else {
            return;
        };
        let differences = [self.differences, self.newer_server].concat();
        self.holds(&cluster, &differences).await;
        cluster.end().await;
    }

    async fn holds_on_citus(&self) {
        let Some(cluster) = Cluster::start_tour_on_citus(self.tour).await else {
            return;
        };
        let expected = Transcript::parse(self.script, self.printed);
        compare(&self.replay(&cluster).await, &expected, &[]);
        cluster.end().await;
    }

    /// On the emulation, whose errors name its own functions in their context.
    async fn holds(&self, cluster: &Cluster, differences: &[(&str, &str)]) {
        let expected = Transcript::parse(self.script, self.printed);
        compare(
            &self.replay(cluster).await.without_context(),
            &expected.without_context(),
            differences,
        );
    }

    /// Runs the script and gives what psql would have printed, with the transcript's ports.
    async fn replay(&self, cluster: &Cluster) -> Transcript {
        let mut session = self.first_session(cluster).await;
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
        let style = format::Style {
            width: None,
            states: format::States::All,
        };
        let mut text = String::new();
        for step in transcript::steps(self.script) {
            let _ = writeln!(text, "{step}");
            if let Some(event) = step.strip_prefix("## ") {
                happen(event, cluster, &mut session).await;
                continue;
            }
            for statement in split(step) {
                let sql = to_real(statement.text);
                let outcome = session.run(&sql, DEADLINE).await.unwrap();
                text.push_str(&to_known(&format::outcome(&outcome, &sql, style)));
            }
        }
        Transcript::parse(self.script, &text)
    }

    /// On the coordinator, with every node up and, unless the script makes it itself, the extension.
    async fn first_session(&self, cluster: &Cluster) -> Session {
        cluster.runtime.act(Act::Start, "worker3").await.unwrap();
        let target = Target::new(
            "coordinator",
            cluster.runtime.address("coordinator").unwrap(),
        );
        let mut session = Session::connect(&target, ApplicationName::Lesson, DEADLINE)
            .await
            .unwrap();
        if self.script.contains("CREATE EXTENSION") {
            return session;
        }
        session
            .run("CREATE EXTENSION citus", DEADLINE)
            .await
            .unwrap();
        // What the extension sets for its database reaches sessions that come later.
        Session::connect(&target, ApplicationName::Lesson, DEADLINE)
            .await
            .unwrap()
    }
}

/// Does what the script says has happened to a node; what else it says there is for the reader.
async fn happen(event: &str, cluster: &Cluster, session: &mut Session) {
    match event.split_once(' ') {
        Some(("killed", node)) => cluster.runtime.act(Act::Kill, node).await.unwrap(),
        Some(("restarted", node)) => cluster.runtime.act(Act::Start, node).await.unwrap(),
        Some((_, "disabled")) => until_all_know(session).await,
        _ => {}
    }
}

/// Citus tells the other nodes by and by that one is disabled.
async fn until_all_know(session: &mut Session) {
    let query = "SELECT bool_and(metadatasynced) FROM pg_dist_node WHERE isactive";
    let started = Instant::now();
    loop {
        let outcome = session.run(query, DEADLINE).await.unwrap();
        if outcome.into_rows().rows == [[Some("t".to_owned())]] {
            return;
        }
        assert!(
            started.elapsed() < DEADLINE,
            "the nodes do not hear of the news"
        );
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
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
