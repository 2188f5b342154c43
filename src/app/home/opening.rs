//! Opens a tour, on a new cluster or on a kept one.

use std::{fmt::Write, sync::Arc, time::Instant};

use super::{Card, HomeCommand, command};
use crate::{
    app::{Effect, Model, OpenTour, Pane, Screen, lesson, overlay::Overlay},
    player::progress::Progress,
};

/// Progress was read, or could not be.
pub fn progress(
    model: &mut Model,
    result: Result<Box<Progress>, String>,
    now: Instant,
) -> Vec<Effect> {
    match result {
        Ok(progress) => model.home.progress = *progress,
        Err(problem) => model.home.progress_problem = Some(problem),
    }
    model.home.progress_known = true;
    match model.home.waiting.take() {
        Some(waiting) if model.screen == Screen::Home => command(model, waiting, now),
        _ => Vec::new(),
    }
}

/// Opens what is chosen.
pub(super) fn open(model: &mut Model, from_the_start: bool, now: Instant) -> Vec<Effect> {
    if !model.home.progress_known {
        model.home.waiting = Some(if from_the_start {
            HomeCommand::Restart
        } else {
            HomeCommand::Open
        });
        return Vec::new();
    }
    let cards = model.home.cards();
    let (tour, kept) = match cards.get(model.home.selected) {
        Some(Card::Tour(tour)) => (Arc::clone(tour), None),
        Some(Card::Kept(cluster)) => {
            let Some(tour) = model.home.tour(&cluster.tour) else {
                let words = format!(
                    "the cluster {} belongs to the tour {}, which is not here",
                    cluster.name, cluster.tour
                );
                model.warn(words);
                return Vec::new();
            };
            (Arc::clone(tour), Some(cluster.name.clone()))
        }
        None => return Vec::new(),
    };
    if from_the_start && kept.is_some() {
        model.say("a kept cluster goes on as it is: Enter");
        return Vec::new();
    }
    // A kept cluster runs already, whatever a new one would need.
    if kept.is_none()
        && !model.home.attached
        && let Some(Err(reason)) = model
            .home
            .survey
            .as_ref()
            .and_then(|survey| survey.choice.clone())
    {
        explain(model, &reason);
        return Vec::new();
    }
    start(model, tour, kept, from_the_start, now)
}

fn start(
    model: &mut Model,
    tour: Arc<crate::lesson::Tour>,
    kept: Option<String>,
    from_the_start: bool,
    now: Instant,
) -> Vec<Effect> {
    let progress = model.home.progress.tour(&tour.id);
    let current = progress.current.as_deref().filter(|_| !from_the_start);
    let wanted = model.home.wanted.take();
    // A step that a newer version no longer has leads to its lesson, a lesson that it no longer has to the beginning.
    let remembered = current.and_then(|name| {
        let lesson = || tour.place(name.split('/').next().unwrap_or_default());
        tour.place(name).or_else(lesson)
    });
    let place = wanted.or(remembered).unwrap_or((0, 0));
    model.home.generation += 1;
    let generation = model.home.generation;
    let nodes = model.home.nodes_of(&tour.id);
    let mut open = OpenTour::new(generation, Arc::clone(&tour), place, nodes, now);
    lesson::recall(&mut open.lesson, &tour, &progress);
    model.tour = Some(Box::new(open));
    model.screen = Screen::Tour;
    // A page that is no lesson has nothing to do in it.
    model.focus = if model.home.attached {
        Pane::Map
    } else {
        Pane::Lesson
    };
    model.zoomed = false;
    if let Some(problem) = model.home.progress_problem.clone() {
        model.warn(format!("your progress is not kept: {problem}"));
    }
    vec![Effect::Boot {
        generation,
        tour,
        place,
        kept,
    }]
}

/// Nothing on this machine can run a cluster: says what would help.
fn explain(model: &mut Model, reason: &str) {
    // Writing to a String cannot fail.
    let mut text = format!("{reason}\n");
    if let Some(survey) = &model.home.survey
        && !survey.alternatives.is_empty()
    {
        text += "\nWhat would help:\n";
        for alternative in &survey.alternatives {
            let _ = write!(text, "\n- {alternative}");
        }
        text.push('\n');
    }
    text += "\n`citus-tour doctor` explains this in full.";
    model.overlays.push(Overlay::Message {
        title: "no cluster can be started here".to_owned(),
        text,
        offset: 0,
    });
}
