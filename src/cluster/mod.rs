//! What a cluster is at one moment: nodes, shard groups, placements; what changed between two moments. Plain data and
//! pure functions.
//!
//! In: what `observe` saw. Out: a [`View`], the [`Change`]s between two views, a [`text_map()`] of one.

mod change;
mod diff;
mod node;
mod survival;
mod text_map;
mod view;

#[cfg(test)]
pub(crate) mod sample;

pub use change::Change;
pub use diff::diff;
pub use node::{Membership, Node, NodeRole, NodeState, Reachability};
pub use survival::{
    Agreement, Comparison, ComparisonRow, Consequence, Failed, FatalFailure, Fault, Outcome,
    Prediction, Reach, Reason, StatementKind, Subject, Subsets, Survival, compare, consequences,
    even_layout, losses, predictions, subjects, subsets, survival,
};
pub use text_map::{Charset, text_map};
pub use view::{
    Engine, GroupKey, GroupKind, Leftover, Move, Placement, Shard, ShardGroup, Table, TableKind,
    TableName, View,
};
