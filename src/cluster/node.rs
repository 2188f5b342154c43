//! One server of a cluster and the four facts about it.

use std::fmt;

/// What a node is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeRole {
    /// Holds the metadata that everybody connects to.
    Coordinator,
    /// Holds shards.
    Worker,
    /// Follows another node.
    Standby,
}

impl fmt::Display for NodeRole {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Coordinator => "coordinator",
            Self::Worker => "worker",
            Self::Standby => "standby",
        })
    }
}

/// Whether a server answers us. The first of the four facts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reachability {
    /// Not asked yet.
    #[default]
    Unknown,
    /// Never started: a node kept for later.
    Absent,
    /// Comes up, and does not let anybody in yet.
    Starting,
    /// Answers.
    Up,
    /// Answers late.
    Slow,
    /// Connects or answers never.
    Frozen,
    /// Runs, taken out of the network by us.
    CutOff,
    /// Refuses: the process is gone.
    Down,
    /// Refuses because we ended it on purpose.
    Stopped,
    /// Answers, and does not let us in.
    LockedOut,
}

impl Reachability {
    /// Whether statements that need the node can work.
    #[must_use]
    pub fn answers(self) -> bool {
        matches!(self, Self::Up | Self::Slow | Self::Unknown)
    }
}

/// What the coordinator's metadata says of a node: the other three facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Membership {
    /// `pg_dist_node.nodeid`.
    pub node_id: i32,
    /// `pg_dist_node.groupid`: a primary and its standbys share one; placements belong to it.
    pub group_id: i32,
    /// Takes part in queries and writes.
    pub is_active: bool,
    /// Has the metadata: can be asked like a coordinator.
    pub metadata_synced: bool,
    /// May hold shards of distributed tables.
    pub should_have_shards: bool,
}

/// One word for a node, out of all that is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeState {
    /// Not asked yet.
    Unknown,
    /// Never started.
    Absent,
    /// Comes up.
    Starting,
    /// Up, not part of the cluster.
    Outside,
    /// Up and active.
    Up,
    /// Answers late.
    Slow,
    /// Up, not active.
    Disabled,
    /// Was gone while disabled, is up again, not yet activated: it still answers, out of old data.
    Stale,
    /// Answers never.
    Frozen,
    /// Runs, out of the network.
    CutOff,
    /// Refuses.
    Down,
    /// Ended by the learner.
    Stopped,
    /// Does not let us in.
    LockedOut,
}

impl fmt::Display for NodeState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unknown => "unknown",
            Self::Absent => "not started",
            Self::Starting => "starting",
            Self::Outside => "not in the cluster",
            Self::Up => "up",
            Self::Slow => "slow",
            Self::Disabled => "disabled",
            Self::Stale => "stale",
            Self::Frozen => "frozen",
            Self::CutOff => "cut off",
            Self::Down => "down",
            Self::Stopped => "stopped by you",
            Self::LockedOut => "locked out",
        })
    }
}

/// One server of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// `coordinator`, `worker1`, …
    pub name: String,
    /// Host by which the nodes reach it.
    pub host: String,
    /// Port by which the nodes reach it.
    pub port: u16,
    /// What it is for.
    pub role: NodeRole,
    /// Whether it answers us.
    pub reachability: Reachability,
    /// What the metadata says; `None` while it is no part of the cluster.
    pub membership: Option<Membership>,
    /// It was out of reach while it was disabled, so that it missed writes.
    pub missed_writes: bool,
}

impl Node {
    /// One word for it. What keeps it from answering comes before what the metadata says.
    #[must_use]
    pub fn state(&self) -> NodeState {
        match (self.reachability, self.membership) {
            (Reachability::Absent, _) => NodeState::Absent,
            (Reachability::Starting, _) => NodeState::Starting,
            (Reachability::Frozen, _) => NodeState::Frozen,
            (Reachability::CutOff, _) => NodeState::CutOff,
            (Reachability::Down, _) => NodeState::Down,
            (Reachability::Stopped, _) => NodeState::Stopped,
            (Reachability::LockedOut, _) => NodeState::LockedOut,
            (_, Some(member)) if !member.is_active && self.missed_writes => NodeState::Stale,
            (_, Some(member)) if !member.is_active => NodeState::Disabled,
            (Reachability::Slow, _) => NodeState::Slow,
            (Reachability::Unknown, _) => NodeState::Unknown,
            (Reachability::Up, None) => NodeState::Outside,
            (Reachability::Up, Some(_)) => NodeState::Up,
        }
    }

    /// The group that placements name it by.
    #[must_use]
    pub fn group_id(&self) -> Option<i32> {
        self.membership.map(|member| member.group_id)
    }

    /// Whether what it holds can be read and written through the cluster.
    #[must_use]
    pub fn serves(&self) -> bool {
        self.reachability.answers() && self.membership.is_none_or(|member| member.is_active)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(reachability: Reachability, active: Option<bool>, missed_writes: bool) -> Node {
        let membership = active.map(|is_active| Membership {
            node_id: 2,
            group_id: 1,
            is_active,
            metadata_synced: is_active,
            should_have_shards: true,
        });
        let (name, host) = ("worker1".to_owned(), "127.0.0.1".to_owned());
        let role = NodeRole::Worker;
        Node {
            name,
            host,
            port: 5441,
            role,
            reachability,
            membership,
            missed_writes,
        }
    }

    #[test]
    fn one_word_says_what_matters_most() {
        for (reachability, active, missed, word) in [
            (Reachability::Up, Some(true), false, "up"),
            (Reachability::Up, Some(false), false, "disabled"),
            (Reachability::Up, Some(false), true, "stale"),
            (Reachability::Slow, Some(true), false, "slow"),
            (Reachability::Down, Some(false), true, "down"),
            (Reachability::Frozen, Some(true), false, "frozen"),
            (Reachability::Up, None, false, "not in the cluster"),
            (Reachability::Stopped, None, false, "stopped by you"),
            (Reachability::Absent, None, false, "not started"),
        ] {
            assert_eq!(node(reachability, active, missed).state().to_string(), word);
        }
        assert!(node(Reachability::Up, Some(true), false).serves());
        assert!(!node(Reachability::Up, Some(false), false).serves());
        assert!(!node(Reachability::Frozen, Some(true), false).serves());
    }
}
