//! Keeps what happens in an experiment and makes the report of it. Pure: it is told the time.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::{damage::Damage, naming::name, outlook::Settling};
use crate::{
    cluster::{
        Change, Engine, NodeState, Outcome, Prediction, Subject, View, compare, diff, predictions,
    },
    lesson::in_words,
    player::{Gap, Incident, Moment, MomentKind, Score, Service, Turn, TurnRow, mark_kind},
    runtime::{Act, Exit},
    workload::{Availability, Batch, LoadReport, Mark, Outage, ProbeSpec, Track, Window},
};

/// Strips in a report are as fine as this.
const BUCKET: Duration = Duration::from_millis(250);

/// What is known of an experiment that runs.
pub(super) struct Record {
    started: Instant,
    view: View,
    specs: Vec<ProbeSpec>,
    settling: Settling,
    availability: Availability,
    pub(super) damage: Damage,
    timeline: Vec<(Instant, MomentKind, String)>,
    turns: Vec<Turn>,
    /// For each turn, whether it began with something that takes away.
    breaking: Vec<bool>,
    open: OpenTurn,
    /// Acts are being done: what is seen meanwhile belongs to them.
    acting: bool,
}

/// The turn that goes on.
struct OpenTurn {
    act: String,
    at: Instant,
    from: Instant,
    predictions: Vec<Prediction>,
    /// It began with something that takes away.
    breaks: bool,
}

/// `kill worker1 and worker2, freeze worker3`.
pub(super) fn in_one(acts: &[(Act, &str)]) -> String {
    let mut by_act: Vec<(Act, Vec<&str>)> = Vec::new();
    for (act, node) in acts {
        match by_act.iter_mut().find(|(known, _)| known == act) {
            Some((_, nodes)) => nodes.push(node),
            None => by_act.push((*act, vec![node])),
        }
    }
    let words: Vec<String> = by_act
        .iter()
        .map(|(act, nodes)| format!("{act} {}", in_words(nodes)))
        .collect();
    words.join(", ")
}

impl Record {
    /// Begins with what is so before the first act.
    pub(super) fn new(
        started: Instant,
        view: View,
        specs: Vec<ProbeSpec>,
        settling: Settling,
    ) -> Self {
        let open = OpenTurn {
            act: String::new(),
            at: started,
            from: started,
            predictions: predictions(&view, &BTreeMap::new()),
            breaks: false,
        };
        Self {
            started,
            view,
            specs,
            settling,
            availability: Availability::new(started, BUCKET),
            damage: Damage::default(),
            timeline: Vec::new(),
            turns: Vec::new(),
            breaking: Vec::new(),
            open,
            acting: false,
        }
    }

    pub(super) fn predictions(&self) -> &[Prediction] {
        &self.open.predictions
    }

    pub(super) fn probed(&mut self, batch: &Batch) {
        self.availability.take(batch);
    }

    /// Something happened; gives it as it will stand in the report.
    pub(super) fn happened(&mut self, at: Instant, kind: MomentKind, words: String) -> Moment {
        let moment = Moment {
            at_ms: self.since_start(at),
            kind,
            words: words.clone(),
        };
        self.timeline.push((at, kind, words));
        moment
    }

    /// A server process ended.
    pub(super) fn exited(&mut self, at: Instant, exit: &Exit) -> Moment {
        let ordered = if exit.ordered.is_some() {
            ""
        } else {
            ", and nobody asked it to"
        };
        let words = format!("{} ended: {}{ordered}", exit.node, exit.status);
        self.happened(at, MomentKind::Exit, words)
    }

