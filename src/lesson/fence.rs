//! What a fence means: its attributes and its body, made into a piece of a lesson.

mod action;

use std::time::Duration;

use super::attributes::Attributes;
use super::duration::parse_duration;
use super::problem::Problems;
use super::sql::is_sqlstate;
use super::{Action, Check, Expect, NodeReference, Predict, PredictOption, Run, Sql, SqlStates};

/// How long a check may take when it does not say.
const CHECK_TIME: Duration = Duration::from_secs(10);
/// Nobody waits longer.
const LONGEST_CHECK: Duration = Duration::from_secs(300);

/// A fence, understood.
#[derive(Debug)]
pub(super) enum Fence {
    /// No attributes: part of the text.
    Shown,
    /// Attributes that were wrong and are reported.
    Wrong,
    Run(Run),
    Check(Check),
    Setup(Sql),
    Expect(Expect),
    Action(Action),
    Predict(Predict),
}

/// The attributes that each meaning allows besides the one that names it.
const MEANINGS: &[(&str, &str, &[&str])] = &[
    ("sql", "run", &["fails", "on"]),
    ("sql", "check", &["within", "on"]),
    ("sql", "setup", &[]),
    ("text", "expect", &["rows"]),
    ("text", "predict", &[]),
    ("console", "action", OF_ACTIONS),
];

/// What actions take; each takes some of these.
const OF_ACTIONS: &[&str] = &[
    "node", "tour", "plan", "for", "load", "mix", "rate", "clients", "closed",
];

/// Attributes that are words by themselves.
const BARE: &[&str] = &["closed"];

/// Reads a fence whose first line is `info` and stands on `line`; `body` begins on the line after it.
pub(super) fn read(info: &str, body: &str, line: usize, problems: &mut Problems<'_>) -> Fence {
    let attributes = match Attributes::parse(info) {
        Ok(attributes) => attributes,
        Err(message) => {
            problems.add(
                line,
                message,
                "write attributes as key, key=value or key=\"several words\"",
            );
            return Fence::Wrong;
        }
    };
    if attributes.pairs.is_empty() {
        return Fence::Shown;
    }
    let Some((language, meaning, others)) = MEANINGS
        .iter()
        .find(|(language, meaning, _)| *language == attributes.language && attributes.has(meaning))
    else {
        unknown_meaning(&attributes, line, problems);
        return Fence::Wrong;
    };
    for (key, value) in &attributes.pairs {
        if key == meaning {
            let takes_value = matches!(*meaning, "check" | "action");
            if takes_value && value.as_deref().is_none_or(|text| text.trim().is_empty()) {
                problems.add(
                    line,
                    format!("`{key}` says nothing"),
                    format!("write {key}=\"…\" behind {language}"),
                );
            } else if !takes_value && value.is_some() {
                problems.add(
                    line,
                    format!("`{key}` takes no value"),
                    format!("write only `{key}`"),
                );
            }
        } else if !others.contains(&key.as_str()) {
            let known: Vec<_> = others.iter().map(|other| format!("`{other}`")).collect();
            problems.add(
                line,
                format!("`{language} {meaning}` has no attribute `{key}`"),
                if known.is_empty() {
                    "take it away".to_owned()
                } else {
                    format!("it knows {}", known.join(" and "))
                },
            );
        } else if !BARE.contains(&key.as_str()) && value.as_deref().is_none_or(str::is_empty) {
            problems.add(
                line,
                format!("`{key}` has no value"),
                format!("write `{key}=…`"),
            );
        }
    }
    Reader {
        attributes: &attributes,
        body,
        line,
        problems,
    }
    .read(meaning)
}

fn unknown_meaning(attributes: &Attributes, line: usize, problems: &mut Problems<'_>) {
    let keys: Vec<_> = attributes
        .pairs
        .iter()
        .map(|(key, _)| key.as_str())
        .collect();
    let known: Vec<_> = MEANINGS
        .iter()
        .map(|(language, meaning, _)| format!("`{language} {meaning}`"))
        .collect();
    problems.add(
        line,
        format!(
            "a fence `{} {}` means nothing",
            attributes.language,
            keys.join(" ")
        ),
        format!("lessons know {}", known.join(", ")),
    );
}

struct Reader<'fence, 'file> {
    attributes: &'fence Attributes,
    body: &'fence str,
    line: usize,
    problems: &'fence mut Problems<'file>,
}

