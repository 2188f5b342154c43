//! A look at one node: does it answer, how fast, and what do its shards weigh.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::time::timeout;

use super::rows::rows;
use super::watched::{Known, Watched};
use crate::cluster::Reachability;
use crate::postgres::{ApplicationName, PostgresError, Session, Target};

const SIZES: &str = include_str!("../../sql/catalog/sizes.sql");

/// Our session must not wait for anybody's lock, nor stay in anybody's way. The engine hides shards from sessions that
/// do not ask for them; where there is no engine the setting is a name without a meaning.
const SETTINGS: &str = "SET lock_timeout = '200ms'; SET idle_in_transaction_session_timeout = '10s'; \
                        SET citus.override_table_visibility = off; SET citus.node_connection_timeout = '2s'";

/// Opens a session for watching.
pub(super) async fn open(target: &Target, deadline: Duration) -> Result<Session, PostgresError> {
    let mut session = Session::connect(target, ApplicationName::Observer, deadline).await?;
    let limit = deadline.as_millis();
    session
        .query(
            &format!("{SETTINGS}; SET statement_timeout = {limit}"),
            deadline,
        )
        .await?;
    Ok(session)
}

/// What a look saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) reachability: Reachability,
    /// By shard id; `None` when they were not asked for or could not be had.
    pub(super) sizes: Option<BTreeMap<u64, u64>>,
}

/// How long a node that was frozen on purpose is waited for: every statement of a lesson is followed by a look.
const PATIENCE_WITH_FROZEN: Duration = Duration::from_millis(250);

/// Looks at one node, over a session that it keeps.
#[derive(Debug, Default)]
pub(super) struct Probe {
    session: Option<Session>,
    /// It has answered before.
    answered: bool,
}

impl Probe {
    /// Looks once, for no longer than `deadline`.
    pub(super) async fn look(
        &mut self,
        watched: &Watched,
        with_sizes: bool,
        deadline: Duration,
    ) -> Look {
        let Some(target) = watched.target.as_ref() else {
            self.session = None;
            return Look {
                reachability: unanswered(watched.known, Reachability::Absent),
                sizes: None,
            };
        };
        if self
            .session
            .as_ref()
            .is_some_and(|session| session.target() != target)
        {
            self.session = None;
        }
        let deadline = if watched.known == Known::Frozen {
            deadline.min(PATIENCE_WITH_FROZEN)
        } else {
            deadline
        };
        let known = match watched.known {
            Known::Elsewhere if self.answered => Known::Nothing,
            known => known,
        };
        let started = Instant::now();
        // Dropping a session half-way gives it up, which is right for a node that does not answer.
        let looked = timeout(deadline, self.ask(target, with_sizes, deadline)).await;
        let late = started.elapsed() > deadline / 2;
        match looked {
            Ok(Ok(sizes)) => {
                self.answered = true;
                let reachability = if late {
                    Reachability::Slow
                } else {
                    Reachability::Up
                };
                Look {
                    reachability,
                    sizes,
                }
            }
            Ok(Err(error)) => {
                self.session = None;
                Look {
                    reachability: unanswered(known, reason(&error)),
                    sizes: None,
                }
            }
            Err(_) => {
                self.session = None;
                Look {
                    reachability: unanswered(known, Reachability::Frozen),
                    sizes: None,
                }
            }
        }
    }

    async fn ask(
        &mut self,
        target: &Target,
        with_sizes: bool,
        deadline: Duration,
    ) -> Result<Option<BTreeMap<u64, u64>>, PostgresError> {
        if !self.session.as_ref().is_some_and(Session::is_connected) {
            self.session = Some(open(target, deadline).await?);
        } else if let Some(session) = self.session.as_mut()
            && !with_sizes
        {
            let outcome = session.run("", deadline).await?;
            if session.is_connected() {
                return Ok(None);
            }
            // The server's farewell was waiting: it may be up again already.
            drop(outcome);
            *session = open(target, deadline).await?;
        }
        let Some(session) = self.session.as_mut().filter(|_| with_sizes) else {
            return Ok(None);
        };
        let outcome = session.run(SIZES, deadline).await?;
        if !session.is_connected() {
            *session = open(target, deadline).await?;
        }
        // Somebody may hold a lock on a shard: its size is no reason to call the node anything but up.
        if outcome.error().is_some() {
            return Ok(None);
        }
        let result = outcome.into_rows();
        let size = |row: super::rows::Row<'_>| Some((row.number(0).ok()?, row.number(1).ok()?));
        Ok(Some(rows(&target.node, &result).filter_map(size).collect()))
    }

    /// Waits until the server ends the session; for ever when there is none.
    pub(super) async fn until_lost(&mut self) {
        match self.session.as_mut() {
            Some(session) => while session.next_event().await.is_ok() {},
            None => std::future::pending().await,
        }
    }
}

/// What an error says about the node.
fn reason(error: &PostgresError) -> Reachability {
    match error {
        PostgresError::NoAnswer { .. } => Reachability::Frozen,
        // 57P03 is both the beginning and the end of a server's life: not ready to let anybody in.
        PostgresError::Rejected { report, .. } if report.matches(&["57P03"]) => {
            Reachability::Starting
        }
        PostgresError::Rejected { report, .. } if report.matches(&["57", "08"]) => {
            Reachability::Down
        }
        PostgresError::Rejected { .. } | PostgresError::Protocol { .. } => Reachability::LockedOut,
        _ => Reachability::Down,
    }
}

/// Why a node does not answer, when whoever runs it knows better.
fn unanswered(known: Known, seen: Reachability) -> Reachability {
    match known {
        Known::Absent => Reachability::Absent,
        Known::Starting => Reachability::Starting,
        Known::Stopped => Reachability::Stopped,
        Known::CutOff => Reachability::CutOff,
        Known::Elsewhere => Reachability::Unknown,
        Known::Nothing | Known::Frozen => seen,
    }
}
