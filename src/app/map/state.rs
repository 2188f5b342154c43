//! What the map remembers.

use std::time::Instant;

use crate::{cluster::GroupKey, xray::Touched};

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

/// The map.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MapPane {
    /// Which picture.
    pub picture: MapView,
    /// The chosen tile: its group, and the lane's `groupid`.
    pub selected: Option<(GroupKey, i32)>,
    /// The level of detail, chosen by hand: larger numbers are smaller tiles.
    pub detail: Option<u8>,
    /// What the last statement touched.
    pub touched: Vec<TouchedTile>,
    /// When the marks go.
    pub touched_until: Option<Instant>,
    /// What is known of the chosen group.
    pub facts: Option<GroupFacts>,
    /// A value whose place is pinned on the strip.
    pub pin: Option<String>,
    /// First lane or row shown, where not all fit.
    pub offset: usize,
}

/// Marks what a statement touched.
pub fn touch(_map: &mut MapPane, _touched: &Touched, _now: Instant) {}

/// When the map looks different by itself.
#[must_use]
pub fn next_deadline(map: &MapPane, _now: Instant) -> Option<Instant> {
    map.touched_until
}
