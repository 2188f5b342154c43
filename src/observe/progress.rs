//! The moves under way, over a session of its own: asking for them may wait for other nodes.

use std::time::Duration;

use tokio::time::timeout;

use super::error::ObserveError;
use super::probe::open;
use super::rows::{Row, rows};
use crate::postgres::{Session, Target};

const MOVES: &str = include_str!("../../sql/catalog/moves.sql");

/// One shard under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) shard: u64,
    pub(super) source: (String, u16),
    pub(super) target: (String, u16),
    pub(super) copies: bool,
    pub(super) bytes_total: u64,
    pub(super) bytes_done: u64,
    pub(super) phase: String,
}

/// Asks for the moves.
#[derive(Debug, Default)]
pub(super) struct Progress {
    session: Option<Session>,
}

impl Progress {
    /// The steps under way; none when the server cannot say within `deadline`.
    pub(super) async fn look(&mut self, coordinator: &Target, deadline: Duration) -> Vec<Step> {
        match timeout(deadline, self.ask(coordinator, deadline)).await {
            Ok(Ok(steps)) => steps,
            Ok(Err(error)) => {
                tracing::debug!(%error, "no progress to be had");
                Vec::new()
            }
            Err(_) => {
                self.session = None;
                Vec::new()
            }
        }
    }

    async fn ask(
        &mut self,
        coordinator: &Target,
        deadline: Duration,
    ) -> Result<Vec<Step>, ObserveError> {
        let usable = |session: &Session| session.is_connected() && session.target() == coordinator;
        if !self.session.as_ref().is_some_and(usable) {
            self.session = Some(open(coordinator, deadline).await?);
        }
        let Some(session) = self.session.as_mut() else {
            return Ok(Vec::new());
        };
        let outcome = session.query(MOVES, deadline).await?.into_rows();
        rows(&coordinator.node, &outcome).map(step).collect()
    }
}

fn step(row: Row<'_>) -> Result<Step, ObserveError> {
    Ok(Step {
        shard: row.number(0)?,
        source: (row.string(1), row.number(2)?),
        target: (row.string(3), row.number(4)?),
        copies: row.text(5) == Some("copy"),
        bytes_total: row.optional(6)?.unwrap_or_default(),
        bytes_done: row.optional(7)?.unwrap_or_default(),
        phase: row.string(8),
    })
}
