//! What is known of nodes beyond the view.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use crate::{
    app::OpenTour,
    cluster::{Node, NodeState},
    runtime::Act,
};

/// Tells one act's answer from another's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ActId(pub u64);

/// An act that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// Its number.
    pub id: ActId,
    /// What.
    pub act: Act,
    /// Since when.
    pub since: Instant,
}

/// The nodes panel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodesPane {
    /// The chosen node's place in the view.
    pub selected: usize,
    /// Nodes that are marked: an act goes to all of them.
    pub marked: BTreeSet<String>,
    /// The chosen button's place among those of the node.
    pub button: usize,
    /// Since when each node is in its state.
    pub since: BTreeMap<String, (NodeState, Instant)>,
    /// Acts under way, by node.
    pub under_way: BTreeMap<String, UnderWay>,
    /// The last act that was ordered for a node that is not up again: what ends by it is no crash.
    pub ordered: BTreeMap<String, Act>,
    /// Number of the last act.
    pub last_act: ActId,
    /// The end of the log that is followed: whose, and its lines or why there are none.
    pub log_tail: Option<(String, Result<Vec<String>, String>)>,
}

/// The chosen node.
#[must_use]
pub fn chosen(tour: &OpenTour) -> Option<&Node> {
    let nodes = &tour.view.nodes;
    nodes.get(tour.nodes.selected.min(nodes.len().saturating_sub(1)))
}

/// Chooses a node by its name.
pub(in crate::app) fn choose(tour: &mut OpenTour, name: &str) {
    if let Some(place) = tour.view.nodes.iter().position(|node| node.name == name)
        && place != tour.nodes.selected
    {
        tour.nodes.selected = place;
        tour.nodes.button = 0;
    }
}
