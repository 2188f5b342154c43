//! What a load is to be.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::time::Duration;

use crate::cluster::View;

/// Which tables and statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// Rooms, members and messages, by room.
    Chat,
    /// The journey's users and orders, by user.
    Shop,
}

impl Workload {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Chat, Self::Shop];

    /// `chat` or `shop`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Shop => "shop",
        }
    }

    /// The workload of that name, or of the tour of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        match name {
            "chat" | "active-active" => Some(Self::Chat),
            "shop" | "journey" => Some(Self::Shop),
            _ => None,
        }
    }

    /// The workload whose tables a cluster has.
    #[must_use]
    pub fn found_in(view: &View) -> Option<Self> {
        Self::ALL.into_iter().find(|workload| {
            let tables = workload.tables();
            tables.iter().all(|table| view.table(table).is_some())
        })
    }

    /// The tables that its statements need.
    #[must_use]
    pub fn tables(self) -> &'static [&'static str] {
        match self {
            Self::Chat => &["rooms", "room_members", "messages"],
            Self::Shop => &["users", "orders", "order_items"],
        }
    }
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

impl Class {
    /// `reads`, `writes` or `reports`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "reads",
            Self::Write => "writes",
            Self::Report => "reports",
        }
    }
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

/// Why a text is no mix.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no mix: use `reads`, `writes` or `reports`, or weights such as `reads=80,writes=19,reports=1`, each named once"
)]
pub struct NoMix(String);

/// `reads`, `writes` or `reports` alone, or weights: `reads=80,writes=20`.
impl FromStr for Mix {
    type Err = NoMix;

    fn from_str(text: &str) -> Result<Self, NoMix> {
        let mut mix = Self {
            reads: 0,
            writes: 0,
            reports: 0,
        };
        let mut named = BTreeSet::new();
        for part in text.split(',') {
            let (class, weight) = part.split_once('=').unwrap_or((part, "1"));
            let weight = weight.trim().parse::<u16>();
            let weight = weight.map_err(|_| NoMix(text.to_owned()))?;
            let place = match class.trim() {
                "reads" => &mut mix.reads,
                "writes" => &mut mix.writes,
                "reports" => &mut mix.reports,
                _ => return Err(NoMix(text.to_owned())),
            };
            *place = u32::from(weight);
            // The last one would win without a word, whatever was meant.
            if !named.insert(class.trim()) {
                return Err(NoMix(text.to_owned()));
            }
        }
        if mix.reads + mix.writes + mix.reports == 0 {
            return Err(NoMix(text.to_owned()));
        }
        Ok(mix)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mix_is_a_class_or_weights() {
        let mix = |text: &str| {
            let mix: Mix = text.parse().unwrap();
            (mix.reads, mix.writes, mix.reports)
        };
        assert_eq!(mix("writes"), (0, 1, 0));
        assert_eq!(mix("reads=80, writes=19,reports=1"), (80, 19, 1));
        for wrong in [
            "",
            "read",
            "reads=",
            "reads=-1",
            "reads=0",
            "reads=99999999999",
            "reads=1,reads=2",
            "reads, writes=2, reads=1",
        ] {
            assert!(wrong.parse::<Mix>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn tours_have_their_workloads() {
        assert_eq!(Workload::of("active-active"), Some(Workload::Chat));
        assert_eq!(Workload::of("journey"), Some(Workload::Shop));
        assert_eq!(Workload::of("x"), None);
        let view = crate::cluster::sample::journey();
        assert_eq!(Workload::found_in(&view), None);
    }
}
