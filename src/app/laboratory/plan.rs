//! Faults by a plan: typed, asked about, carried out, called off.

use std::time::{Duration, Instant};

use super::{Line, Loading, Picture, busy::refuse, outlook, probing, trial};
use crate::{
    app::{
        Effect, Model, OpenTour, Pane,
        input::{Chord, Key},
        log::LogKind,
        nodes,
        overlay::Overlay,
    },
    cluster::Prediction,
    lesson::{DueAct, FaultPlan, PlanError},
    runtime::Act,
    workload::Mark,
};

/// How long what a plan did is watched after its last act.
const AFTERMATH: Duration = Duration::from_secs(8);

/// A plan that is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunningPlan {
    /// What is done, and when.
    pub plan: FaultPlan,
    /// How long it is watched.
    pub lasts: Duration,
    /// Its beginning, once it has begun.
    pub since: Option<Instant>,
    /// It is being called off.
    pub cancelling: bool,
    /// A lesson asked for it.
    pub of_lesson: bool,
}

impl RunningPlan {
    /// The act that comes next, and how long until then.
    #[must_use]
    pub fn next(&self, now: Instant) -> Option<(&DueAct, Duration)> {
        let since = self.since?;
        let due = self.plan.due().iter().find(|due| since + due.at > now)?;
        Some((due, (since + due.at).saturating_duration_since(now)))
    }

    /// How many of its acts are due already.
    #[must_use]
    pub fn done(&self, now: Instant) -> usize {
        let Some(since) = self.since else {
            return 0;
        };
        let due = self.plan.due().iter();
        due.filter(|due| since + due.at <= now).count()
    }

    /// How long it is still watched.
    #[must_use]
    pub fn left(&self, now: Instant) -> Option<Duration> {
        let end = self.since? + self.lasts;
        Some(end.saturating_duration_since(now))
    }
}

/// Faults by plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlanPane {
    /// What is typed, while it is.
    pub input: Option<Line>,
    /// Why it cannot be read.
    pub problem: Option<PlanError>,
    /// The last plan that was typed.
    pub last: Option<String>,
    /// The plan that is carried out.
    pub running: Option<RunningPlan>,
}

/// What comes of an experiment.
#[derive(Debug, Clone, PartialEq)]
pub enum ExperimentNews {
    /// It begins now.
    Began,
    /// An act of the plan is over.
    Acted {
        /// What.
        act: Act,
        /// To which node.
        node: String,
        /// How it went.
        result: Result<(), String>,
    },
    /// What is predicted from now on.
    Predicted {
        /// After which acts; empty before the first one.
        after: String,
        /// By subject.
        predictions: Vec<Prediction>,
    },
    /// It is called off; what it broke is put back.
    CalledOff,
    /// It is over, with its report.
    Ended(Box<super::IncidentReport>),
    /// It could not be carried out.
    Failed(String),
}

/// Begins to type a plan.
pub(super) fn begin(model: &mut Model) {
    model.focus = Pane::Laboratory;
    if refuse(model) {
        return;
    }
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let last = tour.laboratory.plan.last.clone();
    tour.laboratory.plan.input = Some(Line::new(last.unwrap_or_default()));
    tour.laboratory.plan.problem = None;
}

/// A key while a plan is typed; `None`: it is not for the line.
pub fn type_chord(model: &mut Model, chord: Chord, _now: Instant) -> Option<Vec<Effect>> {
    if model.focus != Pane::Laboratory {
        return None;
    }
    let tour = model.tour.as_deref_mut()?;
    let plan = &mut tour.laboratory.plan;
    let line = plan.input.as_mut()?;
    match chord.key {
        Key::Esc => {
            plan.input = None;
            plan.problem = None;
        }
        Key::Enter => read(model),
        _ if line.key(chord) => plan.problem = None,
        _ => return None,
    }
    Some(Vec::new())
}

/// Text that was pasted while a plan is typed; `false`: it is not for the line.
pub fn paste(model: &mut Model, text: &str) -> bool {
    let typing = model.focus == Pane::Laboratory;
    let tour = model.tour.as_deref_mut().filter(|_| typing);
    let Some(line) = tour.and_then(|tour| tour.laboratory.plan.input.as_mut()) else {
        return false;
    };
    line.insert(text);
    true
}