    /// The cluster was looked at; gives what is different.
    pub(super) fn looked(&mut self, at: Instant, view: View) -> Vec<Moment> {
        let changes = diff(&self.view, &view);
        let was = self.predicted();
        for change in &changes {
            if let Change::NodeState {
                node,
                from,
                to: NodeState::Up,
            } = change
                && matches!(
                    from,
                    NodeState::Down | NodeState::Frozen | NodeState::CutOff | NodeState::Stopped
                )
            {
                self.damage.seen_up(node);
            }
        }
        self.view = view;
        let moments: Vec<Moment> = changes
            .iter()
            .map(|change| self.happened(at, MomentKind::Seen, change.to_string()))
            .collect();
        // What the metadata say may change what is predicted, without any act of the plan.
        if !self.acting && !changes.is_empty() && outcomes(&was) != outcomes(&self.predicted()) {
            let words: Vec<String> = changes.iter().map(ToString::to_string).collect();
            self.end_turn(at);
            self.begin_turn(words.join(", "), at);
        }
        moments
    }

    fn predicted(&self) -> Vec<Prediction> {
        predictions(&self.damage.applied_to(&self.view), &BTreeMap::new())
    }

    /// Acts are about to be done: what was so until now is over.
    pub(super) fn acting(&mut self, at: Instant) {
        self.end_turn(at);
        self.acting = true;
    }

    /// They were done, or could not be.
    pub(super) fn acted(
        &mut self,
        (begun, done): (Instant, Instant),
        acts: &[(Act, String, Result<(), String>)],
    ) {
        self.acting = false;
        let mut succeeded: Vec<(Act, &str)> = Vec::new();
        for (act, node, result) in acts {
            match result {
                Ok(()) => {
                    self.damage.did(*act, node);
                    self.availability
                        .mark(Mark::new(begun, mark_kind(*act), node.clone()));
                    succeeded.push((*act, node));
                }
                Err(reason) => {
                    self.damage.attempted(*act, node);
                    self.happened(
                        begun,
                        MomentKind::ActFailed,
                        format!("{act} {node}: {reason}"),
                    );
                }
            }
        }
        let words = in_one(&succeeded);
        if !words.is_empty() {
            self.happened(begun, MomentKind::Act, words.clone());
        }
        self.begin_turn(words, done);
        self.open.at = begun;
        self.open.breaks = succeeded.iter().any(|(act, _)| mark_kind(*act).breaks());
    }

    fn begin_turn(&mut self, act: String, at: Instant) {
        self.open = OpenTurn {
            act,
            at,
            from: self.settling.from(at),
            predictions: self.predicted(),
            breaks: false,
        };
    }

    /// Holds what was predicted against what is known of it now: what hangs has not ended, whatever becomes of it later.
    fn end_turn(&mut self, at: Instant) {
        let window = Settling::window(self.open.from, at);
        let ripe = self.settling.ripe(window);
        let judged = |track: &Track| match track.outcome(window)? {
            outcome @ (Outcome::Works | Outcome::Fails) => Some(outcome),
            Outcome::Late | Outcome::Waits => track.outcome(ripe),
        };
        let observed: BTreeMap<Subject, Outcome> = self
            .availability
            .tracks()
            .filter_map(|(subject, track)| Some((subject, judged(track)?)))
            .collect();
        let comparison = compare(&self.open.predictions, &observed);
        let probed: BTreeSet<Subject> = self.specs.iter().map(|spec| spec.subject).collect();
        let named = |subject: Subject| name(subject, &self.view, &self.specs);
        let seen = comparison.rows.iter().map(|row| TurnRow {
            subject: named(row.subject),
            predicted: row.predicted,
            observed: Some(row.observed),
            probed: true,
            reason: row.reason.as_ref().map(ToString::to_string),
        });
        let unseen = comparison.not_observed.iter().map(|prediction| TurnRow {
            subject: named(prediction.subject),
            predicted: prediction.outcome,
            observed: None,
            probed: probed.contains(&prediction.subject),
            reason: prediction.reason.as_ref().map(ToString::to_string),
        });
        let turn = Turn {
            act: self.open.act.clone(),
            at_ms: self.since_start(self.open.at),
            from_ms: self.since_start(window.from),
            to_ms: self.since_start(window.to),
            first_failure_ms: None,
            recovery_ms: None,
            rows: seen.chain(unseen).collect(),
        };
        self.breaking.push(self.open.breaks);
        self.turns.push(turn);
        self.open.at = at;
    }

