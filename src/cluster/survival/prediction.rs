//! How every kind of statement will end, and why.

use std::collections::BTreeMap;

use super::nodes::{Nodes, Order, Verdict, first_worst};
use super::{Fault, Outcome, Reason, StatementKind, Subject, subjects};
use crate::cluster::view::{Engine, GroupKind, ShardGroup, TableName, View};

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
    let nodes = Nodes::new(view, faults);
    let everything = nodes.everything();
    let verdict = |subject: Subject| {
        if everything.outcome != Outcome::Works {
            return everything.clone();
        }
        let of_kind = |kind: GroupKind| view.groups.iter().filter(move |it| it.key.kind == kind);
        let hash = || {
            let is_hash = |group: &&ShardGroup| matches!(group.key.kind, GroupKind::Hash { .. });
            view.groups.iter().filter(is_hash)
        };
        let group = subject.group.and_then(|key| view.group(key));
        match subject.kind {
            StatementKind::TenantRead => first_worst(group.map(|it| nodes.read(it, Order::Known))),
            StatementKind::TenantWrite => first_worst(group.map(|it| nodes.write(it))),
            StatementKind::AllShardRead => {
                of_all_shards(hash().map(|it| (it, nodes.read(it, Order::Any))))
            }
            StatementKind::AllShardWrite => of_all_shards(hash().map(|it| (it, nodes.write(it)))),
            StatementKind::ReferenceRead => {
                first_worst(of_kind(GroupKind::Reference).map(|it| nodes.read(it, Order::Known)))
            }
            StatementKind::ReferenceWrite => {
                first_worst(of_kind(GroupKind::Reference).map(|it| nodes.write(it)))
            }
            // Plain PostgreSQL asks no other node.
            StatementKind::Definition | StatementKind::Rebalance => match view.engine {
                Engine::None => Verdict::default(),
                Engine::Extension(_) => nodes.every_active_node(),
            },
        }
    };
    let predict = |subject: Subject| {
        let Verdict { outcome, reason } = verdict(subject);
        Prediction {
            subject,
            outcome,
            reason,
        }
    };
    subjects(view).into_iter().map(predict).collect()
}

/// A statement that needs every group ends as the worst of them does.
fn of_all_shards<'a>(verdicts: impl Iterator<Item = (&'a ShardGroup, Verdict)>) -> Verdict {
    let verdicts: Vec<(&ShardGroup, Verdict)> = verdicts.collect();
    let worst = first_worst(verdicts.iter().map(|(_, verdict)| verdict.clone()));
    let Some(reason) = worst.reason else {
        return worst;
    };
    // These are about the cluster, not about a group.
    if matches!(reason, Reason::FirstWorker(_) | Reason::LeftOut(_)) {
        return Verdict {
            reason: Some(reason),
            ..worst
        };
    }
    let alike: Vec<&ShardGroup> = verdicts
        .iter()
        .filter(|(_, verdict)| verdict.outcome == worst.outcome && verdict.reason.is_some())
        .map(|(group, _)| *group)
        .collect();
    let tables: Vec<TableName> = alike
        .first()
        .iter()
        .flat_map(|group| &group.shards)
        .map(|shard| shard.table.clone())
        .collect();
    // Groups of another colocation have positions of their own, and are told by the first that fails so.
    let colocation = alike.first().map(|group| group.key.colocation_id);
    let groups = alike
        .iter()
        .filter(|group| Some(group.key.colocation_id) == colocation)
        .map(|group| group.ordinal)
        .collect();
    Verdict {
        outcome: worst.outcome,
        reason: Some(Reason::OfGroups {
            groups,
            tables,
            reason: Box::new(reason),
        }),
    }
}
