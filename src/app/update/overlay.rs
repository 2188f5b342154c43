//! Keys of the top layer.

use std::time::Instant;

use super::{execute, global, palette, rows};
use crate::{
    app::{
        Effect, Leave, Model,
        input::{Chord, Key},
        laboratory, lesson, nodes,
        overlay::Overlay,
        sql,
    },
    runtime::Act,
};

/// A key while a layer is open.
pub(super) fn key(model: &mut Model, chord: Chord, now: Instant) -> Vec<Effect> {
    if chord.key == Key::Esc || (chord == Chord::character('q') && !types(model)) {
        return close(model);
    }
    match chord.key {
        Key::Up => scroll(model, -1),
        Key::Down => scroll(model, 1),
        Key::PageUp => scroll(model, -page(model)),
        Key::PageDown => scroll(model, page(model)),
        Key::Home if !types(model) => scroll(model, -isize::MAX),
        Key::End if !types(model) => scroll(model, isize::MAX),
        Key::Left | Key::BackTab => choose_button(model, false),
        Key::Right | Key::Tab => choose_button(model, true),
        Key::Enter => return press_chosen(model, now),
        Key::Char('w' | 'u') if chord.control => {
            edit(model, String::clear);
        }
        Key::Char(character) if chord.types() => return typed(model, character, now),
        Key::Backspace => {
            edit(model, |text| {
                text.pop();
            });
        }
        _ => {}
    }
    Vec::new()
}

fn page(model: &Model) -> isize {
    isize::try_from(model.regions.overlay.height.max(2) - 1).unwrap_or(1)
}

/// Text that was pasted goes into the layer's field.
pub(super) fn paste(model: &mut Model, text: &str) {
    edit(model, |field| {
        field.extend(text.chars().filter(|character| !character.is_control()));
    });
}

/// The top layer takes text.
fn types(model: &Model) -> bool {
    match model.overlays.last() {
        Some(Overlay::Palette { .. } | Overlay::History { .. }) => true,
        Some(Overlay::ConfirmAct { act, .. }) => *act == Act::Destroy,
        _ => false,
    }
}

fn edit(model: &mut Model, change: impl FnOnce(&mut String)) {
    match model.overlays.last_mut() {
        Some(Overlay::Palette { query, selected } | Overlay::History { query, selected }) => {
            change(query);
            *selected = 0;
        }
        Some(Overlay::ConfirmAct {
            act: Act::Destroy,
            typed,
            ..
        }) => change(typed),
        _ => {}
    }
}

fn typed(model: &mut Model, character: char, now: Instant) -> Vec<Effect> {
    if types(model) {
        edit(model, |text| text.push(character));
        return Vec::new();
    }
    if character == 's' && matches!(model.overlays.last(), Some(Overlay::Report { .. })) {
        return laboratory::save(model);
    }
    // A layer's buttons can be called by their number, as they are written.
    match character.to_digit(10) {
        Some(number @ 1..) => press_button(model, number as usize - 1, now),
        _ => Vec::new(),
    }
}

/// Closes the top layer.
fn close(model: &mut Model) -> Vec<Effect> {
    match model.overlays.last() {
        // What is being done cannot be called off.
        Some(Overlay::Leave {
            decided: Some(_), ..
        }) => Vec::new(),
        Some(Overlay::LogTail { .. }) => {
            model.overlays.pop();
            vec![Effect::FollowLog(None)]
        }
        _ => {
            model.overlays.pop();
            Vec::new()
        }
    }
}

/// How many rows a layer's list has, where it is one.
fn row_count(model: &Model) -> Option<usize> {
    let tour = model.tour.as_deref();
    match model.overlays.last()? {
        Overlay::Palette { query, .. } => Some(palette::matching(model, query).len()),
        Overlay::Contents { .. } => tour.map(|tour| rows::contents(tour).len()),
        Overlay::History { query, .. } => tour.map(|tour| rows::recalled(tour, query).len()),
        _ => None,
    }
}

