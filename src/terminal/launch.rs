//! How the screen opens and how it ends.

use std::{io, sync::Arc, time::Instant};

use super::{
    event_loop::EventLoop,
    guard::Guard,
    screen::{self, Screen},
    signals::Signals,
};
use crate::{
    app::{Effect, Model, Settings, execute, home::HomeCommand, keys::Command},
    engine::Wish,
    lesson::Tour,
    runtime::{Directories, Runtime},
    topology::Topology,
};

/// What the command line and this machine say.
#[derive(Debug)]
pub struct Launch {
    /// How the screen shall look and behave.
    pub settings: Settings,
    /// The tours, in order.
    pub tours: Vec<Arc<Tour>>,
    /// The topologies that their lessons name.
    pub topologies: Vec<Topology>,
    /// What clusters are to run on.
    pub wish: Wish,
    /// Where files lie.
    pub directories: Directories,
    /// The tour to open at once, by its place, and the lesson and step in it; `None` for these: where the learner left it.
    pub open: Option<(usize, Option<(usize, usize)>)>,
    /// Somebody's own cluster, in place of those that would be started.
    pub attached: Option<Arc<dyn Runtime>>,
}

/// How the screen ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The system, or whoever closed the terminal, ended it; else the learner left.
    pub terminated: bool,
    /// The name under which the cluster goes on.
    pub kept: Option<String>,
}

/// The terminal could not be used.
#[derive(Debug, thiserror::Error)]
#[error("the terminal cannot be used: {0}. `citus-tour --plain` needs none")]
pub struct TerminalError(#[from] io::Error);

/// Opens the screen, draws it before anything else is looked at, and stays until it is left.
///
/// # Errors
/// When the terminal cannot be used.
pub async fn open(launch: Launch) -> Result<Ended, TerminalError> {
    // Themes decide about colours, NO_COLOR included: the library would write a reset for each of them, which ends bold and reversed too.
    crossterm::style::force_color_output(true);
    // Before the terminal is taken: from here on whoever ends the program gets it back.
    let signals = Signals::listen()?;
    let guard = Guard::take(launch.settings.mouse)?;
    let now = Instant::now();
    let mut model = Model::new(launch.settings, screen::size(), now);
    model.home.tours.clone_from(&launch.tours);
    model.home.attached = launch.attached.is_some();
    let mut screen = Screen::new()?;
    model.regions = screen.draw(&model, now)?;
    model.dirty = false;
    Ok(EventLoop::new(model, screen, (guard, signals), &launch)?
        .run()
        .await)
}

/// What the learner wants at once.
pub(super) fn first_effects(model: &mut Model, launch: &Launch, now: Instant) -> Vec<Effect> {
    let Some(tour) = launch.open else {
        return Vec::new();
    };
    (model.home.selected, model.home.wanted) = tour;
    execute(model, Command::Home(HomeCommand::Open), now)
}
