//! How often and how patiently.

use std::time::Duration;

use crate::cluster::StatementKind;

/// The time between two probes, whatever they ask, so that many subjects are no load of their own.
const APART: Duration = Duration::from_millis(8);

/// How often probes are sent, and how patient they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Time between two probes of one subject, where there are few.
    pub interval: Duration,
    /// The same for changes of definitions.
    pub definition_interval: Duration,
    /// How long a probe may wait. Longer than nodes wait for each other (`citus.node_connection_timeout`, 3 s in our clusters).
    pub deadline: Duration,
    /// Probes of one subject that may wait at once.
    pub in_flight: usize,
    /// Connections in all.
    pub connections: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            interval: Duration::from_millis(250),
            definition_interval: Duration::from_secs(1),
            deadline: Duration::from_secs(5),
            in_flight: 3,
            connections: 48,
        }
    }
}

impl Pace {
    /// The time between two probes of a kind when there are so many subjects.
    #[must_use]
    pub fn interval_of(&self, kind: StatementKind, subjects: usize) -> Duration {
        let subjects = u32::try_from(subjects).unwrap_or(u32::MAX);
        let interval = match kind {
            StatementKind::Definition => self.definition_interval,
            _ => self.interval,
        };
        interval.max(APART.saturating_mul(subjects))
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
    }
}
