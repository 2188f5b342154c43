//! Sends probes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::task::JoinSet;
use tokio::time::{Instant as Timer, sleep_until};

use super::pace::{Pace, Turn};
use super::pool::{Lent, Pool};
use super::sample::{Batch, Outstanding, Sample};
use super::sentinel::Sentinels;
use super::spec::ProbeSpec;
use crate::cluster::Subject;
use crate::postgres::Target;
use crate::workload::connection::{Patience, Trail, TrailEnd, send};

/// Time between two batches.
const BATCH: Duration = Duration::from_millis(200);
/// Samples that are kept for a receiver that does not take them; the oldest are lost first.
const KEPT: usize = 50_000;
/// Into how many rounds the probes of one interval are spread.
const ROUNDS: u32 = 5;

/// Probes that run. Dropping it ends them: what runs is cancelled, connections are closed.
#[derive(Debug)]
pub struct Probes {
    tasks: JoinSet<()>,
    trails: TrailEnd,
}

impl Probes {
    /// Begins to send to `target`. Batches come several times a second for as long as somebody receives them. `workers` are asked for
    /// signs of life, so that probes do not hang on a frozen one longer than they must; none need be given.
    #[must_use]
    pub fn start(
        target: Target,
        workers: Vec<Target>,
        specs: Vec<ProbeSpec>,
        pace: Pace,
        batches: mpsc::Sender<Batch>,
    ) -> Self {
        let mut tasks = JoinSet::new();
        let (trail, trails) = Trail::new();
        let driver = Driver::new(target, workers, specs, pace, trail);
        tasks.spawn(driver.drive(batches));
        Self { tasks, trails }
    }

    /// Ends them and waits until what ran is cancelled, as far as the server says so within two seconds. For a program that is about to
    /// end; otherwise dropping is enough.
    pub async fn stop(mut self) {
        self.tasks.shutdown().await;
        self.trails.reached().await;
    }
}

/// One subject and its probes.
#[derive(Debug)]
struct Slot {
    subject: Subject,
    statement: Arc<str>,
    interval: Duration,
    due: Instant,
    /// When it was last sent.
    asked: Option<Instant>,
    /// When those that wait were to start.
    waiting: Vec<Instant>,
}

/// A probe that has ended.
struct Done {
    slot: usize,
    sample: Sample,
    lent: Lent,
}

struct Driver {
    target: Arc<Target>,
    sentinels: Sentinels,
    pace: Pace,
    slots: Vec<Slot>,
    pool: Pool,
    running: JoinSet<Done>,
    samples: Vec<Sample>,
    dropped: Vec<Outstanding>,
    trail: Trail,
}

impl Driver {
    fn new(
        target: Target,
        workers: Vec<Target>,
        specs: Vec<ProbeSpec>,
        pace: Pace,
        trail: Trail,
    ) -> Self {
        let now = Instant::now();
        let count = specs.len();
        let slot = |(index, spec): (u32, ProbeSpec)| {
            let interval = pace.interval_of(spec.subject.kind, count);
            Slot {
                subject: spec.subject,
                statement: spec.statement.into(),
                interval,
                due: now + interval / ROUNDS * (index % ROUNDS),
                asked: None,
                waiting: Vec::new(),
            }
        };
        Self {
            target: Arc::new(target),
            sentinels: Sentinels::start(workers),
            pace,
            slots: (0..).zip(specs).map(slot).collect(),
            pool: Pool::default(),
            running: JoinSet::new(),
            samples: Vec::new(),
            dropped: Vec::new(),
            trail,
        }
    }

    async fn drive(mut self, batches: mpsc::Sender<Batch>) {
        let mut tell = Instant::now() + BATCH;
        loop {
            let due = self.slots.iter().map(|slot| slot.due).min();
            let due = due.unwrap_or(tell).min(tell);
            tokio::select! {
                biased;
                () = batches.closed() => return,
                Some(done) = self.running.join_next() => {
                    if let Ok(done) = done {
                        self.take(done);
                    }
                    continue;
                }
                () = sleep_until(Timer::from_std(due)) => {}
            }
            let now = Instant::now();
            if self.slots.iter().any(|slot| slot.due <= now) {
                if self.sentinels.ask().await {
                    self.pool.start_anew();
                }
                self.send_due();
            }
            if tell <= now {
                tell = now + BATCH;
                self.tell(&batches);
            }
        }
    }

    fn send_due(&mut self) {
        let now = Instant::now();
        let subjects = self.slots.len();
        let due = (0..).zip(&self.slots).filter(|(_, slot)| slot.due <= now);
        let mut due: Vec<(Option<Instant>, usize)> =
            due.map(|(index, slot)| (slot.asked, index)).collect();
        // Where there are fewer connections than subjects, whoever has not been asked for the longest time comes first.
        due.sort_unstable();
        for (_, index) in due {
            let Some(slot) = self.slots.get_mut(index) else {
                return;
            };
            let (subject, intended) = (slot.subject, slot.due);
            slot.due += slot.interval;
            if slot.due < now {
                // The whole machine stood still: those statements nobody would have sent.
                slot.due = now + slot.interval;
            }
            let oldest = slot.waiting.iter().min();
            let oldest = oldest.map_or(Duration::ZERO, |since| {
                now.saturating_duration_since(*since)
            });
            let own = (slot.waiting.len(), oldest);
            match self.pace.turn(subjects, own, self.running.len()) {
                Turn::Asked => {}
                Turn::NotServed => {
                    self.dropped.push(Outstanding {
                        subject,
                        since: intended,
                    });
                    continue;
                }
                Turn::NotAsked => {
                    // Its turn comes again in the next round.
                    slot.due = slot.due.min(now + slot.interval / ROUNDS);
                    continue;
                }
            }
            slot.asked = Some(now);
            slot.waiting.push(intended);
            let (target, statement) = (Arc::clone(&self.target), Arc::clone(&slot.statement));
            let (mut lent, trail) = (self.pool.take(), self.trail.clone());
            let deadline = self.pace.deadline;
            self.running.spawn(async move {
                let patience = Patience {
                    until: intended + deadline,
                    deadline,
                };
                let result = send(&target, &mut lent.session, &statement, patience, &trail).await;
                let sample = Sample {
                    subject,
                    intended,
                    ended: Instant::now(),
                    result,
                };
                Done {
                    slot: index,
                    sample,
                    lent,
                }
            });
        }
    }

    fn take(&mut self, done: Done) {
        if let Some(slot) = self.slots.get_mut(done.slot) {
            let waits = &mut slot.waiting;
            if let Some(at) = waits.iter().position(|one| *one == done.sample.intended) {
                waits.swap_remove(at);
            }
        }
        self.pool.put(done.lent);
        self.samples.push(done.sample);
    }

    fn tell(&mut self, batches: &mpsc::Sender<Batch>) {
        let outstanding = self.slots.iter().flat_map(|slot| {
            let subject = slot.subject;
            let one = move |since: &Instant| Outstanding {
                subject,
                since: *since,
            };
            slot.waiting.iter().map(one)
        });
        let batch = Batch {
            at: Instant::now(),
            outstanding: outstanding.collect(),
            samples: std::mem::take(&mut self.samples),
            dropped: std::mem::take(&mut self.dropped),
        };
        if let Err(TrySendError::Full(mut batch)) = batches.try_send(batch) {
            let surplus = batch.samples.len().saturating_sub(KEPT);
            batch.samples.drain(..surplus);
            let surplus = batch.dropped.len().saturating_sub(KEPT);
            batch.dropped.drain(..surplus);
            (self.samples, self.dropped) = (batch.samples, batch.dropped);
        }
    }
}
