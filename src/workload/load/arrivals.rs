//! When statements are due, and which of them wait for a client. Pure: it is told the time.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A schedule at an even rate, and the queue before the clients. What finds the queue full is dropped and counted, never put off.
#[derive(Debug)]
pub(super) struct Arrivals {
    start: Instant,
    /// Seconds between two.
    gap: f64,
    next: u64,
    limit: usize,
    waiting: VecDeque<Instant>,
    offered: u64,
    dropped: u64,
}

impl Arrivals {
    /// So many a second from `start` on, of which `limit` may wait.
    pub(super) fn new(start: Instant, rate: f64, limit: usize) -> Self {
        Self {
            start,
            gap: 1.0 / rate.max(0.001),
            next: 0,
            limit: limit.max(1),
            waiting: VecDeque::new(),
            offered: 0,
            dropped: 0,
        }
    }

    /// When the next one is due.
    pub(super) fn next_due(&self) -> Instant {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a schedule of more than 2^52 statements ends later than the machine"
        )]
        let offset = self.next as f64 * self.gap;
        self.start + Duration::from_secs_f64(offset)
    }

    /// Takes in all that are due by now. Gives how many of them wait.
    pub(super) fn advance(&mut self, now: Instant) -> usize {
        let mut came = 0;
        loop {
            let due = self.next_due();
            if due > now {
                return came;
            }
            self.next += 1;
            self.offered += 1;
            if self.waiting.len() < self.limit {
                self.waiting.push_back(due);
                came += 1;
            } else {
                self.dropped += 1;
            }
        }
    }

    /// The one that has waited longest, for a client. It gives when it was due.
    pub(super) fn take(&mut self) -> Option<Instant> {
        self.waiting.pop_front()
    }

    /// How many wait, and since when the oldest of them.
    pub(super) fn queue(&self) -> (usize, Option<Instant>) {
        (self.waiting.len(), self.waiting.front().copied())
    }

    /// How many were due and how many of them dropped since this was last asked.
    pub(super) fn counted(&mut self) -> (u64, u64) {
        (
            std::mem::take(&mut self.offered),
            std::mem::take(&mut self.dropped),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::load::meter::{Measured, Meter};
    use crate::workload::load::plan::Class;

    fn milliseconds(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    #[test]
    fn what_is_due_waits_and_what_finds_the_queue_full_is_dropped() {
        let start = Instant::now();
        let mut arrivals = Arrivals::new(start, 100.0, 8);
        assert_eq!(arrivals.advance(start + milliseconds(35)), 4);
        assert_eq!(arrivals.take(), Some(start));
        assert_eq!(arrivals.queue(), (3, Some(start + milliseconds(10))));
        assert_eq!(arrivals.advance(start + milliseconds(200)), 5);
        assert_eq!(arrivals.counted(), (21, 12));
        assert_eq!(arrivals.counted(), (0, 0));
        assert!(arrivals.next_due() > start + milliseconds(200));
    }

    /// A server that needs a millisecond, but stands still between the first second and the second. When a statement that is sent
    /// at `at` ends.
    fn served(start: Instant, at: Instant) -> Instant {
        let (stall, again) = (start + milliseconds(1_000), start + milliseconds(2_000));
        let from = if at >= stall && at < again { again } else { at };
        from + milliseconds(1)
    }

    fn measured(intended: Instant, sent: Instant, ended: Instant) -> Measured<'static> {
        Measured {
            statement: 0,
            node: None,
            intended,
            sent,
            ended,
            failure: None,
        }
    }

    /// The same second without an answer, told by an open and by a closed loop of one client.
    #[test]
    fn a_closed_loop_does_not_see_what_users_would() {
        let start = Instant::now();
        let end = start + milliseconds(3_000);
        let meter = || Meter::new(start, &[("read", Class::Read)], Vec::new());
        let mut open = meter();
        let mut arrivals = Arrivals::new(start, 100.0, 1_000);
        let mut free = start;
        while arrivals.next_due() < end {
            let due = arrivals.next_due();
            arrivals.advance(due);
            while let Some(intended) = arrivals.take() {
                let sent = intended.max(free);
                free = served(start, sent);
                open.record(&measured(intended, sent, free));
            }
        }
        let mut closed = meter();
        let mut sent = start;
        while sent < end {
            let ended = served(start, sent);
            closed.record(&measured(sent, sent, ended));
            // It thinks for as long as the other's schedule has it.
            sent = ended + milliseconds(9);
        }
        let (open, closed) = (open.finish().total(), closed.finish().total());
        assert_eq!(open.done, 300);
        let (users, lie) = (open.latency.unwrap(), closed.latency.unwrap());
        // A third of all users waited, half a second on average. The closed loop has one slow statement.
        assert!(users.p95 > milliseconds(700), "{users:?}");
        assert!(lie.p95 < milliseconds(2), "{lie:?}");
        assert!(lie.max > milliseconds(900), "{lie:?}");
        // What the server itself took does not tell either.
        assert!(open.service.unwrap().p95 < milliseconds(2));
    }
}
