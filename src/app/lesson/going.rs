//! From step to step, back, and to other places.

use std::time::Instant;

use super::{
    Follow, Place,
    arriving::{enter, stand_at, watch_nothing},
    congratulation::congratulate,
    items::{hindrance, leaves_a_gap, step_holds},
    record, scrolling,
};
use crate::app::{Boot, Effect, Model, OpenTour, log::LogKind, map, overlay::Overlay};

/// Goes to the next step, or back from what is looked at again.
pub(super) fn next(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if let Some(reading) = tour.lesson.reading {
        let following = after(tour, reading).filter(|place| *place < tour.lesson.place());
        tour.lesson.reading = following;
        scrolling::follow(model, Follow::Step);
        return Vec::new();
    }
    if let Some(words) = hindrance(tour) {
        model.say(words);
        return Vec::new();
    }
    if !step_holds(tour) {
        model.overlays.push(Overlay::NotDone { selected: 0 });
        return Vec::new();
    }
    if leaves_a_gap(tour) {
        tour.lesson.skipped = true;
    }
    let place = tour.lesson.place();
    let mut effects = record::finish(model, place, now);
    effects.extend(go_on(model, now));
    effects
}

/// Goes on although the step is not done.
pub fn skip(model: &mut Model, now: Instant) -> Vec<Effect> {
    if let Some(tour) = model.tour.as_deref_mut() {
        if let Some(words) = hindrance(tour) {
            model.say(words);
            return Vec::new();
        }
        let title = tour.current_step().map(|step| step.title.clone());
        tour.log.add(
            tour.opened,
            now,
            LogKind::Learner,
            format!("skipped: {}", title.unwrap_or_default()),
        );
        if leaves_a_gap(tour) {
            tour.lesson.skipped = true;
        }
    }
    go_on(model, now)
}

/// The place after a place, also over the end of a lesson.
fn after(tour: &OpenTour, (lesson, step): Place) -> Option<Place> {
    let steps = tour.tour.lesson(lesson)?.steps.len();
    if step + 1 < steps {
        return Some((lesson, step + 1));
    }
    tour.tour.lesson(lesson + 1).map(|_| (lesson + 1, 0))
}

/// The place before a place.
fn before(tour: &OpenTour, (lesson, step): Place) -> Option<Place> {
    if step > 0 {
        return Some((lesson, step - 1));
    }
    let lesson = lesson.checked_sub(1)?;
    let steps = tour.tour.lesson(lesson)?.steps.len();
    Some((lesson, steps.saturating_sub(1)))
}

fn go_on(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let here = tour.lesson.place();
    let Some(there) = after(tour, here) else {
        if tour.current_step().is_some() {
            congratulate(model);
        } else {
            model.say("this page is there to be read: Tab leads to the other panes");
        }
        return Vec::new();
    };
    if there.0 != here.0 {
        let begins_here = tour
            .tour
            .lesson(there.0)
            .and_then(|lesson| lesson.start.clone())
            == tour
                .current_lesson()
                .map(|lesson| lesson.ends_at().to_owned());
        if tour.lesson.skipped || !begins_here {
            return rebuild(model, there, now);
        }
    }
    enter(model, there, now)
}

/// Looks at the step before again.
pub(super) fn previous(model: &mut Model) {
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let Some(place) = before(tour, tour.lesson.shown()) else {
        model.say("this is the beginning of the tour");
        return;
    };
    tour.lesson.reading = Some(place);
    scrolling::follow(model, Follow::Step);
}

/// A heading was pressed: what is behind the learner is looked at again, what lies ahead is gone to.
pub(super) fn look_at(model: &mut Model, place: Place, now: Instant) -> Vec<Effect> {
    match model.tour.as_deref_mut() {
        Some(tour) if place < tour.lesson.place() => {
            tour.lesson.reading = Some(place);
            scrolling::follow(model, Follow::Step);
            Vec::new()
        }
        _ => jump(model, place, now),
    }
}

/// Goes to a place of the tour: asks first, where the cluster has to be made anew.
pub fn jump(model: &mut Model, place: Place, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if place == tour.lesson.place() {
        tour.lesson.reading = None;
        scrolling::follow(model, Follow::Step);
        return Vec::new();
    }
    if after(tour, tour.lesson.place()) == Some(place) && step_holds(tour) {
        tour.lesson.reading = None;
        return next(model, now);
    }
    if let Some(words) = not_now(tour) {
        model.say(words);
        return Vec::new();
    }
    if !holds_work(tour) {
        return rebuild(model, place, now);
    }
    let words = if leads_to_page(model, place) {
        "The schema of the lessons is dropped, with all that is in it. From then on names mean your own tables again.".to_owned()
    } else {
        format!(
            "{} is made anew for that place, by doing all that comes before it. What you have made in it by hand is lost.",
            made_anew(model)
        )
    };
    ask(model, place, words);
    Vec::new()
}

