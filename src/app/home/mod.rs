//! The home screen: tours with progress, what the cluster would run on, what was left behind.

mod command;
mod opening;
mod survey;

use std::sync::Arc;

pub use command::{HomeCommand, KEYS, command, press};
pub use opening::progress;
pub use survey::{KeptCluster, Survey, TourCard};

use crate::{lesson::Tour, player::progress::Progress};

/// Something of the home screen that the mouse can press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HomeTarget {
    /// The card at this place: a tour, or a kept cluster after the tours.
    Card(usize),
}

/// What a card offers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Card<'home> {
    /// A tour, on a cluster of its own.
    Tour(&'home Arc<Tour>),
    /// A cluster that was kept.
    Kept(&'home KeptCluster),
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
    /// It was read, or found to be unreadable: before that nothing may be written over it.
    pub progress_known: bool,
    /// Why progress is not kept, when it is not.
    pub progress_problem: Option<String>,
    /// The chosen card.
    pub selected: usize,
    /// The generation of the last tour that was opened.
    pub generation: u64,
    /// What was asked for before progress was known: done as soon as it is.
    pub waiting: Option<HomeCommand>,
    /// The lesson and the step to open at, in place of where the learner left it: once.
    pub wanted: Option<(usize, usize)>,
    /// Tours are opened on somebody's own cluster: what this machine can start does not matter, and there is no progress.
    pub attached: bool,
}

impl Home {
    /// The cards, in order: tours, then kept clusters.
    #[must_use]
    pub fn cards(&self) -> Vec<Card<'_>> {
        let kept = self.survey.iter().flat_map(|survey| &survey.kept);
        self.tours
            .iter()
            .map(Card::Tour)
            .chain(kept.map(Card::Kept))
            .collect()
    }

    /// The nodes that a tour starts at once, as far as that is known.
    #[must_use]
    pub fn nodes_of(&self, tour: &str) -> Vec<String> {
        let cards = self.survey.iter().flat_map(|survey| &survey.cards);
        cards
            .filter(|card| card.tour == tour)
            .flat_map(|card| card.nodes.clone())
            .collect()
    }

    /// The tour of an id.
    #[must_use]
    pub fn tour(&self, id: &str) -> Option<&Arc<Tour>> {
        self.tours.iter().find(|tour| tour.id == id)
    }
}

#[cfg(test)]
mod tests;

/// It is known what this machine offers. A cluster that was kept is what the learner most likely comes back for.
pub fn surveyed(model: &mut crate::app::Model, survey: Survey) {
    let is_first = model.home.survey.is_none();
    model.home.survey = Some(survey);
    if is_first && model.home.selected == 0 {
        let kept = |card: &Card<'_>| matches!(card, Card::Kept(_));
        model.home.selected = model.home.cards().iter().position(kept).unwrap_or(0);
    }
}
