//! What is kept of a tour beyond the program's end.

use std::time::Instant;

use super::{ItemId, LessonPane, Place, prediction};
use crate::{
    app::{Effect, Model, log::LogKind},
    lesson::Tour,
    player::progress::TourProgress,
};

/// Brings back what was kept.
pub fn recall(pane: &mut LessonPane, tour: &Tour, kept: &TourProgress) {
    pane.done.clone_from(&kept.done);
    for (id, predict) in prediction::all(tour) {
        let key = prediction::stored_under(tour, id).unwrap_or_default();
        if let Some(chosen) = kept.predictions.get(&key) {
            let fits = |option: &usize| *option < predict.options.len();
            let chosen: Vec<usize> = chosen.iter().copied().filter(fits).collect();
            if !chosen.is_empty() {
                pane.predictions.insert(id, chosen);
            }
        }
    }
}

/// Changes what is kept of the open tour, and writes it where that can be done without losing what could not be read.
fn change(model: &mut Model, change: impl FnOnce(&mut TourProgress, &Tour)) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let mut kept = model.home.progress.tour(&tour.tour.id);
    let before = kept.clone();
    change(&mut kept, &tour.tour);
    if kept == before {
        return Vec::new();
    }
    *model.home.progress.tour_mut(&tour.tour.id) = kept;
    if model.home.progress_problem.is_some() {
        return Vec::new();
    }
    vec![Effect::SaveProgress(Box::new(model.home.progress.clone()))]
}

/// Notes where the learner is.
pub(super) fn at(model: &mut Model, place: Place) -> Vec<Effect> {
    change(model, |kept, tour| {
        kept.current = prediction::key(tour, place);
    })
}

/// Notes that a step is done; says so once.
pub(super) fn finish(model: &mut Model, place: Place, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let Some(key) = prediction::key(&tour.tour, place) else {
        return Vec::new();
    };
    if !tour.lesson.done.insert(key.clone()) {
        return Vec::new();
    }
    let title = tour
        .tour
        .lesson(place.0)
        .and_then(|lesson| lesson.steps.get(place.1))
        .map_or(String::new(), |step| step.title.clone());
    tour.log.add(
        tour.opened,
        now,
        LogKind::Learner,
        format!("step done: {title}"),
    );
    change(model, |kept, _| {
        kept.done.insert(key);
    })
}

/// Notes what was chosen in a prediction.
pub(super) fn predicted(model: &mut Model, id: ItemId, chosen: &[usize]) -> Vec<Effect> {
    change(model, |kept, tour| {
        if let Some(key) = prediction::stored_under(tour, id) {
            kept.predictions.insert(key, chosen.to_vec());
        }
    })
}

/// Forgets what was done from a step of a lesson on.
pub(super) fn forget(model: &mut Model, (lesson, from): Place) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let pane = &mut tour.lesson;
    let steps = tour
        .tour
        .lesson(lesson)
        .map_or(0, |lesson| lesson.steps.len());
    let keys: Vec<String> = (from..steps)
        .filter_map(|step| prediction::key(&tour.tour, (lesson, step)))
        .collect();
    pane.done.retain(|done| !keys.contains(done));
    pane.predictions
        .retain(|id, _| id.lesson != lesson || id.step < from);
    change(model, |kept, _| {
        kept.done.retain(|done| !keys.contains(done));
        kept.predictions.retain(|stored, _| {
            let step = stored
                .split_once('#')
                .map_or(stored.as_str(), |(step, _)| step);
            !keys.iter().any(|key| key == step)
        });
    })
}
