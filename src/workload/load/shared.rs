//! What the clients of a load share.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant, SystemTime};

use tokio::sync::Semaphore;

use super::arrivals::Arrivals;
use super::interval::LoadInterval;
use super::meter::{Meter, Standing};
use super::mixing::{Drawn, Mixing};
use super::plan::{Class, LoadPlan, Pacing};
use super::tenants::Tenants;
use crate::postgres::Target;

/// Statements that may wait for a client, for each client.
const QUEUE: usize = 4;
/// Keys for each millisecond of a load's start: 2 to this.
const KEYS: u32 = 22;
/// Keys count from 2020, so that there are enough of them for fifty years.
const YEAR_2020: Duration = Duration::from_secs(1_577_836_800);
/// The shortest and longest time between two looks at the schedule.
const NAP: (Duration, Duration) = (Duration::from_micros(100), Duration::from_millis(50));

/// All that more than one task needs.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) target: Target,
    pub(super) plan: LoadPlan,
    pub(super) start: Instant,
    pub(super) mixing: Mixing,
    pub(super) tenants: Tenants,
    pub(super) first_key: i64,
    meter: Mutex<Meter>,
    /// Where a schedule, and not the clients, says when.
    arrivals: Option<Mutex<Arrivals>>,
    /// One for each statement that waits for a client.
    tickets: Semaphore,
    /// For each client when its statement was to start, in microseconds from the start; 0 while it has none.
    busy: Vec<AtomicU64>,
    next_key: AtomicI64,
    sent: AtomicU64,
    /// Of the seconds that have ended.
    offered: AtomicU64,
    dropped: AtomicU64,
    ending: AtomicBool,
    intervals: Mutex<Vec<LoadInterval>>,
}

/// What is behind a lock is whole between any two statements.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The first key of rows that a load writes which starts now.
fn first_key() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH + YEAR_2020);
    let milliseconds = since.map_or(0, |since| since.as_millis());
    i64::try_from(milliseconds << KEYS).unwrap_or(i64::MAX >> 1)
}

impl Shared {
    pub(super) fn new(target: Target, plan: LoadPlan, tenants: Tenants) -> Self {
        let start = Instant::now();
        let rate = match plan.pacing {
            Pacing::Open { rate } => Some((rate, plan.clients.saturating_mul(QUEUE))),
            Pacing::Closed { rate } => rate.map(|rate| (rate, plan.clients)),
        };
        let operations = plan.workload.operations();
        let statements: Vec<_> = operations.iter().map(|one| (one.name, one.class)).collect();
        let first_key = first_key();
        Self {
            target,
            start,
            mixing: Mixing::new(&plan, tenants.count()),
            first_key,
            meter: Mutex::new(Meter::new(start, &statements, tenants.nodes.clone())),
            arrivals: rate.map(|(rate, limit)| Mutex::new(Arrivals::new(start, rate, limit))),
            tickets: Semaphore::new(0),
            busy: (0..plan.clients).map(|_| AtomicU64::new(0)).collect(),
            next_key: AtomicI64::new(first_key),
            sent: AtomicU64::new(0),
            offered: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            ending: AtomicBool::new(false),
            intervals: Mutex::new(Vec::new()),
            tenants,
            plan,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self.plan.pacing, Pacing::Open { .. })
    }

