//! How every kind of statement will end, and why.

use std::collections::BTreeMap;

use super::{Fault, Outcome, Reason, StatementKind, Subject, subjects, survival};
use crate::cluster::view::{GroupKey, GroupKind, View};

/// How statements about a subject will end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prediction {
    /// What is predicted.
    pub subject: Subject,
    /// How it ends.
    pub outcome: Outcome,
    /// Why; `None` where no failure is near it.
    pub reason: Option<Reason>,
}

/// How every subject of a cluster will end when these nodes fail besides those that have failed already. Sorted by subject.
#[must_use]
pub fn predictions(view: &View, faults: &BTreeMap<String, Fault>) -> Vec<Prediction> {
    let said = survival(view, faults);
    let worst = |read: bool, take: &dyn Fn(&GroupKey) -> bool| {
        let groups = said.reaches.iter().flat_map(|reach| &reach.groups);
        let outcomes = groups
            .filter(|(key, ..)| take(key))
            .map(|(_, reads, writes)| if read { *reads } else { *writes });
        outcomes.max().unwrap_or_default()
    };
    let outcome = |subject: Subject| {
        let reads = !subject.kind.writes();
        match subject.kind {
            StatementKind::TenantRead | StatementKind::TenantWrite => {
                worst(reads, &|key| Some(*key) == subject.group)
            }
            StatementKind::AllShardRead | StatementKind::AllShardWrite => {
                worst(reads, &|key| matches!(key.kind, GroupKind::Hash { .. }))
            }
            StatementKind::ReferenceRead | StatementKind::ReferenceWrite => {
                worst(reads, &|key| key.kind == GroupKind::Reference)
            }
            StatementKind::Definition => said.definitions,
            StatementKind::Rebalance => said.rebalancing,
        }
        .max(said.everything)
    };
    subjects(view)
        .into_iter()
        .map(|subject| Prediction {
            subject,
            outcome: outcome(subject),
            reason: None,
        })
        .collect()
}
