//! What is predicted and observed: statements of a kind, about a shard group where the kind is about one.

use std::collections::BTreeSet;
use std::fmt;

use crate::cluster::view::{Engine, GroupKey, GroupKind, View};

/// A kind of statement, as availability is told by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatementKind {
    /// Reads rows of one value of the distribution column, or one whole table that has a single shard.
    TenantRead,
    /// Writes such rows.
    TenantWrite,
    /// Reads rows of every shard of a distributed table.
    AllShardRead,
    /// Writes rows of every shard of a distributed table.
    AllShardWrite,
    /// Reads a reference table.
    ReferenceRead,
    /// Writes a reference table.
    ReferenceWrite,
    /// Changes a definition that every node has: `ALTER TABLE`, `CREATE SCHEMA`, …
    Definition,
    /// Moves shards from node to node.
    Rebalance,
}

impl StatementKind {
    /// Every kind, in order.
    pub const ALL: [Self; 8] = [
        Self::TenantRead,
        Self::TenantWrite,
        Self::AllShardRead,
        Self::AllShardWrite,
        Self::ReferenceRead,
        Self::ReferenceWrite,
        Self::Definition,
        Self::Rebalance,
    ];

    /// Whether a subject of this kind names a shard group.
    #[must_use]
    pub fn is_about_a_group(self) -> bool {
        matches!(self, Self::TenantRead | Self::TenantWrite)
    }

    /// Whether it changes anything.
    #[must_use]
    pub fn writes(self) -> bool {
        !matches!(
            self,
            Self::TenantRead | Self::AllShardRead | Self::ReferenceRead
        )
    }

    /// As a program reads it: `tenant-read`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TenantRead => "tenant-read",
            Self::TenantWrite => "tenant-write",
            Self::AllShardRead => "all-shard-read",
            Self::AllShardWrite => "all-shard-write",
            Self::ReferenceRead => "reference-read",
            Self::ReferenceWrite => "reference-write",
            Self::Definition => "definition",
            Self::Rebalance => "rebalance",
        }
    }
}

/// As people read it: `tenant reads`.
impl fmt::Display for StatementKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::TenantRead => "tenant reads",
            Self::TenantWrite => "tenant writes",
            Self::AllShardRead => "all-shard reads",
            Self::AllShardWrite => "all-shard writes",
            Self::ReferenceRead => "reference reads",
            Self::ReferenceWrite => "reference writes",
            Self::Definition => "definitions",
            Self::Rebalance => "rebalancing",
        })
    }
}

/// What is asked again and again, and predicted. It joins a prediction to what was observed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The kind of statement.
    pub kind: StatementKind,
    /// The shard group, for [the kinds that are about one](StatementKind::is_about_a_group); `None` for the others: they are told of all
    /// distributed tables, or of all reference tables, together.
    pub group: Option<GroupKey>,
}

impl Subject {
    /// Statements of a kind that is about no single group.
    #[must_use]
    pub fn whole(kind: StatementKind) -> Self {
        Self { kind, group: None }
    }

    /// Statements of a kind about a group.
    #[must_use]
    pub fn of_group(kind: StatementKind, group: GroupKey) -> Self {
        Self {
            kind,
            group: Some(group),
        }
    }
}

/// What can be predicted of a cluster, sorted. Kinds without a table that they could be about are left out.
#[must_use]
pub fn subjects(view: &View) -> BTreeSet<Subject> {
    let mut found = BTreeSet::from([Subject::whole(StatementKind::Definition)]);
    if view.engine != Engine::None {
        found.insert(Subject::whole(StatementKind::Rebalance));
    }
    for group in &view.groups {
        let kinds = match group.key.kind {
            GroupKind::Reference => [StatementKind::ReferenceRead, StatementKind::ReferenceWrite],
            GroupKind::Hash { .. } => [StatementKind::AllShardRead, StatementKind::AllShardWrite],
            GroupKind::Single => [StatementKind::TenantRead, StatementKind::TenantWrite],
        };
        let named = |kind: StatementKind| kind.is_about_a_group().then_some(group.key);
        found.extend(kinds.map(|kind| Subject {
            kind,
            group: named(kind),
        }));
        if matches!(group.key.kind, GroupKind::Hash { .. }) {
            let tenant = [StatementKind::TenantRead, StatementKind::TenantWrite];
            found.extend(tenant.map(|kind| Subject::of_group(kind, group.key)));
        }
    }
    found
}
