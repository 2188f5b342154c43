//! One second of a load.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::plan::Class;

/// Of merged histograms, never of other quantiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantiles {
    /// Half were quicker.
    pub p50: Duration,
    /// Of 100, 95 were quicker.
    pub p95: Duration,
    /// Of 100, 99 were quicker.
    pub p99: Duration,
    /// The slowest.
    pub max: Duration,
}

/// What became of some statements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Did their work.
    pub done: u64,
    /// Did not, by SQLSTATE.
    pub errors: BTreeMap<String, u64>,
    /// From the intended start to the end; `None` where none has ended.
    pub latency: Option<Quantiles>,
    /// From the real start to the end.
    pub service: Option<Quantiles>,
}

impl Tally {
    /// How many did not do their work.
    #[must_use]
    pub fn failed(&self) -> u64 {
        self.errors.values().sum()
    }

    /// How many ended.
    #[must_use]
    pub fn ended(&self) -> u64 {
        self.done + self.failed()
    }
}

/// What a load did in one second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadInterval {
    /// Seconds since the load's start, at its end: 1 for the first.
    pub second: u64,
    /// Its start.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
    /// Statements that were due.
    pub offered: u64,
    /// Due, and not sent, since too many waited already.
    pub dropped: u64,
    /// Waiting at its end.
    pub in_flight: u64,
    /// How long the oldest of them has been waiting.
    pub oldest: Option<Duration>,
    /// All that ended in it.
    pub total: Tally,
    /// By class.
    pub by_class: BTreeMap<Class, Tally>,
    /// By statement.
    pub by_statement: BTreeMap<&'static str, Tally>,
    /// By the worker that holds the tenant; what asks all workers is in none.
    pub by_node: BTreeMap<String, Tally>,
}
