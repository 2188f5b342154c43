//! Experiments: a plan of faults is carried out while probes ask, and what was predicted of each act is held against what came of it.
//!
//! In: a [`Stage`](super::Stage), a [`Request`], and a [`CallOff`] for whoever may end it early. Out: [`ExperimentEvent`]s as things
//! happen, and an [`Incident`](super::Incident) at the end.

mod damage;
mod loading;
mod naming;
mod outlook;
mod record;
mod run;
mod warming;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{Moment, PlayError};
use crate::{
    cluster::Prediction,
    lesson::{self, FaultPlan},
    runtime::Act,
    workload::{Batch, LoadInterval, LoadPlan, LoadReport, Pace, Pacing, ProbeSpec, Workload},
};

pub use loading::load;
pub use run::run;

/// What is to be tried.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What is done, and when.
    pub plan: FaultPlan,
    /// How long it is watched, from its beginning.
    pub lasts: Duration,
    /// The load that runs meanwhile.
    pub load: Option<LoadPlan>,
    /// How often probes ask, and how patient they are.
    pub pace: Pace,
    /// What is broken when it is called off stays so.
    pub leave: bool,
}

impl Request {
    /// A plan, watched for so long.
    #[must_use]
    pub fn new(plan: FaultPlan, lasts: Duration) -> Self {
        Self {
            plan,
            lasts,
            load: None,
            pace: Pace::default(),
            leave: false,
        }
    }

    /// What an action of a lesson asks for.
    ///
    /// # Errors
    /// When a load is wanted of a tour that has none.
    pub fn of_lesson(experiment: &lesson::Experiment) -> Result<Self, PlayError> {
        let mut request = Self::new(experiment.plan.clone(), experiment.lasts);
        if let Some(tour) = &experiment.load {
            request.load = Some(LoadPlan::new(workload(tour)?));
        }
        Ok(request)
    }
}

/// What an action of a lesson asks for.
///
/// # Errors
/// When its tour has no load, or its mix is none.
pub fn load_plan(load: &lesson::Load) -> Result<LoadPlan, PlayError> {
    let mut plan = LoadPlan::new(workload(&load.tour)?);
    plan.duration = Some(load.lasts);
    if let Some(mix) = &load.mix {
        plan.mix = mix.parse()?;
    }
    if let Some(clients) = load.clients {
        plan.clients = usize::try_from(clients).unwrap_or(usize::MAX);
    }
    let rate = load.rate.map(f64::from);
    plan.pacing = match (load.closed, rate, plan.pacing) {
        (true, rate, _) => Pacing::Closed { rate },
        (false, Some(rate), _) => Pacing::Open { rate },
        (false, None, usual) => usual,
    };
    Ok(plan)
}

/// The workload of a tour.
///
/// # Errors
/// When the tour has none.
pub fn workload(tour: &str) -> Result<Workload, PlayError> {
    Workload::of(tour).ok_or_else(|| PlayError::NoLoad(tour.to_owned()))
}

/// Something of an experiment.
#[derive(Debug)]
pub enum ExperimentEvent {
    /// The probes run; the plan's time begins.
    Began {
        /// Now.
        at: Instant,
        /// What is asked again and again.
        specs: Vec<ProbeSpec>,
    },
    /// What the probes saw.
    Probed(Batch),
    /// A second of the load is over.
    Loaded(Box<LoadInterval>),
    /// Acts begin, all at once.
    Acting {
        /// Now.
        at: Instant,
        /// What, to which node.
        acts: Vec<(Act, String)>,
    },
    /// An act was done, or could not be.
    Acted {
        /// When it was begun.
        at: Instant,
        /// What.
        act: Act,
        /// To which node.
        node: String,
        /// How it went.
        result: Result<(), String>,
    },
    /// What is predicted from now on.
    Predicted {
        /// After which act: `kill worker3`; empty for what is before the first one.
        after: String,
        /// By subject.
        predictions: Vec<Prediction>,
    },
    /// Something else happened.
    Happened(Moment),
    /// The load is over.
    LoadEnded(Box<LoadReport>),
    /// It is called off; what it broke is being put back.
    CalledOff,
}

/// Hears what happens in an experiment.
pub type Hearing<'a> = dyn FnMut(ExperimentEvent) + Send + 'a;

/// Ends an experiment or a load early. Clones end the same one.
#[derive(Debug, Clone)]
pub struct CallOff(Arc<watch::Sender<bool>>);

impl Default for CallOff {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl CallOff {
    /// Nothing is called off yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends it: what is broken is put back, then the report is made.
    pub fn call_off(&self) {
        self.0.send_replace(true);
    }

    /// Waits until somebody calls it off. Cancelled without loss.
    pub async fn called(&self) {
        let mut receiver = self.0.subscribe();
        // The sender lives as long as this does.
        let _ = receiver.wait_for(|called| *called).await;
    }
}
