//! Scripts and the answers that Citus gave to them.
//!
//! A script is SQL. `{worker1}` stands for a node's port. A comment before a statement may say `differs: <reason>`, where the
//! emulation's answer is not Citus's, or `input: <lines>`, what COPY reads, with bars for line ends. In the answers, which stand
//! beside the script, a line that begins with `> ` is part of an answer. Of errors and notices the SQLSTATE and the first line count.

use std::fmt::Write as _;

use tokio::sync::Mutex;

use citus_tour::postgres::{Event, Outcome, Report, format, split};

use crate::client::Client;
use crate::support::Cluster;

/// One subject.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Script {
    /// Its file's name, and its database's.
    pub(crate) name: &'static str,
    /// The SQL.
    pub(crate) sql: &'static str,
    /// What was answered.
    pub(crate) answers: &'static str,
}

/// A statement and its answer.
#[derive(Debug)]
struct Answer {
    statement: String,
    lines: String,
    differs: bool,
}

impl Script {
    /// Replays it in a new database. What differs from the answers is returned, for the test to show.
    pub(crate) async fn play(
        &self,
        cluster: &Cluster,
        one_by_one: &Mutex<()>,
        tolerant: bool,
    ) -> Result<(), String> {
        // New databases wait for each other anyway, and with all of them at once Citus loses connections.
        let alone = one_by_one.lock().await;
        let mut client = Client::in_new_database(cluster, self.name).await;
        drop(alone);
        let mut found = Vec::new();
        let mut end = 0;
        for statement in split(self.sql) {
            let remarks = &self.sql[end..statement.range.start];
            end = statement.range.end;
            let sql = with_ports(statement.text, cluster);
            let outcome = match remark(remarks, "input") {
                Some(input) => {
                    let input = input.replace('|', "\n") + "\n";
                    client.copy(&sql, input.into_bytes().leak()).await
                }
                None => client.outcome(&sql).await,
            };
            let lines = without_ports(&printed(outcome), cluster);
            let differs = remark(remarks, "differs").is_some();
            found.push(Answer {
                statement: statement.text.to_owned(),
                lines,
                differs,
            });
        }
        if let Ok(directory) = std::env::var("CITUS_TOUR_TEST_RECORD") {
            let path = std::path::Path::new(&directory)
                .join(self.name)
                .with_extension("out");
            std::fs::write(path, write(&found)).unwrap();
        }
        compare(self.name, &found, &read(self.answers), tolerant)
    }
}

fn remark<'a>(remarks: &'a str, name: &str) -> Option<&'a str> {
    remarks.lines().find_map(|line| {
        line.strip_prefix("-- ")?
            .strip_prefix(name)?
            .strip_prefix(": ")
    })
}

fn with_ports(sql: &str, cluster: &Cluster) -> String {
    cluster
        .started
        .iter()
        .zip(cluster.ports())
        .fold(sql.to_owned(), |sql, (node, (_, port))| {
            sql.replace(&format!("{{{node}}}"), &port.to_string())
        })
}

fn without_ports(text: &str, cluster: &Cluster) -> String {
    cluster
        .started
        .iter()
        .zip(cluster.ports())
        .fold(text.to_owned(), |text, (node, (_, port))| {
            text.replace(&port.to_string(), node)
        })
}

fn printed(outcome: Outcome) -> String {
    let first_line = |report: Report| Report::new(report.severity, report.code, report.message);
    let events = outcome.events.into_iter().map(|event| match event {
        Event::Error(report) => Event::Error(first_line(report)),
        Event::Notice(report) => Event::Notice(first_line(report)),
        other => other,
    });
    let outcome = Outcome {
        events: events.collect(),
        ..Outcome::default()
    };
    let style = format::Style {
        width: None,
        states: format::States::All,
    };
    let text = format::outcome(&outcome, "", style);
    text.lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

fn write(answers: &[Answer]) -> String {
    let mut text = String::new();
    for answer in answers {
        let _ = writeln!(text, "{};", answer.statement);
        for line in answer.lines.lines() {
            let _ = writeln!(text, "> {line}");
        }
    }
    text
}

fn read(text: &str) -> Vec<(String, String)> {
    let mut answers: Vec<(String, String)> = Vec::new();
    let mut answered = true;
    for line in text.lines() {
        if let Some(line) = line.strip_prefix("> ") {
            let answer = &mut answers.last_mut().unwrap().1;
            if !answer.is_empty() {
                answer.push('\n');
            }
            answer.push_str(line);
            answered = true;
        } else if answered
            || answers
                .last()
                .is_some_and(|(statement, _)| statement.ends_with(';'))
        {
            answers.push((line.to_owned(), String::new()));
            answered = false;
        } else {
            let statement = &mut answers.last_mut().unwrap().0;
            statement.push('\n');
            statement.push_str(line);
        }
    }
    answers
}

fn compare(
    name: &str,
    found: &[Answer],
    expected: &[(String, String)],
    tolerant: bool,
) -> Result<(), String> {
    let mut report = String::new();
    if found.len() != expected.len() {
        let _ = writeln!(
            report,
            "{name}: {} statements, {} answers",
            found.len(),
            expected.len()
        );
    }
    for (found, (statement, answer)) in found.iter().zip(expected) {
        if format!("{};", found.statement) != *statement {
            let _ = writeln!(report, "{name}: out of step at {}", found.statement);
            break;
        }
        if found.lines != *answer && !(tolerant && found.differs) {
            let indent = |text: &str| text.replace('\n', "\n    ");
            let _ = writeln!(
                report,
                "{name}: {statement}\n  expected\n    {}\n  found\n    {}",
                indent(answer),
                indent(&found.lines)
            );
        }
    }
    if report.is_empty() {
        Ok(())
    } else {
        Err(report)
    }
}
