//! What can be done on the map.

use std::time::Instant;

use super::{GroupFacts, MapView, columns, lies_on, pin};
use crate::{
    app::{
        Effect, Model, OpenTour, Pane,
        keys::{Binding, Command, Context},
        nodes,
        overlay::Overlay,
    },
    cluster::{Change, GroupKey, GroupKind, Node, NodeRole},
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
    /// Type a value whose place is shown.
    Pin,
}

/// Something of the map that the mouse can press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MapTarget {
    /// A tile: its group, and the lane's place among the view's nodes.
    Tile(GroupKey, usize),
    /// A lane's head: the node's name.
    Lane(String),
}

const fn bind(
    command: MapCommand,
    name: &'static str,
    title: &'static str,
    says: &'static str,
) -> Binding {
    Binding::new(Command::Map(command), name, title, says)
}

/// Its keys.
pub const KEYS: &[Binding] = &[
    bind(
        MapCommand::Details,
        "tile-details",
        "details",
        "Show all about the chosen shard group",
    )
    .on(Context::Map, &["Enter"])
    .footer(1),
    bind(
        MapCommand::View,
        "map-view",
        "view",
        "Show the shards by nodes, by tables, or along the hash range",
    )
    .on(Context::Map, &["v"])
    .footer(2),
    bind(
        MapCommand::Pin,
        "find-tenant",
        "find",
        "Type a value of the distribution column and see where it lives",
    )
    .on(Context::Map, &["/"])
    .footer(3),
    bind(
        MapCommand::Larger,
        "larger-tiles",
        "larger",
        "Draw larger tiles, where they fit",
    )
    .on(Context::Map, &["+", "="]),
    bind(
        MapCommand::Smaller,
        "smaller-tiles",
        "smaller",
        "Draw smaller tiles",
    )
    .on(Context::Map, &["-"]),
    bind(
        MapCommand::Left,
        "tile-left",
        "left",
        "Choose the tile at the left",
    )
    .on(Context::Map, &["Left"])
    .movement(),
    bind(
        MapCommand::Right,
        "tile-right",
        "right",
        "Choose the tile at the right",
    )
    .on(Context::Map, &["Right"])
    .movement(),
    bind(MapCommand::Up, "lane-up", "up", "Choose in the lane above")
        .on(Context::Map, &["Up"])
        .movement(),
    bind(
        MapCommand::Down,
        "lane-down",
        "down",
        "Choose in the lane below",
    )
    .on(Context::Map, &["Down"])
    .movement(),
];

/// The smallest tiles: buckets.
pub(super) const SMALLEST: u8 = 4;

/// Does a command.
pub fn command(model: &mut Model, command: MapCommand, now: Instant) -> Vec<Effect> {
    let drawn = model.regions.map_detail;
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    match command {
        MapCommand::Left => step_column(tour, false),
        MapCommand::Right => step_column(tour, true),
        MapCommand::Up => step_lane(model, -1),
        MapCommand::Down => step_lane(model, 1),
        MapCommand::View => {
            tour.map.picture = match tour.map.picture {
                MapView::Lanes => MapView::Matrix,
                MapView::Matrix => MapView::Strip,
                MapView::Strip => MapView::Lanes,
            };
            tour.map.offset = 0;
        }
        MapCommand::Larger => tour.map.detail = Some(drawn.saturating_sub(1)),
        MapCommand::Smaller => tour.map.detail = Some((drawn + 1).min(SMALLEST)),
        MapCommand::Pin => pin::begin(model),
        MapCommand::Details => return details(model, now),
    }
    Vec::new()
}

/// The chosen lane's node.
fn lane(tour: &OpenTour) -> Option<&Node> {
    tour.map
        .lane
        .as_deref()
        .and_then(|name| tour.view.node(name))
}

/// The next group with a tile in the chosen lane; where it has none, the next group at all.
fn step_column(tour: &mut OpenTour, forward: bool) {
    let view = &tour.view;
    let mut order = columns(view);
    if !forward {
        order.reverse();
    }
    let here = lane(tour).and_then(Node::group_id);
    let in_lane = |index: &usize| {
        let group = view.groups.get(*index);
        here.is_none_or(|id| group.is_some_and(|group| lies_on(group, id)))
    };
    let chosen = tour.map.group;
    let is_chosen = |index: &usize| view.groups.get(*index).map(|group| group.key) == chosen;
    if order.iter().any(in_lane) {
        order.retain(|index| in_lane(index) || is_chosen(index));
    }
    let chosen = order.iter().position(is_chosen);
    let next = order.get(chosen.map_or(0, |place| place + 1));
    if let Some(group) = next.and_then(|index| view.groups.get(*index)) {
        tour.map.group = Some(group.key);
        let holder = group.holders().first().copied();
        if tour.map.lane.is_none() {
            let node = holder.and_then(|id| view.node_of_group(id));
            tour.map.lane = node.map(|node| node.name.clone());
        }
    }
}

