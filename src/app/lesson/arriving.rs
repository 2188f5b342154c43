//! A step begins.

use std::time::Instant;

use super::{
    Follow, ItemId, Place,
    items::{first_open, items},
    record, scrolling,
};
use crate::{
    app::{Effect, Model, OpenTour, map},
    lesson::{Block, Sql},
};

/// The cluster is where the lesson needs it: set up, watch the checks.
pub fn ready(model: &mut Model, _now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    tour.lesson.playing = false;
    if tour.lesson.follow != Follow::Nothing && tour.lesson.reading.is_none() {
        tour.lesson.marked = first_open(&tour.lesson, &items(tour), 0);
    }
    let place = tour.lesson.place();
    let mut effects = record::at(model, place);
    effects.extend(arrive(model));
    effects
}

/// Goes to a lesson and a step whose state the cluster has.
pub fn enter(model: &mut Model, place: Place, _now: Instant) -> Vec<Effect> {
    stand_at(model, place);
    let mut effects = record::at(model, place);
    if model.tour.as_deref().is_some_and(OpenTour::is_ready) {
        effects.extend(arrive(model));
    }
    effects
}

/// Shows a step as the current one.
pub(super) fn stand_at(model: &mut Model, place: Place) {
    scrolling::follow(model, Follow::Step);
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let pane = &mut tour.lesson;
    (pane.lesson, pane.step) = place;
    pane.reading = None;
    pane.playing = false;
    pane.setting_up = false;
    pane.aimed = None;
    // What checks said when the step was entered before says nothing of now.
    if let Some(step) = tour.current_step() {
        let checks: Vec<ItemId> = checks(place, &step.blocks).map(|(id, _)| id).collect();
        for id in checks {
            tour.lesson.items.remove(&id);
        }
    }
    tour.lesson.marked = first_open(&tour.lesson, &items(tour), 0);
}

fn checks(place: Place, blocks: &[Block]) -> impl Iterator<Item = (ItemId, &crate::lesson::Check)> {
    let blocks = blocks.iter().enumerate();
    blocks.filter_map(move |(index, block)| match block {
        Block::Check(check) => Some((ItemId::of_block(place, index), check)),
        _ => None,
    })
}

/// What the step asks of the cluster and of the map before the learner acts.
fn arrive(model: &mut Model) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let mut setups: Vec<Sql> = Vec::new();
    let mut pin = None;
    if let Some(lesson) = tour.current_lesson()
        && let Some(step) = lesson.steps.get(tour.lesson.step)
    {
        let introduction = if tour.lesson.step == 0 {
            lesson.introduction.as_slice()
        } else {
            &[]
        };
        for block in introduction.iter().chain(&step.blocks) {
            match block {
                Block::Setup(setup) => setups.push(setup.clone()),
                Block::Map(text) => pin = tenant(text).map(|it| (word(text, "focus="), it)).or(pin),
                _ => {}
            }
        }
    }
    let mut effects = pin.map_or_else(Vec::new, |(table, value)| {
        map::pin(tour, table.as_deref(), &value)
    });
    if setups.is_empty() {
        effects.push(watch(tour));
        return effects;
    }
    tour.lesson.setting_up = true;
    effects.push(watch_nothing(tour));
    effects.push(Effect::SetUp {
        generation: tour.generation,
        setups,
    });
    effects
}

/// The value of `tenant=…`.
fn tenant(map: &str) -> Option<String> {
    word(map, "tenant=")
}

/// What follows a name among the words for the map.
fn word(map: &str, name: &str) -> Option<String> {
    let mut words = map.split_whitespace();
    let value = words.find_map(|word| word.strip_prefix(name))?;
    (!value.is_empty()).then(|| value.to_owned())
}

/// Watches the checks of the current step.
pub(super) fn watch(tour: &OpenTour) -> Effect {
    let place = tour.lesson.place();
    let checks = tour.current_step().map_or_else(Vec::new, |step| {
        checks(place, &step.blocks)
            .map(|(id, check)| (id, check.clone()))
            .collect()
    });
    Effect::WatchChecks {
        generation: tour.generation,
        checks,
    }
}

/// Watches the checks of the current step again, after nothing was watched for a while.
pub fn watch_again(model: &Model) -> Vec<Effect> {
    let tour = model.tour.as_deref().filter(|tour| tour.is_ready());
    tour.map(watch).into_iter().collect()
}

/// Watches no check: what they would say means nothing now.
pub(super) fn watch_nothing(tour: &OpenTour) -> Effect {
    Effect::WatchChecks {
        generation: tour.generation,
        checks: Vec::new(),
    }
}
