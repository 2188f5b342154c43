//! Sending one statement in time, without leaving anything behind.

use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::{Instant as Timer, timeout, timeout_at};

use super::probe::Failure;
use crate::postgres::{
    ApplicationName, CancelHandle, PostgresError, Report, Session, Target, TransactionStatus,
};

/// The SQLSTATE of statements that were given up at their deadline.
const GIVEN_UP: &str = "57014";
/// How long the server lets a statement run on after we have given it up, in case the cancellation does not reach it.
const REST: Duration = Duration::from_secs(1);
/// How long a cancellation may take.
const CANCELLING: Duration = Duration::from_secs(2);

/// Held by everything that is still to be cancelled.
#[derive(Debug, Clone)]
pub(super) struct Trail(#[expect(dead_code, reason = "held, and never sent on")] mpsc::Sender<()>);

/// The end of trails.
#[derive(Debug)]
pub(super) struct TrailEnd(mpsc::Receiver<()>);

impl Trail {
    pub(super) fn new() -> (Self, TrailEnd) {
        let (sender, receiver) = mpsc::channel(1);
        (Self(sender), TrailEnd(receiver))
    }
}

impl TrailEnd {
    /// Waits until nobody holds the trail any more, or gives up.
    pub(super) async fn reached(mut self) {
        // Nothing is ever sent.
        let _ = timeout(CANCELLING, self.0.recv()).await;
    }
}

/// Cancels what a session runs when whoever waits for it is gone: the server would not notice that nobody listens.
#[derive(Debug)]
struct CancelOnDrop {
    handle: Option<CancelHandle>,
    trail: Trail,
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let (Some(handle), Ok(runtime)) = (self.handle.take(), Handle::try_current()) {
            let trail = self.trail.clone();
            runtime.spawn(async move {
                if let Err(error) = handle.cancel(CANCELLING).await {
                    tracing::debug!(%error, "could not cancel");
                }
                drop(trail);
            });
        }
    }
}

/// What a statement needs beside its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    /// When it is given up.
    pub(super) until: Instant,
    /// How long statements may take on this connection.
    pub(super) deadline: Duration,
}

/// Runs a statement in a session, or in a new one where there is none. The session is left in its place when it can be used again.
pub(super) async fn send(
    target: &Target,
    session: &mut Option<Session>,
    statement: &str,
    patience: Patience,
    trail: &Trail,
) -> Result<(), Failure> {
    let mut own = session.take();
    let until = Timer::from_std(patience.until);
    let mut guard = CancelOnDrop {
        handle: None,
        trail: trail.clone(),
    };
    let work = async {
        let usable = match own.take().filter(Session::is_connected) {
            Some(usable) => usable,
            None => open(target, patience.deadline).await?,
        };
        let session = own.insert(usable);
        guard.handle = Some(session.cancel_handle());
        session.run_to_end(statement).await
    };
    let ended = timeout_at(until, work).await;
    let answered: Result<Option<Report>, PostgresError> = match ended {
        Ok(answered) => answered,
        Err(_) => {
            return Err(Failure {
                code: GIVEN_UP.to_owned(),
                message: format!("no answer within {} s", patience.deadline.as_secs_f32()),
                expired: true,
            });
        }
    };
    guard.handle = None;
    drop(guard);
    // One that is left in a transaction would hold its locks.
    *session = own.filter(|session| session.transaction() == TransactionStatus::Idle);
    match answered {
        Ok(None) => Ok(()),
        Ok(Some(report)) => Err(Failure {
            code: report.code,
            message: report.message,
            expired: false,
        }),
        Err(error) => Err(Failure {
            code: error.code().to_owned(),
            message: error
                .report()
                .map_or_else(|| error.to_string(), |report| report.message.clone()),
            expired: false,
        }),
    }
}

/// A session whose statements end by themselves some time after their deadline.
pub(super) async fn open(target: &Target, deadline: Duration) -> Result<Session, PostgresError> {
    let mut session = Session::connect(target, ApplicationName::Workload, deadline).await?;
    let limit = (deadline + REST).as_millis();
    let statement = format!("SET statement_timeout = {limit}");
    session.query(&statement, deadline).await?;
    Ok(session)
}
