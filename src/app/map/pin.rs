//! A value typed, and where it lives.

use std::time::Instant;

use super::{Pin, TenantAnswer};
use crate::{
    app::{
        Effect, Model, OpenTour, Pane,
        input::{Chord, Key},
    },
    cluster::{Table, TableKind},
};

/// Begins to type a value.
pub(super) fn begin(model: &mut Model) {
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    if table(tour).is_none() {
        model.warn("no table is distributed yet: every row is on the coordinator");
        return;
    }
    let before = tour.map.pin.as_ref().map(|pin| pin.value.clone());
    tour.map.input = Some(before.unwrap_or_default());
    model.focus = Pane::Map;
}

/// The table whose values are asked for: of the chosen group, else the first distributed one.
fn table(tour: &OpenTour) -> Option<&Table> {
    let chosen = tour.map.group.and_then(|key| tour.view.group(key));
    let of_chosen = chosen.and_then(|group| {
        let names = group.shards.iter().map(|shard| &shard.table);
        let tables = names.filter_map(|name| tour.view.tables.iter().find(|it| it.name == *name));
        tables
            .into_iter()
            .find(|table| table.kind == TableKind::Distributed)
    });
    of_chosen.or_else(|| {
        let mut tables = tour.view.tables.iter();
        tables.find(|table| table.kind == TableKind::Distributed)
    })
}

/// The table and column whose value is typed, for the prompt.
#[must_use]
pub fn asked(tour: &OpenTour) -> Option<(String, String)> {
    let table = table(tour)?;
    let column = table.distribution_column.clone()?;
    Some((table.name.to_string(), column))
}

/// A key while a value is typed; `None`: it is not for the input.
pub fn type_chord(model: &mut Model, chord: Chord, _now: Instant) -> Option<Vec<Effect>> {
    if model.focus != Pane::Map {
        return None;
    }
    let tour = model.tour.as_deref_mut()?;
    let input = tour.map.input.as_mut()?;
    match chord.key {
        Key::Char('u' | 'w') if chord.control => input.clear(),
        Key::Char(character) if chord.types() => input.push(character),
        Key::Backspace => {
            input.pop();
        }
        Key::Esc => tour.map.input = None,
        Key::Enter => return Some(ask(tour)),
        _ => return None,
    }
    Some(Vec::new())
}

/// Text that was pasted while a value is typed; `false`: it is not for the input.
pub fn paste(model: &mut Model, text: &str) -> bool {
    let typing = model.focus == Pane::Map;
    let tour = model.tour.as_deref_mut().filter(|_| typing);
    let Some(input) = tour.and_then(|tour| tour.map.input.as_mut()) else {
        return false;
    };
    input.extend(text.chars().filter(|character| !character.is_control()));
    true
}

fn ask(tour: &mut OpenTour) -> Vec<Effect> {
    let value = tour.map.input.take().unwrap_or_default().trim().to_owned();
    if value.is_empty() {
        tour.map.pin = None;
        return Vec::new();
    }
    let table = table(tour).map(|table| table.name.to_string());
    pin(tour, table.as_deref(), &value)
}

/// Shows where a value lives, of a table or of the first one that is distributed: now, or as soon as there is one.
pub fn pin(tour: &mut OpenTour, table: Option<&str>, value: &str) -> Vec<Effect> {
    let schema = tour
        .facts
        .as_ref()
        .and_then(|facts| facts.schema.as_deref());
    // Somebody's own cluster may have tables of the same names.
    let table = table.and_then(|name| match schema {
        Some(schema) => tour.view.table(&format!("{schema}.{name}")),
        None => tour.view.table(name),
    });
    let table = table.filter(|table| table.kind == TableKind::Distributed);
    tour.map.pin = Some(Pin {
        table: table.map(|table| table.name.clone()),
        value: value.to_owned(),
        place: None,
    });
    ask_again(tour)
}

/// Asks where the pinned value lives.
pub(super) fn ask_again(tour: &mut OpenTour) -> Vec<Effect> {
    let generation = tour.generation;
    let first = table(tour).map(|table| table.name.clone());
    let Some(pin) = &mut tour.map.pin else {
        return Vec::new();
    };
    pin.place = None;
    pin.table = pin.table.take().or(first);
    let Some(table) = pin.table.clone() else {
        return Vec::new();
    };
    vec![Effect::AskTenant {
        generation,
        table,
        value: pin.value.clone(),
    }]
}

/// Where a value lives is known.
pub fn tenant_place(model: &mut Model, answer: TenantAnswer) {
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let Some(pin) = &mut tour.map.pin else {
        return;
    };
    if pin.table.as_ref() != Some(&answer.table) || pin.value != answer.value {
        return;
    }
    let place = answer.shard.and_then(|shard| {
        let mut groups = tour.view.groups.iter();
        let group = groups.find(|group| group.shards.iter().any(|it| it.id == shard));
        group
            .map(|group| group.key)
            .ok_or_else(|| format!("shard {shard} is not on the map yet"))
    });
    if let Ok(key) = &place {
        tour.map.group = Some(*key);
        let holder = tour
            .view
            .group(*key)
            .and_then(|group| group.holders().first().copied());
        let node = holder.and_then(|id| tour.view.node_of_group(id));
        tour.map.lane = node.map(|node| node.name.clone());
    }
    pin.place = Some(place);
}
