//! What the SQL pane remembers.

use std::time::Instant;

use tui_textarea::TextArea;

use super::{Answer, JobId};
use crate::postgres::TransactionStatus;

/// The SQL pane.
#[derive(Debug, Default)]
pub struct SqlPane {
    /// Where SQL is typed.
    pub editor: TextArea<'static>,
    /// The node that statements go to; `None`: the coordinator.
    pub node: Option<String>,
    /// What statements brought, the last one last.
    pub answers: Vec<Answer>,
    /// The answer that is shown.
    pub shown: usize,
    /// The chosen row and column of its grid.
    pub cell: (usize, usize),
    /// First row and column shown.
    pub offset: (usize, usize),
    /// One column a line instead of a grid.
    pub expanded: bool,
    /// The job that runs.
    pub running: Option<JobId>,
    /// It was asked to stop.
    pub cancelling: bool,
    /// The number of the last job.
    pub last_job: JobId,
    /// Where the session stands.
    pub transaction: TransactionStatus,
    /// Statements of earlier runs and of this one, the last one last.
    pub history: Vec<String>,
    /// The entry of the history that the editor shows, counted from the end.
    pub recalled: Option<usize>,
}

/// When the pane looks different by itself: the clock of a statement that runs.
#[must_use]
pub fn next_deadline(_pane: &SqlPane, _motion: bool, _now: Instant) -> Option<Instant> {
    None
}
