//! Watching a cluster for as long as somebody listens.

use std::time::Duration;

use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::{mpsc, watch as channel};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::assemble::Seen;
use super::catalog::Catalog;
use super::observer::{CatalogReader, Pace, coordinator, finish};
use super::probe::{Look, Probe};
use super::progress::{Progress, Step};
use super::watched::{Known, Watched};
use crate::cluster::{Reachability, View};

/// A node that is coming up is looked at more often.
const IMPATIENCE: u32 = 5;

/// A node of somebody else's that has never answered is looked at less often.
const PATIENCE: u32 = 10;

/// How many looks go by between two questions for sizes.
const LOOKS_PER_SIZES: u32 = 4;

/// The views of a cluster as they change. Dropping it ends the watching.
#[derive(Debug)]
pub struct Watch {
    views: channel::Receiver<View>,
    _tasks: JoinSet<()>,
}

impl Watch {
    /// The last view; an empty one before every node was looked at once.
    #[must_use]
    pub fn now(&self) -> View {
        self.views.borrow().clone()
    }

    /// Waits for a view that differs from the last one seen here. `None` when the watching has ended.
    pub async fn changed(&mut self) -> Option<View> {
        self.views.changed().await.ok()?;
        Some(self.views.borrow_and_update().clone())
    }

    /// The same as a stream.
    pub fn into_stream(self) -> impl Stream<Item = View> {
        unfold(self, |mut watch| async move {
            watch.changed().await.map(|view| (view, watch))
        })
    }
}

enum Update {
    Look(String, Look),
    Catalog(Result<Catalog, String>),
    Steps(Vec<Step>),
}

/// Begins to watch. Every node is looked at in a task of its own, so that none waits for another; the end of a server is
/// seen at once, since its connection ends. Whom to watch may change at any time.
#[must_use]
pub fn watch(
    cluster: impl Into<String>,
    watched: channel::Receiver<Vec<Watched>>,
    pace: Pace,
) -> Watch {
    let (sender, views) = channel::channel(View::default());
    let mut tasks = JoinSet::new();
    tasks.spawn(gather(cluster.into(), watched, pace, sender));
    Watch {
        views,
        _tasks: tasks,
    }
}

async fn gather(
    cluster: String,
    mut watched: channel::Receiver<Vec<Watched>>,
    pace: Pace,
    views: channel::Sender<View>,
) {
    let (updates, mut arriving) = mpsc::channel(64);
    let mut tasks = JoinSet::new();
    tasks.spawn(read_catalogs(watched.clone(), pace, updates.clone()));
    tasks.spawn(follow_moves(watched.clone(), pace, updates.clone()));
    let mut running: Vec<String> = Vec::new();
    let mut seen = Seen::default();
    let (mut catalog, mut steps, mut outdated) = (Catalog::default(), Vec::new(), None);
    let (mut read_once, mut complete) = (false, false);
    loop {
        // At rest hundreds of nodes tell every second that nothing is new: a view of ten thousand shards is not made for that.
        let mut is_new = watched.has_changed().unwrap_or(true);
        let now = watched.borrow_and_update().clone();
        for one in &now {
            if !running.contains(&one.name) {
                running.push(one.name.clone());
                tasks.spawn(look_at(
                    one.name.clone(),
                    watched.clone(),
                    pace,
                    updates.clone(),
                ));
            }
        }
        let first = tokio::select! {
            update = arriving.recv() => update,
            changed = watched.changed() => {
                if changed.is_err() {
                    return;
                }
                is_new = true;
                None
            }
            () = views.closed() => return,
        };
        // Several at once make one view.
        let others = std::iter::from_fn(|| arriving.try_recv().ok());
        for update in first.into_iter().chain(others) {
            match update {
                Update::Look(name, look) => is_new |= seen.take(&name, look),
                Update::Catalog(Ok(read)) => {
                    is_new |= outdated.is_some() || read != catalog;
                    (catalog, outdated, read_once) = (read, None, true);
                }
                Update::Catalog(Err(reason)) => {
                    is_new |= outdated.as_ref() != Some(&reason);
                    (outdated, read_once) = (Some(reason), true);
                }
                Update::Steps(under_way) => {
                    is_new |= steps != under_way;
                    steps = under_way;
                }
            }
        }
        let now = watched.borrow().clone();
        // The first view waits for everybody, so that nobody is shown a cluster of unknown nodes.
        let was_complete = complete;
        complete |= read_once && now.iter().all(|one| seen.looks.contains_key(&one.name));
        if !complete || (was_complete && !is_new) {
            continue;
        }
        let view = finish(
            &cluster,
            &now,
            &catalog,
            &mut seen,
            &steps,
            outdated.clone(),
        );
        views.send_if_modified(|last| {
            let changed = *last != view;
            *last = view;
            changed
        });
    }
}

async fn look_at(
    name: String,
    mut watched: channel::Receiver<Vec<Watched>>,
    pace: Pace,
    updates: mpsc::Sender<Update>,
) {
    let mut probe = Probe::default();
    let mut looks = 0_u32;
    loop {
        let one = watched
            .borrow_and_update()
            .iter()
            .find(|one| one.name == name)
            .cloned();
        let Some(one) = one else {
            // Taken off the list: it may come back.
            if watched.changed().await.is_err() {
                return;
            }
            continue;
        };
        let look = probe
            .look(&one, looks.is_multiple_of(LOOKS_PER_SIZES), pace.deadline)
            .await;
        looks = looks.wrapping_add(1);
        let coming = one.known == Known::Starting || look.reachability == Reachability::Starting;
        let never = one.known == Known::Elsewhere && look.reachability == Reachability::Unknown;
        let rest = if coming {
            pace.interval / IMPATIENCE
        } else if never {
            pace.interval * PATIENCE
        } else {
            pace.interval
        };
        if updates
            .send(Update::Look(name.clone(), look))
            .await
            .is_err()
        {
            return;
        }
        tokio::select! {
            () = sleep(rest) => {}
            () = probe.until_lost() => {}
            changed = watched.changed() => {
                if changed.is_err() {
                    return;
                }
            }
        }
    }
}

async fn read_catalogs(
    watched: channel::Receiver<Vec<Watched>>,
    pace: Pace,
    updates: mpsc::Sender<Update>,
) {
    let mut reader = CatalogReader::default();
    loop {
        let target = coordinator(&watched.borrow()).cloned();
        let started = tokio::time::Instant::now();
        let read = match &target {
            Some(target) => reader.read(target, pace.deadline).await,
            None => Err("there is no coordinator with an address".to_owned()),
        };
        let took = started.elapsed();
        if updates.send(Update::Catalog(read)).await.is_err() {
            return;
        }
        sleep(rest_after(took, pace.interval)).await;
    }
}

async fn follow_moves(
    watched: channel::Receiver<Vec<Watched>>,
    pace: Pace,
    updates: mpsc::Sender<Update>,
) {
    let mut progress = Progress::default();
    let mut before = 0;
    loop {
        let target = coordinator(&watched.borrow()).cloned();
        let started = tokio::time::Instant::now();
        let steps = match &target {
            Some(target) => progress.look(target, pace.deadline).await,
            None => Vec::new(),
        };
        let took = started.elapsed();
        let under_way = steps.len();
        if under_way + before > 0 && updates.send(Update::Steps(steps)).await.is_err() {
            return;
        }
        before = under_way;
        sleep(rest_after(took, pace.interval)).await;
    }
}

/// A big cluster is read less often, but never so seldom that it seems to stand still.
fn rest_after(took: Duration, interval: Duration) -> Duration {
    (took * 4).clamp(interval, interval * 4)
}