/// Reads what is typed, and asks whether it shall be done.
fn read(model: &mut Model) {
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let pane = &mut tour.laboratory.plan;
    let text = pane.input.as_ref().map_or("", |line| line.text.trim());
    if text.is_empty() {
        pane.input = None;
        return;
    }
    let text = text.to_owned();
    match text.parse::<FaultPlan>() {
        Err(problem) => point_at(pane, problem),
        Ok(plan) => {
            if let Some(problem) = outlook::stranger(&tour.view, &plan, &text) {
                point_at(&mut tour.laboratory.plan, problem);
                return;
            }
            let pane = &mut tour.laboratory.plan;
            pane.last = Some(text);
            pane.input = None;
            pane.problem = None;
            let consequences = outlook::consequences(&tour.view, &plan);
            model.overlays.push(Overlay::ConfirmPlan {
                plan,
                consequences,
                selected: 0,
            });
        }
    }
}

/// Says what is wrong, with the cursor where it is.
fn point_at(pane: &mut PlanPane, problem: PlanError) {
    if let Some(line) = &mut pane.input {
        let indent = line
            .text
            .chars()
            .take_while(|it| it.is_whitespace())
            .count();
        let length = line.text.chars().count();
        line.cursor = (indent + problem.column.saturating_sub(1)).min(length);
    }
    pane.problem = Some(problem);
}

/// Carries a plan out.
pub fn confirmed(model: &mut Model, plan: FaultPlan, now: Instant) -> Vec<Effect> {
    // It was typed before the lesson began something.
    if refuse(model) {
        return Vec::new();
    }
    let lasts = plan.length() + AFTERMATH;
    begin_experiment(model, &plan, lasts, false, now);
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let words = format!("asked for: {plan}");
    let effect = Effect::Experiment {
        generation: tour.generation,
        plan,
        lasts,
    };
    log(model, now, LogKind::Learner, words);
    vec![effect]
}

/// From now on an experiment is shown.
pub fn begin_experiment(
    model: &mut Model,
    plan: &FaultPlan,
    lasts: Duration,
    of_lesson: bool,
    now: Instant,
) {
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    probing::show(tour, now);
    let pane = &mut tour.laboratory;
    pane.picture = Picture::Strips;
    pane.plan.running = Some(RunningPlan {
        plan: plan.clone(),
        lasts,
        since: None,
        cancelling: false,
        of_lesson,
    });
}

/// Calls off the plan that is carried out.
pub(super) fn cancel(model: &mut Model, _now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let pane = &mut tour.laboratory;
    if let Some(running) = &mut pane.plan.running {
        running.cancelling = true;
    } else if pane.load.of_lesson {
        pane.load.state = Loading::Ending;
    } else {
        model.say("no plan is being carried out");
        return Vec::new();
    }
    vec![Effect::CancelExperiment]
}

/// News of an experiment.
pub fn came(model: &mut Model, news: ExperimentNews, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    match news {
        ExperimentNews::Began => {
            if let Some(running) = &mut tour.laboratory.plan.running {
                running.since = Some(now);
            }
        }
        ExperimentNews::Acted { act, node, result } => acted(model, act, &node, result, now),
        ExperimentNews::Predicted { after, predictions } => {
            trial::planned(tour, after, predictions, now);
        }
        ExperimentNews::CalledOff => {
            if let Some(running) = &mut tour.laboratory.plan.running {
                running.cancelling = true;
            }
        }
        ExperimentNews::Ended(report) => {
            let title = report.title.clone();
            tour.laboratory.plan.running = None;
            tour.laboratory.incident = Some(report);
            log(model, now, LogKind::Learner, title);
            model.say("the experiment is over: in the laboratory (F3) r shows its report, s there saves it");
            return over(model);
        }
        ExperimentNews::Failed(reason) => {
            tour.laboratory.plan.running = None;
            log(model, now, LogKind::Failure, format!("the plan: {reason}"));
            model.warn(reason);
            return over(model);
        }
    }
    Vec::new()
}

/// The probes of an experiment end with it: the learner's own go on where they were.
fn over(model: &mut Model) -> Vec<Effect> {
    let mut effects = probing::resume(model);
    effects.push(Effect::AskChecks);
    effects
}

/// An act of the plan is over.
fn acted(model: &mut Model, act: Act, node: &str, result: Result<(), String>, now: Instant) {
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    match result {
        Ok(()) => {
            nodes::planned(tour, act, node);
            probing::note(tour, Mark::new(now, crate::player::mark_kind(act), node));
            log(model, now, LogKind::Node, format!("{act} {node}, by plan"));
        }
        Err(reason) => {
            let words = format!("{act} {node}, by plan: {reason}");
            log(model, now, LogKind::Failure, words.clone());
            model.warn(words);
        }
    }
}

fn log(model: &mut Model, now: Instant, kind: LogKind, text: String) {
    if let Some(tour) = model.tour.as_deref_mut() {
        tour.log.add(tour.opened, now, kind, text);
    }
}

/// Since when something is counted down, if it is.
pub(super) fn counting(tour: &OpenTour) -> Option<Instant> {
    tour.laboratory.plan.running.as_ref()?.since
}
