//! A fault, with what was predicted of it, held against what the probes see.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::{
    app::OpenTour,
    cluster::{Comparison, Outcome, Prediction, Reachability, Subject, View, compare, predictions},
    runtime::Act,
    workload::{Availability, Window},
};

/// Acts that are so near to each other are one fault.
const TOGETHER: Duration = Duration::from_secs(2);

/// What is older says nothing of how things are. Whoever waits for a frozen node has to have failed within it.
const LATELY: Duration = Duration::from_secs(12);

/// What was predicted of something that happened, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// What happened: `kill worker3`.
    pub words: String,
    /// The acts to nodes, where it was some.
    acts: Vec<(Act, String)>,
    /// When it had happened: from then on it is to be seen.
    pub at: Instant,
    /// What was predicted, sorted by subject.
    pub predicted: Vec<Prediction>,
    /// What the probes saw of it, as of the last news.
    pub comparison: Comparison,
}

/// What a cluster looks like once these acts are done.
pub(super) fn afterwards(view: &View, acts: &[(Act, String)]) -> View {
    let mut view = view.clone();
    for (act, name) in acts {
        let node = view.nodes.iter_mut().find(|node| node.name == *name);
        if let Some(node) = node {
            node.reachability = match act {
                Act::Start | Act::Restart | Act::Thaw | Act::Heal => Reachability::Up,
                Act::Stop => Reachability::Stopped,
                Act::Kill | Act::Destroy => Reachability::Down,
                Act::Freeze => Reachability::Frozen,
                Act::Partition => Reachability::CutOff,
            };
        }
    }
    view
}

/// How every subject of a cluster ends once these acts are done.
pub(super) fn predicted(view: &View, acts: &[(Act, String)]) -> Vec<Prediction> {
    predictions(&afterwards(view, acts), &BTreeMap::new())
}

/// An act was done to a node.
pub(super) fn acted(tour: &mut OpenTour, act: Act, node: &str, now: Instant) {
    let before = tour.laboratory.trial.take();
    let joined = before.filter(|trial| {
        !trial.acts.is_empty() && now.saturating_duration_since(trial.at) < TOGETHER
    });
    let mut acts = joined.map_or_else(Vec::new, |trial| trial.acts);
    acts.push((act, node.to_owned()));
    let words: Vec<String> = acts
        .iter()
        .map(|(act, node)| format!("{act} {node}"))
        .collect();
    tour.laboratory.trial = Some(Trial {
        words: words.join(", "),
        predicted: predicted(&tour.view, &acts),
        acts,
        at: now,
        comparison: Comparison::default(),
    });
}

/// A plan did something, and what is predicted of it is known.
pub(super) fn planned(
    tour: &mut OpenTour,
    words: String,
    predicted: Vec<Prediction>,
    now: Instant,
) {
    // Before its first act nothing is on trial.
    tour.laboratory.trial = (!words.is_empty()).then(|| Trial {
        words,
        acts: Vec::new(),
        at: now,
        predicted,
        comparison: Comparison::default(),
    });
}

/// The cluster looks different, and by something that we did not do it should answer differently.
pub(super) fn changed(tour: &mut OpenTour, before: &[Prediction], words: String, now: Instant) {
    let outcomes = |predictions: &[Prediction]| -> BTreeMap<Subject, Outcome> {
        let pairs = predictions.iter().map(|it| (it.subject, it.outcome));
        pairs.collect()
    };
    let pane = &mut tour.laboratory;
    let expected = outcomes(&pane.expected);
    let known = pane.trial.as_ref();
    let is_known = known.is_some_and(|trial| outcomes(&trial.predicted) == expected);
    if is_known || outcomes(before) == expected || before.is_empty() {
        return;
    }
    pane.trial = Some(Trial {
        words,
        acts: Vec::new(),
        at: now,
        predicted: pane.expected.clone(),
        comparison: Comparison::default(),
    });
}

/// How each subject ended since a moment, as far as it is known.
fn observed(availability: &Availability, window: Window) -> BTreeMap<Subject, Outcome> {
    let outcomes = availability
        .tracks()
        .filter_map(|(subject, track)| Some((subject, track.outcome(window)?)));
    outcomes.collect()
}

/// Notes what was seen lately, and holds what was predicted against it.
pub(super) fn compared(pane: &mut super::LaboratoryPane, now: Instant) {
    let Some(availability) = &pane.availability else {
        return;
    };
    let lately = now.checked_sub(LATELY).unwrap_or(now);
    let since = pane.trial.as_ref().map(|trial| trial.at);
    let window = Window {
        from: since.map_or(lately, |since| since.max(lately)),
        to: now,
    };
    pane.observed = observed(availability, window);
    if let Some(trial) = &mut pane.trial {
        trial.comparison = compare(&trial.predicted, &pane.observed);
    }
}
