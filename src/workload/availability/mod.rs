//! Availability by kind of statement and tenant, out of what probes saw. Pure: it knows no clock.
//!
//! # What is said of a subject over a window
//!
//! A statement belongs to the window in which it was *to start*, since that is when a user would have begun to wait. One that took
//! longer than [`LATE`] came late, whether it did its work then or not.
//!
//! The [outcome](Track::outcome) is told from the newest [`SETTLED`] statements of the window, those that have been waiting for
//! longer than [`LATE`] included: where a window holds the moment of a fault, what came before and the few statements that were
//! caught in the middle must not decide it. When at least [`MOST`] of them did their work it is `Works`, or `Late` if more than half of
//! those came late; else it is `Waits` if at least half of the others came late or wait, and `Fails` if not. With fewer than
//! [`FEWEST`] nothing is said, unless something waits.
//!
//! The [share](Track::share) is of all statements of the window. Those that were not sent, because others of the same subject had
//! waited for longer than [`LATE`], count as not served, and so do those that have been waiting for so long. What was not sent for want
//! of connections of ours was not asked, and counts nowhere.

mod cell;
mod log;
mod track;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

pub use cell::Cell;
pub use track::{Outage, Track};

use super::mark::Mark;
use super::probe::Batch;
use crate::cluster::Subject;

/// What takes longer came late.
pub const LATE: Duration = Duration::from_secs(1);
/// Statements that decide an outcome.
pub const SETTLED: usize = 5;
/// Fewer say nothing.
pub const FEWEST: usize = 2;
/// The share that must have done its work for a subject to work.
pub const MOST: f64 = 0.8;
/// How long anything is remembered.
pub const MEMORY: Duration = Duration::from_secs(600);

/// A stretch of time: from its start until before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Its start.
    pub from: Instant,
    /// Its end.
    pub to: Instant,
}

impl Window {
    /// From a moment until before another.
    #[must_use]
    pub fn new(from: Instant, to: Instant) -> Self {
        Self { from, to }
    }

    /// Whether a moment lies in it.
    #[must_use]
    pub fn holds(self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }
}

/// Availability of every subject since a start. What is older than ten minutes is forgotten.
#[derive(Debug, Clone)]
pub struct Availability {
    started: Instant,
    bucket: Duration,
    tracks: BTreeMap<Subject, Track>,
    marks: Vec<Mark>,
}

impl Availability {
    /// Nothing seen yet; buckets of strips are as long as `bucket`, counted from `started`.
    #[must_use]
    pub fn new(started: Instant, bucket: Duration) -> Self {
        Self {
            started,
            bucket: bucket.max(Duration::from_millis(1)),
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

    /// Makes a subject known before it is heard of, so that its strip stands from the start.
    pub fn expect(&mut self, subject: Subject) {
        self.tracks.entry(subject).or_default();
    }

    /// Takes in what probes saw.
    pub fn take(&mut self, batch: &Batch) {
        for sample in &batch.samples {
            self.tracks.entry(sample.subject).or_default().ended(sample);
        }
        for dropped in &batch.dropped {
            self.tracks
                .entry(dropped.subject)
                .or_default()
                .dropped(dropped.since);
        }
        for track in self.tracks.values_mut() {
            track.clear_waiting();
            if let Some(oldest) = batch.at.checked_sub(MEMORY) {
                track.forget_before(oldest);
            }
        }
        for waiting in &batch.outstanding {
            self.tracks
                .entry(waiting.subject)
                .or_default()
                .waits(waiting.since, batch.at);
        }
    }

    /// Takes in what happened.
    pub fn mark(&mut self, mark: Mark) {
        let after = self.marks.partition_point(|one| one.at <= mark.at);
        self.marks.insert(after, mark);
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

    /// The buckets of one subject that a window touches, oldest first. They begin at multiples of the bucket's length after the start,
    /// so that a strip does not flicker while time goes on.
    #[must_use]
    pub fn strip(&self, subject: Subject, window: Window) -> Vec<Cell> {
        let nanos = |at: Instant| at.saturating_duration_since(self.started).as_nanos();
        let length = self.bucket.as_nanos();
        let first = nanos(window.from) / length;
        let count = nanos(window.to).div_ceil(length).saturating_sub(first);
        let offset = self
            .bucket
            .saturating_mul(u32::try_from(first).unwrap_or(u32::MAX));
        let from = self.started + offset;
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        match self.of(subject) {
            Some(track) => track.cells(from, self.bucket, count),
            None => vec![Cell::default(); count],
        }
    }
}
