//! What can be done in editor and results, whoever asks for it.

use std::time::Instant;

use ratatui::layout::Rect;

use super::{Browse, Edit, Step, browse, remember, running};
use crate::app::{
    Effect, Model, Pane, Target,
    input::{Chord, Pointer, PointerKind},
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
    /// Send statements to the next node.
    NextNode,
    /// Show the statements of earlier runs.
    History,
    /// Bring back the statement before, or after.
    Recall(bool),
    /// Change the text.
    Edit(Edit),
    /// Move the cursor, selecting on its way or not.
    Step(Step, bool),
    /// Move over results, or take something out of them.
    Browse(Browse),
}

/// Something of the SQL pane that the mouse can press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SqlTarget {
    /// A place in the editor: its area is the hit's.
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

/// Does a command.
pub fn command(model: &mut Model, command: SqlCommand, now: Instant) -> Vec<Effect> {
    match command {
        SqlCommand::Run => return running::run(model, now),
        SqlCommand::RunAll => return running::run_all(model, now),
        SqlCommand::Cancel => return running::cancel(model),
        SqlCommand::NextNode => running::next_node(model),
        SqlCommand::History => remember::show(model),
        SqlCommand::Recall(back) => remember::recall(model, back),
        SqlCommand::Browse(what) => return browse::browse(model, what),
        SqlCommand::Edit(edit) => {
            let copied = model.tour.as_mut().and_then(|tour| tour.sql.edit(edit));
            settle(model);
            return copied.map(Effect::Copy).into_iter().collect();
        }
        SqlCommand::Step(step, selects) => {
            if let Some(tour) = &mut model.tour {
                tour.sql.step(step, selects);
            }
            settle(model);
        }
    }
    Vec::new()
}

/// Shows lines from their beginning again where the cursor allows it.
pub(super) fn settle(model: &mut Model) {
    let width = model.regions.viewport(Pane::Editor).width;
    if let Some(tour) = &mut model.tour {
        tour.sql.settle(width);
    }
}

/// A key that types or edits, while the editor has the focus.
pub fn type_chord(model: &mut Model, chord: Chord, _now: Instant) {
    if let Some(tour) = &mut model.tour {
        tour.sql.type_chord(chord);
    }
    settle(model);
}

/// Text was pasted: it is one change, and nothing of it is taken for a key.
pub fn paste(model: &mut Model, text: &str, _now: Instant) {
    let Some(tour) = &mut model.tour else {
        return;
    };
    if let Err(problem) = tour.sql.insert(text) {
        model.warn(problem);
    }
    settle(model);
}

/// The mouse, above something of the pane.
pub fn press(
    model: &mut Model,
    target: &SqlTarget,
    pointer: Pointer,
    _now: Instant,
) -> Vec<Effect> {
    let drags = pointer.kind == PointerKind::Drag;
    match target {
        SqlTarget::Editor => point(model, pointer, drags),
        SqlTarget::Cell(row, column) => {
            let viewport = model.regions.viewport(Pane::Results);
            let Some(tour) = &mut model.tour else {
                return Vec::new();
            };
            if tour.sql.cell == (*row, *column) && !drags {
                return browse::browse(model, Browse::Inspect);
            }
            tour.sql.cell = (*row, *column);
            tour.sql.follow(viewport);
        }
        SqlTarget::Node if !drags => running::next_node(model),
        SqlTarget::Before if !drags => return browse::browse(model, Browse::Before),
        SqlTarget::After if !drags => return browse::browse(model, Browse::After),
        SqlTarget::Node | SqlTarget::Before | SqlTarget::After => {}
    }
    Vec::new()
}

/// Moves the cursor to where the mouse is; a drag selects.
fn point(model: &mut Model, pointer: Pointer, drags: bool) {
    let area = model
        .regions
        .hits
        .iter()
        .rev()
        .find_map(|hit| (hit.target == Target::Sql(SqlTarget::Editor)).then_some(hit.area));
    let (Some(Rect { x, y, .. }), Some(tour)) = (area, model.tour.as_deref_mut()) else {
        return;
    };
    let (top, left) = tour.sql.editor.scroll_offset();
    let row = usize::from(pointer.row.saturating_sub(y)) + usize::from(top);
    let column = usize::from(pointer.column.saturating_sub(x)) + usize::from(left);
    let place = tour.sql.editor.screen_to_data(row, column);
    tour.sql.jump(place.0, place.1, drags);
}

/// The wheel above editor (`results` is false) or results.
pub fn scroll(model: &mut Model, results: bool, rows: isize, columns: isize) {
    let viewport = model.regions.viewport(Pane::Results);
    let Some(tour) = &mut model.tour else {
        return;
    };
    if results {
        tour.sql.scroll_rows(rows, viewport);
        tour.sql.scroll_columns(columns);
    } else {
        let near = |number: isize| i16::try_from(number).unwrap_or(0);
        tour.sql.editor.scroll((near(rows), near(columns)));
    }
}
