//! What probes saw.

use std::time::{Duration, Instant};

use crate::cluster::Subject;

/// Why a statement did not do its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// SQLSTATE; one of class 08 where there was no server to send one.
    pub code: String,
    /// The first line of the message. From a server: not for a terminal as it is.
    pub message: String,
    /// It was still waiting at its deadline.
    pub expired: bool,
}

/// A probe that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// What it asked.
    pub subject: Subject,
    /// When it was to start, which is when a user would have begun to wait.
    pub intended: Instant,
    /// When it ended.
    pub ended: Instant,
    /// How.
    pub result: Result<(), Failure>,
}

impl Sample {
    /// How long a user would have waited.
    #[must_use]
    pub fn latency(&self) -> Duration {
        self.ended.saturating_duration_since(self.intended)
    }
}

/// A probe that still waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outstanding {
    /// What it asks.
    pub subject: Subject,
    /// When it was to start.
    pub since: Instant,
}

/// What is told at once: several times a second while probes run, also when nothing has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// When this was so.
    pub at: Instant,
    /// Those that have ended since the batch before.
    pub samples: Vec<Sample>,
    /// All that wait at this moment.
    pub outstanding: Vec<Outstanding>,
    /// Those that were due since the batch before and not sent, since those before them of the same subject have waited for too long
    /// already. What was not sent for want of connections of ours is not told at all: nobody knows what would have come of it.
    pub dropped: Vec<Outstanding>,
}
