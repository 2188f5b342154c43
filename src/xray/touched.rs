//! What a statement touches.

use std::collections::{HashMap, HashSet};
use std::fmt;

use crate::cluster::{GroupKey, TableName};

/// What is done to a shard, the stronger the later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Access {
    /// Nothing.
    #[default]
    None,
    /// Rows are read.
    Read,
    /// Rows are added, changed or removed.
    Write,
    /// The table itself changes.
    Definition,
}

/// How sure it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Certainty {
    /// These shards and no others.
    #[default]
    Exact,
    /// No others; what a subquery finds may leave some of these out.
    AtMost,
    /// How many is known, which ones is not: [`Touched::shards`] has only those that are.
    Counted,
    /// The shards that are written show when it runs; [`Touched::shards`] has those that are read.
    UntilRun,
}

/// One shard that a statement touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchedShard {
    /// `shardid`.
    pub id: u64,
    /// The group that it travels with.
    pub group: GroupKey,
    /// Whose rows it holds.
    pub table: TableName,
    /// The nodes on which it is touched: of a written shard all that hold it.
    pub nodes: Vec<String>,
    /// What is done to it.
    pub access: Access,
}

/// What a statement touches. Displays as one sentence for learners, in which nothing can steer a terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// By id.
    pub shards: Vec<TouchedShard>,
    /// Names of nodes, in the view's order.
    pub nodes: Vec<String>,
    /// The strongest thing that it does.
    pub access: Access,
    /// How sure it is.
    pub certainty: Certainty,
    /// Why it is so many, where the statement says; part of the sentence too.
    pub note: Option<String>,
    /// One sentence for learners: `1 of 8 shards, worker1`.
    pub words: String,
}

impl Touched {
    /// The groups that it touches, each once, in the order of the shards.
    #[must_use]
    pub fn groups(&self) -> Vec<GroupKey> {
        let mut seen = HashSet::new();
        let groups = self.shards.iter().map(|shard| shard.group);
        groups.filter(|group| seen.insert(*group)).collect()
    }

    /// What it does to each group on each node that it touches, for a map to mark.
    #[must_use]
    pub fn marks(&self) -> HashMap<(GroupKey, &str), Access> {
        let mut marks = HashMap::new();
        for shard in &self.shards {
            for node in &shard.nodes {
                let mark: &mut Access = marks.entry((shard.group, node.as_str())).or_default();
                *mark = shard.access.max(*mark);
            }
        }
        marks
    }
}

impl fmt::Display for Touched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.words)
    }
}
