//! Of all failures of so many workers, how many leave every shard readable.

use std::collections::BTreeMap;

use super::counting::{MOST_WORKERS, fatal, survivors, ways};
use super::nodes::Nodes;
use crate::cluster::view::{GroupKey, ShardGroup, View};

/// A failure that leaves some rows out of reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FatalFailure {
    /// The workers that fail, in the view's order.
    pub nodes: Vec<String>,
    /// The groups that cannot be read then.
    pub dark: Vec<GroupKey>,
}

/// All failures of a number of workers. To survive is: every shard can be read through the coordinator, from some copy. It says nothing
/// of writes, which a single dead holder stops until it is disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subsets {
    /// Workers that could fail: active, and serving now.
    pub workers: usize,
    /// Workers that fail together.
    pub failing: usize,
    /// Ways to choose them; `None` where that number is too large.
    pub total: Option<u128>,
    /// Of these, how many leave every shard readable; `None` where they are too many to be counted exactly.
    pub survive: Option<u128>,
    /// Failures that do not, the first of them.
    pub fatal: Vec<FatalFailure>,
}

impl Subsets {
    /// How many do not, where it is known.
    #[must_use]
    pub fn fatal_count(&self) -> Option<u128> {
        Some(self.total? - self.survive?)
    }
}

/// Counts the failures of `failing` workers of a cluster, and names at most `named` of those that it does not survive.
#[must_use]
pub fn subsets(view: &View, failing: usize, named: usize) -> Subsets {
    let nodes = Nodes::new(view, &BTreeMap::new());
    let candidates = nodes.serving_workers();
    let bit: BTreeMap<&str, u32> = candidates.iter().copied().zip(0..).collect();
    // Every shard is read through it, also where nothing is known of shards because it does not answer.
    let coordinated = nodes.everything().outcome.succeeds();
    let mut subsets = Subsets {
        workers: candidates.len(),
        failing,
        total: ways(candidates.len(), failing),
        survive: (!coordinated).then_some(0),
        fatal: Vec::new(),
    };
    if candidates.len() > MOST_WORKERS {
        return subsets;
    }
    let sets: Vec<(&ShardGroup, Vec<u128>)> = view
        .groups
        .iter()
        .map(|group| {
            let sets = if coordinated {
                holders(&nodes, group, &bit)
            } else {
                vec![0]
            };
            (group, sets)
        })
        .collect();
    let mut all: Vec<u128> = sets.iter().flat_map(|(_, sets)| sets).copied().collect();
    if !coordinated {
        // What needs no worker to fail has failed already.
        all.push(0);
    }
    let counts = survivors(candidates.len(), &all);
    subsets.survive = counts.map(|counts| counts.get(failing).copied().unwrap_or(0));
    let tell = |failure: u128| FatalFailure {
        nodes: candidates
            .iter()
            .filter(|name| failure & (1 << bit[**name]) != 0)
            .map(|name| (*name).to_owned())
            .collect(),
        dark: sets
            .iter()
            .filter(|(_, sets)| sets.iter().any(|set| failure & set == *set))
            .map(|(group, _)| group.key)
            .collect(),
    };
    let fatal = fatal(candidates.len(), &all, failing, named);
    subsets.fatal = fatal.into_iter().map(tell).collect();
    subsets
}

/// For each shard of a group that only workers hold, which: it is dark when all of them fail.
fn holders(nodes: &Nodes<'_>, group: &ShardGroup, bit: &BTreeMap<&str, u32>) -> Vec<u128> {
    let sets = group.shards.iter().filter_map(|shard| {
        nodes
            .serving_holders(&shard.placements)
            .try_fold(0, |set, name| Some(set | 1 << bit.get(name)?))
    });
    sets.collect()
}

/// For each number of failures from 0 to `workers`: in how many of them every shard can be read, when `shards` shards with `copies`
/// copies each lie round robin, as the engine lays them: the first copies of shard `i` on worker `i`, the next on those after it, the
/// first worker coming after the last. `None` where no such layout is, or the numbers are too large.
#[must_use]
pub fn even_layout(workers: usize, shards: usize, copies: usize) -> Option<Vec<u128>> {
    if copies == 0 || copies > workers || workers > MOST_WORKERS {
        return None;
    }
    let holders = |shard: usize| {
        let workers = (shard..shard + copies).map(|worker| worker % workers);
        workers.fold(0, |set, worker| set | 1_u128 << worker)
    };
    let sets: Vec<u128> = (0..shards.min(workers)).map(holders).collect();
    survivors(workers, &sets)
}