/// Whether a place is the page about somebody's own cluster, and no lesson.
fn leads_to_page(model: &Model, place: Place) -> bool {
    let tour = model.tour.as_deref().filter(|_| model.home.attached);
    tour.and_then(|tour| tour.tour.lesson(place.0))
        .is_some_and(|lesson| !lesson.is_for_attached())
}

/// What a rebuild makes anew: of somebody's own cluster only what is the lessons'.
fn made_anew(model: &Model) -> &'static str {
    if model.home.attached {
        "The schema of the lessons"
    } else {
        "The cluster"
    }
}

fn ask(model: &mut Model, place: Place, words: String) {
    model.overlays.push(Overlay::ConfirmRebuild {
        place,
        words,
        selected: 0,
    });
}

/// Why the cluster cannot be made anew now. One that failed can.
fn not_now(tour: &OpenTour) -> Option<&'static str> {
    hindrance(tour).filter(|_| !matches!(tour.boot, Boot::Failed(_)))
}

/// Whether something would be lost by making the cluster anew.
fn holds_work(tour: &OpenTour) -> bool {
    let kept = tour
        .facts
        .as_ref()
        .is_some_and(|facts| facts.kept.is_some());
    tour.is_ready() && (kept || !tour.lesson.items.is_empty() || !tour.sql.answers.is_empty())
}

/// Begins the step or the lesson again, after a question.
pub(super) fn reset(model: &mut Model, lesson: bool, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let here = tour.lesson.place();
    let place = if lesson { (here.0, 0) } else { here };
    if let Some(words) = not_now(tour) {
        model.say(words);
        return Vec::new();
    }
    if matches!(tour.boot, Boot::Failed(_)) {
        return rebuild(model, place, now);
    }
    let beginning = if lesson {
        "of this lesson, and its steps are open again"
    } else {
        "of this step, and the step is open again"
    };
    let words = format!(
        "{} is made what it was at the beginning {beginning}.",
        made_anew(model)
    );
    ask(model, place, words);
    Vec::new()
}

/// Makes the cluster what it is at a place and goes there.
pub fn rebuild(model: &mut Model, place: Place, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let nodes = model.home.nodes_of(&tour.tour.id);
    let here = tour.lesson.place();
    let begins_again = place.0 == here.0 && place.1 <= here.1 && tour.is_ready();
    let anew = if leads_to_page(model, place) {
        "the schema of the lessons is dropped".to_owned()
    } else {
        format!("{} is made anew", made_anew(model).to_lowercase())
    };
    let mut effects = Vec::new();
    if begins_again {
        effects.extend(record::forget(model, place));
    }
    if let Some(tour) = model.tour.as_deref_mut() {
        let pane = &mut tour.lesson;
        // Statements and acts under way belong to a cluster that is going.
        pane.items
            .retain(|id, state| id.place() < place && *state != super::ItemState::Running);
        pane.opened.retain(|opened, _| *opened < place);
        pane.skipped = false;
        pane.brought.retain(|id, _| id.place() < place);
        map::untouch(&mut tour.map);
    }
    stand_at(model, place);
    effects.extend(record::at(model, place));
    let Some(tour) = model.tour.as_deref_mut() else {
        return effects;
    };
    let title = tour
        .current_lesson()
        .map_or(String::new(), |lesson| lesson.title.clone());
    tour.log.add(
        tour.opened,
        now,
        LogKind::Program,
        format!("{anew} for: {title}"),
    );
    // What still comes of the cluster as it was means nothing for the one that it becomes.
    tour.generation = model.home.generation + 1;
    model.home.generation = tour.generation;
    if tour.facts.is_none() {
        // It never ran: it is started again.
        tour.boot = Boot::Starting {
            what: None,
            nodes: nodes.into_iter().map(|node| (node, None)).collect(),
        };
        effects.push(Effect::Boot {
            generation: tour.generation,
            tour: std::sync::Arc::clone(&tour.tour),
            place,
            kept: None,
        });
        return effects;
    }
    // What ran there is called off; its end comes with a number that is none of ours.
    crate::app::laboratory::changed(tour);
    tour.boot = Boot::Rebuilding { what: title };
    effects.push(watch_nothing(tour));
    effects.push(Effect::Rebuild {
        generation: tour.generation,
        place,
    });
    effects
}
