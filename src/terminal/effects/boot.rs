//! Brings a cluster up, to a place of its tour; or makes it anew.

use std::sync::Arc;

use tokio::sync::{
    mpsc::{UnboundedSender, unbounded_channel},
    watch,
};

use super::{
    context::{Context, unbroken},
    facts::facts,
    open::{Open, Running},
    sql::Statements,
};
use crate::{
    app::{BootEvent, Msg},
    engine::{decide, hold_to, start_on},
    lesson::Tour,
    player::Player,
    runtime::{Event, Runtime, take_over},
};

/// What a start and a rebuild have in common.
pub(super) struct Making {
    context: Context,
    /// As it was asked for: what it says later is about that.
    generation: u64,
    tour: Arc<Tour>,
    place: (usize, usize),
    cluster: Arc<watch::Sender<Option<Arc<Running>>>>,
    statements: Statements,
}

/// Tells how far it is, in order.
type Tell = UnboundedSender<BootEvent>;

impl Making {
    pub(super) fn of(open: &Open, context: Context, place: (usize, usize)) -> Self {
        Self {
            context,
            generation: open.generation.get(),
            tour: Arc::clone(&open.tour),
            place,
            cluster: Arc::clone(&open.cluster),
            statements: open.statements.clone(),
        }
    }

    /// Starts a cluster, or takes a kept one over as it is.
    pub(super) async fn start(self, kept: Option<String>) {
        let work = async |making: &Self, tell: Tell| {
            if let Some(name) = kept {
                return making.take_over(&name, &tell).await;
            }
            if let Some(cluster) = &making.context.machine.attached {
                return making.adopt(Arc::clone(cluster), &tell);
            }
            making.bring_up(&tell).await?;
            making.bring_to_place(&tell).await
        };
        Box::pin(self.telling(work)).await;
    }

    /// Makes the cluster that runs anew.
    pub(super) async fn rebuild(self) {
        let work = async |making: &Self, tell: Tell| {
            let running = making.running()?;
            let elsewhere = running.cluster.is_elsewhere();
            let is_page = |tour: &Tour| {
                tour.lesson(making.place.0)
                    .is_some_and(|it| !it.is_for_attached())
            };
            if elsewhere && is_page(&making.tour) {
                return making.put_away(running, &tell).await;
            }
            let what = if elsewhere {
                "an empty schema for the lessons"
            } else {
                "the servers begin anew"
            };
            let _ = tell.send(BootEvent::Rebuilding(what.to_owned()));
            let mut stage = running.stage();
            let afresh = stage.start_afresh().await;
            afresh.map_err(|error| error.to_string())?;
            // Whoever watches begins anew too: no server is what it was.
            making.runs(
                Running::new(Arc::clone(&running.cluster), running.topology.clone()),
                &tell,
            );
            making.bring_to_place(&tell).await
        };
        Box::pin(self.telling(work)).await;
    }

    /// Drops what lessons made on somebody's own cluster: the learner is back at the page about it.
    async fn put_away(&self, running: Arc<Running>, tell: &Tell) -> Result<(), String> {
        let what = "the schema of the lessons is dropped".to_owned();
        let _ = tell.send(BootEvent::Rebuilding(what));
        let cluster = Arc::clone(&running.cluster);
        drop(running);
        cluster.end().await.map_err(|error| error.to_string())?;
        self.adopt(cluster, tell)
    }

    /// Does the work and tells about it; whatever goes wrong is told too.
    async fn telling(self, work: impl AsyncFnOnce(&Self, Tell) -> Result<(), String>) {
        let (tell, mut told) = unbounded_channel();
        let forward = async {
            while let Some(event) = told.recv().await {
                self.say(event).await;
            }
        };
        let (outcome, ()) = tokio::join!(unbroken(work(&self, tell)), forward);
        let end = match outcome.and_then(|outcome| outcome) {
            Ok(()) => BootEvent::Ready,
            Err(reason) => BootEvent::Failed(reason),
        };
        self.say(end).await;
    }

    async fn say(&self, event: BootEvent) {
        let message = Msg::Boot(self.generation, event);
        self.context.send(message).await;
    }

    fn running(&self) -> Result<Arc<Running>, String> {
        let running = self.cluster.borrow().clone();
        running.ok_or_else(|| "there is no cluster to make anew".to_owned())
    }

    /// From now on there is a cluster.
    fn runs(&self, running: Running, tell: &Tell) {
        let _ = tell.send(BootEvent::Facts(facts(running.cluster.as_ref())));
        self.cluster.send_replace(Some(Arc::new(running)));
    }

    async fn take_over(&self, name: &str, tell: &Tell) -> Result<(), String> {
        let directories = self.context.machine.directories.clone();
        let taken_over = take_over(&directories, name).await;
        self.adopt(taken_over.map_err(|error| error.to_string())?, tell)
    }

    /// Takes a cluster as it is.
    fn adopt(&self, cluster: Arc<dyn Runtime>, tell: &Tell) -> Result<(), String> {
        let topology = cluster.topology().clone();
        self.runs(Running::new(cluster, topology), tell);
        let running = self.running()?;
        self.statements
            .adopt(running.stage(), running, self.place.0);
        Ok(())
    }

    async fn bring_up(&self, tell: &Tell) -> Result<(), String> {
        let machine = &self.context.machine;
        let topology = machine.topology_of(&self.tour)?;
        let directories = machine.directories.clone();
        let ground = decide(&machine.wish, &topology.name, &directories).await;
        let ground = ground.map_err(|error| error.to_string())?;
        let progress = tell.clone();
        let report = move |event: Event| {
            let _ = progress.send(BootEvent::Progress(event));
        };
        let started = start_on(ground, topology.clone(), None, directories, &report).await;
        let held = match started {
            Ok(cluster) => hold_to(machine.wish.engine, cluster).await,
            Err(error) => Err(error),
        };
        let cluster = held.map_err(|error| error.to_string())?;
        self.runs(Running::new(cluster, topology), tell);
        Ok(())
    }

    /// Does silently all that comes before the place.
    async fn bring_to_place(&self, tell: &Tell) -> Result<(), String> {
        let running = self.running()?;
        let mut player = Player::new(&self.tour, running.stage());
        let (lesson, step) = self.place;
        let rebuilt = player
            .rebuild_telling(lesson, step, &mut |lesson| {
                let _ = tell.send(BootEvent::Rebuilding(lesson.title.clone()));
            })
            .await;
        // Nodes that a lesson adds have got their ports.
        running.refresh();
        let _ = tell.send(BootEvent::Facts(facts(running.cluster.as_ref())));
        let stage = player.into_stage();
        self.statements.adopt(stage, running, lesson);
        rebuilt.map_err(|error| error.to_string())
    }
}
