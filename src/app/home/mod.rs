//! The home screen: tours with progress, what the cluster would run on, what was left behind.

mod command;
mod survey;

use std::sync::Arc;

pub use command::{HomeCommand, KEYS, command, press};
pub use survey::{KeptCluster, Survey, TourCard};

use crate::{lesson::Tour, player::progress::Progress};

/// Something of the home screen that the mouse can press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HomeTarget {
    /// The card at this place: a tour, or a kept cluster after the tours.
    Card(usize),
}

/// The home screen.
#[derive(Debug, Default)]
pub struct Home {
    /// The tours, in order.
    pub tours: Vec<Arc<Tour>>,
    /// What this machine offers; `None` until it was looked at.
    pub survey: Option<Survey>,
    /// What the learner has done.
    pub progress: Progress,
    /// Why progress is not kept, when it is not.
    pub progress_problem: Option<String>,
    /// The chosen card.
    pub selected: usize,
    /// The generation of the last tour that was opened.
    pub generation: u64,
}
