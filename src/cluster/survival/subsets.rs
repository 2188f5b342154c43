//! Of all failures of so many workers, how many leave every shard readable.

use crate::cluster::view::{GroupKey, View};

/// A failure that leaves some rows out of reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FatalFailure {
    /// The workers that fail, in the view's order.
    pub nodes: Vec<String>,
    /// The groups that cannot be read then.
    pub dark: Vec<GroupKey>,
}

/// All failures of a number of workers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subsets {
    /// Workers that could fail: active, and serving now.
    pub workers: usize,
    /// Workers that fail together.
    pub failing: usize,
    /// Ways to choose them.
    pub total: u128,
    /// Of these, how many leave every shard readable; `None` where they are too many to be counted exactly.
    pub survive: Option<u128>,
    /// Failures that do not, the first of them.
    pub fatal: Vec<FatalFailure>,
}

impl Subsets {
    /// How many do not, where it is known.
    #[must_use]
    pub fn fatal_count(&self) -> Option<u128> {
        self.survive.map(|survive| self.total - survive)
    }
}

/// Counts the failures of `failing` workers of a cluster, and names at most `named` of those that it does not survive.
#[must_use]
pub fn subsets(view: &View, failing: usize, named: usize) -> Subsets {
    let _ = (view, failing, named);
    Subsets {
        workers: 0,
        failing,
        total: 1,
        survive: None,
        fatal: Vec::new(),
    }
}

/// For each number of failures from 0 to `workers`: in how many of them every shard can be read, when `shards` shards with `copies`
/// copies each lie round robin, as the engine lays them. `None` where the numbers are too large.
#[must_use]
pub fn even_layout(workers: usize, shards: usize, copies: usize) -> Option<Vec<u128>> {
    let _ = (workers, shards, copies);
    None
}
