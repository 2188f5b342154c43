//! What can be done on the home screen.

use std::time::Instant;

use super::{HomeTarget, opening};
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
pub fn command(model: &mut Model, command: HomeCommand, now: Instant) -> Vec<Effect> {
    let last = model.home.cards().len().saturating_sub(1);
    let selected = model.home.selected.min(last);
    match command {
        HomeCommand::Open => return opening::open(model, false, now),
        HomeCommand::Restart => return opening::open(model, true, now),
        HomeCommand::Up => model.home.selected = selected.saturating_sub(1),
        HomeCommand::Down => model.home.selected = (selected + 1).min(last),
        HomeCommand::RemoveLeftovers => {
            let survey = model.home.survey.as_ref();
            if survey.is_some_and(|survey| !survey.leftovers.is_empty()) {
                return vec![Effect::RemoveLeftovers];
            }
            model.say("nothing was left behind");
        }
    }
    Vec::new()
}

/// A press of the mouse: chooses a card, and opens the one that is chosen.
pub fn press(model: &mut Model, target: &HomeTarget, now: Instant) -> Vec<Effect> {
    let HomeTarget::Card(card) = target;
    if model.home.selected == *card {
        return opening::open(model, false, now);
    }
    model.home.selected = *card;
    Vec::new()
}