/// Moves the choice of a list, or scrolls a text.
pub(super) fn scroll(model: &mut Model, by: isize) {
    let count = row_count(model);
    let last = model.regions.overlay.last_offset();
    let Some(overlay) = model.overlays.last_mut() else {
        return;
    };
    match overlay {
        Overlay::Palette { selected, .. }
        | Overlay::Contents { selected }
        | Overlay::History { selected, .. } => {
            let count = count.unwrap_or(0);
            *selected = selected
                .saturating_add_signed(by)
                .min(count.saturating_sub(1));
        }
        Overlay::Help { offset }
        | Overlay::Cell { offset, .. }
        | Overlay::Details { offset }
        | Overlay::Report { offset }
        | Overlay::Message { offset, .. } => {
            *offset = offset.saturating_add_signed(by).min(last);
        }
        Overlay::LogTail { up, .. } => {
            *up = up.saturating_add_signed(-by.max(-isize::MAX)).min(last);
        }
        Overlay::ConfirmAct { .. }
        | Overlay::ConfirmPlan { .. }
        | Overlay::NotDone { .. }
        | Overlay::ConfirmRebuild { .. }
        | Overlay::Leave { .. } => {
            choose_button(model, by > 0);
        }
    }
}

/// The words on a layer's buttons, the harmless one first where one is harmful.
#[must_use]
pub fn buttons(overlay: &Overlay, can_keep: bool) -> Vec<&'static str> {
    match overlay {
        Overlay::ConfirmAct { act, nodes, .. } => {
            let one = nodes.len() == 1;
            let leave = if one { "leave it" } else { "leave them" };
            vec![leave, deed(*act, one)]
        }
        Overlay::ConfirmPlan { .. } => vec!["leave it", "carry it out"],
        Overlay::NotDone { .. } => vec!["stay here", "do it for me", "skip it"],
        Overlay::ConfirmRebuild { .. } => vec!["leave it as it is", "make it anew"],
        Overlay::Leave {
            decided: Some(_), ..
        } => Vec::new(),
        Overlay::Leave { .. } if can_keep => vec!["stay", "end the cluster", "keep it for later"],
        Overlay::Leave { .. } => vec!["stay", "end the cluster"],
        _ => Vec::new(),
    }
}

/// What the button of a question does: to one node, or to several.
fn deed(act: Act, one: bool) -> &'static str {
    match (act, one) {
        (Act::Stop, true) => "stop it",
        (Act::Stop, false) => "stop them",
        (Act::Kill, true) => "kill it",
        (Act::Kill, false) => "kill them",
        (Act::Freeze, true) => "freeze it",
        (Act::Freeze, false) => "freeze them",
        (Act::Destroy, _) => "destroy it",
        (Act::Restart, true) => "restart it",
        (Act::Restart, false) => "restart them",
        (Act::Start, true) => "start it",
        (Act::Start, false) => "start them",
        (Act::Thaw, true) => "thaw it",
        (Act::Thaw, false) => "thaw them",
        (Act::Partition, true) => "cut it off",
        (Act::Partition, false) => "cut them off",
        (Act::Heal, true) => "heal it",
        (Act::Heal, false) => "heal them",
    }
}

/// Whether the cluster that runs can go on without the program.
#[must_use]
pub fn can_keep(model: &Model) -> bool {
    let tour = model.tour.as_deref();
    tour.is_some_and(|tour| tour.is_ready() && tour.facts.is_some())
}

fn choose_button(model: &mut Model, next: bool) {
    let keep = can_keep(model);
    let Some(overlay) = model.overlays.last_mut() else {
        return;
    };
    let count = buttons(overlay, keep).len();
    match overlay {
        Overlay::ConfirmAct { selected, .. }
        | Overlay::ConfirmPlan { selected, .. }
        | Overlay::NotDone { selected }
        | Overlay::ConfirmRebuild { selected, .. }
        | Overlay::Leave { selected, .. } => {
            *selected = if next {
                (*selected + 1).min(count.saturating_sub(1))
            } else {
                selected.saturating_sub(1)
            };
        }
        _ => {}
    }
}

