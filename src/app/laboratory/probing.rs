//! Probes: started when the laboratory is opened, ended when it is closed, and what they bring.

use std::time::{Duration, Instant};

use super::{LaboratoryPane, Loading, Picture, Probing, plan, trial};
use crate::{
    app::{Effect, Model, OpenTour, Pane, Size, deadline::next_tick},
    cluster::{Change, GroupKey, NodeState, TableName, View, predictions},
    player::mark_kind,
    runtime::Act,
    workload::{Availability, Batch, Mark, MarkKind},
};

/// How long a bucket of what probes saw is.
const BUCKET: Duration = Duration::from_millis(250);

/// Without motion a picture of what goes on changes so often.
const STILL: Duration = Duration::from_secs(1);

/// What probes bring.
#[derive(Debug, Clone, PartialEq)]
pub enum ProbeNews {
    /// They are sent now, for these tenants.
    Began(Vec<(GroupKey, String)>),
    /// They saw something.
    Saw(Box<Batch>),
    /// They could not be sent.
    Failed(String),
}

/// Goes to the laboratory and has its probes run.
pub fn open(model: &mut Model, now: Instant) -> Vec<Effect> {
    model.focus = Pane::Laboratory;
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    tour.laboratory.open = true;
    tour.laboratory.in_front = true;
    if tour.laboratory.probing.is_on() || !tour.is_ready() {
        return Vec::new();
    }
    start(model, now)
}

/// Starts the probes, or ends them.
pub(super) fn toggle(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if !tour.laboratory.probing.is_on() {
        return start(model, now);
    }
    if tour.laboratory.plan.running.is_some() {
        model.warn("an experiment runs: it needs its probes until its end");
        return Vec::new();
    }
    tour.laboratory.probing = Probing::Resting;
    model.say("the probes rest; what they saw stays");
    vec![Effect::StopProbes]
}

/// Has the probes run.
pub(super) fn start(model: &mut Model, now: Instant) -> Vec<Effect> {
    model.focus = Pane::Laboratory;
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if !tour.is_ready() {
        model.say("the cluster is not ready yet");
        return Vec::new();
    }
    show(tour, now);
    vec![ask(tour)]
}

/// The cluster is there: a laboratory that was opened before has its probes now.
pub fn ready(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let pane = &tour.laboratory;
    if !pane.open || pane.probing.is_on() {
        return Vec::new();
    }
    let in_front = pane.in_front;
    show(tour, now);
    tour.laboratory.in_front = in_front;
    vec![ask(tour)]
}

/// From now on the laboratory is open, and what probes see is shown.
pub(super) fn show(tour: &mut OpenTour, now: Instant) {
    let pane = &mut tour.laboratory;
    pane.open = true;
    pane.in_front = true;
    if !pane.probing.is_on() {
        pane.probing = Probing::Starting;
    }
    pane.expected = expected(&tour.view);
    remember(pane, now);
}

/// A lesson has something happen in the laboratory: where one pane is shown at a time it is this one, for as long as that lasts.
pub fn come_to_front(model: &mut Model) {
    let (columns, rows) = model.size;
    if Size::of(columns, rows) == Size::One || model.zoomed {
        model.focus = Pane::Laboratory;
        model.zoomed = false;
    }
    if let Some(tour) = model.tour.as_deref_mut() {
        tour.laboratory.open = true;
        tour.laboratory.in_front = true;
        tour.laboratory.called = true;
    }
}

/// It is over: back to the lesson that asked for it, unless the learner went elsewhere meanwhile.
pub fn go_back(model: &mut Model) {
    let (columns, rows) = model.size;
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let called = std::mem::take(&mut tour.laboratory.called);
    let here = model.focus == Pane::Laboratory && Size::of(columns, rows) == Size::One;
    if called && here && model.overlays.is_empty() {
        model.focus = Pane::Lesson;
    }
}

/// What probes see, and what happens, is kept from now on.
pub(super) fn remember(pane: &mut LaboratoryPane, now: Instant) {
    if pane.availability.is_none() {
        pane.availability = Some(Availability::new(now, BUCKET));
    }
}

/// An experiment is over, and its probes with it: while the laboratory is open others go on.
pub(super) fn resume(model: &mut Model) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    if tour.laboratory.probing.is_on() && tour.is_ready() {
        vec![ask(tour)]
    } else {
        Vec::new()
    }
}

/// Closes the laboratory: nothing is asked any more.
pub(super) fn close(model: &mut Model) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if tour.laboratory.plan.running.is_some() {
        model.warn("an experiment runs: x calls it off");
        return Vec::new();
    }
    if tour.laboratory.load.of_lesson {
        model.warn("the lesson's load runs: x ends it");
        return Vec::new();
    }
    let pane = &mut tour.laboratory;
    pane.open = false;
    pane.in_front = false;
    let mut effects = Vec::new();
    if pane.probing.is_on() {
        pane.probing = Probing::Resting;
        effects.push(Effect::StopProbes);
    }
    if pane.load.is_running() {
        pane.load.state = Loading::Ending;
        effects.push(Effect::StopLoad);
    }
    model.zoomed = false;
    model.focus = Pane::Lesson;
    effects
}

fn expected(view: &View) -> Vec<crate::cluster::Prediction> {
    predictions(view, &std::collections::BTreeMap::new())
}

