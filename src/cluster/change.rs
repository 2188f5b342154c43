//! What can change between two moments, each as one sentence.

use std::fmt;

use super::node::NodeState;
use super::view::{GroupKey, TableKind, TableName};

/// One change. Displayed, it is a sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The engine came to be.
    EngineEnabled(String),
    /// The engine was removed.
    EngineRemoved,
    /// A node became a member.
    NodeAdded(String),
    /// A node is no member any more.
    NodeRemoved(String),
    /// A node's word changed.
    NodeState {
        /// Which.
        node: String,
        /// Its word before.
        from: NodeState,
        /// Its word now.
        to: NodeState,
    },
    /// Whether a node may hold shards.
    ShardsAllowed {
        /// Which.
        node: String,
        /// Now.
        allowed: bool,
    },
    /// A table was made.
    TableCreated(TableName),
    /// A table is gone.
    TableDropped(TableName),
    /// A table's rows are kept in another way.
    TableKind {
        /// Which.
        table: TableName,
        /// How before.
        from: TableKind,
        /// How now.
        to: TableKind,
        /// By which column, when distributed.
        column: Option<String>,
    },
    /// A distributed table was cut anew.
    TableReshaped {
        /// Which.
        table: TableName,
        /// What it is now: `16 shards by user_id`.
        now: String,
    },
    /// A move is under way.
    MoveStarted {
        /// Which group, in words.
        group: GroupName,
        /// From which node.
        from: String,
        /// To which node.
        to: String,
    },
    /// A group is on another node than before.
    GroupMoved {
        /// Which group, in words.
        group: GroupName,
        /// From which node.
        from: String,
        /// To which node.
        to: String,
    },
    /// A group has one more copy.
    GroupCopied {
        /// Which group, in words.
        group: GroupName,
        /// Where.
        to: String,
    },
    /// A group has a copy less.
    GroupCopyLost {
        /// Which group, in words.
        group: GroupName,
        /// Where it was.
        from: String,
    },
    /// A group was cut into several.
    GroupSplit {
        /// Which group, in words.
        group: GroupName,
        /// Into how many.
        parts: usize,
    },
}

impl Change {
    /// Whether a map looks different after it; a new table without shards is only one name more.
    #[must_use]
    pub fn shows_on_map(&self) -> bool {
        !matches!(self, Self::TableCreated(_))
    }
}

/// How people know a group: its number and its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupName {
    /// Which.
    pub key: GroupKey,
    /// Its number, `None` for a table that is whole.
    pub number: Option<usize>,
    /// Its tables.
    pub tables: Vec<TableName>,
}

impl fmt::Display for GroupName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.number {
            write!(formatter, "shard group {number:02} of ")?;
        }
        for (index, table) in self.tables.iter().enumerate() {
            let before = if index == 0 { "" } else { ", " };
            write!(formatter, "{before}{table}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EngineEnabled(version) => write!(formatter, "the servers have {version}"),
            Self::EngineRemoved => formatter.write_str("the servers are plain PostgreSQL again"),
            Self::NodeAdded(node) => write!(formatter, "{node} joined the cluster"),
            Self::NodeRemoved(node) => write!(formatter, "{node} left the cluster"),
            Self::NodeState { node, from: _, to } => write!(formatter, "{node} is {to}"),
            Self::ShardsAllowed {
                node,
                allowed: true,
            } => {
                write!(formatter, "{node} may hold shards")
            }
            Self::ShardsAllowed {
                node,
                allowed: false,
            } => {
                write!(formatter, "{node} may hold no shards any more")
            }
            Self::TableCreated(table) => write!(formatter, "table {table} was created"),
            Self::TableDropped(table) => write!(formatter, "table {table} is gone"),
            Self::TableKind {
                table,
                to: TableKind::Distributed,
                column: Some(column),
                ..
            } => {
                write!(formatter, "table {table} is distributed by {column}")
            }
            Self::TableKind {
                table,
                to: TableKind::Plain,
                ..
            } => {
                write!(formatter, "table {table} is a plain table again")
            }
            Self::TableKind { table, to, .. } => write!(formatter, "table {table} is a {to} table"),
            Self::TableReshaped { table, now } => write!(formatter, "table {table} has {now}"),
            Self::MoveStarted { group, from, to } => {
                write!(formatter, "{group} is on its way from {from} to {to}")
            }
            Self::GroupMoved { group, from, to } => {
                write!(formatter, "{group} moved from {from} to {to}")
            }
            Self::GroupCopied { group, to } => write!(formatter, "{group} was copied to {to}"),
            Self::GroupCopyLost { group, from } => {
                write!(formatter, "{group} has no copy on {from} any more")
            }
            Self::GroupSplit { group, parts } => {
                write!(formatter, "{group} was split into {parts}")
            }
        }
    }
}
