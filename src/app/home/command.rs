//! What can be done on the home screen.

use std::time::Instant;

use super::HomeTarget;
use crate::app::{
    Effect, Model,
    keys::{Binding, Command, Context},
};

/// A command of the home screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HomeCommand {
    /// Start the chosen tour where the learner left it, or go on with the chosen cluster.
    Open,
    /// Start the chosen tour from its beginning.
    Restart,
    /// Choose the card above.
    Up,
    /// Choose the card below.
    Down,
    /// Remove what crashed runs left behind.
    RemoveLeftovers,
}

/// Its keys.
pub const KEYS: &[Binding] = &[
    Binding::new(
        Command::Home(HomeCommand::Open),
        "open-tour",
        "start",
        "Start the chosen tour where you left it",
    )
    .on(Context::Home, &["Enter"])
    .footer(1),
    Binding::new(
        Command::Home(HomeCommand::Restart),
        "restart-tour",
        "from the start",
        "Start the chosen tour from its beginning",
    )
    .on(Context::Home, &["r"])
    .footer(3),
    Binding::new(
        Command::Home(HomeCommand::Up),
        "previous-tour",
        "up",
        "Choose the one above",
    )
    .on(Context::Home, &["Up"]),
    Binding::new(
        Command::Home(HomeCommand::Down),
        "next-tour",
        "down",
        "Choose the one below",
    )
    .on(Context::Home, &["Down"]),
    Binding::new(
        Command::Home(HomeCommand::RemoveLeftovers),
        "remove-leftovers",
        "remove leftovers",
        "Remove what crashed runs left behind",
    )
    .on(Context::Home, &["x"])
    .footer(4),
];

/// Does a command.
pub fn command(_model: &mut Model, _command: HomeCommand, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// A press of the mouse.
pub fn press(_model: &mut Model, _target: &HomeTarget, _now: Instant) -> Vec<Effect> {
    Vec::new()
}