impl Reader<'_, '_> {
    fn read(mut self, meaning: &str) -> Fence {
        match meaning {
            "run" => Fence::Run(Run {
                sql: self.sql(),
                on: self.node("on"),
                fails: self.fails(),
                expect: None,
            }),
            "check" => Fence::Check(Check {
                sentence: self
                    .attributes
                    .value("check")
                    .unwrap_or_default()
                    .trim()
                    .to_owned(),
                sql: self.sql(),
                within: self.within(),
                on: self.node("on"),
            }),
            "setup" => Fence::Setup(self.sql()),
            "expect" => Fence::Expect(Expect {
                text: self.body.trim_end_matches('\n').to_owned(),
                unordered: self.unordered(),
                line: self.line + 1,
            }),
            "predict" => Fence::Predict(self.predict()),
            _ => self.action().map_or(Fence::Wrong, Fence::Action),
        }
    }

    fn sql(&mut self) -> Sql {
        if self.body.trim().is_empty() {
            self.problems.add(
                self.line,
                "this fence holds no SQL",
                "write the statement into it",
            );
        }
        Sql {
            text: self.body.trim_end().to_owned(),
            line: self.line + 1,
        }
    }

    fn node(&mut self, key: &str) -> Option<NodeReference> {
        let text = self.attributes.value(key).filter(|text| !text.is_empty())?;
        let node = NodeReference::parse(text);
        if node.is_none() {
            self.problems.add(
                self.line,
                format!("`{key}={text}` names no node"),
                "write a node's name, `@tenant(42)` or `@tenant(orders,42)`",
            );
        }
        node
    }

    fn fails(&mut self) -> Option<SqlStates> {
        let text = self
            .attributes
            .value("fails")
            .filter(|text| !text.is_empty())?;
        let codes: Vec<String> = text.split('|').map(|code| code.trim().to_owned()).collect();
        for code in codes.iter().filter(|code| !is_sqlstate(code)) {
            self.problems.add(
                self.line,
                format!("`{code}` is no SQLSTATE and no class of SQLSTATEs"),
                "write codes or their beginnings, such as fails=\"08|57P01\"; the codes are in appendix A of PostgreSQL's manual",
            );
        }
        Some(SqlStates(codes))
    }

    fn within(&mut self) -> Duration {
        let Some(text) = self
            .attributes
            .value("within")
            .filter(|text| !text.is_empty())
        else {
            return CHECK_TIME;
        };
        match parse_duration(text) {
            Some(time) if time > Duration::ZERO && time <= LONGEST_CHECK => time,
            _ => {
                self.problems.add(
                    self.line,
                    format!("`within={text}` is no time that somebody waits"),
                    "write such as 500ms, 30s or 2m, at most 5m",
                );
                CHECK_TIME
            }
        }
    }

    fn unordered(&mut self) -> bool {
        match self.attributes.value("rows") {
            Some("unordered") => true,
            None | Some("") => false,
            Some(other) => {
                self.problems.add(
                    self.line,
                    format!("`rows={other}` means nothing"),
                    "write rows=unordered, or nothing when the order matters",
                );
                false
            }
        }
    }

    fn predict(&mut self) -> Predict {
        let mut question = String::new();
        let mut options: Vec<PredictOption> = Vec::new();
        for line in self.body.lines() {
            let item = [("- [ ] ", false), ("- [x] ", true), ("- [X] ", true)]
                .iter()
                .find_map(|(mark, right)| Some((line.strip_prefix(mark)?, *right)));
            match (item, options.last_mut()) {
                (Some((text, right)), _) => {
                    options.push(PredictOption {
                        text: text.trim().to_owned(),
                        right,
                    });
                }
                (None, Some(option)) if !line.trim().is_empty() => {
                    option.text.push(' ');
                    option.text.push_str(line.trim());
                }
                (None, Some(_)) => {}
                (None, None) => {
                    question.push_str(line);
                    question.push('\n');
                }
            }
        }
        let question = question.trim().to_owned();
        if question.is_empty() {
            self.problems.add(
                self.line,
                "this prediction asks nothing",
                "write the question above its answers",
            );
        }
        if options.len() < 2 {
            self.problems.add(
                self.line,
                "this prediction offers no choice",
                "write at least two answers as a task list: `- [ ] …`",
            );
        } else if !options.iter().any(|option| option.right) {
            self.problems.add(
                self.line,
                "no answer of this prediction is marked as what happens",
                "write `- [x]` before the right one",
            );
        }
        Predict {
            question,
            options,
            line: self.line,
        }
    }
}
