//! A session on one server: statements one at a time, everything that comes back kept in order, a deadline for each.

use std::collections::BTreeMap;
use std::io;
use std::pin::pin;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join;
use futures_util::{Stream, StreamExt};
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;
use tokio::time::timeout;

use super::address::{ApplicationName, Target};
use super::cancel::CancelHandle;
use super::error::PostgresError;
use super::outcome::{Event, Outcome, TransactionStatus};
use super::receive::{End, Incoming, Receiver, collect, decode};
use super::wire::{OpenError, Wire};

/// How long a cancelled statement may take to end before the connection is given up.
const GRACE: Duration = Duration::from_secs(2);

/// How much of a COPY's input is sent at once.
const COPY_CHUNK: usize = 64 * 1024;

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
        let node = || target.node.clone();
        let endpoint = || target.endpoint();
        let opened = timeout(deadline, Wire::open(&target.address, application)).await;
        let (wire, greeting) = match opened {
            Ok(Ok(opened)) => opened,
            Ok(Err(OpenError::Io(source))) if source.kind() == io::ErrorKind::UnexpectedEof => {
                let reason = "it ended while logging in".to_owned();
                return Err(PostgresError::Lost {
                    node: node(),
                    reason,
                });
            }
            Ok(Err(OpenError::Io(source))) => {
                return Err(PostgresError::Refused {
                    node: node(),
                    endpoint: endpoint(),
                    source,
                });
            }
            Ok(Err(OpenError::Rejected(report))) => {
                return Err(PostgresError::Rejected {
                    node: node(),
                    endpoint: endpoint(),
                    report,
                });
            }
            Ok(Err(OpenError::Protocol(reason))) => {
                return Err(PostgresError::Protocol {
                    node: node(),
                    endpoint: endpoint(),
                    reason,
                });
            }
            Err(_) => {
                let during = "opening a session";
                return Err(PostgresError::NoAnswer {
                    node: node(),
                    during,
                    after: deadline,
                });
            }
        };
        let cancel = CancelHandle {
            target: target.clone(),
            process_id: greeting.process_id,
            secret_key: greeting.secret_key,
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
        let mut outcome = Outcome::default();
        let end = self
            .run_each(statement, deadline, &mut |incoming| {
                collect(&mut outcome.events, incoming);
            })
            .await?;
        Ok(Outcome {
            events: outcome.events,
            ..end
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
        let mut wire = self.take_wire()?;
        let started = Instant::now();
        if let Err(error) = frontend::query(statement, wire.outgoing()) {
            // A NUL byte: nothing was sent.
            wire.outgoing().clear();
            self.wire = Some(wire);
            return Err(self.protocol(format!("the statement cannot be sent: {error}")));
        }
        let (end, expired) = {
            let mut work = pin!(self.exchange(&mut wire, receiver));
            match timeout(deadline, &mut work).await {
                Ok(finished) => (finished?, None),
                Err(_) => (self.end_late(&mut work, deadline).await?, Some(deadline)),
            }
        };
        Ok(self.conclude(wire, end, started, expired))
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
        let mut wire = self.take_wire()?;
        let started = Instant::now();
        frontend::query(statement, wire.outgoing()).map_err(|error| self.lost(&error))?;
        let mut events = Vec::new();
        let (end, expired) = {
            let mut receiver = |incoming: Incoming| collect(&mut events, incoming);
            let mut work = pin!(self.copy_exchange(&mut wire, input, &mut receiver));
            match timeout(deadline, &mut work).await {
                Ok(finished) => (finished?, None),
                Err(_) => (self.end_late(&mut work, deadline).await?, Some(deadline)),
            }
        };
        let outcome = self.conclude(wire, end, started, expired);
        Ok(Outcome { events, ..outcome })
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

    fn take_wire(&mut self) -> Result<Wire, PostgresError> {
        let disconnected = || PostgresError::Disconnected {
            node: self.target.node.clone(),
        };
        self.wire.take().ok_or_else(disconnected)
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

    fn protocol(&self, reason: String) -> PostgresError {
        let (node, endpoint) = (self.target.node.clone(), self.target.endpoint());
        PostgresError::Protocol {
            node,
            endpoint,
            reason,
        }
    }

    /// Sends what stands in the buffer and receives until the server is ready again.
    async fn exchange(
        &self,
        wire: &mut Wire,
        receiver: &mut Receiver<'_>,
    ) -> Result<End, PostgresError> {
        // Also after a failure to send: the server's last word may still be there to read.
        let sent = wire.flush().await;
        self.receive_all(wire, receiver)
            .await
            .map_err(|error| match sent {
                Err(cause) if matches!(error, PostgresError::Lost { .. }) => self.lost(&cause),
                _ => error,
            })
    }

    async fn copy_exchange(
        &self,
        wire: &mut Wire,
        input: impl Stream<Item = Bytes>,
        receiver: &mut Receiver<'_>,
    ) -> Result<End, PostgresError> {
        wire.flush().await.map_err(|error| self.lost(&error))?;
        let mut end = End::default();
        loop {
            let message = wire.receive().await.map_err(|error| self.lost(&error))?;
            match message {
                Message::CopyInResponse(_) => break,
                other => {
                    if end
                        .take_in(other, receiver)
                        .map_err(|error| self.lost(&error))?
                    {
                        return Ok(end);
                    }
                }
            }
        }
        let mut input = pin!(input);
        while let Some(chunk) = input.next().await {
            let data = frontend::CopyData::new(chunk).map_err(|error| self.lost(&error))?;
            data.write(wire.outgoing());
            if wire.outgoing().len() >= COPY_CHUNK {
                wire.flush().await.map_err(|error| self.lost(&error))?;
            }
        }
        frontend::copy_done(wire.outgoing());
        self.exchange(wire, receiver).await
    }

    async fn receive_all(
        &self,
        wire: &mut Wire,
        receiver: &mut Receiver<'_>,
    ) -> Result<End, PostgresError> {
        let mut end = End::default();
        loop {
            let message = match wire.receive().await {
                Ok(message) => message,
                // A server that ended the session on purpose has said so before.
                Err(_) if end.session_ended => return Ok(end),
                Err(error) => return Err(self.lost(&error)),
            };
            if matches!(message, Message::CopyInResponse(_)) {
                let refusal = "no input was given for COPY FROM STDIN";
                frontend::copy_fail(refusal, wire.outgoing()).map_err(|error| self.lost(&error))?;
                wire.flush().await.map_err(|error| self.lost(&error))?;
            } else if end
                .take_in(message, receiver)
                .map_err(|error| self.lost(&error))?
            {
                return Ok(end);
            }
        }
    }

    /// The deadline has passed: cancel, wait a little for the statement to end, else give up.
    async fn end_late<Work>(
        &self,
        work: &mut Work,
        deadline: Duration,
    ) -> Result<End, PostgresError>
    where
        Work: Future<Output = Result<End, PostgresError>> + Unpin,
    {
        // Both to their end: a cancellation still on its way would hit the next statement.
        let (cancelled, ended) = join(self.cancel.cancel(GRACE), timeout(GRACE, work)).await;
        if let Err(error) = cancelled {
            tracing::debug!(%error, "could not cancel");
        }
        ended.unwrap_or_else(|_| {
            Err(PostgresError::NoAnswer {
                node: self.target.node.clone(),
                during: "running a statement",
                after: deadline + GRACE,
            })
        })
    }

    fn conclude(
        &mut self,
        wire: Wire,
        end: End,
        started: Instant,
        expired: Option<Duration>,
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
