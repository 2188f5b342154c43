//! What the map remembers.

use std::{collections::BTreeMap, time::Instant};

use crate::{
    app::{OpenTour, deadline::next_tick},
    cluster::{GroupKey, TableName},
    xray::{Access, Touched},
};

/// Which picture of the shards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum MapView {
    /// A lane a node, a tile a shard group.
    #[default]
    Lanes,
    /// Tables by nodes.
    Matrix,
    /// The hash range unrolled.
    Strip,
}

impl MapView {
    /// One word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Lanes => "shards",
            Self::Matrix => "tables",
            Self::Strip => "hash range",
        }
    }
}

/// A tile that the last statement touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchedTile {
    /// Which group.
    pub group: GroupKey,
    /// On which node, by name.
    pub node: String,
    /// It was written.
    pub written: bool,
    /// It failed there.
    pub failed: bool,
}

/// Rows and sample tenants of a shard group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupFacts {
    /// Which.
    pub group: GroupKey,
    /// For each table: rows, counted or estimated, or why not.
    pub rows: Vec<(String, Result<u64, String>)>,
    /// Some values of the distribution column that live in it.
    pub tenants: Vec<String>,
}

/// Where a value of a distribution column lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantAnswer {
    /// Of which table.
    pub table: TableName,
    /// The value.
    pub value: String,
    /// The `shardid` of the shard that holds it, or why there is none.
    pub shard: Result<u64, String>,
}

/// A value whose place is pinned on the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// Of which table; `None` while none is distributed.
    pub table: Option<TableName>,
    /// The value.
    pub value: String,
    /// Where it lives; `None` until the cluster has answered.
    pub place: Option<Result<GroupKey, String>>,
}

/// The map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapPane {
    /// Which picture.
    pub picture: MapView,
    /// The chosen group: a column of the lanes.
    pub group: Option<GroupKey>,
    /// The chosen lane, by the node's name.
    pub lane: Option<String>,
    /// The level of detail, chosen by hand: larger numbers are smaller tiles.
    pub detail: Option<u8>,
    /// What the last statement touched.
    pub touched: Vec<TouchedTile>,
    /// What is known of the chosen group.
    pub facts: Option<GroupFacts>,
    /// The value whose place is shown.
    pub pin: Option<Pin>,
    /// What is typed of a value to pin, while it is typed.
    pub input: Option<String>,
    /// First lane or row shown, where not all fit.
    pub offset: usize,
}

/// Marks what a statement touched, in place of what the one before touched.
pub fn touch(map: &mut MapPane, touched: &Touched, _now: Instant) {
    let mut tiles: BTreeMap<(GroupKey, &str), bool> = BTreeMap::new();
    for shard in &touched.shards {
        let written = matches!(shard.access, Access::Write | Access::Definition);
        for node in &shard.nodes {
            *tiles.entry((shard.group, node)).or_default() |= written;
        }
    }
    map.touched = tiles
        .into_iter()
        .map(|((group, node), written)| TouchedTile {
            group,
            node: node.to_owned(),
            written,
            failed: false,
        })
        .collect();
}

/// The statement whose shards are marked failed: on these nodes, or everywhere where none is known.
pub fn fail(map: &mut MapPane, nodes: &[String]) {
    for tile in &mut map.touched {
        tile.failed |= nodes.is_empty() || nodes.contains(&tile.node);
    }
}

/// Takes the marks away: a statement is sent.
pub fn untouch(map: &mut MapPane) {
    map.touched.clear();
}

/// When the map looks different by itself: the age of what it shows, where that is not of now.
#[must_use]
pub fn next_deadline(tour: &OpenTour, now: Instant) -> Option<Instant> {
    tour.outdated_since.map(|since| next_tick(since, now))
}
