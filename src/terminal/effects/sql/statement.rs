//! One statement: sent, listened to, handed on in pieces, cancelled.

use std::{
    pin::pin,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    task::unconstrained,
    time::{Instant, sleep_until},
};

use super::{
    super::context::Context,
    control::Control,
    pieces::{Pieces, finished},
};
use crate::{
    app::{Msg, SqlEvent, sql::JobId},
    postgres::{Collector, Incoming, Outcome, PostgresError, Session, TransactionStatus},
};

/// Rows are handed on no more often than this, the first ones at once.
const PAUSE: Duration = Duration::from_millis(30);
/// How long a server may take to take note of a cancellation.
const CANCEL: Duration = Duration::from_secs(2);
/// How long a cancelled statement may take to end before its session is given up.
const GRACE: Duration = Duration::from_secs(5);

/// A statement of a job.
pub(super) struct Statement<'a> {
    pub(super) context: &'a Context,
    pub(super) control: &'a Control,
    pub(super) job: JobId,
    pub(super) limit: usize,
    pub(super) deadline: Duration,
    /// All that it brings is wanted at the end, as by a judge.
    pub(super) collects: bool,
}

/// How it ended.
pub(super) enum Ending {
    /// The server answered; whether by an error.
    Answered(Outcome, bool),
    /// The server was lost or given up: SQLSTATE and words.
    Lost(String, String),
}

/// What has come so far.
struct Arrived {
    pieces: Mutex<(Pieces, Option<Collector>)>,
    filled: Notify,
}

impl Arrived {
    fn lock(&self) -> MutexGuard<'_, (Pieces, Option<Collector>)> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, incoming: Incoming) {
        let mut pieces = self.lock();
        if let Some(collector) = &mut pieces.1 {
            collector.take(incoming.clone());
        }
        pieces.0.take(incoming);
        drop(pieces);
        self.filled.notify_one();
    }

    /// Ends when there is something to hand on, and not before `moment`.
    async fn due(&self, moment: Instant) {
        while self.lock().0.is_empty() {
            self.filled.notified().await;
        }
        sleep_until(moment).await;
    }
}

impl Statement<'_> {
    /// Runs it to its end, and tells everything that it brings.
    pub(super) async fn run(&self, session: &mut Session, sql: &str) -> Ending {
        let arrived = Arrived {
            pieces: Mutex::new((
                Pieces::new(self.limit),
                self.collects.then(Collector::default),
            )),
            filled: Notify::new(),
        };
        let started = Instant::now();
        self.control.set_current(Some(session.cancel_handle()));
        let ending = self.listen(session, sql, &arrived).await;
        self.control.set_current(None);
        let waiting = arrived.lock().0.drain();
        self.hand_on(waiting).await;
        match ending {
            Ok(mut outcome) => {
                self.tell(finished(&outcome)).await;
                let mut pieces = arrived.lock();
                if let Some(collector) = pieces.1.take() {
                    outcome.events = collector.events();
                }
                let failed = pieces.0.has_failed();
                Ending::Answered(outcome, failed)
            }
            Err((code, message)) => self.lost(code, message, started.elapsed()).await,
        }
    }

    /// Tells that the server could not be reached, was lost or given up.
    pub(super) async fn lost(&self, code: String, message: String, duration: Duration) -> Ending {
        self.tell(SqlEvent::Unreachable {
            message: message.clone(),
            code: code.clone(),
        })
        .await;
        self.tell(SqlEvent::Finished {
            duration,
            transaction: TransactionStatus::Unknown,
            expired: false,
        })
        .await;
        Ending::Lost(code, message)
    }

    async fn listen(
        &self,
        session: &mut Session,
        sql: &str,
        arrived: &Arrived,
    ) -> Result<Outcome, (String, String)> {
        let node = session.target().node.clone();
        let handle = session.cancel_handle();
        let mut receiver = |incoming: Incoming| arrived.take(incoming);
        let mut work = pin!(session.run_each(sql, self.deadline, &mut receiver));
        let mut next = Instant::now();
        let mut asked = 0;
        let mut cancelling = None;
        let mut gives_up = None;
        let ending = loop {
            tokio::select! {
                biased;
                // Rows without end use up what a task may do at a turn, and whoever is asked after them is told to wait: so what came is
                // handed on first, and a cancellation needs no turn.
                () = arrived.due(next) => {
                    let waiting = arrived.lock().0.drain();
                    self.hand_on(waiting).await;
                    next = Instant::now() + PAUSE;
                }
                outcome = &mut work => break outcome.map_err(|error| in_words(&error)),
                () = unconstrained(self.control.cancelled_beyond(self.job, asked)) => {
                    asked = self.control.cancellations(self.job);
                    if cancelling.is_some() {
                        break Err(given_up(&node));
                    }
                    let handle = handle.clone();
                    cancelling = Some(tokio::spawn(async move { handle.cancel(CANCEL).await }));
                    gives_up = Some(Instant::now() + GRACE);
                }
                () = unconstrained(until(gives_up)), if gives_up.is_some() => {
                    break Err(given_up(&node));
                }
            }
        };
        if ending.is_ok()
            && let Some(cancelling) = cancelling
        {
            // One that is still on its way would hit the next statement.
            let _ = cancelling.await;
        }
        ending
    }

    async fn hand_on(&self, events: Vec<SqlEvent>) {
        for event in events {
            self.tell(event).await;
        }
    }

    pub(super) async fn tell(&self, event: SqlEvent) {
        self.context.send(Msg::Sql(self.job, event)).await;
    }
}

async fn until(moment: Option<Instant>) {
    if let Some(moment) = moment {
        sleep_until(moment).await;
    }
}

/// SQLSTATE and words.
pub(super) fn in_words(error: &PostgresError) -> (String, String) {
    (error.code().to_owned(), error.to_string())
}

fn given_up(node: &str) -> (String, String) {
    let words = format!(
        "{node} did not react to the cancellation: the session on it is given up. It may be frozen; the next statement opens a new session"
    );
    ("57014".to_owned(), words)
}
