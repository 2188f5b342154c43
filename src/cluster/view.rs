//! A cluster at one moment.

use std::fmt;

use super::node::Node;

/// What makes the servers one database, as the coordinator itself says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Engine {
    /// Nothing: plain PostgreSQL.
    #[default]
    None,
    /// Its extension, with the version that `citus_version()` answers.
    Extension(String),
}

/// A table's name. Shown without its schema when that is `public`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    /// Its schema.
    pub schema: String,
    /// Its name there.
    pub name: String,
}

impl TableName {
    /// A table of a schema.
    #[must_use]
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: schema.into(),
            name: name.into(),
        }
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.schema.as_str() {
            "public" => formatter.write_str(&self.name),
            schema => write!(formatter, "{schema}.{}", self.name),
        }
    }
}

/// Where a table's rows are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TableKind {
    /// On the coordinator, unknown to the engine.
    Plain,
    /// On the coordinator, in the metadata.
    LocalManaged,
    /// In shards by a column.
    Distributed,
    /// Whole, on every node.
    Reference,
    /// Whole, on one node, with its schema.
    Schema,
}

impl fmt::Display for TableKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Plain => "plain",
            Self::LocalManaged => "local managed",
            Self::Distributed => "distributed",
            Self::Reference => "reference",
            Self::Schema => "single-shard",
        })
    }
}

/// One table that people made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: TableName,
    /// Where its rows are.
    pub kind: TableKind,
    /// For a distributed table.
    pub distribution_column: Option<String>,
    /// Tables with the same are cut alike and travel together.
    pub colocation_id: Option<u32>,
    /// Shards that it has now.
    pub shard_count: usize,
    /// Copies of each shard that it was made with; `None` where it has no number (a reference table has one a node).
    pub replication_factor: Option<u32>,
}

/// One copy of a shard.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Placement {
    /// The node's `groupid`.
    pub group_id: i32,
    /// `shardstate` is 1: it may be read and written.
    pub active: bool,
    /// Its size on disk with indexes, where known.
    pub bytes: Option<u64>,
}

/// One shard of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shard {
    /// `shardid`.
    pub id: u64,
    /// Whose rows it holds.
    pub table: TableName,
    /// Its copies, by `group_id`.
    pub placements: Vec<Placement>,
}

/// What a shard group holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKind {
    /// The rows whose distribution column hashes into a range.
    Hash {
        /// Lowest hash value.
        min: i32,
        /// Highest hash value.
        max: i32,
    },
    /// A reference table's rows.
    Reference,
    /// Tables that have one shard: of a distributed schema, or managed ones.
    Single,
}

/// Which group: stable while shards move, so that a group keeps its column on a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupKey {
    /// The colocation group, 0 for tables that have none.
    pub colocation_id: u32,
    /// What it holds.
    pub kind: GroupKind,
    /// Tells groups of colocation 0 apart: their shard's id.
    pub apart: u64,
}

/// Co-located shards that hold the same slice of the keys: they travel together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShardGroup {
    /// Which.
    pub key: GroupKey,
    /// One-based position among the groups of its colocation, by hash range.
    pub ordinal: usize,
    /// By table name.
    pub shards: Vec<Shard>,
}

impl ShardGroup {
    /// The groups of nodes that hold every shard of it, in order.
    #[must_use]
    pub fn holders(&self) -> Vec<i32> {
        let Some((first, others)) = self.shards.split_first() else {
            return Vec::new();
        };
        let on = |shard: &Shard, id: i32| {
            shard
                .placements
                .iter()
                .any(|placement| placement.active && placement.group_id == id)
        };
        let active = first.placements.iter().filter(|placement| placement.active);
        let ids = active.map(|placement| placement.group_id);
        ids.filter(|id| others.iter().all(|shard| on(shard, *id)))
            .collect()
    }

