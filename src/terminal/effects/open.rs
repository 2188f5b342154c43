//! The tour that is open: its cluster, and the tasks around it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

use super::{
    checks::Checks, context::Context, laboratory::Laboratory, observing, sql::Statements,
    xray::Xray,
};
use crate::{
    lesson::Tour,
    observe::Watched,
    player::{Stage, watched},
    runtime::Runtime,
    topology::Topology,
};

/// A cluster that runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) cluster: Arc<dyn Runtime>,
    pub(super) topology: Topology,
    /// Whom the map looks at.
    pub(super) watched: watch::Sender<Vec<Watched>>,
}

impl Running {
    pub(super) fn new(cluster: Arc<dyn Runtime>, topology: Topology) -> Self {
        let now = watched(cluster.as_ref(), &topology);
        Self {
            cluster,
            topology,
            watched: watch::Sender::new(now),
        }
    }

    /// Has the map look at what the runtime knows now.
    pub(super) fn refresh(&self) {
        let now = watched(self.cluster.as_ref(), &self.topology);
        self.watched.send_if_modified(|before| {
            let changed = *before != now;
            *before = now;
            changed
        });
    }

    /// A stage with sessions of its own.
    pub(super) fn stage(&self) -> Stage {
        Stage::new(Arc::clone(&self.cluster), self.topology.clone())
    }

    /// The node that statements go to where none is named.
    pub(super) fn coordinator(&self) -> String {
        self.stage().coordinator().to_owned()
    }
}

/// A task that ends when it is let go.
#[derive(Debug)]
pub(super) struct Task(JoinHandle<()>);

impl Task {
    pub(super) fn start(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }

    /// Waits until it ends by itself; ends it when that takes longer.
    pub(super) async fn finish(mut self, within: Duration) {
        if timeout(within, &mut self.0).await.is_err() {
            self.end().await;
        }
    }

    /// Ends it, and waits until nothing of it is left.
    pub(super) async fn end(mut self) {
        self.0.abort();
        let _ = (&mut self.0).await;
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What tells messages of an opening from those of an earlier one; a cluster that is made anew may get a new number.
#[derive(Debug, Clone)]
pub(super) struct Generation(Arc<AtomicU64>);

impl Generation {
    pub(super) fn new(number: u64) -> Self {
        Self(Arc::new(AtomicU64::new(number)))
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    pub(super) fn set(&self, number: u64) {
        self.0.store(number, Ordering::SeqCst);
    }
}

/// The tour that is open.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) generation: Generation,
    pub(super) tour: Arc<Tour>,
    /// The cluster, once it runs.
    pub(super) cluster: Arc<watch::Sender<Option<Arc<Running>>>>,
    pub(super) statements: Statements,
    pub(super) checks: Checks,
    pub(super) xray: Xray,
    pub(super) laboratory: Laboratory,
    pub(super) follower: Option<Task>,
    /// Brings the cluster up, or makes it anew.
    pub(super) making: Option<Task>,
    /// Acts, actions and questions under way.
    pub(super) tasks: JoinSet<()>,
    _observing: Task,
}

impl Open {
    pub(super) fn new(context: &Context, generation: u64, tour: Arc<Tour>) -> Self {
        let generation = Generation::new(generation);
        let cluster = Arc::new(watch::Sender::new(None));
        let statements = Statements::start(context.clone());
        let observing = observing::observe(
            context.clone(),
            generation.clone(),
            cluster.subscribe(),
            statements.clone(),
        );
        Self {
            xray: Xray::start(context.clone(), cluster.subscribe()),
            checks: Checks::new(context.clone(), generation.clone()),
            laboratory: Laboratory::new(context.clone(), generation.clone()),
            generation,
            tour,
            cluster,
            statements,
            follower: None,
            making: None,
            tasks: JoinSet::new(),
            _observing: Task::start(observing),
        }
    }

    /// The cluster, if it runs.
    pub(super) fn running(&self) -> Option<Arc<Running>> {
        self.cluster.borrow().clone()
    }

    /// Does something beside everything else, for as long as the tour is open.
    pub(super) fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        // What is done already is taken off the list.
        while self.tasks.try_join_next().is_some() {}
        self.tasks.spawn(work);
    }

    /// Ends whatever is under way around the cluster, but not the cluster.
    pub(super) async fn quiet(&mut self) {
        self.statements.abandon();
        self.checks.watch(None, Vec::new());
        self.follower = None;
        self.laboratory.quiet().await;
        self.tasks.shutdown().await;
        if let Some(making) = self.making.take() {
            making.end().await;
        }
    }
}
