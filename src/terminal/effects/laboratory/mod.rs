//! The laboratory's work: probes, load, plans of faults, and reports as files. All of it ends with the cluster.

mod batches;
mod experiment;
mod loading;
mod probing;
mod saving;

use std::sync::Arc;

use super::{
    acts::Acting,
    context::Context,
    open::{Generation, Running, Task},
};
use crate::{
    cluster::View,
    player::experiment::CallOff,
    workload::{LoadPlan, Mark},
};

pub(super) use experiment::Order;
pub(super) use saving::save;

/// What is under way in the laboratory.
#[derive(Debug)]
pub(super) struct Laboratory {
    context: Context,
    generation: Generation,
    probes: Option<Task>,
    loads: loading::Loads,
    experiment: Option<(Task, CallOff)>,
}

impl Laboratory {
    pub(super) fn new(context: Context, generation: Generation) -> Self {
        Self {
            loads: loading::Loads::start(context.clone(), generation.clone()),
            context,
            generation,
            probes: None,
            experiment: None,
        }
    }

    /// Sends probes, in place of those that are sent.
    pub(super) fn probe(&mut self, running: Arc<Running>, view: Box<View>) {
        let (context, generation) = (self.context.clone(), self.generation.get());
        self.probes = Some(Task::start(probing::probe(
            context, generation, running, view,
        )));
    }

    /// Sends none any more.
    pub(super) fn stop_probes(&mut self) {
        self.probes = None;
    }

    /// Starts a load, in place of the one that runs.
    pub(super) fn load(&self, running: Arc<Running>, number: u64, plan: LoadPlan, view: Box<View>) {
        self.loads.begin(running, number, plan, view);
    }

    /// Ends the load.
    pub(super) fn stop_load(&self) {
        self.loads.end();
    }

    /// For the report of a load that runs: something happened.
    pub(super) fn marker(&self) -> impl Fn(Mark) + Send + Sync + Clone + 'static {
        self.loads.marker()
    }

    /// Carries out a plan of the learner's, or an experiment or a load of a lesson.
    pub(super) fn carry_out(&mut self, acting: Acting, order: Order) {
        // A plan has probes of its own, and a lesson's load is the only one.
        self.probes = None;
        self.loads.end();
        let call_off = CallOff::new();
        let work = experiment::carry_out(acting, order, call_off.clone());
        self.experiment = Some((Task::start(work), call_off));
    }

    /// Calls the plan off.
    pub(super) fn call_off(&self) {
        if let Some((_, call_off)) = &self.experiment {
            call_off.call_off();
        }
    }

    /// Ends all of it, and waits until nothing of it is left.
    pub(super) async fn end(mut self) {
        self.quiet().await;
    }

    /// Ends all of it at once: its cluster is about to be another one, or none.
    pub(super) async fn quiet(&mut self) {
        if let Some(probes) = self.probes.take() {
            probes.end().await;
        }
        if let Some((experiment, _)) = self.experiment.take() {
            experiment.end().await;
        }
        self.loads.end();
    }
}
