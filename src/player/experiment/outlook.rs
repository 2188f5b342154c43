//! Which statements tell what an act has done: neither those that it caught in the middle, nor those that cannot have ended yet. Pure.

use std::time::{Duration, Instant};

use crate::{
    cluster::StatementKind,
    workload::{Pace, Window},
};

/// What statements may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settling {
    /// Time between two statements of one subject.
    interval: Duration,
    /// How many of one subject may be under way.
    in_flight: u32,
    /// How long the engine waits for a connection to a node.
    connecting: Duration,
}

impl Settling {
    /// For probes at a pace about so many subjects.
    pub(super) fn new(pace: &Pace, subjects: usize, connecting: Duration) -> Self {
        Self {
            interval: pace.interval_of(StatementKind::TenantRead, subjects),
            in_flight: u32::try_from(pace.in_flight).unwrap_or(u32::MAX).max(1),
            connecting,
        }
    }

    /// From when on statements count after an act that was done at `at`. Sessions keep connections to the workers, and those that the act
    /// broke each fail one statement more: as many as one subject may have under way.
    pub(super) fn from(&self, at: Instant) -> Instant {
        at + self.interval.saturating_mul(self.in_flight)
    }

    /// The statements by which what was so until `now` is judged.
    pub(super) fn window(from: Instant, now: Instant) -> Window {
        Window::new(from.min(now), now)
    }

    /// Those of a window whose waiting tells something: where a node is frozen, whoever needs it waits for the engine's timeout before
    /// another copy answers, and on a busy machine anybody waits a little.
    pub(super) fn ripe(&self, window: Window) -> Window {
        let patience = self.connecting + self.interval;
        let to = window.to.checked_sub(patience).unwrap_or(window.from);
        Window::new(window.from, to.max(window.from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_is_given_time() {
        let pace = Pace::default();
        let settling = Settling::new(&pace, 10, Duration::from_secs(3));
        let start = Instant::now();
        let from = settling.from(start);
        assert_eq!(from - start, pace.interval * 3);
        let now = start + Duration::from_secs(6);
        let window = Settling::window(from, now);
        assert_eq!((window.from, window.to), (from, now));
        assert_eq!(now - settling.ripe(window).to, Duration::from_millis(3_250));
        let soon = Settling::window(from, start + Duration::from_secs(1));
        let ripe = settling.ripe(soon);
        assert_eq!((ripe.from, ripe.to), (from, from), "nothing can be known");
        let window = Settling::window(from, start);
        assert_eq!((window.from, window.to), (start, start));
    }

    #[test]
    fn many_subjects_take_longer() {
        let settling = |subjects| Settling::new(&Pace::default(), subjects, Duration::from_secs(3));
        let start = Instant::now();
        assert!(settling(200).from(start) > settling(10).from(start));
    }
}
