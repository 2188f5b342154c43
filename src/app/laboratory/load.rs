//! A load of the tour's own statements: started, changed while it runs, ended.

use std::{collections::VecDeque, time::Instant};

use super::{Picture, busy::refuse_load, probing};
use crate::{
    app::{Effect, Model, Pane, log::LogKind},
    cluster::View,
    workload::{LoadInterval, LoadPlan, LoadReport, Mark, MarkKind, Mix, Pacing, Workload},
};

/// Intervals that are kept: ten minutes.
const KEPT: usize = 600;

/// The number of loads that belong to an experiment or a lesson.
const FOREIGN: u64 = 0;

/// Rates to choose from, in statements a second.
const RATES: [u32; 12] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/// Clients of a closed loop to choose from.
const CLIENTS: [usize; 7] = [1, 2, 4, 8, 16, 32, 64];

/// Whether a load runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Loading {
    /// None does.
    #[default]
    Resting,
    /// It is about to.
    Starting,
    /// It does.
    Running,
    /// It is being ended.
    Ending,
    /// It could not be started.
    Failed(String),
}

/// What a load consists of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Blend {
    /// Reads, writes and reports, as the workload has them.
    #[default]
    All,
    /// Reads of one tenant.
    Reads,
    /// Writes of one tenant.
    Writes,
}

impl Blend {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::All => "reads and writes",
            Self::Reads => "reads only",
            Self::Writes => "writes only",
        }
    }

    fn mix(self) -> Mix {
        let nothing = Mix {
            reads: 0,
            writes: 0,
            reports: 0,
        };
        match self {
            Self::All => Mix::default(),
            Self::Reads => Mix {
                reads: 1,
                ..nothing
            },
            Self::Writes => Mix {
                writes: 1,
                ..nothing
            },
        }
    }
}

/// The load.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadPane {
    /// Whether it runs.
    pub state: Loading,
    /// Tells the news of one load from that of another.
    pub number: u64,
    /// The one that runs is a lesson's: its end is not for the keys of the learner's.
    pub of_lesson: bool,
    /// Statements a second, of an open loop.
    pub rate: u32,
    /// Clients of a closed loop.
    pub clients: usize,
    /// Clients wait for their answers.
    pub closed: bool,
    /// Which statements.
    pub blend: Blend,
    /// A second each, the last one last; those of loads before, too.
    pub intervals: VecDeque<LoadInterval>,
    /// What the last load did in all.
    pub report: Option<Box<LoadReport>>,
}

impl Default for LoadPane {
    fn default() -> Self {
        Self {
            state: Loading::Resting,
            number: 0,
            of_lesson: false,
            rate: 100,
            clients: 8,
            closed: false,
            blend: Blend::All,
            intervals: VecDeque::new(),
            report: None,
        }
    }
}

impl LoadPane {
    /// Whether it runs, or is about to.
    #[must_use]
    pub fn is_running(&self) -> bool {
        matches!(self.state, Loading::Starting | Loading::Running)
    }

    /// The plan that the choices amount to.
    fn plan(&self, workload: Workload) -> LoadPlan {
        let plan = LoadPlan::new(workload);
        LoadPlan {
            pacing: if self.closed {
                Pacing::Closed { rate: None }
            } else {
                Pacing::Open {
                    rate: f64::from(self.rate),
                }
            },
            clients: if self.closed {
                self.clients
            } else {
                plan.clients
            },
            mix: self.blend.mix(),
            ..plan
        }
    }
}

/// What a load brings.
#[derive(Debug, Clone, PartialEq)]
pub enum LoadNews {
    /// It runs now.
    Began,
    /// What it did in a second.
    Interval(Box<LoadInterval>),
    /// It is over.
    Ended(Box<LoadReport>),
    /// It could not be started.
    Failed(String),
}

/// The statements that fit the tables that there are.
#[must_use]
pub(super) fn workload(view: &View) -> Option<Workload> {
    let has = |name: &str| view.table(name).is_some();
    if has("rooms") && has("messages") {
        Some(Workload::Chat)
    } else if has("users") && has("orders") {
        Some(Workload::Shop)
    } else {
        None
    }
}

/// Starts the load, or ends it.
pub(super) fn toggle(model: &mut Model, now: Instant) -> Vec<Effect> {
    if refuse_load(model) {
        return Vec::new();
    }
    let running = model
        .tour
        .as_deref()
        .map(|tour| tour.laboratory.load.is_running());
    match running {
        Some(true) => {
            if let Some(tour) = model.tour.as_deref_mut() {
                tour.laboratory.load.state = Loading::Ending;
            }
            vec![Effect::StopLoad]
        }
        Some(false) => {
            let effects = start(model, now);
            if let Some(tour) = model.tour.as_deref_mut().filter(|_| !effects.is_empty()) {
                tour.laboratory.picture = Picture::Load;
                tour.laboratory.load.intervals.clear();
            }
            effects
        }
        None => Vec::new(),
    }
}

