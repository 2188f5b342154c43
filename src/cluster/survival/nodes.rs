//! The nodes as statements meet them: which are asked, in which order, and what each answers.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Failed, Fault, Outcome, Reason};
use crate::cluster::node::{Node, NodeRole, Reachability};
use crate::cluster::view::{GroupKind, ShardGroup, TableName, View};

/// What a node is to a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Serves,
    Fails(Fault),
    /// No part of the cluster, or disabled: nothing asks it.
    Out,
}

fn condition(node: &Node, faults: &BTreeMap<String, Fault>) -> Condition {
    let coordinates = node.role == NodeRole::Coordinator;
    if !coordinates && !node.membership.is_some_and(|member| member.is_active) {
        return Condition::Out;
    }
    if let Some(fault) = faults.get(&node.name) {
        return Condition::Fails(*fault);
    }
    match node.reachability {
        reachability if reachability.answers() => Condition::Serves,
        Reachability::Frozen => Condition::Fails(Fault::Frozen),
        _ => Condition::Fails(Fault::Dead),
    }
}

/// How a statement ends that needs a node which fails so.
pub(super) fn without(fault: Fault) -> Outcome {
    match fault {
        Fault::Dead => Outcome::Fails,
        Fault::Frozen => Outcome::Waits,
    }
}

/// The worst that nodes do to a statement that needs each of them, all asked at the same time: one that refuses ends it at once.
fn worst(failed: &[Failed]) -> Outcome {
    let outcomes = failed.iter().map(|failed| without(failed.fault));
    outcomes.max().unwrap_or_default()
}

/// How a statement ends, and why if a failure is near it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) outcome: Outcome,
    pub(super) reason: Option<Reason>,
}

impl Verdict {
    fn new(outcome: Outcome, reason: Reason) -> Self {
        let reason = Some(reason);
        Self { outcome, reason }
    }

    /// Works; what is disabled is told.
    fn works_without(disabled: Vec<String>) -> Self {
        let reason = (!disabled.is_empty()).then_some(Reason::LeftOut(disabled));
        Self {
            outcome: Outcome::Works,
            reason,
        }
    }
}

/// The nodes that could be asked for a shard.
#[derive(Default)]
struct Holders<'a> {
    /// In the order in which a read of one shard asks them.
    asked: Vec<(&'a Node, Condition)>,
    disabled: Vec<String>,
}

impl Holders<'_> {
    fn failed(&self) -> Vec<Failed> {
        let fails = |(node, condition): &(&Node, Condition)| match condition {
            Condition::Fails(fault) => Some(failed(node, *fault)),
            _ => None,
        };
        self.asked.iter().filter_map(fails).collect()
    }
}

fn failed(node: &Node, fault: Fault) -> Failed {
    Failed {
        node: node.name.clone(),
        fault,
    }
}

/// Which copy a read turns to first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Of one shard: the engine's order of its nodes.
    Known,
    /// Of all shards: by the age of the copies, which a view does not know. Any may be the first.
    Any,
}

