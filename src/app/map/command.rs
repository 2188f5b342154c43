//! What can be done on the map.

use std::time::Instant;

use super::GroupFacts;
use crate::{
    app::{
        Effect, Model,
        keys::{Binding, Command, Context},
    },
    cluster::{Change, GroupKey},
};

/// A command of the map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MapCommand {
    /// Choose the tile at the left.
    Left,
    /// Choose the tile at the right.
    Right,
    /// Choose in the lane above.
    Up,
    /// Choose in the lane below.
    Down,
    /// All about the chosen tile.
    Details,
    /// The next picture.
    View,
    /// Larger tiles.
    Larger,
    /// Smaller tiles.
    Smaller,
}

/// Something of the map that the mouse can press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapTarget {
    /// A tile: its group, and the lane's `groupid`.
    Tile(GroupKey, i32),
    /// A lane's head: the node's name.
    Lane(String),
}

/// Its keys.
pub const KEYS: &[Binding] = &[Binding::new(
    Command::Map(MapCommand::Details),
    "tile-details",
    "details",
    "Show all about the chosen shard group",
)
.on(Context::Map, &["Enter"])
.footer(1)];

/// Does a command.
pub fn command(_model: &mut Model, _command: MapCommand, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// A press of the mouse.
pub fn press(_model: &mut Model, _target: &MapTarget, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// The wheel above the map.
pub fn scroll(_model: &mut Model, _rows: isize) {}

/// The cluster changed; [`Model`] has the new view already.
pub fn changed(_model: &mut Model, _changes: &[Change], _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// What was asked about a group.
pub fn group_facts(_model: &mut Model, _facts: GroupFacts) {}
