//! What the lanes show, as data: one pass over the groups, whatever their number.

use std::collections::HashMap;

use crate::{
    app::map::{MapPane, Section, SectionKind, sections},
    cluster::{GroupKind, Move, Node, NodeRole, View},
};

/// What a tile shows, from harmless to worst: in a bucket the worst wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::ui) enum TileState {
    Active,
    Reference,
    /// An old copy that waits to be removed.
    Leftover,
    /// At the source of a move.
    Moving,
    /// At its target, with the percent of bytes that are there.
    Arriving(u8),
    Unreachable,
    Failed,
}

/// A group on a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) struct Tile {
    /// Its column: the group's place in the order of the sections.
    pub(super) column: usize,
    pub(super) state: TileState,
    /// The last statement touched it; `true`: it wrote.
    pub(super) touched: Option<bool>,
}

/// A node with what lies on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::ui) struct Lane {
    /// By column.
    pub(in crate::ui) tiles: Vec<Tile>,
    /// Shards that lie there.
    pub(in crate::ui) shards: usize,
    /// Their size, as far as it is known.
    pub(in crate::ui) bytes: u64,
    /// Old copies that belong to no group of the map.
    pub(in crate::ui) leftovers: usize,
}

/// How much lies on each node, without saying where: for whoever draws no tiles.
pub(in crate::ui) fn holdings(view: &View) -> Vec<Lane> {
    let mut lanes = vec![Lane::default(); view.nodes.len()];
    let finder = LaneFinder::new(&view.nodes);
    let shards = view.groups.iter().flat_map(|group| &group.shards);
    for placement in shards.flat_map(|shard| &shard.placements) {
        if let Some(place) = finder.lane(placement.group_id) {
            lanes[place].shards += 1;
            lanes[place].bytes += placement.bytes.unwrap_or(0);
        }
    }
    lanes
}

/// Everything that the lanes show.
#[derive(Debug)]
pub(super) struct Picture<'view> {
    pub(super) view: &'view View,
    pub(super) sections: Vec<Section>,
    /// By column: the group's place in the view.
    pub(super) order: Vec<usize>,
    /// By column: the section's place.
    pub(super) section_of: Vec<usize>,
    /// One a node, in the order of the view.
    pub(super) lanes: Vec<Lane>,
    /// Placements on nodes that nobody knows.
    pub(super) elsewhere: usize,
}

impl<'view> Picture<'view> {
    pub(super) fn new(view: &'view View, map: &MapPane) -> Self {
        let sections = sections(view);
        let order: Vec<usize> = sections
            .iter()
            .flat_map(|section| section.groups.iter().copied())
            .collect();
        let section_of = sections
            .iter()
            .enumerate()
            .flat_map(|(place, section)| std::iter::repeat_n(place, section.groups.len()))
            .collect();
        let mut picture = Self {
            view,
            sections,
            order,
            section_of,
            lanes: vec![Lane::default(); view.nodes.len()],
            elsewhere: 0,
        };
        let finder = LaneFinder::new(&view.nodes);
        picture.place_groups(&finder);
        picture.place_leftovers(&finder);
        picture.mark_touched(map);
        picture
    }

    fn place_groups(&mut self, finder: &LaneFinder) {
        for column in 0..self.order.len() {
            let Some(group) = self.view.groups.get(self.order[column]) else {
                continue;
            };
            let moves = moves_of(&self.view.moves, group.key);
            for placement in group.shards.iter().flat_map(|shard| &shard.placements) {
                let Some(place) = finder.lane(placement.group_id) else {
                    self.elsewhere += 1;
                    continue;
                };
                let lane = &mut self.lanes[place];
                lane.shards += 1;
                lane.bytes += placement.bytes.unwrap_or(0);
                if lane.tiles.last().is_some_and(|tile| tile.column == column) {
                    continue;
                }
                let leaves = moves.iter().any(|it| it.from == placement.group_id);
                let state = if !self.view.nodes[place].serves() || !placement.active {
                    TileState::Unreachable
                } else if leaves {
                    TileState::Moving
                } else if group.key.kind == GroupKind::Reference {
                    TileState::Reference
                } else {
                    TileState::Active
                };
                lane.tiles.push(Tile {
                    column,
                    state,
                    touched: None,
                });
            }
            for arriving in moves {
                let Some(place) = finder.lane(arriving.to) else {
                    continue;
                };
                let state = TileState::Arriving(percent(arriving));
                match self.lanes[place].tiles.last_mut() {
                    Some(tile) if tile.column == column => tile.state = state,
                    _ => self.lanes[place].tiles.push(Tile {
                        column,
                        state,
                        touched: None,
                    }),
                }
            }
        }
    }

