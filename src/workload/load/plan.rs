//! What a load is to be.

use std::time::Duration;

/// Which tables and statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// Rooms, members and messages, by room.
    Chat,
    /// The journey's users and orders, by user.
    Shop,
}

/// What a statement is to the mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Reads one tenant.
    Read,
    /// Writes one tenant.
    Write,
    /// Reads every shard.
    Report,
}

/// How many of each hundred, or of whatever the weights add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    /// Reads of one tenant.
    pub reads: u32,
    /// Writes of one tenant.
    pub writes: u32,
    /// Reports over all shards.
    pub reports: u32,
}

impl Default for Mix {
    fn default() -> Self {
        Self {
            reads: 80,
            writes: 19,
            reports: 1,
        }
    }
}

/// Who decides when a statement starts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Pacing {
    /// A schedule of so many a second, whatever became of those before, as users come. Latency counts from the schedule.
    Open {
        /// Statements a second.
        rate: f64,
    },
    /// Each client sends its next when its last has ended, at no more than this rate if there is one: a slow server is asked less.
    Closed {
        /// Statements a second, in all.
        rate: Option<f64>,
    },
}

/// A load.
#[derive(Debug, Clone, PartialEq)]
pub struct LoadPlan {
    /// Which statements.
    pub workload: Workload,
    /// When.
    pub pacing: Pacing,
    /// Connections; in an open loop also the most statements that may wait at once.
    pub clients: usize,
    /// For how long; `None`: until it is stopped.
    pub duration: Option<Duration>,
    /// How much of each class.
    pub mix: Mix,
    /// How unevenly tenants are asked for: the exponent of a Zipf distribution; `None`: evenly.
    pub skew: Option<f64>,
    /// What chance begins with, so that a run can be repeated.
    pub seed: u64,
    /// How long a statement may wait.
    pub deadline: Duration,
}

impl LoadPlan {
    /// A workload as it is when nothing else is said.
    #[must_use]
    pub fn new(workload: Workload) -> Self {
        Self {
            workload,
            pacing: Pacing::Open { rate: 100.0 },
            clients: 16,
            duration: None,
            mix: Mix::default(),
            skew: None,
            seed: 1,
            deadline: Duration::from_secs(10),
        }
    }
}