/// All of them.
pub(super) struct Nodes<'a> {
    by_group: HashMap<i32, (&'a Node, Condition)>,
    coordinator: Option<(&'a Node, Condition)>,
    /// The worker that every write of a replicated table asks for a lock first.
    first_worker: Option<(&'a Node, Condition)>,
    /// Tables that have some shard with more or fewer copies than one, those on disabled nodes counted.
    replicated: HashSet<&'a TableName>,
    /// Members that everything that changes definitions or metadata goes to, by name.
    active: Vec<(&'a Node, Condition)>,
    disabled: Vec<String>,
}

impl<'a> Nodes<'a> {
    pub(super) fn new(view: &'a View, faults: &BTreeMap<String, Fault>) -> Self {
        let primaries = view
            .nodes
            .iter()
            .filter(|node| node.role != NodeRole::Standby);
        let met: Vec<(&Node, Condition)> = primaries
            .map(|node| (node, condition(node, faults)))
            .collect();
        let coordinates = |node: &Node| node.role == NodeRole::Coordinator;
        let is_disabled = |node: &Node| {
            node.membership.is_some_and(|member| !member.is_active) && !coordinates(node)
        };
        let asked = |it: &&(&Node, Condition)| it.1 != Condition::Out;
        let shards = view.groups.iter().flat_map(|group| &group.shards);
        Self {
            by_group: met
                .iter()
                .filter_map(|it| Some((it.0.group_id()?, *it)))
                .collect(),
            coordinator: met.iter().find(|it| coordinates(it.0)).copied(),
            first_worker: met
                .iter()
                .filter(asked)
                .filter(|it| !coordinates(it.0))
                .min_by_key(|it| address(it.0))
                .copied(),
            replicated: shards
                .filter(|shard| shard.placements.len() != 1)
                .map(|shard| &shard.table)
                .collect(),
            active: met.iter().filter(asked).copied().collect(),
            disabled: names(met.iter().map(|it| it.0).filter(|node| is_disabled(node))),
        }
    }

    /// What ends every statement.
    pub(super) fn everything(&self) -> Verdict {
        match self.coordinator {
            Some((node, Condition::Fails(fault))) => {
                let reason = Reason::Coordinator(failed(node, fault));
                Verdict::new(without(fault), reason)
            }
            _ => Verdict::default(),
        }
    }

    /// Of what goes to every active node.
    pub(super) fn every_active_node(&self) -> Verdict {
        let holders = Holders {
            asked: self.active.clone(),
            disabled: self.disabled.clone(),
        };
        match holders.failed() {
            failed if failed.is_empty() => Verdict::works_without(holders.disabled),
            failed => Verdict::new(worst(&failed), Reason::EveryActiveNode(failed)),
        }
    }

    fn holders(&self, placements: &[crate::cluster::Placement]) -> Holders<'a> {
        let mut holders = Holders::default();
        for placement in placements.iter().filter(|placement| placement.active) {
            match self.by_group.get(&placement.group_id) {
                Some((node, Condition::Out)) => holders.disabled.push(node.name.clone()),
                Some(holder) => holders.asked.push(*holder),
                None => {}
            }
        }
        holders.asked.sort_by_key(|(node, _)| address(node));
        holders
    }

    /// The workers that could fail yet, in the view's order.
    pub(super) fn serving_workers(&self) -> Vec<&'a str> {
        let serving = self.active.iter().filter(|(node, condition)| {
            node.role == NodeRole::Worker && *condition == Condition::Serves
        });
        serving.map(|(node, _)| node.name.as_str()).collect()
    }

    /// The nodes that answer reads of a shard.
    pub(super) fn serving_holders(
        &self,
        placements: &[crate::cluster::Placement],
    ) -> impl Iterator<Item = &'a str> + use<'a> {
        let holders = self.holders(placements).asked.into_iter();
        let serving = holders.filter(|(_, condition)| *condition == Condition::Serves);
        serving.map(|(node, _)| node.name.as_str())
    }

    /// How reading a group ends: as reading the worst of its shards does.
    pub(super) fn read(&self, group: &ShardGroup, order: Order) -> Verdict {
        let verdicts = group.shards.iter().map(|shard| {
            let holders = self.holders(&shard.placements);
            let failed = holders.failed();
            if let Some(local) = self.own_copy(&holders, &failed) {
                return local;
            }
            let answers = holders
                .asked
                .iter()
                .position(|(_, condition)| *condition == Condition::Serves);
            let Some(answers) = answers else {
                let disabled = holders.disabled;
                return Verdict::new(
                    Self::dark(&failed),
                    Reason::NoCopyAnswers { failed, disabled },
                );
            };
            if failed.is_empty() {
                return Verdict::works_without(holders.disabled);
            }
            let before = match order {
                Order::Known => &holders.asked[..answers],
                Order::Any => &holders.asked[..],
            };
            let is_frozen = |it: &&(&Node, Condition)| it.1 == Condition::Fails(Fault::Frozen);
            let frozen = names(before.iter().filter(is_frozen).map(|it| it.0));
            let answers = holders.asked[answers].0.name.clone();
            if frozen.is_empty() {
                Verdict::new(Outcome::Works, Reason::AnotherCopy { failed, answers })
            } else {
                Verdict::new(Outcome::Late, Reason::AnotherCopyLater { frozen, answers })
            }
        });
        first_worst(verdicts)
    }

    /// The coordinator reads what it holds itself, and asks nobody.
    fn own_copy(&self, holders: &Holders<'_>, failed: &[Failed]) -> Option<Verdict> {
        let (own, condition) = self.coordinator?;
        let holds = holders.asked.iter().any(|(node, _)| node.name == own.name);
        (holds && condition == Condition::Serves).then(|| {
            if failed.is_empty() {
                return Verdict::default();
            }
            let coordinator = own.name.clone();
            let failed = failed.to_vec();
            Verdict::new(
                Outcome::Works,
                Reason::OwnCopy {
                    coordinator,
                    failed,
                },
            )
        })
    }

    /// No copy answers: they are asked one after the other, so that one that is frozen is waited for.
    fn dark(failed: &[Failed]) -> Outcome {
        let waits = failed.iter().any(|failed| failed.fault == Fault::Frozen);
        if waits {
            Outcome::Waits
        } else {
            Outcome::Fails
        }
    }

    /// A write goes to every copy, or to none; of a replicated table it asks the first worker for a lock before that.
    pub(super) fn write(&self, group: &ShardGroup) -> Verdict {
        let verdicts = group.shards.iter().map(|shard| {
            let holders = self.holders(&shard.placements);
            let failed = holders.failed();
            if holders.asked.is_empty() {
                let disabled = holders.disabled;
                return Verdict::new(Outcome::Fails, Reason::NoCopyAnswers { failed, disabled });
            }
            let is_replicated =
                group.key.kind == GroupKind::Reference || self.replicated.contains(&shard.table);
            if let Some(first) = self.first_worker_fails().filter(|_| is_replicated) {
                return first;
            }
            if failed.is_empty() {
                return Verdict::works_without(holders.disabled);
            }
            let outcome = worst(&failed);
            if failed.len() == holders.asked.len() {
                let disabled = holders.disabled;
                return Verdict::new(outcome, Reason::NoCopyAnswers { failed, disabled });
            }
            Verdict::new(outcome, Reason::WriteToEveryCopy(failed))
        });
        first_worst(verdicts)
    }

    fn first_worker_fails(&self) -> Option<Verdict> {
        match self.first_worker? {
            (node, Condition::Fails(fault)) => {
                let reason = Reason::FirstWorker(failed(node, fault));
                Some(Verdict::new(without(fault), reason))
            }
            _ => None,
        }
    }
}

/// The order of the engine: by host, as text, then by port.
fn address(node: &Node) -> (&str, u16) {
    (node.host.as_str(), node.port)
}

fn names<'a>(nodes: impl Iterator<Item = &'a Node>) -> Vec<String> {
    nodes.map(|node| node.name.clone()).collect()
}

/// The first of the worst; where all work, the first that has something to tell.
pub(super) fn first_worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let mut chosen = Verdict::default();
    for verdict in verdicts {
        let tells = chosen.reason.is_none() && verdict.reason.is_some();
        if verdict.outcome > chosen.outcome || (verdict.outcome == chosen.outcome && tells) {
            chosen = verdict;
        }
    }
    chosen
}
