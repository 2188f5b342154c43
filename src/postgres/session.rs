//! A session on one server: statements one at a time, everything that comes back kept in order, a deadline for each.

use std::collections::BTreeMap;
use std::io;
use std::pin::pin;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::join;
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use tokio::time::timeout;

use super::address::{ApplicationName, Target};
use super::cancel::CancelHandle;
use super::error::PostgresError;
use super::exchange::{exchange, exchange_for_end, exchange_with_input};
use super::outcome::{Event, Outcome, TransactionStatus};
use super::receive::{Collector, End, Incoming, Receiver, decode};
use super::report::Report;
use super::wire::Wire;

/// How long a cancelled statement may take to end before the connection is given up.
const GRACE: Duration = Duration::from_secs(2);

/// How an exchange ended, and the deadline when that was later.
pub(super) type Ended = (End, Option<Duration>);

/// A connection to one server.
///
/// A call whose future is dropped before its end gives the connection up; the next call says so.
#[derive(Debug)]
pub struct Session {
    target: Target,
    application: ApplicationName,
    /// Absent while a call is under way, and after a loss.
    wire: Option<Wire>,
    cancel: CancelHandle,
    transaction: TransactionStatus,
    parameters: BTreeMap<String, String>,
}

impl Session {
    /// Opens a session.
    ///
    /// # Errors
    /// When nothing listens, nothing answers within `deadline`, or the server refuses.
    pub async fn connect(
        target: &Target,
        application: ApplicationName,
        deadline: Duration,
    ) -> Result<Self, PostgresError> {
        // Boxed: a handshake is large, and callers hold it.
        let opened = timeout(deadline, Box::pin(Wire::open(&target.address, application))).await;
        let (wire, greeting) = opened
            .map_err(|_| PostgresError::NoAnswer {
                node: target.node.clone(),
                during: "opening a session",
                after: deadline,
            })?
            .map_err(|error| error.on(target))?;
        let cancel = CancelHandle {
            target: target.clone(),
            process_id: greeting.process_id,
            secret_key: greeting.secret_key,
            encrypted: wire.is_encrypted(),
        };
        Ok(Self {
            target: target.clone(),
            application,
            wire: Some(wire),
            cancel,
            transaction: TransactionStatus::Idle,
            parameters: greeting.parameters,
        })
    }

    /// Opens the session anew, on the same server. Settings, temporary tables and an open transaction are gone.
    ///
    /// # Errors
    /// As [`Session::connect`].
    pub async fn reconnect(&mut self, deadline: Duration) -> Result<(), PostgresError> {
        self.wire = None;
        *self = Self::connect(&self.target, self.application, deadline).await?;
        Ok(())
    }

