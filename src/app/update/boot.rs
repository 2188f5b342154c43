//! The cluster comes up, changes, and is looked at.

use std::time::{Duration, Instant};

use crate::{
    app::{
        Boot, BootEvent, Effect, Model, NodeBoot, OpenTour, laboratory, lesson, log::LogKind, map,
        nodes,
    },
    cluster::{View, diff},
    runtime::Event,
};

/// How often the sign that something is being done moves.
const SPINNER: Duration = Duration::from_millis(250);

/// When the sign that the cluster comes up moves.
#[must_use]
pub(in crate::app) fn boot_deadline(
    tour: &OpenTour,
    motion: bool,
    now: Instant,
) -> Option<Instant> {
    let busy = matches!(
        tour.boot,
        Boot::Starting { .. } | Boot::Rebuilding { .. } | Boot::Leaving
    );
    (busy && motion).then(|| now + SPINNER)
}

/// One more step of a start.
pub(super) fn event(model: &mut Model, event: BootEvent, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    match event {
        BootEvent::Progress(event) => progress(tour, event, now),
        BootEvent::Rebuilding(what) => {
            if !matches!(tour.boot, Boot::Rebuilding { .. }) {
                laboratory::changed(tour);
            }
            tour.boot = Boot::Rebuilding { what };
        }
        BootEvent::Facts(facts) => {
            if tour.facts.is_none() {
                tour.log.add(
                    tour.opened,
                    now,
                    LogKind::Program,
                    format!("the servers run: {}", facts.engine),
                );
            }
            tour.facts = Some(facts);
        }
        BootEvent::Ready => {
            tour.boot = Boot::Ready;
            tour.log
                .add(tour.opened, now, LogKind::Program, "the cluster is ready");
            let mut effects = lesson::ready(model, now);
            effects.extend(laboratory::ready(model, now));
            return effects;
        }
        BootEvent::Failed(reason) => {
            tour.log
                .add(tour.opened, now, LogKind::Failure, reason.clone());
            tour.boot = Boot::Failed(reason);
            laboratory::changed(tour);
        }
    }
    Vec::new()
}

fn progress(tour: &mut OpenTour, event: Event, now: Instant) {
    let Boot::Starting { what, nodes } = &mut tour.boot else {
        return;
    };
    let mut set =
        |node: String, state: NodeBoot| match nodes.iter_mut().find(|(name, _)| *name == node) {
            Some(entry) => entry.1 = Some(state),
            None => nodes.push((node, Some(state))),
        };
    match event {
        Event::BuildingTemplate => {
            *what = Some("making a data directory to copy from, once".to_owned());
        }
        Event::Bringing { package } => *what = Some(format!("bringing {package}")),
        Event::Pulling {
            image,
            layers,
            layers_done,
            bytes,
            bytes_known,
        } => {
            let of = |bytes: u64| bytes / 1_000_000;
            *what = Some(format!(
                "pulling {image}: {layers_done} of {layers} layers, {} of {} MB",
                of(bytes),
                of(bytes_known)
            ));
        }
        Event::Remark(text) => tour.log.add(tour.opened, now, LogKind::Node, text),
        Event::Copied { node } => set(node, NodeBoot::Copied),
        Event::Starting { node, .. } => set(node, NodeBoot::Starting),
        Event::Ready { node, port, after } => {
            let text = format!(
                "{node} is ready on port {port} after {} ms",
                after.as_millis()
            );
            set(node, NodeBoot::Ready(after));
            tour.log.add(tour.opened, now, LogKind::Node, text);
        }
    }
}

/// The cluster looks different.
pub(super) fn view(model: &mut Model, view: View, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    // While it is made anew every look differs from the last: nothing of that is news.
    let is_news = tour.is_ready() && tour.view_at.is_some();
    let changes = if is_news {
        diff(&tour.view, &view)
    } else {
        Vec::new()
    };
    nodes::viewed(model, &view, &changes, now);
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    tour.outdated_since = view
        .outdated
        .as_ref()
        .map(|_| tour.outdated_since.unwrap_or(now));
    let before = std::mem::replace(&mut tour.view, view);
    tour.view_at = Some(now);
    let mut effects = map::changed(model, &changes, now);
    effects.extend(laboratory::viewed(model, &before, &changes, now));
    if !changes.is_empty() {
        effects.push(Effect::AskChecks);
    }
    effects
}