    pub(super) fn meter(&self) -> MutexGuard<'_, Meter> {
        lock(&self.meter)
    }

    pub(super) fn intervals(&self) -> MutexGuard<'_, Vec<LoadInterval>> {
        lock(&self.intervals)
    }

    pub(super) fn key(&self) -> i64 {
        self.next_key.fetch_add(1, Ordering::Relaxed)
    }

    /// Waits for what is to be sent next. Gives when it is, or was, to start; `None` when the load ends.
    pub(super) async fn next(&self) -> Option<Instant> {
        if self.ending.load(Ordering::Relaxed) {
            return None;
        }
        let Some(arrivals) = &self.arrivals else {
            return Some(Instant::now());
        };
        self.tickets.acquire().await.ok()?.forget();
        if self.ending.load(Ordering::Relaxed) {
            return None;
        }
        let due = lock(arrivals).take();
        if self.is_open() {
            due
        } else {
            Some(Instant::now())
        }
    }

    /// A client has something to do.
    pub(super) fn begin(&self, client: usize, intended: Instant) {
        self.sent.fetch_add(1, Ordering::Relaxed);
        let since = intended.saturating_duration_since(self.start).as_micros();
        if let Some(busy) = self.busy.get(client) {
            busy.store(
                u64::try_from(since).unwrap_or(u64::MAX).max(1),
                Ordering::Relaxed,
            );
        }
    }

    /// It has done it.
    pub(super) fn end(&self, client: usize) {
        if let Some(busy) = self.busy.get(client) {
            busy.store(0, Ordering::Relaxed);
        }
    }

    /// How many wait, with a client or for one, and for how long the oldest.
    pub(super) fn waiting(&self, now: Instant) -> (u64, Option<Duration>) {
        let busy = self.busy.iter().map(|busy| busy.load(Ordering::Relaxed));
        let busy: Vec<u64> = busy.filter(|since| *since > 0).collect();
        let oldest = busy
            .iter()
            .min()
            .map(|since| self.start + Duration::from_micros(*since));
        let (queued, first) = match &self.arrivals {
            Some(arrivals) if self.is_open() => lock(arrivals).queue(),
            _ => (0, None),
        };
        let oldest = oldest.into_iter().chain(first).min();
        let count = u64::try_from(busy.len() + queued).unwrap_or(u64::MAX);
        (
            count,
            oldest.map(|oldest| now.saturating_duration_since(oldest)),
        )
    }

    /// Ends the second that runs.
    pub(super) fn cut(&self, now: Instant) -> LoadInterval {
        let sent = self.sent.swap(0, Ordering::Relaxed);
        let (offered, dropped) = match &self.arrivals {
            Some(arrivals) if self.is_open() => lock(arrivals).counted(),
            _ => (sent, 0),
        };
        self.offered.fetch_add(offered, Ordering::Relaxed);
        self.dropped.fetch_add(dropped, Ordering::Relaxed);
        let (in_flight, oldest) = self.waiting(now);
        let standing = Standing {
            offered,
            dropped,
            in_flight,
            oldest,
        };
        self.meter().cut(now, standing)
    }

    /// How many were due and how many of them dropped, up to the last cut.
    pub(super) fn offered(&self) -> (u64, u64) {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (count(&self.offered), count(&self.dropped))
    }

    /// The node that a statement is told of: none, where it asks all.
    pub(super) fn node_of(&self, drawn: Drawn) -> Option<usize> {
        let operation = self.plan.workload.operations().get(drawn.statement)?;
        match operation.class {
            Class::Report => None,
            Class::Read | Class::Write => self.tenants.node(drawn.tenant),
        }
    }

    /// No more is sent.
    pub(super) fn close(&self) {
        self.ending.store(true, Ordering::Relaxed);
        self.tickets.close();
    }

    /// Hands out tickets as they become due, on a thread of its own: the runtime's clock has ticks of a millisecond, which would be most
    /// of a latency.
    pub(super) fn keep_time(shared: &Weak<Self>) {
        loop {
            let wait = {
                let Some(shared) = shared.upgrade() else {
                    return;
                };
                let Some(arrivals) = &shared.arrivals else {
                    return;
                };
                if shared.ending.load(Ordering::Relaxed) {
                    return;
                }
                let now = Instant::now();
                let (came, next) = {
                    let mut arrivals = lock(arrivals);
                    (arrivals.advance(now), arrivals.next_due())
                };
                shared.tickets.add_permits(came);
                next.saturating_duration_since(now)
            };
            std::thread::sleep(wait.clamp(NAP.0, NAP.1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_two_loads_are_apart_for_fifty_years() {
        let key = first_key();
        assert!(key > 1 << 59);
        let fifty_years = 50 * 366 * 86_400_000_i64;
        assert!((key >> KEYS) + fifty_years < i64::MAX >> KEYS);
    }
}