    /// Whom it talks to.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Whether it has a connection, as far as it knows without asking.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.wire.is_some()
    }

    /// Whether nobody between can read along.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.cancel.encrypted
    }

    /// Where its transaction stands.
    #[must_use]
    pub fn transaction(&self) -> TransactionStatus {
        if self.is_connected() {
            self.transaction
        } else {
            TransactionStatus::Unknown
        }
    }

    /// A parameter that the server reports: `server_version`, `TimeZone`, …
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// The server's major version, such as 15.
    #[must_use]
    pub fn major_version(&self) -> Option<u16> {
        let version = self.parameter("server_version")?;
        version
            .split(|character: char| !character.is_ascii_digit())
            .next()?
            .parse()
            .ok()
    }

    /// Cancels what this session runs, from any task.
    #[must_use]
    pub fn cancel_handle(&self) -> CancelHandle {
        self.cancel.clone()
    }

    /// Runs one statement and keeps everything that it brings. A failure of the statement is part of the outcome.
    ///
    /// At the deadline the statement is cancelled (the outcome then says `expired`); a server that does not react is
    /// given up.
    ///
    /// # Errors
    /// When the connection is lost or the server does not answer.
    pub async fn run(
        &mut self,
        statement: &str,
        deadline: Duration,
    ) -> Result<Outcome, PostgresError> {
        let mut collector = Collector::default();
        let receiver: &mut Receiver<'_> = &mut |incoming| collector.take(incoming);
        let outcome = self.run_each(statement, deadline, receiver).await?;
        Ok(Outcome {
            events: collector.events(),
            ..outcome
        })
    }

    /// Runs one statement that must succeed.
    ///
    /// # Errors
    /// As [`Session::run`], and when the statement fails.
    pub async fn query(
        &mut self,
        statement: &str,
        deadline: Duration,
    ) -> Result<Outcome, PostgresError> {
        self.run(statement, deadline)
            .await?
            .into_success(&self.target.node)
    }

    /// Runs one statement and hands over what it brings piece by piece, so that a result of any size needs no memory.
    /// The outcome returned has no events.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub async fn run_each(
        &mut self,
        statement: &str,
        deadline: Duration,
        receiver: &mut Receiver<'_>,
    ) -> Result<Outcome, PostgresError> {
        if self.is_sealed() {
            return Box::pin(self.run_sealed(statement, deadline, receiver)).await;
        }
        self.run_plain(statement, deadline, receiver).await
    }

    /// Only what people type is held to reading so: our own statements are known, and the settings hold them.
    fn is_sealed(&self) -> bool {
        self.target.address.terms.sealed && self.application == ApplicationName::Lesson
    }

    pub(super) async fn run_plain(
        &mut self,
        statement: &str,
        deadline: Duration,
        receiver: &mut Receiver<'_>,
    ) -> Result<Outcome, PostgresError> {
        let (mut wire, started) = self.begin(query(statement))?;
        let ended = {
            let work = pin!(exchange(&mut wire, receiver));
            self.in_time(work, deadline).await?
        };
        Ok(self.conclude(wire, ended, started))
    }

    /// Runs one statement for nothing but its end: rows and notices are passed over. Gives the error if it fails.
    ///
    /// There is no deadline: whoever drops the future gives the connection up, and cancels what runs.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn run_to_end(&mut self, statement: &str) -> Result<Option<Report>, PostgresError> {
        let (mut wire, started) = self.begin(query(statement))?;
        let ended = exchange_for_end(&mut wire).await;
        let (end, failure) = ended.map_err(|error| self.lost(&error))?;
        self.conclude(wire, (end, None), started);
        Ok(failure)
    }

    /// Runs `COPY … FROM STDIN` with these bytes as its input. The outcome has the tag (`COPY 1000`) or the error.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub async fn copy_in(
        &mut self,
        statement: &str,
        input: impl Stream<Item = Bytes>,
        deadline: Duration,
    ) -> Result<Outcome, PostgresError> {
        let (mut wire, started) = self.begin(query(statement))?;
        let mut collector = Collector::default();
        let ended = {
            let mut receiver = |incoming: Incoming| collector.take(incoming);
            let work = pin!(exchange_with_input(&mut wire, input, &mut receiver));
            self.in_time(work, deadline).await?
        };
        let outcome = self.conclude(wire, ended, started);
        Ok(Outcome {
            events: collector.events(),
            ..outcome
        })
    }

    /// Waits for NOTIFY, notices or the end of the connection while nothing runs.
    ///
    /// # Errors
    /// When the connection ends, which tells at once that the server is gone.
    pub async fn next_event(&mut self) -> Result<Event, PostgresError> {
        let Some(wire) = self.wire.as_mut() else {
            return Err(PostgresError::Disconnected {
                node: self.target.node.clone(),
            });
        };
        loop {
            let message = match wire.receive().await {
                Ok(message) => message,
                Err(error) => {
                    self.wire = None;
                    return Err(self.lost(&error));
                }
            };
            if let Message::ParameterStatus(body) = &message {
                if let (Ok(name), Ok(value)) = (body.name(), body.value()) {
                    self.parameters.insert(name.to_owned(), value.to_owned());
                }
                continue;
            }
            match decode(message) {
                Ok(Some(Incoming::Notice(report))) => return Ok(Event::Notice(report)),
                Ok(Some(Incoming::Notification(notification))) => {
                    return Ok(Event::Notification(notification));
                }
                Ok(Some(Incoming::Error(report))) => {
                    self.wire = None;
                    let node = self.target.node.clone();
                    return Err(PostgresError::Statement {
                        node,
                        report: Box::new(report),
                    });
                }
                Ok(_) => {}
                Err(error) => return Err(self.lost(&error)),
            }
        }
    }

    /// Takes the connection, with the statement ready to be sent.
    pub(super) fn begin(
        &mut self,
        write: impl FnOnce(&mut Wire) -> io::Result<()>,
    ) -> Result<(Wire, Instant), PostgresError> {
        let node = || self.target.node.clone();
        let Some(mut wire) = self.wire.take() else {
            return Err(PostgresError::Disconnected { node: node() });
        };
        if let Err(error) = write(&mut wire) {
            // A NUL byte: nothing was sent.
            wire.outgoing().clear();
            self.wire = Some(wire);
            let reason = format!("the statement cannot be sent: {error}");
            let endpoint = self.target.endpoint();
            return Err(PostgresError::Protocol {
                node: node(),
                endpoint,
                reason,
            });
        }
        Ok((wire, Instant::now()))
    }

    /// Waits for an exchange to end. At its deadline the statement is cancelled and has a little time to end.
    pub(super) async fn in_time<Work>(
        &self,
        mut work: Work,
        deadline: Duration,
    ) -> Result<Ended, PostgresError>
    where
        Work: Future<Output = io::Result<End>> + Unpin,
    {
        if let Ok(ended) = timeout(deadline, &mut work).await {
            return Ok((ended.map_err(|error| self.lost(&error))?, None));
        }
        // Both to their end: a cancellation still on its way would hit the next statement.
        let (cancelled, ended) = join(self.cancel.cancel(GRACE), timeout(GRACE, work)).await;
        if let Err(error) = cancelled {
            tracing::debug!(%error, "could not cancel");
        }
        match ended {
            Ok(ended) => Ok((ended.map_err(|error| self.lost(&error))?, Some(deadline))),
            Err(_) => Err(PostgresError::NoAnswer {
                node: self.target.node.clone(),
                during: "running a statement",
                after: deadline + GRACE,
            }),
        }
    }

    fn lost(&self, error: &io::Error) -> PostgresError {
        let reason = match error.kind() {
            io::ErrorKind::UnexpectedEof => "end of the stream".to_owned(),
            _ => error.to_string(),
        };
        PostgresError::Lost {
            node: self.target.node.clone(),
            reason,
        }
    }

    pub(super) fn conclude(
        &mut self,
        wire: Wire,
        (end, expired): Ended,
        started: Instant,
    ) -> Outcome {
        self.parameters.extend(end.parameters);
        self.transaction = end.transaction;
        if !end.session_ended {
            self.wire = Some(wire);
        }
        let duration = started.elapsed();
        Outcome {
            events: Vec::new(),
            duration,
            transaction: self.transaction(),
            expired,
        }
    }
}

fn query(statement: &str) -> impl FnOnce(&mut Wire) -> io::Result<()> + '_ {
    move |wire| frontend::query(statement, wire.outgoing())
}
