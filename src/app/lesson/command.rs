//! What can be done in the lesson pane.

use std::time::Instant;

use super::ItemId;
use crate::{
    app::{
        Effect, Model,
        keys::{Binding, Command, Context},
    },
    player::{CheckState, Verdict},
    runtime::Act,
};

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
}

/// Its keys.
pub const KEYS: &[Binding] = &[Binding::new(
    Command::Lesson(LessonCommand::Do),
    "do",
    "do it",
    "Do what is marked: run, act, choose, unfold, go on",
)
.on(Context::Lesson, &["Enter", "Space"])
.footer(1)];

/// Does a command.
pub fn command(_model: &mut Model, _command: LessonCommand, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// A press of the mouse.
pub fn press(_model: &mut Model, _target: &LessonTarget, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// The wheel above the pane.
pub fn scroll(_model: &mut Model, _rows: isize) {}

/// The cluster is where the lesson needs it: set up, watch the checks.
pub fn ready(_model: &mut Model, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// Goes to a lesson and a step whose state the cluster has.
pub fn enter(_model: &mut Model, _place: (usize, usize), _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// A job of the lesson is over.
pub fn run_done(
    _model: &mut Model,
    _item: ItemId,
    _verdict: Option<Verdict>,
    _now: Instant,
) -> Vec<Effect> {
    Vec::new()
}

/// An action of the lesson is over.
pub fn action_done(
    _model: &mut Model,
    _item: ItemId,
    _node: Option<String>,
    _verdict: Verdict,
    _now: Instant,
) -> Vec<Effect> {
    Vec::new()
}

/// The learner did an act by a button of the nodes: it may be what an action of the step asks for.
pub fn act_done(_model: &mut Model, _act: Act, _node: &str, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// A check says something new.
pub fn check_said(
    _model: &mut Model,
    _item: ItemId,
    _state: CheckState,
    _now: Instant,
) -> Vec<Effect> {
    Vec::new()
}

/// The program did a step for the learner.
pub fn step_played(
    _model: &mut Model,
    _place: (usize, usize),
    _failures: Vec<String>,
    _now: Instant,
) -> Vec<Effect> {
    Vec::new()
}

/// A setup is done.
pub fn set_up(_model: &mut Model, _result: Result<(), String>, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// Goes to a place of the tour: asks first, where the cluster has to be made anew.
pub fn jump(_model: &mut Model, _place: (usize, usize), _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// Makes the cluster what it is at a place and goes there.
pub fn rebuild(_model: &mut Model, _place: (usize, usize), _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// Does the step for the learner.
pub fn show_me(_model: &mut Model, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// Goes on although the step is not done.
pub fn skip(_model: &mut Model, _now: Instant) -> Vec<Effect> {
    Vec::new()
}