/// The lane above or below; what does not fit moves along.
fn step_lane(model: &mut Model, by: isize) {
    let viewport = model.regions.viewport(Pane::Map);
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    if tour.map.picture != MapView::Lanes {
        let last = viewport.last_offset();
        tour.map.offset = tour.map.offset.saturating_add_signed(by).min(last);
        return;
    }
    let nodes = &tour.view.nodes;
    let Some(last) = nodes.len().checked_sub(1) else {
        return;
    };
    let name = tour.map.lane.as_deref();
    let place = name.and_then(|name| nodes.iter().position(|node| node.name == name));
    let next = place.map_or(0, |place| place.saturating_add_signed(by).min(last));
    tour.map.lane = Some(nodes[next].name.clone());
    let height = viewport.height.max(1);
    if next < tour.map.offset {
        tour.map.offset = next;
    } else if next >= tour.map.offset + height {
        tour.map.offset = next + 1 - height;
    }
}

/// All about the chosen group; about the chosen node, where no group is chosen.
fn details(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if tour.map.group.is_none() {
        match tour.map.lane.clone() {
            Some(lane) => return press(model, &MapTarget::Lane(lane), now),
            None => step_column(tour, true),
        }
    }
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let Some(group) = tour.map.group else {
        model.say("there are no shards yet");
        return Vec::new();
    };
    model.overlays.push(Overlay::Details { offset: 0 });
    ask_group(tour, group)
}

fn ask_group(tour: &mut OpenTour, group: GroupKey) -> Vec<Effect> {
    if tour.map.facts.as_ref().is_some_and(|it| it.group != group) {
        tour.map.facts = None;
    }
    vec![Effect::AskGroup {
        generation: tour.generation,
        group,
        view: Box::new(tour.view.clone()),
    }]
}

/// A press of the mouse: the first one chooses, a second one on the same opens.
pub fn press(model: &mut Model, target: &MapTarget, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    match target {
        MapTarget::Tile(group, lane) => {
            let name = tour.view.nodes.get(*lane).map(|node| node.name.clone());
            let again = tour.map.group == Some(*group) && tour.map.lane == name;
            tour.map.group = Some(*group);
            tour.map.lane = name;
            if again {
                return details(model, now);
            }
        }
        MapTarget::Lane(node) => {
            tour.map.lane = Some(node.clone());
            nodes::choose(tour, node);
            model.focus = Pane::Nodes;
        }
    }
    Vec::new()
}

/// The wheel above the map.
pub fn scroll(model: &mut Model, rows: isize) {
    let last = model.regions.viewport(Pane::Map).last_offset();
    if let Some(tour) = model.tour.as_deref_mut() {
        tour.map.offset = tour.map.offset.saturating_add_signed(rows).min(last);
    }
}

/// The cluster changed; [`Model`] has the new view already.
pub fn changed(model: &mut Model, changes: &[Change], _now: Instant) -> Vec<Effect> {
    let details = model
        .overlays
        .iter()
        .any(|overlay| matches!(overlay, Overlay::Details { .. }));
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let mut effects = Vec::new();
    let gone = |key: GroupKey| tour.view.group(key).is_none();
    if let Some(key) = tour.map.group.filter(|key| gone(*key)) {
        tour.map.group = heir(tour, key);
    }
    if tour
        .map
        .facts
        .as_ref()
        .is_some_and(|facts| gone(facts.group))
    {
        tour.map.facts = None;
    }
    let lane = tour.map.lane.as_deref();
    if lane.is_some_and(|lane| tour.view.node(lane).is_none()) {
        tour.map.lane = None;
    }
    let lost = tour.map.pin.as_ref().is_some_and(|pin| match &pin.place {
        Some(Ok(key)) => gone(*key),
        Some(Err(_)) => !changes.is_empty(),
        // Nothing was distributed when it was pinned.
        None => pin.table.is_none(),
    });
    let coordinator = tour.view.nodes.iter();
    let answers = coordinator
        .filter(|node| node.role == NodeRole::Coordinator)
        .all(Node::serves);
    if lost && answers {
        effects.extend(pin::ask_again(tour));
    }
    if details
        && !changes.is_empty()
        && let Some(group) = tour.map.group
    {
        effects.extend(ask_group(tour, group));
    }
    effects
}

/// The group that holds the beginning of what a group held that was split.
fn heir(tour: &OpenTour, gone: GroupKey) -> Option<GroupKey> {
    let GroupKind::Hash { min, .. } = gone.kind else {
        return None;
    };
    let holds = |key: &GroupKey| match key.kind {
        GroupKind::Hash { min: low, max } => {
            key.colocation_id == gone.colocation_id && low <= min && min <= max
        }
        _ => false,
    };
    tour.view.groups.iter().map(|group| group.key).find(holds)
}

/// What was asked about a group.
pub fn group_facts(model: &mut Model, facts: GroupFacts) {
    if let Some(tour) = model.tour.as_deref_mut()
        && tour.map.group == Some(facts.group)
    {
        tour.map.facts = Some(facts);
    }
}
