//! Where the learner is in a tour.

use std::collections::{BTreeMap, BTreeSet};

use crate::lesson::Tour;

/// A lesson's and a step's place.
pub type Place = (usize, usize);

/// A block of a lesson: its step, its place there, and for a solution's block its place inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemId {
    /// The lesson's place in the tour.
    pub lesson: usize,
    /// The step's place in the lesson.
    pub step: usize,
    /// The block's place in the step.
    pub block: usize,
    /// Its place within a solution.
    pub inner: Option<usize>,
}

impl ItemId {
    /// A block of a step, not within a solution.
    #[must_use]
    pub fn of_block((lesson, step): Place, block: usize) -> Self {
        Self {
            lesson,
            step,
            block,
            inner: None,
        }
    }

    /// Lesson and step.
    #[must_use]
    pub fn place(self) -> Place {
        (self.lesson, self.step)
    }
}

/// How far a run, an action or a check is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ItemState {
    /// Not done, not asked.
    #[default]
    Open,
    /// Under way.
    Running,
    /// As the lesson says, or true.
    Passed,
    /// Otherwise, or not true: with what differs.
    Differs(String),
}

/// What is unfolded of a step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opened {
    /// Hints, from the first.
    pub hints: usize,
    /// The solution is shown.
    pub solution: bool,
}

/// What the frame keeps in sight.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Follow {
    /// The beginning of the step.
    #[default]
    Step,
    /// The marked item.
    Mark,
    /// What the learner scrolled to.
    Nothing,
}

/// The lesson pane.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LessonPane {
    /// The open lesson's place in the tour.
    pub lesson: usize,
    /// The current step's place in it.
    pub step: usize,
    /// An earlier place that is looked at again; the cluster stays where it is.
    pub reading: Option<Place>,
    /// Where items are that are not open.
    pub items: BTreeMap<ItemId, ItemState>,
    /// The options that were chosen in predictions, by their place.
    pub predictions: BTreeMap<ItemId, Vec<usize>>,
    /// Steps that are done, by `lesson/step`.
    pub done: BTreeSet<String>,
    /// What is unfolded, by lesson and step.
    pub opened: BTreeMap<Place, Opened>,
    /// The marked item among those of the current step.
    pub marked: usize,
    /// First row shown, unless something is kept in sight.
    pub offset: usize,
    /// What is kept in sight.
    pub follow: Follow,
    /// Steps were skipped since the cluster was made for this lesson: it is unfit for the next one.
    pub skipped: bool,
    /// The first lines of what runs brought, and the reports of actions.
    pub brought: BTreeMap<ItemId, Vec<String>>,
    /// The marked item, when it was marked by hand.
    pub aimed: Option<usize>,
    /// The lesson's own preparations are under way.
    pub setting_up: bool,
    /// The program does the step for the learner.
    pub playing: bool,
}

impl LessonPane {
    /// At a lesson and a step.
    #[must_use]
    pub fn new(_tour: &Tour, lesson: usize, step: usize) -> Self {
        Self {
            lesson,
            step,
            ..Self::default()
        }
    }

    /// Where the learner is.
    #[must_use]
    pub fn place(&self) -> Place {
        (self.lesson, self.step)
    }

    /// What is shown: where the learner is, or what is looked at again.
    #[must_use]
    pub fn shown(&self) -> Place {
        self.reading.unwrap_or(self.place())
    }

    /// How far an item is.
    #[must_use]
    pub fn state(&self, item: ItemId) -> &ItemState {
        self.items.get(&item).unwrap_or(&ItemState::Open)
    }

    /// Whether an item went as the lesson says.
    #[must_use]
    pub fn has_passed(&self, item: ItemId) -> bool {
        *self.state(item) == ItemState::Passed
    }

    /// What is unfolded of a step.
    #[must_use]
    pub fn opened(&self, place: Place) -> Opened {
        self.opened.get(&place).cloned().unwrap_or_default()
    }
}
