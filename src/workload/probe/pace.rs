//! How often and how patiently.

use std::time::Duration;

use crate::cluster::StatementKind;
use crate::workload::LATE;

/// The time between two probes, whatever they ask, so that many subjects are no load of their own.
const APART: Duration = Duration::from_millis(8);
/// Connections that probes take at the very most: a server gives a hundred, and others want some too.
const MOST: usize = 72;

/// How often probes are sent, and how patient they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Time between two probes of one subject, where there are few.
    pub interval: Duration,
    /// The same for changes of definitions.
    pub definition_interval: Duration,
    /// How long a probe may wait. Longer than nodes wait for each other (`citus.node_connection_timeout`, 3 s in our clusters).
    pub deadline: Duration,
    /// Probes of one subject that may wait at once, where there are few subjects.
    pub in_flight: usize,
    /// Connections in all, where each subject has one of them; else one for each, up to [`most`](Self::most).
    pub connections: usize,
    /// Connections at the very most.
    pub most: usize,
    /// The time between two probes, whatever they ask.
    pub apart: Duration,
}

/// What becomes of a probe that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is sent.
    Asked,
    /// It is not sent, and would not have been served: those before it have waited for too long already.
    NotServed,
    /// It is not sent, for want of connections of ours. That says nothing of the cluster.
    NotAsked,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            interval: Duration::from_millis(250),
            definition_interval: Duration::from_secs(1),
            deadline: Duration::from_secs(5),
            in_flight: 3,
            connections: 48,
            most: MOST,
            apart: APART,
        }
    }
}

impl Pace {
    /// For servers that are somebody's own, and busy with other things than us: twenty statements a second over eight connections.
    #[must_use]
    pub fn gentle() -> Self {
        Self {
            interval: Duration::from_secs(1),
            definition_interval: Duration::from_secs(10),
            in_flight: 1,
            connections: 8,
            most: 8,
            apart: Duration::from_millis(50),
            ..Self::default()
        }
    }

    /// The time between two probes of a kind when there are so many subjects.
    #[must_use]
    pub fn interval_of(&self, kind: StatementKind, subjects: usize) -> Duration {
        let subjects = u32::try_from(subjects).unwrap_or(u32::MAX);
        let interval = match kind {
            StatementKind::Definition => self.definition_interval,
            _ => self.interval,
        };
        interval.max(self.apart.saturating_mul(subjects))
    }

    /// The connections that so many subjects have together.
    fn connections_of(&self, subjects: usize) -> usize {
        self.connections.max(subjects.min(self.most)).max(1)
    }

    /// How many of these are one subject's own, so that those that hang take none from those that are well.
    fn share_of(&self, subjects: usize) -> usize {
        let share = self.connections_of(subjects) / subjects.max(1);
        share.min(self.in_flight).max(1)
    }

    /// What becomes of a probe when so many of its subject wait, the oldest for so long, and so many of all `subjects`.
    pub(super) fn turn(
        &self,
        subjects: usize,
        (own, oldest): (usize, Duration),
        all: usize,
    ) -> Turn {
        if own >= self.share_of(subjects) {
            return if oldest > LATE {
                Turn::NotServed
            } else {
                Turn::NotAsked
            };
        }
        if all >= self.connections_of(subjects) {
            return Turn::NotAsked;
        }
        Turn::Asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_subjects_are_asked_less_often() {
        let pace = Pace::default();
        let interval = |subjects| pace.interval_of(StatementKind::TenantRead, subjects);
        assert_eq!(interval(13), Duration::from_millis(250));
        assert_eq!(interval(500), Duration::from_secs(4));
        let gentle = Pace::gentle();
        assert_eq!(
            gentle.interval_of(StatementKind::TenantRead, 500),
            Duration::from_secs(25)
        );
        assert_eq!(gentle.connections_of(500), 8);
    }

    const WELL: Duration = Duration::from_millis(300);
    const LONG: Duration = Duration::from_millis(1_200);

    #[test]
    fn those_that_hang_take_no_connection_from_those_that_are_well() {
        let pace = Pace::default();
        for subjects in 1..=MOST {
            // All but one hang with all that they may have.
            let mut all = 0;
            for _ in 1..subjects {
                let mut own = 0;
                while pace.turn(subjects, (own, LONG), all) == Turn::Asked {
                    own += 1;
                    all += 1;
                }
                assert!((1..=pace.in_flight).contains(&own), "{subjects} subjects");
            }
            let turn = pace.turn(subjects, (0, Duration::ZERO), all);
            assert_eq!(turn, Turn::Asked, "{subjects} subjects");
        }
    }

    #[test]
    fn only_who_waits_for_its_own_kind_is_not_served() {
        let pace = Pace::default();
        assert_eq!(pace.turn(10, (3, LONG), 3), Turn::NotServed);
        // It may still come in good time.
        assert_eq!(pace.turn(10, (3, WELL), 3), Turn::NotAsked);
        assert_eq!(pace.turn(200, (0, Duration::ZERO), MOST), Turn::NotAsked);
        assert_eq!(pace.turn(200, (0, Duration::ZERO), 0), Turn::Asked);
        assert_eq!(pace.turn(0, (0, Duration::ZERO), 0), Turn::Asked);
    }
}
