//! What can be marked in a step, in order, and how far the step is.

use std::time::{Duration, Instant};

use super::{ItemId, ItemState, LessonPane, Opened, Place, effectless};
use crate::{
    app::{Boot, OpenTour},
    lesson::{Action, Block, Check, Run, Step},
};

/// Something that can be marked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Item<'lesson> {
    /// SQL to run.
    Run(ItemId, &'lesson Run),
    /// Something to do to a node.
    Action(ItemId, &'lesson Action),
    /// A condition; doing it asks at once.
    Check(ItemId, &'lesson Check),
    /// An option of a prediction.
    Option(ItemId, usize),
    /// The next hint that is still folded.
    Hint(ItemId),
    /// The solution, while it is folded.
    Solution(ItemId),
    /// The button that goes on.
    Next,
}

impl Item<'_> {
    /// The block that it belongs to.
    #[must_use]
    pub fn id(&self) -> Option<ItemId> {
        match self {
            Self::Run(id, _)
            | Self::Action(id, _)
            | Self::Check(id, _)
            | Self::Option(id, _)
            | Self::Hint(id)
            | Self::Solution(id) => Some(*id),
            Self::Next => None,
        }
    }
}

/// What can be marked in a step, in order.
#[must_use]
pub fn items_of<'lesson>(step: &'lesson Step, place: Place, opened: &Opened) -> Vec<Item<'lesson>> {
    let mut items = Vec::new();
    let mut hints = 0;
    for (index, block) in step.blocks.iter().enumerate() {
        let id = ItemId::of_block(place, index);
        match block {
            Block::Run(run) => items.push(Item::Run(id, run)),
            Block::Action(action) => items.push(Item::Action(id, action)),
            Block::Check(check) => items.push(Item::Check(id, check)),
            Block::Predict(predict) => {
                items.extend((0..predict.options.len()).map(|option| Item::Option(id, option)));
            }
            Block::Hint(_) => {
                if hints == opened.hints {
                    items.push(Item::Hint(id));
                }
                hints += 1;
            }
            Block::Solution(_) if !opened.solution => items.push(Item::Solution(id)),
            Block::Solution(blocks) => {
                for (inner, block) in blocks.iter().enumerate() {
                    let inner = ItemId {
                        inner: Some(inner),
                        ..id
                    };
                    match block {
                        Block::Run(run) => items.push(Item::Run(inner, run)),
                        Block::Action(action) => items.push(Item::Action(inner, action)),
                        _ => {}
                    }
                }
            }
            Block::Prose(_) | Block::Setup(_) | Block::Note(_) | Block::Map(_) => {}
        }
    }
    items.push(Item::Next);
    items
}

/// What can be marked now: of the current step, or nothing but the way on while an earlier one is looked at.
#[must_use]
pub fn items(tour: &OpenTour) -> Vec<Item<'_>> {
    let pane = &tour.lesson;
    match tour.current_step() {
        Some(step) if pane.reading.is_none() => {
            items_of(step, pane.place(), &pane.opened(pane.place()))
        }
        _ => vec![Item::Next],
    }
}

/// The place of the marked item among [`items`].
#[must_use]
pub fn marked(tour: &OpenTour) -> usize {
    if tour.lesson.reading.is_some() {
        0
    } else {
        tour.lesson.marked.min(items(tour).len() - 1)
    }
}

/// The marked item.
#[must_use]
pub fn marked_item(tour: &OpenTour) -> Item<'_> {
    items(tour).get(marked(tour)).copied().unwrap_or(Item::Next)
}

/// Whether the automatic mark stops at an item: it is part of the way and not done.
fn is_open(pane: &LessonPane, item: &Item<'_>) -> bool {
    match item {
        Item::Run(id, _) | Item::Action(id, _) | Item::Check(id, _) => {
            id.inner.is_none() && !pane.has_passed(*id)
        }
        Item::Option(id, option) => *option == 0 && !pane.predictions.contains_key(id),
        Item::Hint(_) | Item::Solution(_) => false,
        Item::Next => true,
    }
}

