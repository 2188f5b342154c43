//! From when on statements must end as predicted. Pure.

use std::time::Duration;

use crate::{runtime::Act, workload::Pace};

/// How long after an act statements may still end in another way than those that come later do.
///
/// A session keeps connections to the workers, and those that an act broke each fail one statement more: as many as one subject may have
/// under way. What waits on a frozen node over a connection from before waits until it is given up, and whoever connects anew waits
/// for the engine's own timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Settling {
    /// How often, and how patiently, it is asked.
    pub(super) pace: Pace,
    /// How long the engine waits for a connection to a node.
    pub(super) connecting: Duration,
}

impl Settling {
    /// After these acts, while a node is frozen or none is.
    pub(super) fn after(&self, acts: &[Act], frozen: bool) -> Duration {
        let stale = u32::try_from(self.pace.in_flight).unwrap_or(u32::MAX);
        let renewed = self.pace.interval.saturating_mul(stale.max(1));
        if frozen || acts.contains(&Act::Thaw) {
            renewed + self.pace.deadline.max(self.connecting)
        } else {
            renewed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_node_is_waited_for() {
        let settling = Settling {
            pace: Pace::default(),
            connecting: Duration::from_secs(3),
        };
        let dead = settling.after(&[Act::Kill], false);
        assert_eq!(dead, settling.pace.interval * 3);
        let frozen = settling.after(&[Act::Freeze], true);
        assert!(frozen > settling.pace.deadline && frozen > settling.connecting);
        let patient = Settling {
            connecting: Duration::from_secs(30),
            ..settling
        };
        assert!(patient.after(&[Act::Freeze], true) > patient.connecting);
    }
}
