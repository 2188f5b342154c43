//! What goes on working when nodes fail, statement by statement, before they fail. Pure.

mod comparison;
mod consequence;
mod prediction;
mod reason;
mod subject;
mod subsets;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use super::node::{Node, NodeRole, Reachability};
use super::view::{Engine, GroupKey, GroupKind, ShardGroup, TableName, View};
pub use comparison::{Agreement, Comparison, ComparisonRow, compare};
pub use consequence::{Consequence, consequences, losses};
pub use prediction::{Prediction, predictions};
pub use reason::{Failed, Reason};
pub use subject::{StatementKind, Subject, subjects};
pub use subsets::{FatalFailure, Subsets, even_layout, subsets};

/// How a node fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// Its process is gone: connections are refused at once.
    Dead,
    /// It never answers: whoever asks waits for a timeout.
    Frozen,
}

/// How a statement ends, from best to worst.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// As ever.
    #[default]
    Works,
    /// It waits for a timeout, then another copy answers.
    Late,
    /// It waits for a timeout, then it fails.
    Waits,
    /// It fails at once.
    Fails,
}

impl Outcome {
    /// Whether the statement does its work in the end.
    #[must_use]
    pub fn succeeds(self) -> bool {
        self <= Self::Late
    }

    /// What statements do: `fail`, `wait for the timeout, then fail`, …
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Works => "work",
            Self::Late => "wait for the timeout, then another copy answers",
            Self::Waits => "wait for the timeout, then fail",
            Self::Fails => "fail",
        }
    }
}

/// How statements about some shard groups end that belong together: those of one colocation, or all whole tables of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// What the groups hold, of the first of them.
    pub kind: GroupKind,
    /// Their tables, by name.
    pub tables: Vec<TableName>,
    /// The distribution column, where there is one.
    pub column: Option<String>,
    /// Each group, with how reading and how writing it ends.
    pub groups: Vec<(GroupKey, Outcome, Outcome)>,
}

impl Reach {
    /// How a statement that reads all of it ends.
    #[must_use]
    pub fn read_all(&self) -> Outcome {
        self.groups
            .iter()
            .map(|(_, read, _)| *read)
            .max()
            .unwrap_or_default()
    }

    /// How a statement that writes all of it ends.
    #[must_use]
    pub fn write_all(&self) -> Outcome {
        self.groups
            .iter()
            .map(|(_, _, write)| *write)
            .max()
            .unwrap_or_default()
    }
}

/// What goes on working, through the coordinator.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survival {
    /// Every statement, as far as the coordinator decides it.
    pub everything: Outcome,
    /// Statements about rows, by what belongs together.
    pub reaches: Vec<Reach>,
    /// Changes of definitions: they go to every active node.
    pub definitions: Outcome,
    /// Moving shards: it asks every active node.
    pub rebalancing: Outcome,
}

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

/// Without another copy to turn to.
fn alone(condition: Condition) -> Outcome {
    match condition {
        Condition::Serves => Outcome::Works,
        Condition::Fails(Fault::Frozen) => Outcome::Waits,
        Condition::Fails(Fault::Dead) | Condition::Out => Outcome::Fails,
    }
}

/// The nodes as statements meet them.
struct Nodes {
    /// By `groupid`.
    by_group: HashMap<i32, Condition>,
    /// The coordinator's `groupid`: it prefers its own copy.
    own: Option<i32>,
    /// The worker that every write of a replicated table asks for a lock first.
    first_worker: Condition,
}

impl Nodes {
    fn new(view: &View, faults: &BTreeMap<String, Fault>) -> Self {
        let primaries = || {
            view.nodes
                .iter()
                .filter(|node| node.role != NodeRole::Standby)
        };
        let by_group = primaries()
            .filter_map(|node| Some((node.group_id()?, condition(node, faults))))
            .collect();
        let own = primaries().find(|node| node.role == NodeRole::Coordinator);
        // The order of Citus: by host, as text, then by port.
        let first_worker = primaries()
            .filter(|node| {
                node.role == NodeRole::Worker && condition(node, faults) != Condition::Out
            })
            .min_by_key(|node| (node.host.as_str(), node.port));
        Self {
            by_group,
            own: own.and_then(Node::group_id),
            first_worker: first_worker.map_or(Condition::Serves, |node| condition(node, faults)),
        }
    }

