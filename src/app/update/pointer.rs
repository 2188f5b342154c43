//! The mouse: what it means follows from what the last frame put there.

use std::time::Instant;

use ratatui::layout::Position;

use super::{execute, global, overlay};
use crate::app::{
    Border, Effect, Model, Pane, Target, home,
    input::{Pointer, PointerKind},
    laboratory, lesson, map, nodes, sql,
};

/// Rows by which a turn of the wheel scrolls.
const WHEEL: isize = 3;

/// Something of the mouse.
pub(super) fn pointer(model: &mut Model, pointer: Pointer, now: Instant) -> Vec<Effect> {
    match pointer.kind {
        PointerKind::Press => press(model, pointer, now),
        PointerKind::Release => {
            model.dragged = None;
            Vec::new()
        }
        PointerKind::Drag => drag(model, pointer, now),
        PointerKind::Move => {
            // Moving alone changes nothing that is shown.
            model.dirty = false;
            Vec::new()
        }
        PointerKind::ScrollUp => wheel(model, pointer, -WHEEL, 0),
        PointerKind::ScrollDown => wheel(model, pointer, WHEEL, 0),
        PointerKind::ScrollLeft => wheel(model, pointer, 0, -1),
        PointerKind::ScrollRight => wheel(model, pointer, 0, 1),
    }
}

fn press(model: &mut Model, pointer: Pointer, now: Instant) -> Vec<Effect> {
    let Some(hit) = model.regions.at(pointer.column, pointer.row).cloned() else {
        return Vec::new();
    };
    match &hit.target {
        Target::Overlay => return Vec::new(),
        Target::OverlayRow(row) => return overlay::take_row(model, *row, now),
        Target::OverlayButton(button) => return overlay::press_button(model, *button, now),
        _ if !model.overlays.is_empty() => {
            // Beside the layer: nothing behind it may be pressed by accident.
            return Vec::new();
        }
        _ => {}
    }
    if let Some(pane) = model.regions.pane_at(pointer.column, pointer.row) {
        model.focus = pane;
    }
    match hit.target {
        Target::Press(command) => execute(model, command, now),
        Target::Home(target) => home::press(model, &target, now),
        Target::Lesson(target) => lesson::press(model, &target, now),
        Target::Map(target) => map::press(model, &target, now),
        Target::Sql(target) => sql::press(model, &target, pointer, now),
        Target::Nodes(target) => nodes::press(model, &target, now),
        Target::Laboratory(target) => laboratory::press(model, target, now),
        Target::Border(border) => {
            model.dragged = Some(border);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn drag(model: &mut Model, pointer: Pointer, now: Instant) -> Vec<Effect> {
    let Some(border) = model.dragged else {
        let hit = model
            .regions
            .at(pointer.column, pointer.row)
            .map(|hit| hit.target.clone());
        return match hit {
            Some(Target::Sql(target)) if model.overlays.is_empty() => {
                sql::press(model, &target, pointer, now)
            }
            _ => Vec::new(),
        };
    };
    let Some((_, area)) = model
        .regions
        .borders
        .iter()
        .find(|(it, _)| *it == border)
        .copied()
    else {
        return Vec::new();
    };
    let (at, from, whole) = match border {
        Border::Lesson => (pointer.column, area.x, area.width),
        Border::Map | Border::Editor => (pointer.row, area.y, area.height),
    };
    if whole > 0 {
        let share = u32::from(at.saturating_sub(from)) * 100 / u32::from(whole);
        let share = u16::try_from(share).unwrap_or(50).clamp(15, 85);
        match border {
            Border::Lesson => model.frames.lesson = share,
            Border::Map => model.frames.map = share,
            Border::Editor => model.frames.editor = share,
        }
    }
    Vec::new()
}

/// Scrolls what is under the pointer, whatever has the focus.
fn wheel(model: &mut Model, pointer: Pointer, rows: isize, columns: isize) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        overlay::scroll(model, rows);
        return Vec::new();
    }
    let position = Position::new(pointer.column, pointer.row);
    match model.regions.pane_at(position.x, position.y) {
        Some(Pane::Lesson) => lesson::scroll(model, rows),
        Some(Pane::Map) => map::scroll(model, rows),
        Some(Pane::Editor) => sql::scroll(model, false, rows, columns),
        Some(Pane::Results) => sql::scroll(model, true, rows, columns),
        Some(Pane::Nodes) => nodes::scroll(model, rows),
        Some(Pane::Log) => global::scroll_log(model, rows),
        Some(Pane::Laboratory) => laboratory::scroll(model, rows),
        None => {}
    }
    Vec::new()
}
