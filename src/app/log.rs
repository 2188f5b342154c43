//! What happened to the cluster, with times.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Entries that are kept.
const CAPACITY: usize = 2000;

/// What an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LogKind {
    /// A server process or a node's state.
    Node,
    /// A move of shards.
    Move,
    /// Other changes of the metadata.
    Metadata,
    /// Something that the learner did.
    Learner,
    /// Something that failed.
    Failure,
    /// The program itself: boot, rebuild.
    Program,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// Since the tour was opened.
    pub at: Duration,
    /// What it is about.
    pub kind: LogKind,
    /// One sentence.
    pub text: String,
}

/// What happened, the last thing last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventLog {
    /// In order.
    pub entries: VecDeque<LogEntry>,
    /// Rows scrolled up from the end.
    pub up: usize,
}

impl EventLog {
    /// Adds an entry.
    pub fn add(&mut self, opened: Instant, now: Instant, kind: LogKind, text: impl Into<String>) {
        if self.entries.len() == CAPACITY {
            self.entries.pop_front();
        }
        self.entries.push_back(LogEntry {
            at: now.saturating_duration_since(opened),
            kind,
            text: text.into(),
        });
        if self.up > 0 {
            self.up = (self.up + 1).min(self.entries.len());
        }
    }
}