    /// Its size on a node, as far as it is known.
    #[must_use]
    pub fn bytes_on(&self, group_id: i32) -> Option<u64> {
        let here = |shard: &Shard| {
            shard
                .placements
                .iter()
                .find(|p| p.group_id == group_id)
                .and_then(|p| p.bytes)
        };
        self.shards.iter().map(here).sum()
    }
}

/// A shard group under way from one node to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// Which group.
    pub group: GroupKey,
    /// Its `groupid` at the source.
    pub from: i32,
    /// Its `groupid` at the target.
    pub to: i32,
    /// A copy: the source keeps its own.
    pub copies: bool,
    /// Bytes that are at the target.
    pub bytes_done: u64,
    /// Bytes at the source.
    pub bytes_total: u64,
    /// The engine's words: `Copying Data`, `Catching Up`, …
    pub phase: String,
}

/// An old copy that waits to be removed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leftover {
    /// Where.
    pub group_id: i32,
    /// The name of what is left.
    pub name: String,
}

/// A cluster at one moment. Everything in it is sorted, so that equal clusters have equal views.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// The cluster's name in its topology.
    pub cluster: String,
    /// What makes its servers one database.
    pub engine: Engine,
    /// Coordinator first, then by name; nodes that are no members included.
    pub nodes: Vec<Node>,
    /// By name.
    pub tables: Vec<Table>,
    /// By colocation and hash range.
    pub groups: Vec<ShardGroup>,
    /// By group.
    pub moves: Vec<Move>,
    /// By node.
    pub leftovers: Vec<Leftover>,
    /// Why the tables and shards are those of an earlier moment, when the coordinator could not be asked.
    pub outdated: Option<String>,
}

impl View {
    /// The node of that name.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The node that placements name by `group_id`: the group's primary.
    #[must_use]
    pub fn node_of_group(&self, group_id: i32) -> Option<&Node> {
        self.nodes
            .iter()
            .find(|node| node.group_id() == Some(group_id) && node.role != super::NodeRole::Standby)
    }

    /// The table of that name; with or without its schema when that is `public`.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables
            .iter()
            .find(|table| table.name.to_string() == name)
    }

    /// The group that a key names.
    #[must_use]
    pub fn group(&self, key: GroupKey) -> Option<&ShardGroup> {
        // They are sorted: maps and differences of thousands of groups ask for each.
        let found = self.groups.binary_search_by_key(&key, |group| group.key);
        found.ok().and_then(|index| self.groups.get(index))
    }

    /// How many placements there are.
    #[must_use]
    pub fn placement_count(&self) -> usize {
        let shards = self.groups.iter().flat_map(|group| &group.shards);
        shards.map(|shard| shard.placements.len()).sum()
    }

    /// Puts everything in its order and numbers the groups. Whoever builds a view ends with this.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.nodes
            .sort_by(|a, b| (a.role, natural(&a.name)).cmp(&(b.role, natural(&b.name))));
        self.tables.sort_by(|a, b| a.name.cmp(&b.name));
        for group in &mut self.groups {
            group
                .shards
                .sort_by(|a, b| (&a.table, a.id).cmp(&(&b.table, b.id)));
            for shard in &mut group.shards {
                shard.placements.sort();
            }
        }
        self.groups.sort_by_key(|group| group.key);
        let mut before: Option<u32> = None;
        let mut ordinal = 0;
        for group in &mut self.groups {
            ordinal = if before == Some(group.key.colocation_id) {
                ordinal + 1
            } else {
                1
            };
            before = Some(group.key.colocation_id);
            group.ordinal = ordinal;
        }
        self.moves.sort_by_key(|a| (a.group, a.from, a.to));
        self.leftovers.sort();
        self
    }
}

/// A name with its trailing number apart, so that `worker10` comes after `worker9`.
fn natural(name: &str) -> (&str, u64, &str) {
    let stem = name.trim_end_matches(|character: char| character.is_ascii_digit());
    (stem, name[stem.len()..].parse().unwrap_or(0), name)
}
