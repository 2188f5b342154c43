//! What goes on working when nodes fail, statement by statement, before they fail. Pure.

mod comparison;
mod consequence;
mod counting;
mod nodes;
mod prediction;
mod reason;
mod subject;
mod subsets;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use super::view::{Engine, GroupKey, GroupKind, TableName, View};
pub use comparison::{Agreement, Comparison, ComparisonRow, compare};
pub use consequence::{Consequence, consequences, losses};
use nodes::{Nodes, Order};
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

    /// One word for it: `works`, `late`, `waits`, `fails`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::Late => "late",
            Self::Waits => "waits",
            Self::Fails => "fails",
        }
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
    /// How a statement that reads all of it ends.
    pub reads: Outcome,
    /// How a statement that writes all of it ends.
    pub writes: Outcome,
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

/// What goes on working in a cluster when these nodes fail besides those that have failed already.
#[must_use]
pub fn survival(view: &View, faults: &BTreeMap<String, Fault>) -> Survival {
    let nodes = Nodes::new(view, faults);
    let everything = nodes.everything().outcome;
    let members = match view.engine {
        Engine::None => everything,
        Engine::Extension(_) => nodes.every_active_node().outcome,
    };
    Survival {
        everything,
        reaches: reaches(view, &nodes),
        definitions: members,
        rebalancing: members,
    }
}

fn reaches(view: &View, nodes: &Nodes<'_>) -> Vec<Reach> {
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
            reads: Outcome::Works,
            writes: Outcome::Works,
        });
        let is_hash = matches!(group.key.kind, GroupKind::Hash { .. });
        // The groups of a colocation hold the same tables, whole tables each their own.
        if !is_hash || reach.groups.is_empty() || group.key.colocation_id == 0 {
            let tables = group.shards.iter().map(|shard| shard.table.clone());
            reach.tables.extend(tables);
        }
        let read = nodes.read(group, Order::Known).outcome;
        let write = nodes.write(group).outcome;
        reach.groups.push((group.key, read, write));
        // A statement about one of several whole tables reads it as it would alone.
        let as_one = if is_hash { Order::Any } else { Order::Known };
        reach.reads = reach.reads.max(nodes.read(group, as_one).outcome);
        reach.writes = reach.writes.max(write);
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
