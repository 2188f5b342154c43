//! The report of an experiment: what was done, what was seen of it, and what had been predicted. Pure; no text of it has been made safe
//! for a terminal yet, since messages of servers are in it.

mod markdown;
mod text;

use std::{collections::BTreeMap, fmt};

use serde::{Serialize, Serializer};

use crate::{
    cluster::{Agreement, Outcome, StatementKind},
    workload::LoadReport,
};

/// An experiment, from its beginning to its end. Times are milliseconds since its beginning. In JSON keys are never renamed; new ones may
/// come.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Incident {
    /// The plan.
    pub plan: String,
    /// What makes the servers one database, with its version.
    pub engine: String,
    /// How long it was watched.
    pub watched_ms: u64,
    /// It was called off before its end.
    pub called_off: bool,
    /// What happened, in order.
    pub timeline: Vec<Moment>,
    /// Each act, with what was predicted of it and what came.
    pub turns: Vec<Turn>,
    /// How every subject fared from the beginning to the end.
    pub services: Vec<Service>,
    /// How many predictions came true.
    pub score: Score,
    /// What the load did, where there was one.
    pub load: Option<LoadReport>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// When.
    pub at_ms: u64,
    /// By what it is known.
    pub kind: MomentKind,
    /// In words.
    pub words: String,
}

/// By what a moment is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MomentKind {
    /// It was done here.
    Act,
    /// It was to be done and could not be.
    ActFailed,
    /// A server process ended.
    Exit,
    /// The cluster was seen to be another one.
    Seen,
    /// A client was told of a failure.
    Failure,
}

/// What was predicted to be so for a while, and what was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// What began it: `kill worker3`; empty for what was before the first act.
    pub act: String,
    /// When that was done.
    pub at_ms: u64,
    /// From when on it counts: until then statements may end as they did before.
    pub from_ms: u64,
    /// Until when.
    pub to_ms: u64,
    /// From the act to the first statement that failed, where one did.
    pub first_failure_ms: Option<u64>,
    /// From the act until everything worked that had not, where it came to that.
    pub recovery_ms: Option<u64>,
    /// What was predicted and seen; what differs comes first.
    pub rows: Vec<TurnRow>,
}

/// One subject in a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TurnRow {
    /// What it is about.
    #[serde(flatten)]
    pub subject: NamedSubject,
    /// How it was to end.
    #[serde(serialize_with = "outcome")]
    pub predicted: Outcome,
    /// How it ended; `None`: too little was seen of it to say.
    #[serde(serialize_with = "outcome_or_none")]
    pub observed: Option<Outcome>,
    /// It is asked for again and again; what is not is predicted only.
    pub probed: bool,
    /// Why it was to end so.
    pub reason: Option<String>,
}

/// A kind of statement, and whose rows it is about, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NamedSubject {
    /// The kind.
    #[serde(rename = "statement", serialize_with = "kind_name")]
    pub kind: StatementKind,
    /// The group's position, where it is about one that is numbered.
    pub group: Option<usize>,
    /// A table of it.
    pub table: Option<String>,
    /// The distribution column.
    pub column: Option<String>,
    /// The value of it that is asked for.
    pub tenant: Option<String>,
}

/// How a subject fared from the beginning to the end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Service {
    /// What it is about.
    #[serde(flatten)]
    pub subject: NamedSubject,
    /// The share of its statements that did their work, between 0 and 1.
    pub share: Option<f64>,
    /// When it did not work.
    pub outages: Vec<Gap>,
    /// How often each SQLSTATE came.
    pub codes: BTreeMap<String, u64>,
    /// What the last failure said.
    pub message: Option<String>,
}

/// A time in which a subject did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// From when on.
    pub from_ms: u64,
    /// For how long; `None`: until the end and beyond.
    pub length_ms: Option<u64>,
}

/// How many predictions came true.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Score {
    /// As predicted.
    pub right: usize,
    /// Of those that something was seen of.
    pub of: usize,
    /// Asked for, and too little seen to say.
    pub not_seen: usize,
}

impl Incident {
    /// Whether everything that was seen had been predicted so, and every act was done.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.score.right == self.score.of && self.failed_acts().next().is_none()
    }

    /// The acts that could not be done, in words.
    pub fn failed_acts(&self) -> impl Iterator<Item = &str> {
        let moments = self.timeline.iter();
        moments
            .filter(|moment| moment.kind == MomentKind::ActFailed)
            .map(|moment| moment.words.as_str())
    }

    /// One line: what was done, and how the predictions fared.
    #[must_use]
    pub fn summary(&self) -> String {
        let called_off = if self.called_off { ", called off" } else { "" };
        format!("{}{called_off}: {}", self.plan, self.score)
    }

    /// What contradicts its prediction, or could not be done, in words; `None`: nothing. On a busy machine everything takes longer, and
    /// some of it longer than anybody waits: that stands in the report and contradicts nothing.
    #[must_use]
    pub fn difference(&self) -> Option<String> {
        if let Some(failed) = self.failed_acts().next() {
            return Some(failed.to_owned());
        }
        let differing = self.turns.iter().find_map(|turn| {
            let row = turn.rows.iter().find(|row| row.contradicts_prediction())?;
            Some((turn, row))
        });
        let (turn, row) = differing?;
        Some(format!(
            "{}, {}: {}",
            turn.title(),
            row.subject,
            row.words()
        ))
    }
}

