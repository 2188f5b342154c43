//! What availability is told of.

use super::view::GroupKey;

/// A kind of statement, as availability is told by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatementKind {
    /// Reads one tenant's rows.
    TenantRead,
    /// Writes one tenant's rows.
    TenantWrite,
    /// Reads every shard.
    AllShardRead,
    /// Writes every shard.
    AllShardWrite,
    /// Reads a reference table.
    ReferenceRead,
    /// Writes a reference table.
    ReferenceWrite,
    /// Changes a definition.
    Definition,
    /// Moves shards.
    Rebalance,
}

/// What is asked again and again, and predicted: a kind of statement, about one shard group where the kind is about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Which kind.
    pub kind: StatementKind,
    /// About which group.
    pub group: Option<GroupKey>,
}