fn ask(tour: &OpenTour) -> Effect {
    Effect::Probe {
        generation: tour.generation,
        view: Box::new(tour.view.clone()),
    }
}

/// The probes brought something.
pub fn came(model: &mut Model, news: ProbeNews, now: Instant) {
    let motion = model.settings.motion;
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let pane = &mut tour.laboratory;
    // What is still on its way when they are ended is none of ours.
    if !pane.probing.is_on() {
        model.dirty = false;
        return;
    }
    match news {
        ProbeNews::Began(tenants) => {
            pane.probing = Probing::Running;

            pane.tenants = tenants.into_iter().collect();
        }
        ProbeNews::Failed(reason) => pane.probing = Probing::Failed(reason),
        ProbeNews::Saw(batch) => {
            pane.probing = Probing::Running;
            if let Some(availability) = &mut pane.availability {
                availability.take(&batch);
            }
            trial::compared(pane, now);
            let still = pane
                .told
                .is_some_and(|told| now.saturating_duration_since(told) < STILL);
            if !motion && still {
                model.dirty = false;
                return;
            }
            pane.told = Some(now);
        }
    }
}

/// The cluster looks different; the tour has the new view already.
pub fn viewed(model: &mut Model, old: &View, changes: &[Change], now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if !tour.laboratory.open {
        return Vec::new();
    }
    let told: Vec<Mark> = changes
        .iter()
        .filter_map(|change| mark_of(tour, change, now))
        .chain(memberships(old, &tour.view, now))
        .collect();
    let words = told.last().map(ToString::to_string);
    let first = changes.first().map(ToString::to_string);
    for mark in told {
        note(tour, mark);
    }
    let before = std::mem::replace(&mut tour.laboratory.expected, expected(&tour.view));
    if tour.laboratory.probing.is_on() {
        let words = words
            .or(first)
            .unwrap_or_else(|| "the cluster changed".to_owned());
        trial::changed(tour, &before, words, now);
        let experimenting = tour.laboratory.plan.running.is_some();
        if asks(old) != asks(&tour.view) && !experimenting && tour.is_ready() {
            return vec![ask(tour)];
        }
    }
    Vec::new()
}

/// What decides which statements the probes send.
fn asks(view: &View) -> (Vec<GroupKey>, Vec<&TableName>) {
    let groups = view.groups.iter().map(|group| group.key);
    let tables = view.tables.iter().map(|table| &table.name);
    (groups.collect(), tables.collect())
}

/// Nodes that take part no more, or again.
fn memberships(old: &View, new: &View, now: Instant) -> Vec<Mark> {
    let active = |view: &View, name: &str| Some(view.node(name)?.membership?.is_active);
    let marks = new.nodes.iter().filter_map(|node| {
        let kind = match (active(old, &node.name)?, active(new, &node.name)?) {
            (true, false) => MarkKind::Disable,
            (false, true) => MarkKind::Activate,
            _ => return None,
        };
        Some(Mark::new(now, kind, node.name.clone()))
    });
    marks.collect()
}

/// What a change of the cluster is on the axis of time. What we did ourselves is there already.
fn mark_of(tour: &OpenTour, change: &Change, now: Instant) -> Option<Mark> {
    match change {
        Change::NodeState { node, from, to } => {
            let ours = tour.nodes.ordered.contains_key(node)
                || tour.nodes.under_way.contains_key(node)
                || tour.laboratory.plan.running.is_some();
            let kind = match (from, to) {
                (_, NodeState::Down | NodeState::Frozen | NodeState::CutOff) if !ours => {
                    MarkKind::Lost
                }
                (NodeState::Down | NodeState::Frozen | NodeState::CutOff, NodeState::Up)
                    if !ours =>
                {
                    MarkKind::Back
                }
                _ => return None,
            };
            Some(Mark::new(now, kind, node.clone()))
        }
        Change::MoveStarted { .. } | Change::GroupMoved { .. } | Change::GroupCopied { .. } => {
            Some(Mark {
                at: now,
                kind: MarkKind::Move,
                node: None,
                words: change.to_string(),
            })
        }
        _ => None,
    }
}

/// Notes something on the axis of time.
pub(super) fn note(tour: &mut OpenTour, mark: Mark) {
    if let Some(availability) = &mut tour.laboratory.availability {
        availability.mark(mark);
    }
}

/// An act was done to a node.
pub fn acted(tour: &mut OpenTour, act: Act, node: &str, now: Instant) {
    note(tour, Mark::new(now, mark_kind(act), node));
    if tour.laboratory.probing.is_on() {
        trial::acted(tour, act, node, now);
    }
}

/// The cluster is made anew, or is gone: nothing is asked of it any more.
pub fn changed(tour: &mut OpenTour) {
    let pane = &mut tour.laboratory;
    *pane = LaboratoryPane {
        open: pane.open,
        in_front: pane.in_front,
        picture: Picture::Strips,
        span: pane.span,
        ..LaboratoryPane::default()
    };
}

/// When the pane looks different by itself: a plan that counts down. What probes and load see comes as news.
#[must_use]
pub fn next_deadline(tour: &OpenTour, now: Instant) -> Option<Instant> {
    let since = plan::counting(tour)?;
    Some(next_tick(since, now))
}