/// The first open item from a place on.
pub(super) fn first_open(pane: &LessonPane, items: &[Item<'_>], from: usize) -> usize {
    let found = items.iter().skip(from).position(|item| is_open(pane, item));
    found.map_or(items.len() - 1, |at| from + at)
}

/// The item to mark after the one at `done`: what is left of its solution, what is open behind it, or, where the step is not done, what
/// was left out before it.
pub(super) fn following(tour: &OpenTour, items: &[Item<'_>], done: usize) -> usize {
    let pane = &tour.lesson;
    if let Some(id) = items.get(done).and_then(Item::id)
        && id.inner.is_some()
    {
        let in_solution = items.iter().enumerate().skip(done + 1).find(|(_, item)| {
            item.id().is_some_and(|next| {
                next.block == id.block && next.inner.is_some() && !pane.has_passed(next)
            })
        });
        return in_solution.map_or_else(|| first_open(pane, items, 0), |(place, _)| place);
    }
    let behind = first_open(pane, items, done + 1);
    if behind < items.len() - 1 || step_holds(tour) {
        return behind;
    }
    let left_out = items
        .iter()
        .position(|item| !matches!(item, Item::Option(..)) && is_open(pane, item));
    left_out.unwrap_or(behind)
}

/// Whether the current step is done now: its checks hold; without checks, its runs and actions went as it says; without those, it is
/// there to be read.
#[must_use]
pub fn step_holds(tour: &OpenTour) -> bool {
    let Some(step) = tour.current_step() else {
        return true;
    };
    let pane = &tour.lesson;
    let place = pane.place();
    let of = |wanted: fn(&Block) -> bool| {
        let blocks = step.blocks.iter().enumerate();
        blocks
            .filter(move |(_, block)| wanted(block))
            .map(move |(index, _)| pane.has_passed(ItemId::of_block(place, index)))
    };
    let mut checks = of(|block| matches!(block, Block::Check(_))).peekable();
    if checks.peek().is_some() {
        return checks.all(|holds| holds);
    }
    of(|block| matches!(block, Block::Run(_) | Block::Action(_))).all(|passed| passed)
}

/// Whether a step asks for anything.
#[must_use]
pub fn is_prose(step: &Step) -> bool {
    !step
        .blocks
        .iter()
        .any(|block| matches!(block, Block::Check(_) | Block::Run(_) | Block::Action(_)))
}

/// Whether leaving the current step as it is leaves the cluster other than its end: something that would change it was not done. What
/// stands before a check that holds is proven by it, whoever did it.
pub(super) fn leaves_a_gap(tour: &OpenTour) -> bool {
    let Some(step) = tour.current_step() else {
        return false;
    };
    let passed = |index| {
        let id = ItemId::of_block(tour.lesson.place(), index);
        tour.lesson.has_passed(id)
    };
    let mut proven = false;
    step.blocks
        .iter()
        .enumerate()
        .rev()
        .any(|(index, block)| match block {
            Block::Check(_) => {
                proven = passed(index);
                !proven
            }
            Block::Run(run) => !proven && !passed(index) && !effectless::is_effectless(run),
            Block::Action(_) => !proven && !passed(index),
            _ => false,
        })
}

/// Why nothing can be done now; `None` when it can.
#[must_use]
pub fn hindrance(tour: &OpenTour) -> Option<&'static str> {
    match &tour.boot {
        Boot::Starting { .. } => Some("the cluster is starting"),
        Boot::Rebuilding { .. } => Some("the cluster is being made ready"),
        // One that runs could not be brought to this place.
        Boot::Failed(_) if tour.facts.is_some() => {
            Some("it could not be made ready; r tries again")
        }
        Boot::Failed(_) => Some("there is no cluster; r tries again"),
        Boot::Leaving => Some("this tour is being left"),
        Boot::Ready if tour.lesson.setting_up => Some("the lesson is being prepared"),
        Boot::Ready if tour.lesson.playing => Some("the program is doing this step"),
        Boot::Ready => None,
    }
}

/// How often the sign of something under way moves.
const SPINNER: Duration = Duration::from_millis(250);

/// When the pane looks different by itself: while something is under way.
#[must_use]
pub fn next_deadline(pane: &LessonPane, motion: bool, now: Instant) -> Option<Instant> {
    let busy = pane
        .items
        .values()
        .any(|state| *state == ItemState::Running);
    (busy && motion).then(|| now + SPINNER)
}

/// Whether what follows a prediction is held back until it was answered or passed over: the text behind it often tells.
#[must_use]
pub fn held_back_from(tour: &OpenTour) -> Option<usize> {
    let pane = &tour.lesson;
    let step = tour.current_step()?;
    if pane.reading.is_some() {
        return None;
    }
    let at = marked_item(tour).id().map_or(usize::MAX, |id| id.block);
    let blocks = step.blocks.iter().enumerate();
    blocks
        .filter(|(_, block)| matches!(block, Block::Predict(_)))
        .map(|(index, _)| index)
        .find(|index| {
            let id = ItemId::of_block(pane.place(), *index);
            !pane.predictions.contains_key(&id) && at <= *index
        })
}
