//! A prediction held against what happened.

use std::collections::BTreeMap;

use super::{Outcome, Prediction, Reason, Subject};

/// How near an observation is to its prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Agreement {
    /// It works where it was to fail, or the other way round.
    Different,
    /// It works, or fails, as it was to, sooner or later than predicted.
    OtherPace,
    /// As predicted.
    Same,
}

/// One subject, predicted and observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparisonRow {
    /// What.
    pub subject: Subject,
    /// How it was to end.
    pub predicted: Outcome,
    /// How it ended.
    pub observed: Outcome,
    /// Why it was to end so.
    pub reason: Option<Reason>,
}

impl ComparisonRow {
    /// How near they are.
    #[must_use]
    pub fn agreement(&self) -> Agreement {
        if self.predicted == self.observed {
            Agreement::Same
        } else if self.predicted.succeeds() == self.observed.succeeds() {
            Agreement::OtherPace
        } else {
            Agreement::Different
        }
    }
}

/// Predictions beside what happened.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// What was predicted and observed; what differs most comes first, then by subject.
    pub rows: Vec<ComparisonRow>,
    /// What was predicted and not observed.
    pub not_observed: Vec<Prediction>,
    /// What was observed and not predicted.
    pub not_predicted: Vec<(Subject, Outcome)>,
}

impl Comparison {
    /// How many predictions were right. Out of how many: `rows.len()`.
    #[must_use]
    pub fn right(&self) -> usize {
        let same = |row: &&ComparisonRow| row.agreement() == Agreement::Same;
        self.rows.iter().filter(same).count()
    }

    /// Whether everything that was observed had been predicted so.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.not_predicted.is_empty() && self.right() == self.rows.len()
    }
}

/// Holds predictions against what was observed.
#[must_use]
pub fn compare(predictions: &[Prediction], observed: &BTreeMap<Subject, Outcome>) -> Comparison {
    let mut comparison = Comparison::default();
    for prediction in predictions {
        match observed.get(&prediction.subject) {
            Some(outcome) => comparison.rows.push(ComparisonRow {
                subject: prediction.subject,
                predicted: prediction.outcome,
                observed: *outcome,
                reason: prediction.reason.clone(),
            }),
            None => comparison.not_observed.push(prediction.clone()),
        }
    }
    comparison
        .rows
        .sort_by_key(|row| (row.agreement(), row.subject));
    let predicted = |subject: &Subject| predictions.iter().any(|it| it.subject == *subject);
    comparison.not_predicted = observed
        .iter()
        .filter(|(subject, _)| !predicted(subject))
        .map(|(subject, outcome)| (*subject, *outcome))
        .collect();
    comparison
}
