//! What becomes of nodes, noted and told.

use std::time::Instant;

use crate::{
    app::{Model, OpenTour, deadline::next_tick, log::LogKind, sql},
    cluster::{Change, NodeState, View},
    runtime::Exit,
};

/// A server process ended.
pub fn exited(model: &mut Model, exit: &Exit, now: Instant) {
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let node = &exit.node;
    sql::server_ended(tour, node);
    if let Some(act) = exit.ordered {
        // While the cluster is made anew servers end and start all the time.
        if tour.is_ready() {
            let text = format!(
                "the server of {node} ended, as ordered ({act}): {}",
                exit.status
            );
            tour.log.add(tour.opened, now, LogKind::Node, text);
        }
        return;
    }
    let text = format!("the server of {node} ended by itself: {}", exit.status);
    tour.log
        .add(tour.opened, now, LogKind::Failure, text.clone());
    model.warn(text);
}

/// A new view came, the tour still has the old one: notes since when nodes are what they are, and writes the log.
pub fn viewed(model: &mut Model, view: &View, changes: &[Change], now: Instant) {
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let chosen = super::chosen(tour).map(|node| node.name.clone());
    let pane = &mut tour.nodes;
    for node in &view.nodes {
        let state = node.state();
        let since = pane.since.entry(node.name.clone()).or_insert((state, now));
        if since.0 != state {
            *since = (state, now);
        }
    }
    pane.since.retain(|name, _| view.node(name).is_some());
    pane.marked.retain(|name| view.node(name).is_some());
    if let Some(place) = chosen.and_then(|name| view.nodes.iter().position(|it| it.name == name)) {
        pane.selected = place;
    }
    for change in changes {
        let kind = kind_of(change, tour);
        tour.log.add(tour.opened, now, kind, change.to_string());
    }
    for node in view.nodes.iter().filter(|node| node.serves()) {
        if !tour.nodes.under_way.contains_key(&node.name) {
            tour.nodes.ordered.remove(&node.name);
        }
    }
}

fn kind_of(change: &Change, tour: &OpenTour) -> LogKind {
    match change {
        Change::NodeState { node, to, .. } => {
            let ordered =
                tour.nodes.ordered.contains_key(node) || tour.nodes.under_way.contains_key(node);
            let bad = matches!(
                to,
                NodeState::Down
                    | NodeState::Frozen
                    | NodeState::CutOff
                    | NodeState::LockedOut
                    | NodeState::Stale
            );
            if bad && !ordered {
                LogKind::Failure
            } else {
                LogKind::Node
            }
        }
        Change::NodeAdded(_) | Change::NodeRemoved(_) => LogKind::Node,
        Change::MoveStarted { .. }
        | Change::GroupMoved { .. }
        | Change::GroupCopied { .. }
        | Change::GroupCopyLost { .. }
        | Change::GroupSplit { .. } => LogKind::Move,
        _ => LogKind::Metadata,
    }
}

/// The end of a log came.
pub fn log_tail(model: &mut Model, node: String, lines: Result<Vec<String>, String>) {
    if let Some(tour) = model.tour.as_deref_mut() {
        tour.nodes.log_tail = Some((node, lines));
    }
}

/// Whether the screen shows for how long a node is in such a state.
#[must_use]
pub fn counts(state: NodeState) -> bool {
    matches!(
        state,
        NodeState::Down
            | NodeState::Frozen
            | NodeState::CutOff
            | NodeState::LockedOut
            | NodeState::Starting
    )
}

/// When something that counts the time looks different: a node that is down or frozen, an act under way.
#[must_use]
pub fn next_deadline(tour: &OpenTour, now: Instant) -> Option<Instant> {
    let states = tour.nodes.since.values();
    let nodes = states.filter(|(state, _)| counts(*state)).map(|it| it.1);
    let acts = tour.nodes.under_way.values().map(|act| act.since);
    nodes.chain(acts).map(|since| next_tick(since, now)).min()
}