/// A lesson's load is about to run, in place of the learner's.
pub fn begin_for_lesson(model: &mut Model) {
    if let Some(tour) = model.tour.as_deref_mut() {
        let load = &mut tour.laboratory.load;
        load.state = Loading::Starting;
        load.of_lesson = true;
        load.report = None;
    }
}

/// Starts a load as it is chosen, in place of the one that runs.
fn start(model: &mut Model, now: Instant) -> Vec<Effect> {
    model.focus = Pane::Laboratory;
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if !tour.is_ready() {
        model.say("the cluster is not ready yet");
        return Vec::new();
    }
    let Some(workload) = workload(&tour.view) else {
        model.warn("there are no tables yet that a load could ask for");
        return Vec::new();
    };
    tour.laboratory.open = true;
    probing::remember(&mut tour.laboratory, now);
    let load = &mut tour.laboratory.load;
    load.number += 1;
    load.state = Loading::Starting;
    load.report = None;
    let plan = load.plan(workload);
    let words = format!("load: {}", words(load));
    let effect = Effect::StartLoad {
        generation: tour.generation,
        number: tour.laboratory.load.number,
        plan,
        view: Box::new(tour.view.clone()),
    };
    tour.log.add(tour.opened, now, LogKind::Learner, words);
    vec![effect]
}

/// What is chosen, in words.
#[must_use]
pub fn words(load: &LoadPane) -> String {
    let blend = load.blend.words();
    if load.closed {
        let plural = if load.clients == 1 { "" } else { "s" };
        format!("closed loop, {} client{plural}, {blend}", load.clients)
    } else {
        format!("open loop, {} a second, {blend}", load.rate)
    }
}

/// Changes what is chosen, at once where a load runs.
fn choose(model: &mut Model, change: impl FnOnce(&mut LoadPane), now: Instant) -> Vec<Effect> {
    // Another one would begin beside a lesson's load.
    if refuse_load(model) {
        return Vec::new();
    }
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let load = &mut tour.laboratory.load;
    let before = load.clone();
    change(load);
    if *load == before {
        return Vec::new();
    }
    let words = words(load);
    if load.is_running() {
        let mark = Mark {
            at: now,
            kind: MarkKind::Other,
            node: None,
            words: words.clone(),
        };
        probing::note(tour, mark);
        return start(model, now);
    }
    model.say(format!("the next load: {words}"));
    Vec::new()
}

/// More or less of it.
pub(super) fn change(model: &mut Model, more: bool, now: Instant) -> Vec<Effect> {
    choose(
        model,
        |load| {
            if load.closed {
                load.clients = step(&CLIENTS, load.clients, more);
            } else {
                load.rate = step(&RATES, load.rate, more);
            }
        },
        now,
    )
}

/// The choice after or before one, or the nearest there is.
fn step<Number: Copy + Ord>(choices: &[Number], now: Number, more: bool) -> Number {
    let next = if more {
        choices.iter().find(|choice| **choice > now)
    } else {
        choices.iter().rev().find(|choice| **choice < now)
    };
    next.copied().unwrap_or(now)
}

/// By a schedule, or by clients that wait.
pub(super) fn toggle_loop(model: &mut Model, now: Instant) -> Vec<Effect> {
    choose(model, |load| load.closed = !load.closed, now)
}

/// Other statements.
pub(super) fn next_mix(model: &mut Model, now: Instant) -> Vec<Effect> {
    let next = |load: &mut LoadPane| {
        load.blend = match load.blend {
            Blend::All => Blend::Reads,
            Blend::Reads => Blend::Writes,
            Blend::Writes => Blend::All,
        };
    };
    choose(model, next, now)
}

/// A load brought something.
pub fn came(model: &mut Model, number: u64, news: LoadNews, now: Instant) {
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    probing::remember(&mut tour.laboratory, now);
    let load = &mut tour.laboratory.load;
    // What an earlier load still has to say is of no use but for its seconds.
    let is_ours = number == FOREIGN || load.number == number && !load.of_lesson;
    if !is_ours && !matches!(news, LoadNews::Interval(_)) {
        model.dirty = false;
        return;
    }
    match news {
        LoadNews::Began if number == FOREIGN => {
            load.state = Loading::Running;
            load.of_lesson = true;
            load.intervals.clear();
            load.report = None;
            tour.laboratory.open = true;
            tour.laboratory.in_front = true;
            tour.laboratory.picture = Picture::Load;
        }
        LoadNews::Began if load.state == Loading::Starting => load.state = Loading::Running,
        LoadNews::Began => {}
        LoadNews::Interval(interval) => {
            if load.intervals.len() == KEPT {
                load.intervals.pop_front();
            }
            load.intervals.push_back(*interval);
        }
        LoadNews::Ended(report) => {
            load.state = Loading::Resting;
            load.of_lesson = false;
            load.report = Some(report);
            tour.log
                .add(tour.opened, now, LogKind::Learner, "the load is over");
        }
        LoadNews::Failed(reason) => {
            load.state = Loading::Failed(reason.clone());
            load.of_lesson = false;
            let words = format!("the load: {reason}");
            tour.log
                .add(tour.opened, now, LogKind::Failure, words.clone());
            model.warn(words);
        }
    }
}
