//! Where the learner is in a tour.

use std::collections::{BTreeMap, BTreeSet};

use crate::lesson::Tour;

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

/// The lesson pane.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LessonPane {
    /// The open lesson's place in the tour.
    pub lesson: usize,
    /// The current step's place in it.
    pub step: usize,
    /// Where items are that are not open.
    pub items: BTreeMap<ItemId, ItemState>,
    /// The options that were chosen in predictions, by their place.
    pub predictions: BTreeMap<ItemId, Vec<usize>>,
    /// Steps that are done, by `lesson/step`.
    pub done: BTreeSet<String>,
    /// What is unfolded, by lesson and step.
    pub opened: BTreeMap<(usize, usize), Opened>,
    /// The marked item among those of the current step.
    pub marked: usize,
    /// First row shown.
    pub offset: usize,
    /// The place for which the cluster was made; steps skipped since make it unfit for the next lesson.
    pub skipped: bool,
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
}