impl Turn {
    /// `after kill worker3`, `before the first act`.
    #[must_use]
    pub fn title(&self) -> String {
        if self.act.is_empty() {
            "before the first act".to_owned()
        } else {
            format!("after {}", self.act)
        }
    }

    /// How many of its predictions came true.
    #[must_use]
    pub fn score(&self) -> Score {
        let mut score = Score::default();
        for row in self.rows.iter().filter(|row| row.probed) {
            match row.agreement() {
                Some(agreement) => {
                    score.of += 1;
                    score.right += usize::from(agreement == Agreement::Same);
                }
                None => score.not_seen += 1,
            }
        }
        score
    }
}

impl TurnRow {
    /// How near what was seen is to what was predicted.
    #[must_use]
    pub fn agreement(&self) -> Option<Agreement> {
        let observed = self.observed?;
        Some(if observed == self.predicted {
            Agreement::Same
        } else if observed.succeeds() == self.predicted.succeeds() {
            Agreement::OtherPace
        } else {
            Agreement::Different
        })
    }

    /// Whether it was answered where it was to fail, or was refused where it was to be answered.
    fn contradicts_prediction(&self) -> bool {
        let is_slow = self.predicted.succeeds() && self.observed == Some(Outcome::Waits);
        self.agreement() == Some(Agreement::Different) && !is_slow
    }

    /// What was predicted, and what came where it is another thing.
    #[must_use]
    pub fn words(&self) -> String {
        let predicted = self.predicted.words();
        match self.observed {
            None if self.probed => format!("predicted to {predicted}; too little was seen to say"),
            None => format!("predicted to {predicted}; not probed"),
            Some(observed) if observed == self.predicted => format!("{predicted}, as predicted"),
            Some(observed) => format!("predicted to {predicted}, and seen to {}", observed.words()),
        }
    }
}

/// `tenant reads, room_id 42 (group 3 of messages)`.
impl fmt::Display for NamedSubject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.kind)?;
        match self.place() {
            Some(place) => write!(formatter, ", {place}"),
            None => Ok(()),
        }
    }
}

impl NamedSubject {
    /// Whose rows it is about, without the kind: `room_id 42 (group 3 of messages)`; `None` for all of them.
    #[must_use]
    pub fn place(&self) -> Option<String> {
        let group = match (self.group, &self.table) {
            (Some(group), Some(table)) => format!("group {group} of {table}"),
            (Some(group), None) => format!("group {group}"),
            (None, Some(table)) => table.clone(),
            (None, None) => return None,
        };
        Some(match &self.tenant {
            Some(tenant) => {
                let column = self.column.as_deref().unwrap_or("tenant");
                format!("{column} {tenant} ({group})")
            }
            None => group,
        })
    }
}

impl fmt::Display for Score {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            right,
            of,
            not_seen,
        } = *self;
        if of == 0 {
            formatter.write_str("too little was seen to hold against the predictions")?;
        } else if right == of {
            write!(formatter, "all {of} predictions came true (100 %)")?;
        } else {
            // Never rounded up to a hundred.
            let percent = right * 100 / of;
            write!(
                formatter,
                "{right} of {of} predictions came true ({percent} %)"
            )?;
        }
        if not_seen > 0 && of > 0 {
            write!(formatter, ", too little seen of {not_seen} more")?;
        }
        Ok(())
    }
}

/// Seconds with one decimal: `2.0 s`.
fn seconds(milliseconds: u64) -> String {
    let tenths = (milliseconds + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// A share as people read it. Only all of it is a hundred, and only nothing is nought.
fn percent(share: f64) -> String {
    let rounded = (share * 1_000.0).round() / 10.0;
    let shown = if share < 1.0 && rounded >= 100.0 {
        99.9
    } else if share > 0.0 && rounded <= 0.0 {
        0.1
    } else {
        rounded
    };
    format!("{shown:.1} %")
}

/// Rows of one kind together, in the order in which they come.
fn by_kind<Row>(
    rows: &[Row],
    kind: impl Fn(&Row) -> StatementKind,
) -> Vec<(StatementKind, Vec<&Row>)> {
    let mut kinds: BTreeMap<StatementKind, Vec<&Row>> = BTreeMap::new();
    for row in rows {
        kinds.entry(kind(row)).or_default().push(row);
    }
    kinds.into_iter().collect()
}

fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Works => "works",
        Outcome::Late => "late",
        Outcome::Waits => "waits",
        Outcome::Fails => "fails",
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
fn outcome<S: Serializer>(outcome: &Outcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(outcome_name(*outcome))
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    clippy::ref_option,
    reason = "serde hands over references"
)]
fn outcome_or_none<S: Serializer>(
    outcome: &Option<Outcome>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    outcome.map(outcome_name).serialize(serializer)
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over references"
)]
fn kind_name<S: Serializer>(kind: &StatementKind, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(kind.name())
}

#[cfg(test)]
pub(super) mod tests;
