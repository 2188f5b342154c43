//! What a statement touches.

use crate::cluster::{GroupKey, TableName};

/// How shards are touched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Access {
    /// Not at all.
    #[default]
    None,
    /// Read.
    Read,
    /// Written.
    Write,
    /// Their definition is changed.
    Definition,
}

/// A shard that a statement touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchedShard {
    /// `shardid`.
    pub id: u64,
    /// Its group.
    pub group: GroupKey,
    /// Its table.
    pub table: TableName,
    /// On which nodes, by name.
    pub nodes: Vec<String>,
    /// How.
    pub access: Access,
}

/// What a statement touches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Touched {
    /// By group and table.
    pub shards: Vec<TouchedShard>,
    /// All nodes that work on it, by name.
    pub nodes: Vec<String>,
    /// How.
    pub access: Access,
    /// In one sentence.
    pub words: String,
}
