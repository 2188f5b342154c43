//! What is known of nodes beyond the view.

use std::{collections::BTreeMap, time::Instant};

use crate::{cluster::NodeState, runtime::Act};

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
    /// The chosen button of it.
    pub button: usize,
    /// Since when each node is in its state.
    pub since: BTreeMap<String, (NodeState, Instant)>,
    /// Acts under way, by node.
    pub under_way: BTreeMap<String, UnderWay>,
    /// Number of the last act.
    pub last_act: ActId,
    /// The end of the log that is followed: whose, and its lines or why there are none.
    pub log_tail: Option<(String, Result<Vec<String>, String>)>,
}
