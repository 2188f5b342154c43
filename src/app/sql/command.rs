//! What can be done in editor and results.

use std::time::Instant;

use super::JobId;
use crate::{
    app::{
        Effect, Model, SqlEvent,
        input::{Chord, Pointer},
        keys::{Binding, Command, Context},
        lesson::ItemId,
    },
    lesson::Run,
    xray::Touched,
};

/// A command of editor or results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SqlCommand {
    /// Run the selection, or the statement under the cursor.
    Run,
    /// Run all that is in the editor.
    RunAll,
    /// Cancel what runs.
    Cancel,
}

/// Something of the SQL pane that the mouse can press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlTarget {
    /// A place in the editor: row and column of its area.
    Editor,
    /// A cell of the grid: row and column.
    Cell(usize, usize),
    /// The node to talk to.
    Node,
    /// The answer before.
    Before,
    /// The answer after.
    After,
}

/// Its keys.
pub const KEYS: &[Binding] = &[Binding::new(
    Command::Sql(SqlCommand::Run),
    "run",
    "run",
    "Run the selection, or the statement under the cursor",
)
.on(Context::Tour, &["F5"])
.footer(10)];

/// Does a command.
pub fn command(_model: &mut Model, _command: SqlCommand, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// A key that types or edits, while the editor has the focus.
pub fn type_chord(_model: &mut Model, _chord: Chord, _now: Instant) {}

/// Text was pasted.
pub fn paste(_model: &mut Model, _text: &str, _now: Instant) {}

/// The mouse, above something of the pane.
pub fn press(
    _model: &mut Model,
    _target: &SqlTarget,
    _pointer: Pointer,
    _now: Instant,
) -> Vec<Effect> {
    Vec::new()
}

/// The wheel above editor (`results` is false) or results.
pub fn scroll(_model: &mut Model, _results: bool, _rows: isize, _columns: isize) {}

/// Runs what a button of the lesson says.
pub fn run_for_lesson(_model: &mut Model, _item: ItemId, _run: &Run, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// A job brought something.
pub fn came(_model: &mut Model, _job: JobId, _event: SqlEvent, _now: Instant) -> Vec<Effect> {
    Vec::new()
}

/// It is known what a statement touches.
pub fn touched(
    _model: &mut Model,
    _job: JobId,
    _index: usize,
    _touched: Result<Option<Touched>, String>,
    _now: Instant,
) {
}

/// The statements of earlier runs.
pub fn history(_model: &mut Model, _statements: Vec<String>) {}

/// Puts a statement into the editor, and the focus there.
pub fn put(_model: &mut Model, _statement: &str) {}