    fn since_start(&self, at: Instant) -> u64 {
        milliseconds(at.saturating_duration_since(self.started))
    }

    /// It is over.
    pub(super) fn finish(
        mut self,
        at: Instant,
        plan: String,
        called_off: bool,
        load: Option<LoadReport>,
    ) -> Incident {
        self.end_turn(at);
        self.tell_of_failures();
        let services: Vec<Service> = self
            .specs
            .iter()
            .map(|spec| self.service(spec.subject, at))
            .collect();
        let score = self
            .turns
            .iter()
            .map(Turn::score)
            .fold(Score::default(), |sum, turn| Score {
                right: sum.right + turn.right,
                of: sum.of + turn.of,
                not_seen: sum.not_seen + turn.not_seen,
            });
        self.timeline.sort_by_key(|(at, ..)| *at);
        let timeline = self.timeline.iter().map(|(at, kind, words)| Moment {
            at_ms: self.since_start(*at),
            kind: *kind,
            words: words.clone(),
        });
        Incident {
            plan,
            engine: match &self.view.engine {
                Engine::None => "plain PostgreSQL".to_owned(),
                Engine::Extension(version) => version.clone(),
            },
            watched_ms: self.since_start(at),
            called_off,
            timeline: timeline.collect(),
            turns: self.turns,
            services,
            score,
            load,
        }
    }

    /// When clients were first told of an act, and when all was well again, act by act.
    fn tell_of_failures(&mut self) {
        let starts: Vec<Instant> = self
            .turns
            .iter()
            .map(|turn| self.started + Duration::from_millis(turn.at_ms))
            .collect();
        for (index, turn) in self.turns.iter_mut().enumerate().skip(1) {
            let begin = starts[index];
            let end = starts.get(index + 1).copied();
            let tracks = || self.availability.tracks().map(|(_, track)| track);
            let failures = tracks().filter_map(|track| track.first_failure_after(begin));
            let before_next = |after: &Duration| end.is_none_or(|end| begin + *after < end);
            if self.breaking.get(index) == Some(&true) {
                turn.first_failure_ms = failures.min().filter(before_next).map(milliseconds);
            }
            // Of those that were out when it was done.
            let out = tracks()
                .flat_map(Track::outages)
                .filter(|outage| outage.start < begin && outage.end.is_none_or(|end| end > begin));
            let recoveries: Option<Vec<Duration>> = out
                .map(|outage| Some(outage.end?.saturating_duration_since(begin)))
                .collect();
            let all = recoveries.and_then(|times| times.into_iter().max());
            turn.recovery_ms = all.filter(before_next).map(milliseconds);
        }
    }

    fn service(&self, subject: Subject, at: Instant) -> Service {
        let whole = Window {
            from: self.started,
            to: at,
        };
        let track = self.availability.of(subject);
        let gaps = track.map(Track::outages).unwrap_or_default();
        Service {
            subject: name(subject, &self.view, &self.specs),
            share: track.and_then(|track| track.share(whole)),
            outages: gaps
                .iter()
                .filter_map(|outage| self.gap(outage, at))
                .collect(),
            codes: track.map(|track| track.codes(whole)).unwrap_or_default(),
            message: track
                .and_then(Track::last_failure)
                .map(|(_, message)| message.to_owned()),
        }
    }

    /// What of an outage lies between the beginning and the end: probes run before, while they warm up.
    fn gap(&self, outage: &Outage, over: Instant) -> Option<Gap> {
        let from = outage.start.max(self.started);
        let end = outage.end.filter(|end| *end < over);
        let is_within = from < over && end.is_none_or(|end| end > from);
        is_within.then(|| Gap {
            from_ms: self.since_start(from),
            length_ms: end.map(|end| milliseconds(end.saturating_duration_since(from))),
        })
    }
}

fn outcomes(predictions: &[Prediction]) -> Vec<(Subject, Outcome)> {
    let pairs = predictions.iter().map(|it| (it.subject, it.outcome));
    pairs.collect()
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
