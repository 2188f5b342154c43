//! One thing at a time: what keeps another from being begun. Pure.

use crate::app::{Model, OpenTour};

/// What runs that another thing would throw away, and how to end it; `None`: nothing does.
#[must_use]
pub fn busy(tour: &OpenTour) -> Option<&'static str> {
    let pane = &tour.laboratory;
    match &pane.plan.running {
        Some(plan) if plan.cancelling => Some("a plan is being called off"),
        Some(plan) if plan.of_lesson => Some("the lesson's experiment runs; F3, then x ends it"),
        Some(_) => Some("your plan is being carried out; F3, then x calls it off"),
        None if pane.load.of_lesson => Some("the lesson's load runs; F3, then x ends it"),
        None => None,
    }
}

/// Whether something runs that must not be thrown away; says so.
pub fn refuse(model: &mut Model) -> bool {
    let words = model.tour.as_deref().and_then(busy);
    say(model, words)
}

/// Whether a lesson's experiment or load runs, beside which no load of the learner's has a place; says so.
pub(super) fn refuse_load(model: &mut Model) -> bool {
    let of_lesson = |tour: &&OpenTour| {
        let pane = &tour.laboratory;
        pane.load.of_lesson || pane.plan.running.as_ref().is_some_and(|it| it.of_lesson)
    };
    let words = model.tour.as_deref().filter(of_lesson).and_then(busy);
    say(model, words)
}

fn say(model: &mut Model, words: Option<&str>) -> bool {
    if let Some(words) = words {
        model.warn(format!("the laboratory is busy: {words}"));
    }
    words.is_some()
}
