//! Availability by kind of statement and tenant, out of what probes saw. Pure: it knows no clock.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::mark::Mark;
use super::probe::Batch;
use crate::cluster::{Outcome, Subject};

/// A stretch of time: from its start until before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its start.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
}

/// What happened to one subject's probes in one bucket of time, by when they were to start; one that waits counts in every bucket
/// in which it waits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// Did their work in good time.
    pub ok: u32,
    /// Did their work late.
    pub late: u32,
    /// Failed at once.
    pub failed: u32,
    /// Failed after they had waited long.
    pub expired: u32,
    /// Wait, or waited, then.
    pub waiting: u32,
    /// Were not sent.
    pub dropped: u32,
}

/// A time in which a subject did not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outage {
    /// When the first statement that failed was to start.
    pub start: Instant,
    /// When the first was to start that worked again; `None` while it lasts.
    pub end: Option<Instant>,
}

/// What is known of one subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Track {}

impl Track {
    /// The buckets of a window, oldest first; the default cell where nothing happened.
    #[must_use]
    pub fn cells(&self, window: Window) -> Vec<Cell> {
        let _ = window;
        Vec::new()
    }

    /// The outages, oldest first.
    #[must_use]
    pub fn outages(&self) -> &[Outage] {
        &[]
    }

    /// What share of the statements of a window did their work, between 0 and 1; `None` where there were none.
    #[must_use]
    pub fn share(&self, window: Window) -> Option<f64> {
        let _ = window;
        None
    }

    /// How statements of a window ended; `None` where too few were seen to say.
    #[must_use]
    pub fn outcome(&self, window: Window) -> Option<Outcome> {
        let _ = window;
        None
    }

    /// How often each SQLSTATE came in a window.
    #[must_use]
    pub fn codes(&self, window: Window) -> BTreeMap<String, u64> {
        let _ = window;
        BTreeMap::new()
    }

    /// From a moment to the first statement after it that failed.
    #[must_use]
    pub fn first_failure_after(&self, at: Instant) -> Option<Duration> {
        let _ = at;
        None
    }

    /// From a moment to the end of the outage that was then or came after it.
    #[must_use]
    pub fn recovery_after(&self, at: Instant) -> Option<Duration> {
        let _ = at;
        None
    }

    /// Since when the oldest statement waits.
    #[must_use]
    pub fn waiting_since(&self) -> Option<Instant> {
        None
    }

    /// The last failure's SQLSTATE and message.
    #[must_use]
    pub fn last_failure(&self) -> Option<(&str, &str)> {
        None
    }
}

/// Availability of every subject since a start.
#[derive(Debug, Clone)]
pub struct Availability {
    started: Instant,
    bucket: Duration,
    tracks: BTreeMap<Subject, Track>,
    marks: Vec<Mark>,
}

impl Availability {
    /// Nothing seen yet; buckets as long as `bucket`.
    #[must_use]
    pub fn new(started: Instant, bucket: Duration) -> Self {
        Self {
            started,
            bucket,
            tracks: BTreeMap::new(),
            marks: Vec::new(),
        }
    }

    /// When it began.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// How long a bucket is.
    #[must_use]
    pub fn bucket(&self) -> Duration {
        self.bucket
    }

    /// Takes in what probes saw.
    pub fn take(&mut self, batch: &Batch) {
        let _ = batch;
    }

    /// Takes in what happened.
    pub fn mark(&mut self, mark: Mark) {
        self.marks.push(mark);
    }

    /// What happened, oldest first.
    #[must_use]
    pub fn marks(&self) -> &[Mark] {
        &self.marks
    }

    /// The subjects in order, with what is known of each.
    pub fn tracks(&self) -> impl Iterator<Item = (Subject, &Track)> {
        self.tracks.iter().map(|(subject, track)| (*subject, track))
    }

    /// What is known of one.
    #[must_use]
    pub fn of(&self, subject: Subject) -> Option<&Track> {
        self.tracks.get(&subject)
    }
}
