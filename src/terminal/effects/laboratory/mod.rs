//! The laboratory's work: probes, load, plans of faults, and reports as files. All of it ends with the cluster.

mod batches;
mod experiment;
mod loading;
mod probing;
mod saving;

use std::{sync::Arc, time::Duration};

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

/// How long what was broken may take to be put back, before the program's own end.
const PUT_BACK: Duration = Duration::from_secs(7);

/// A plan that is carried out, or a lesson's load.
#[derive(Debug)]
struct Experiment {
    task: Task,
    call_off: CallOff,
}

impl Experiment {
    /// Calls it off and waits until what it broke is put back.
    async fn settle(self) {
        self.call_off.call_off();
        self.task.finish(PUT_BACK).await;
    }
}

/// What is under way in the laboratory.
#[derive(Debug)]
pub(super) struct Laboratory {
    context: Context,
    generation: Generation,
    probes: Option<Task>,
    loads: loading::Loads,
    experiment: Option<Experiment>,
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
        if order.is_plan() {
            self.probes = None;
        }
        self.loads.end();
        let before = self.experiment.take();
        let call_off = CallOff::new();
        let work = Box::pin(experiment::carry_out(acting, order, call_off.clone()));
        let task = Task::start(async move {
            // Nothing that was broken before stays so.
            if let Some(before) = before {
                before.settle().await;
            }
            work.await;
        });
        self.experiment = Some(Experiment { task, call_off });
    }

    /// Calls the plan off.
    pub(super) fn call_off(&self) {
        if let Some(experiment) = &self.experiment {
            experiment.call_off.call_off();
        }
    }

    /// Calls it off and waits until what it broke is put back: its cluster goes on.
    pub(super) async fn call_off_and_wait(&mut self) {
        if let Some(experiment) = self.experiment.take() {
            experiment.settle().await;
        }
    }

    /// Ends all of it, and waits until nothing of it is left.
    pub(super) async fn end(mut self) {
        // An act that is half done would meet servers that begin anew.
        self.call_off_and_wait().await;
        self.quiet().await;
    }

    /// Ends all of it at once: its cluster is about to be another one, or none.
    pub(super) async fn quiet(&mut self) {
        if let Some(probes) = self.probes.take() {
            probes.end().await;
        }
        if let Some(experiment) = self.experiment.take() {
            experiment.task.end().await;
        }
        self.loads.ended().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;

    #[tokio::test]
    async fn what_is_called_off_is_waited_for_until_it_has_put_back_what_it_broke() {
        let call_off = CallOff::new();
        let mended = Arc::new(AtomicBool::new(false));
        let (called, done) = (call_off.clone(), Arc::clone(&mended));
        let task = Task::start(async move {
            called.called().await;
            tokio::task::yield_now().await;
            done.store(true, Ordering::SeqCst);
        });
        Experiment { task, call_off }.settle().await;
        assert!(mended.load(Ordering::SeqCst));
    }
}
