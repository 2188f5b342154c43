//! What can be done in the lesson pane.

use std::time::Instant;

use super::{ItemId, Place, acting, going, scrolling};
use crate::app::{ContentsRow, Effect, Model, contents, overlay::Overlay};

/// A command of the lesson pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LessonCommand {
    /// Do what is marked: run, act, choose, unfold, go on.
    Do,
    /// Mark the item above, or scroll.
    Up,
    /// Mark the item below, or scroll.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// To the top of the lesson.
    Top,
    /// To its end.
    Bottom,
    /// Go to the next step.
    Next,
    /// Look at the step before.
    Previous,
    /// Unfold the next hint.
    Hint,
    /// Unfold the solution.
    Solution,
    /// Do the step for the learner.
    ShowMe,
    /// Bring the cluster back to the beginning of the step.
    ResetStep,
    /// Bring the cluster back to the beginning of the lesson.
    ResetLesson,
    /// Show the table of contents.
    Contents,
    /// Choose an option of the prediction, by its number.
    Choose(u8),
}

/// Something of the lesson pane that the mouse can press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LessonTarget {
    /// An item's button.
    Item(ItemId),
    /// An option of a prediction.
    Option(ItemId, usize),
    /// The next hint.
    Hint,
    /// The solution.
    Solution,
    /// The button that goes on.
    Next,
    /// The button that starts the cluster again.
    Retry,
    /// The heading of another step.
    Step(Place),
}

/// Does a command.
pub fn command(model: &mut Model, command: LessonCommand, now: Instant) -> Vec<Effect> {
    match command {
        LessonCommand::Do => return acting::do_marked(model, now),
        LessonCommand::Up => scrolling::step(model, -1),
        LessonCommand::Down => scrolling::step(model, 1),
        LessonCommand::PageUp => scrolling::page(model, -1),
        LessonCommand::PageDown => scrolling::page(model, 1),
        LessonCommand::Top => scrolling::scroll(model, -isize::MAX),
        LessonCommand::Bottom => scrolling::scroll(model, isize::MAX),
        LessonCommand::Next => return going::next(model, now),
        LessonCommand::Previous => going::previous(model),
        LessonCommand::Hint => acting::unfold_hint(model),
        LessonCommand::Solution => acting::unfold_solution(model),
        LessonCommand::ShowMe => return acting::show_me(model, now),
        LessonCommand::ResetStep => return going::reset(model, false, now),
        LessonCommand::ResetLesson => return going::reset(model, true, now),
        LessonCommand::Contents => show_contents(model),
        LessonCommand::Choose(number) => return acting::choose_number(model, number, now),
    }
    Vec::new()
}

fn show_contents(model: &mut Model) {
    let Some(tour) = model.tour.as_deref() else {
        return;
    };
    let here = tour.lesson.place();
    let rows = contents(tour);
    let is_here = |row: &ContentsRow<'_>| match row {
        ContentsRow::Step(lesson, step, _) => (*lesson, *step) == here,
        _ => false,
    };
    let selected = rows.iter().position(is_here).unwrap_or(0);
    model.overlays.push(Overlay::Contents { selected });
}