/// Enter: presses the chosen button, or takes the chosen row.
fn press_chosen(model: &mut Model, now: Instant) -> Vec<Effect> {
    match model.overlays.last() {
        Some(
            Overlay::ConfirmAct { selected, .. }
            | Overlay::ConfirmPlan { selected, .. }
            | Overlay::NotDone { selected }
            | Overlay::ConfirmRebuild { selected, .. }
            | Overlay::Leave { selected, .. },
        ) => {
            let selected = *selected;
            press_button(model, selected, now)
        }
        Some(
            Overlay::Palette { selected, .. }
            | Overlay::Contents { selected }
            | Overlay::History { selected, .. },
        ) => {
            let selected = *selected;
            take_row(model, selected, now)
        }
        _ => close(model),
    }
}

/// Takes a row of the top layer's list.
pub(super) fn take_row(model: &mut Model, row: usize, now: Instant) -> Vec<Effect> {
    let Some(overlay) = model.overlays.last().cloned() else {
        return Vec::new();
    };
    match overlay {
        Overlay::Palette { query, .. } => {
            let command = palette::matching(model, &query)
                .get(row)
                .map(|binding| binding.command);
            model.overlays.pop();
            command.map_or_else(Vec::new, |command| execute(model, command, now))
        }
        Overlay::Contents { .. } => {
            let Some(tour) = model.tour.as_deref() else {
                return Vec::new();
            };
            let Some(place) = rows::contents(tour).get(row).and_then(|row| row.place()) else {
                return Vec::new();
            };
            model.overlays.pop();
            lesson::jump(model, place, now)
        }
        Overlay::History { query, .. } => {
            let statement = model.tour.as_deref().and_then(|tour| {
                rows::recalled(tour, &query)
                    .get(row)
                    .map(ToString::to_string)
            });
            model.overlays.pop();
            if let Some(statement) = statement {
                sql::put(model, &statement);
            }
            Vec::new()
        }
        _ => Vec::new(),
    }
}

/// Presses a button of the top layer.
pub(super) fn press_button(model: &mut Model, button: usize, now: Instant) -> Vec<Effect> {
    let keep = can_keep(model);
    let Some(overlay) = model.overlays.last().cloned() else {
        return Vec::new();
    };
    if button >= buttons(&overlay, keep).len() {
        return Vec::new();
    }
    if button == 0 {
        return close(model);
    }
    match overlay {
        Overlay::ConfirmAct {
            act, nodes, typed, ..
        } => {
            if act == Act::Destroy && nodes.first() != Some(&typed) {
                return Vec::new();
            }
            model.overlays.pop();
            nodes::confirmed_all(model, act, &nodes, now)
        }
        Overlay::ConfirmPlan { plan, .. } => {
            model.overlays.pop();
            laboratory::confirmed(model, plan, now)
        }
        Overlay::NotDone { .. } => {
            model.overlays.pop();
            if button == 1 {
                lesson::show_me(model, now)
            } else {
                lesson::skip(model, now)
            }
        }
        Overlay::ConfirmRebuild { place, .. } => {
            model.overlays.pop();
            lesson::rebuild(model, place, now)
        }
        Overlay::Leave { home, .. } => {
            let leave = if button == 1 {
                Leave::End
            } else {
                Leave::Keep(kept_name(model))
            };
            global::decided(model, home, leave)
        }
        _ => Vec::new(),
    }
}

/// The name under which the cluster is kept: the one that it has, else its tour's.
fn kept_name(model: &Model) -> String {
    let Some(tour) = model.tour.as_deref() else {
        return String::new();
    };
    let has = tour.facts.as_ref().and_then(|facts| facts.kept.clone());
    has.unwrap_or_else(|| tour.tour.id.clone())
}