    /// The conditions of the nodes that hold a shard, those left out that nothing asks.
    fn of_shard(&self, placements: &[super::Placement]) -> impl Iterator<Item = (i32, Condition)> {
        let asked = placements.iter().filter(|placement| placement.active);
        asked.filter_map(|placement| {
            let condition = self.by_group.get(&placement.group_id).copied()?;
            (condition != Condition::Out).then_some((placement.group_id, condition))
        })
    }

    fn read(&self, group: &ShardGroup) -> Outcome {
        let shards = group.shards.iter().map(|shard| {
            let (mut live, mut frozen) = (false, false);
            for (id, condition) in self.of_shard(&shard.placements) {
                if Some(id) == self.own && condition == Condition::Serves {
                    return Outcome::Works;
                }
                live |= condition == Condition::Serves;
                frozen |= condition == Condition::Fails(Fault::Frozen);
            }
            match (live, frozen) {
                (true, false) => Outcome::Works,
                (true, true) => Outcome::Late,
                (false, true) => Outcome::Waits,
                (false, false) => Outcome::Fails,
            }
        });
        shards.max().unwrap_or_default()
    }

    /// A write goes to every copy, or to none.
    fn write(&self, group: &ShardGroup) -> Outcome {
        let shards = group.shards.iter().map(|shard| {
            let mut copies = 0;
            let mut worst = Outcome::Works;
            for (_, condition) in self.of_shard(&shard.placements) {
                copies += 1;
                worst = worst.max(alone(condition));
            }
            let replicated = copies > 1 || group.key.kind == GroupKind::Reference;
            match copies {
                0 => Outcome::Fails,
                _ if replicated => worst.max(alone(self.first_worker)),
                _ => worst,
            }
        });
        shards.max().unwrap_or_default()
    }
}

/// What goes on working in a cluster when these nodes fail besides those that have failed already.
#[must_use]
pub fn survival(view: &View, faults: &BTreeMap<String, Fault>) -> Survival {
    let worst = |nodes: &mut dyn Iterator<Item = &Node>| {
        let asked = nodes
            .map(|node| condition(node, faults))
            .filter(|condition| *condition != Condition::Out);
        asked.map(alone).max().unwrap_or_default()
    };
    let mut coordinators = view
        .nodes
        .iter()
        .filter(|node| node.role == NodeRole::Coordinator);
    let everything = worst(&mut coordinators);
    let members = if view.engine == Engine::None {
        everything
    } else {
        let mut primaries = view
            .nodes
            .iter()
            .filter(|node| node.role != NodeRole::Standby);
        worst(&mut primaries)
    };
    Survival {
        everything,
        reaches: reaches(view, &Nodes::new(view, faults)),
        definitions: members,
        rebalancing: members,
    }
}

fn reaches(view: &View, nodes: &Nodes) -> Vec<Reach> {
    let mut reaches: BTreeMap<(u8, u32), Reach> = BTreeMap::new();
    for group in &view.groups {
        // Whole tables are told together: each would be a colocation of its own.
        let place = match group.key.kind {
            GroupKind::Hash { .. } => (0, group.key.colocation_id),
            GroupKind::Reference => (1, 0),
            GroupKind::Single => (2, 0),
        };
        let reach = reaches.entry(place).or_insert_with(|| Reach {
            kind: group.key.kind,
            tables: Vec::new(),
            column: None,
            groups: Vec::new(),
        });
        let is_hash = matches!(group.key.kind, GroupKind::Hash { .. });
        // The groups of a colocation hold the same tables, whole tables each their own.
        if !is_hash || reach.groups.is_empty() || group.key.colocation_id == 0 {
            let tables = group.shards.iter().map(|shard| shard.table.clone());
            reach.tables.extend(tables);
        }
        reach
            .groups
            .push((group.key, nodes.read(group), nodes.write(group)));
    }
    let columns: HashMap<&TableName, &str> = view
        .tables
        .iter()
        .filter_map(|table| Some((&table.name, table.distribution_column.as_deref()?)))
        .collect();
    let mut reaches: Vec<Reach> = reaches.into_values().collect();
    for reach in &mut reaches {
        reach.tables.sort();
        reach.tables.dedup();
        let column = reach.tables.iter().find_map(|table| columns.get(table));
        reach.column = column.map(|column| (*column).to_owned());
    }
    reaches
}
