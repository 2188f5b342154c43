//! What happened to one statement, in short.

use std::time::{Duration, Instant};

use super::LATE;

/// How a statement stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It did its work.
    Done,
    /// It failed, with the SQLSTATE of that number in the track's list.
    Failed(u16),
    /// It waits.
    Waits,
    /// It was not sent.
    Dropped,
}

/// One statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) intended: Instant,
    /// When it ended; for one that waits, the last moment at which it was seen to.
    pub(super) ended: Instant,
    pub(super) fate: Fate,
}

impl Entry {
    pub(super) fn latency(&self) -> Duration {
        self.ended.saturating_duration_since(self.intended)
    }

    pub(super) fn is_late(&self) -> bool {
        self.latency() > LATE
    }

    /// What a user would call not served, as far as it is known.
    pub(super) fn is_down(&self) -> bool {
        match self.fate {
            Fate::Done => false,
            Fate::Failed(_) | Fate::Dropped => true,
            Fate::Waits => self.is_late(),
        }
    }

    /// Whether it says anything yet: one that has been waiting for a moment does not.
    pub(super) fn counts(&self) -> bool {
        self.fate != Fate::Waits || self.is_late()
    }
}
