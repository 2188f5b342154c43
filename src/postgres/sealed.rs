//! A session that is held to reading, whatever its statements say. See [`seal`](super::seal) for what that rests on.

use std::io;
use std::pin::pin;
use std::time::{Duration, Instant};

use postgres_protocol::IsNull;
use postgres_protocol::message::frontend;

use super::doubt::{doubtful, doubts};
use super::error::PostgresError;
use super::exchange::exchange;
use super::outcome::{Outcome, TransactionStatus};
use super::receive::{Collector, Incoming, Receiver};
use super::report::{Report, Severity};
use super::seal::{opens, refusal, sets_transaction};
use super::session::Session;
use super::wire::Wire;

/// Begins a transaction that stays READ ONLY: once there is a snapshot, nothing makes it READ WRITE.
const BEGIN: &str = "BEGIN READ ONLY; SELECT";
/// The same for one that somebody else began.
const BIND: &str = "SET TRANSACTION READ ONLY; SELECT";
/// What a server says to a statement that writes in a READ ONLY transaction.
const READ_ONLY: &str = "25006";
const HINT: &str = "Start citus-tour with --allow-writes to let statements change this cluster.";

impl Session {
    /// Runs one statement so that it can only read.
    pub(super) async fn run_sealed(
        &mut self,
        statement: &str,
        deadline: Duration,
        receiver: &mut Receiver<'_>,
    ) -> Result<Outcome, PostgresError> {
        let reason = match refusal(statement) {
            Some(reason) => Some(reason),
            None => self.doubt(statement, deadline).await?,
        };
        if let Some(reason) = reason {
            let mut report = Report::new(Severity::Error, READ_ONLY, reason);
            report.hint = Some(HINT.to_owned());
            receiver(Incoming::Error(report));
            return Ok(Outcome {
                transaction: self.transaction(),
                ..Outcome::default()
            });
        }
        let started = Instant::now();
        let first = match self.transaction() {
            TransactionStatus::Idle if !opens(statement) => Some(BEGIN),
            // It has to be the first of its transaction; whatever it says, what comes next is bound.
            TransactionStatus::Open if sets_transaction(statement) => None,
            TransactionStatus::Open => Some(BIND),
            _ => None,
        };
        let ours = first == Some(BEGIN);
        let mut outcome = Outcome::default();
        let failure = match first {
            Some(first) => self.whisper(first, deadline).await?,
            None => None,
        };
        if let Some(report) = failure {
            receiver(Incoming::Error(report));
        } else {
            let receiver: &mut Receiver<'_> = &mut |incoming| receiver(with_hint(incoming));
            outcome = self.send_alone(statement, deadline, receiver).await?;
        }
        let last = match self.transaction() {
            TransactionStatus::Open => Some("COMMIT"),
            TransactionStatus::Failed => Some("ROLLBACK"),
            TransactionStatus::Idle | TransactionStatus::Unknown => None,
        };
        if let Some(last) = last.filter(|_| ours)
            && let Some(report) = self.whisper(last, deadline).await?
        {
            receiver(Incoming::Error(report));
        }
        Ok(Outcome {
            transaction: self.transaction(),
            duration: started.elapsed(),
            ..outcome
        })
    }

    /// Why the server's catalog gives no leave to send a statement.
    async fn doubt(
        &mut self,
        statement: &str,
        deadline: Duration,
    ) -> Result<Option<String>, PostgresError> {
        // In a transaction that has failed nothing is run that would call anything.
        let Some(question) =
            doubts(statement).filter(|_| self.transaction() != TransactionStatus::Failed)
        else {
            return Ok(None);
        };
        let mut collector = Collector::default();
        let receiver: &mut Receiver<'_> = &mut |incoming| collector.take(incoming);
        let outcome = self.run_plain(&question, deadline, receiver).await?;
        let outcome = Outcome {
            events: collector.events(),
            ..outcome
        };
        if let Some(report) = outcome.error() {
            // Nobody can say what it calls.
            return Ok(Some(format!(
                "it could not be looked up what this calls: {}",
                report.message
            )));
        }
        Ok(outcome.into_rows().scalar().map(doubtful))
    }

    /// A statement of our own, of which nothing is told but its failure.
    async fn whisper(
        &mut self,
        statement: &str,
        deadline: Duration,
    ) -> Result<Option<Report>, PostgresError> {
        let mut failure = None;
        let receiver: &mut Receiver<'_> = &mut |incoming| {
            if let Incoming::Error(report) = incoming {
                failure = Some(report);
            }
        };
        self.run_plain(statement, deadline, receiver).await?;
        Ok(failure)
    }

    /// Sends a statement in the form in which the server itself sees to it that it is only one.
    async fn send_alone(
        &mut self,
        statement: &str,
        deadline: Duration,
        receiver: &mut Receiver<'_>,
    ) -> Result<Outcome, PostgresError> {
        let (mut wire, started) = self.begin(|wire| write(statement, wire))?;
        let ended = {
            let work = pin!(exchange(&mut wire, receiver));
            self.in_time(work, deadline).await?
        };
        Ok(self.conclude(wire, ended, started))
    }
}

fn write(statement: &str, wire: &mut Wire) -> io::Result<()> {
    let buffer = wire.outgoing();
    frontend::parse("", statement, [], buffer)?;
    frontend::bind(
        "",
        "",
        [],
        std::iter::empty::<()>(),
        |(), _| Ok(IsNull::Yes),
        [0],
        buffer,
    )
    .map_err(|error| match error {
        frontend::BindError::Conversion(error) => io::Error::other(error),
        frontend::BindError::Serialization(error) => error,
    })?;
    frontend::describe(b'P', "", buffer)?;
    frontend::execute("", 0, buffer)?;
    frontend::sync(buffer);
    Ok(())
}

/// The server's own refusal, with what lifts it.
fn with_hint(incoming: Incoming) -> Incoming {
    match incoming {
        Incoming::Error(mut report) if report.code == READ_ONLY => {
            report.hint.get_or_insert_with(|| HINT.to_owned());
            Incoming::Error(report)
        }
        other => other,
    }
}
