//! Sends a load.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant as Timer, sleep, sleep_until, timeout};

use super::interval::LoadInterval;
use super::meter::Measured;
use super::mixing::chance;
use super::plan::LoadPlan;
use super::report::{Ending, LoadReport};
use super::shared::{Shared, lock};
use super::tenants::Tenants;
use super::thread::OwnThread;
use crate::cluster::View;
use crate::postgres::{PostgresError, Session, Target};
use crate::workload::Mark;
use crate::workload::connection::{Patience, Trail, open, send};

/// How long what is to be known beforehand may take.
const ASKING: Duration = Duration::from_secs(10);
/// How long what runs may take to end when the load ends. What is longer is cancelled.
const GRACE: Duration = Duration::from_millis(200);
/// Intervals that are kept.
const KEPT: usize = 600;
/// A client whose connection was lost waits a little, so that a server that refuses is not asked a thousand times a second.
const PAUSE: Duration = Duration::from_millis(50);

/// A load that runs. Dropping it ends it and its connections.
#[derive(Debug)]
pub struct Load {
    shared: Arc<Shared>,
    clients: JoinSet<()>,
    /// Clients that had a connection when it began.
    opened: usize,
    telling: JoinSet<()>,
    thread: Option<OwnThread>,
    marks: Mutex<Vec<Mark>>,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.shared.close();
    }
}

impl Load {
    /// Finds out whom to ask for, opens the connections and begins. An interval comes once a second; whoever does not take them loses them.
    ///
    /// # Errors
    /// When the coordinator cannot be reached or does not answer. Tables that are missing are told by the statements.
    pub async fn start(
        target: &Target,
        view: &View,
        plan: LoadPlan,
        intervals: mpsc::Sender<LoadInterval>,
    ) -> Result<Self, PostgresError> {
        if target.address.terms.sealed && plan.mix.writes > 0 {
            return Err(PostgresError::ReadOnly {
                node: target.node.clone(),
            });
        }
        let (trail, trails) = Trail::new();
        let thread = OwnThread::start(trails);
        let mut preparing = JoinSet::new();
        let preparation = prepare(target.clone(), view.clone(), plan.clone());
        preparing.spawn_on(preparation, thread.runtime());
        let Some(Ok(prepared)) = preparing.join_next().await else {
            // It panicked, or the program ends.
            let node = target.node.clone();
            return Err(PostgresError::Disconnected { node });
        };
        let (tenants, sessions) = prepared?;
        let opened = sessions.iter().flatten().count();
        let shared = Arc::new(Shared::new(target.clone(), plan, tenants));
        let mut clients = JoinSet::new();
        for (number, session) in sessions.into_iter().enumerate() {
            let shared = Arc::clone(&shared);
            let client = client(shared, number, session, trail.clone());
            clients.spawn_on(client, thread.runtime());
        }
        let weak = Arc::downgrade(&shared);
        tokio::task::spawn_blocking(move || Shared::keep_time(&weak));
        let mut telling = JoinSet::new();
        telling.spawn(tell(Arc::clone(&shared), intervals));
        Ok(Self {
            shared,
            clients,
            opened,
            telling,
            thread: Some(thread),
            marks: Mutex::new(Vec::new()),
        })
    }

    /// How many of the plan's connections were opened.
    #[must_use]
    pub fn opened(&self) -> usize {
        self.opened
    }

    /// Something that happened meanwhile, for the report.
    pub fn mark(&self, mark: Mark) {
        lock(&self.marks).push(mark);
    }

    /// Waits until the plan's time is over. Dropping the future loses nothing.
    pub async fn run_out(&self) {
        match self.shared.plan.duration {
            Some(duration) => sleep_until(Timer::from_std(self.shared.start + duration)).await,
            None => pending().await,
        }
    }

    /// Ends it at once, and says what it did. What does not end in a moment is cancelled; no connection is left.
    pub async fn stop(mut self) -> LoadReport {
        self.shared.close();
        let lasted = self.shared.start.elapsed();
        let clients = &mut self.clients;
        let _ = timeout(GRACE, async {
            while clients.join_next().await.is_some() {}
        })
        .await;
        self.clients.shutdown().await;
        // Whoever had something to do still has it.
        let (unfinished, oldest) = self.shared.waiting(Instant::now());
        self.telling.shutdown().await;
        if let Some(thread) = self.thread.take() {
            thread.end().await;
        }
        let last = self.shared.cut(Instant::now());
        let mut intervals = std::mem::take(&mut *self.shared.intervals());
        if last.total.ended() + last.offered > 0 {
            intervals.push(last);
        }
        let shared = &self.shared;
        let (offered, dropped) = shared.offered();
        let mut meter = shared.meter();
        let counted = meter.finish();
        LoadReport::new(
            &counted,
            &Ending {
                plan: &shared.plan,
                start: shared.start,
                lasted,
                opened: self.opened,
                tenants: shared.tenants.count(),
                first_key: shared.first_key,
                offered,
                dropped,
                unfinished,
                oldest,
                marks: &lock(&self.marks),
                intervals: &intervals,
                messages: meter.messages(),
            },
        )
    }
}

/// Finds the tenants and opens the connections.
async fn prepare(
    target: Target,
    view: View,
    plan: LoadPlan,
) -> Result<(Tenants, Vec<Option<Session>>), PostgresError> {
    let mut session = open(&target, ASKING).await?;
    let tenants = Tenants::find(&mut session, &view, plan.workload, ASKING).await?;
    let openings = (1..plan.clients).map(|_| open(&target, plan.deadline));
    let others = join_all(openings).await;
    let sessions = [Some(session)].into_iter();
    // A client without one tries again with each statement, and those fail in the report. How many there are is told.
    let sessions = sessions.chain(others.into_iter().map(Result::ok));
    Ok((tenants, sessions.collect()))
}

async fn client(shared: Arc<Shared>, number: usize, mut session: Option<Session>, trail: Trail) {
    let mut chance = chance(shared.plan.seed, number);
    let mut statement = String::with_capacity(256);
    while let Some(intended) = shared.next().await {
        shared.begin(number, intended);
        let drawn = shared.mixing.draw(&mut chance);
        let key = shared.key();
        shared
            .mixing
            .write(drawn, &shared.tenants, key, &mut chance, &mut statement);
        let sent = Instant::now();
        let patience = Patience {
            until: sent + shared.plan.deadline,
            deadline: shared.plan.deadline,
        };
        let result = send(&shared.target, &mut session, &statement, patience, &trail).await;
        let ended = Instant::now();
        shared.end(number);
        let failure = result.as_ref().err();
        shared.meter().record(&Measured {
            statement: drawn.statement,
            node: shared.node_of(drawn),
            intended,
            sent,
            ended,
            failure: failure.map(|failure| (failure.code.as_str(), failure.message.as_str())),
        });
        if failure.is_some() && session.is_none() {
            sleep(PAUSE).await;
        }
    }
}

/// Cuts the seconds.
async fn tell(shared: Arc<Shared>, intervals: mpsc::Sender<LoadInterval>) {
    for second in 1.. {
        let end = shared.start + Duration::from_secs(second);
        sleep_until(Timer::from_std(end)).await;
        let interval = shared.cut(Instant::now());
        let mut kept = shared.intervals();
        if kept.len() >= KEPT {
            kept.remove(0);
        }
        kept.push(interval.clone());
        drop(kept);
        // Whoever is too slow to look once a second misses one.
        let _ = intervals.try_send(interval);
    }
}
