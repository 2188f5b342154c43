//! What can go wrong while asking what a statement touches.

use std::time::Duration;

use crate::postgres::{PostgresError, Report};

/// Each names the node where one is at fault, says what happened and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum XrayError {
    /// The statement cannot be planned: it would fail if it were run.
    #[error("the statement would fail: {}", .0.message)]
    Refused(Box<Report>),
    /// The plan did not come in time: a node is frozen, or somebody holds a lock.
    #[error(
        "{node} did not plan the statement within {after:?}: a node may be frozen, or a table locked. The statement itself can still be run"
    )]
    Late {
        /// Whom we asked.
        node: String,
        /// How long we waited.
        after: Duration,
    },
    /// The text is not exactly one statement.
    #[error("an X-ray is of one statement, and the text has {0}")]
    NotOne(usize),
    /// The session is lost, or cannot be opened.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// A plan that we do not understand.
    #[error(
        "{node}: the plan of the statement is {what}, which this program does not understand. Is the engine newer than it?"
    )]
    Strange {
        /// Whom we asked.
        node: String,
        /// What was strange.
        what: String,
    },
}
