//! What can be done to nodes.

use std::time::Instant;

use super::ActId;
use crate::{
    app::{
        Effect, Model, OpenTour,
        keys::{Binding, Command, Context},
    },
    cluster::{Change, View},
    runtime::{Act, Exit},
};

/// A command of the nodes panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodesCommand {
    /// Choose the node before.
    Previous,
    /// Choose the node after.
    Next,
    /// Stop the chosen node.
    Stop,
    /// Kill it.
    Kill,
    /// Freeze it.
    Freeze,
    /// Thaw it.
    Thaw,
    /// Restart it, or start it.
    Restart,
    /// Destroy it.
    Destroy,
    /// Start the next node that is not started.
    Add,
    /// Show its log.
    Log,
    /// Put everything back: thaw what is frozen, start what is down.
    PutBack,
}

/// Something of the nodes that the mouse can press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodesTarget {
    /// A node.
    Node(String),
    /// A button.
    Act(Act, String),
    /// Its log.
    Log(String),
    /// Everything back.
    PutBack,
}

/// Its keys.
pub const KEYS: &[Binding] = &[Binding::new(
    Command::Nodes(NodesCommand::PutBack),
    "put-everything-back",
    "all back",
    "Thaw what is frozen and start what is down",
)
.on(Context::Tour, &["F8"])
.footer(40)];

/// Does a command.
pub fn command(_model: &mut Model, _command: NodesCommand, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// A press of the mouse.
pub fn press(_model: &mut Model, _target: &NodesTarget, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// The wheel above the panel.
pub fn scroll(_model: &mut Model, _rows: isize) {}

/// Asks for an act: at once where nothing depends on the node, after a question where something does.
pub fn ask(_model: &mut Model, _act: Act, _node: &str, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// An act is over.
pub fn acted(
    _model: &mut Model,
    _id: ActId,
    _act: Act,
    _node: &str,
    _result: Result<(), String>,
    _now: Instant,
) -> Vec<Effect> {
    Vec::new()
}

/// A server process ended.
pub fn exited(_model: &mut Model, _exit: &Exit, _now: Instant) {}

/// A new view came, the tour still has the old one: notes since when nodes are what they are, and writes the log.
pub fn viewed(_model: &mut Model, _view: &View, _changes: &[Change], _now: Instant) {}

/// The end of a log came.
pub fn log_tail(_model: &mut Model, _node: String, _lines: Result<Vec<String>, String>) {}

/// Whether something on the screen counts seconds: a node that is down or frozen, an act under way.
#[must_use]
pub fn counts_seconds(_tour: &OpenTour) -> bool {
    false
}

/// Does an act without asking.
pub fn confirmed(_model: &mut Model, _act: Act, _node: &str, _now: Instant) -> Vec<Effect> {
    Vec::new()
}