    /// Old copies stand in the column of the group whose shard they were, where nothing else does.
    fn place_leftovers(&mut self, finder: &LaneFinder) {
        if self.view.leftovers.is_empty() {
            return;
        }
        let mut columns: HashMap<u64, usize> = HashMap::new();
        for (column, index) in self.order.iter().enumerate() {
            for shard in &self.view.groups[*index].shards {
                columns.insert(shard.id, column);
            }
        }
        for leftover in &self.view.leftovers {
            let Some(place) = finder.lane(leftover.group_id) else {
                continue;
            };
            let lane = &mut self.lanes[place];
            let number = leftover.name.rsplit('_').next();
            let id = number.and_then(|digits| digits.parse::<u64>().ok());
            let Some(column) = id.and_then(|id| columns.get(&id).copied()) else {
                lane.leftovers += 1;
                continue;
            };
            // Where the group is, or arrives, the record is only what would be removed if its move failed.
            let found = lane.tiles.binary_search_by_key(&column, |tile| tile.column);
            if let Err(at) = found {
                let tile = Tile {
                    column,
                    state: TileState::Leftover,
                    touched: None,
                };
                lane.tiles.insert(at, tile);
            }
        }
    }

    fn mark_touched(&mut self, map: &MapPane) {
        if map.touched.is_empty() {
            return;
        }
        let mut column_of = vec![0; self.order.len()];
        for (column, index) in self.order.iter().enumerate() {
            column_of[*index] = column;
        }
        let nodes = self.view.nodes.iter().enumerate();
        let places: HashMap<&str, usize> = nodes
            .map(|(place, node)| (node.name.as_str(), place))
            .collect();
        for touched in &map.touched {
            let groups = &self.view.groups;
            let found = groups.binary_search_by_key(&touched.group, |group| group.key);
            let lane = places.get(touched.node.as_str());
            let (Ok(index), Some(lane)) = (found, lane) else {
                continue;
            };
            let tiles = &mut self.lanes[*lane].tiles;
            if let Ok(at) = tiles.binary_search_by_key(&column_of[index], |tile| tile.column) {
                tiles[at].touched = Some(touched.written);
                if touched.failed {
                    tiles[at].state = TileState::Failed;
                }
            }
        }
    }

    /// The section that a column belongs to, and its place.
    pub(super) fn section(&self, column: usize) -> Option<(usize, &Section)> {
        let place = *self.section_of.get(column)?;
        Some((place, self.sections.get(place)?))
    }

    /// How many tiles there are in a state.
    pub(super) fn count(&self, is: impl Fn(TileState) -> bool) -> usize {
        let tiles = self.lanes.iter().flat_map(|lane| &lane.tiles);
        tiles.filter(|tile| is(tile.state)).count()
    }

    /// What stands for a group: its number within its section.
    pub(super) fn number(&self, column: usize) -> usize {
        let group = self
            .order
            .get(column)
            .and_then(|index| self.view.groups.get(*index));
        match (group, self.section(column)) {
            (Some(group), Some((_, section))) => match section.kind {
                SectionKind::Hash(_) => group.ordinal,
                // Each is a colocation of its own: their place says more than the number one.
                SectionKind::Single => section
                    .groups
                    .binary_search(&self.order[column])
                    .map_or(0, |place| place + 1),
                SectionKind::Reference => group.shards.len(),
            },
            _ => 0,
        }
    }
}

fn moves_of(moves: &[Move], key: crate::cluster::GroupKey) -> &[Move] {
    let first = moves.partition_point(|one| one.group < key);
    let after = moves.partition_point(|one| one.group <= key);
    moves.get(first..after).unwrap_or_default()
}

/// How much of a move is done.
pub(super) fn percent(one: &Move) -> u8 {
    let done = one.bytes_done.min(one.bytes_total);
    u8::try_from(done.saturating_mul(100) / one.bytes_total.max(1)).unwrap_or(100)
}

/// From `groupid` to lane.
struct LaneFinder {
    sorted: Vec<(i32, usize)>,
}

impl LaneFinder {
    fn new(nodes: &[Node]) -> Self {
        let primaries = nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| node.role != NodeRole::Standby);
        let mut sorted: Vec<(i32, usize)> = primaries
            .filter_map(|(place, node)| Some((node.group_id()?, place)))
            .collect();
        sorted.sort_unstable();
        Self { sorted }
    }

    fn lane(&self, group_id: i32) -> Option<usize> {
        let found = self.sorted.binary_search_by_key(&group_id, |(id, _)| *id);
        found.ok().map(|at| self.sorted[at].1)
    }
}
