//! One bucket of a strip.

/// What happened to one subject's probes in one bucket of time. They count where they were to start; one that waits counts as waiting
/// in every bucket that it waited through to the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// Did their work in good time.
    pub ok: u32,
    /// Did their work late.
    pub late: u32,
    /// Failed in good time.
    pub failed: u32,
    /// Failed late: they had waited for a timeout.
    pub expired: u32,
    /// Waited through it, or wait now.
    pub waiting: u32,
    /// Were not sent.
    pub dropped: u32,
}

impl Cell {
    /// Nothing happened in it.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Everything that ended in it did its work, and something did.
    #[must_use]
    pub fn is_well(self) -> bool {
        self.ok + self.late > 0 && self.failed + self.expired + self.dropped == 0
    }
}
