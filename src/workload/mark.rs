//! What happened to the cluster, on the axis of time.

use std::fmt;
use std::time::Instant;

use crate::cluster::{Membership, Move, View};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkKind {
    /// SIGKILL to a node.
    Kill,
    /// An orderly end of a node.
    Stop,
    /// SIGSTOP to a node.
    Freeze,
    /// SIGCONT to a node.
    Thaw,
    /// A node was started again.
    Restart,
    /// A node and its data are gone.
    Destroy,
    /// A node was cut off from the others.
    Partition,
    /// A node was put back into the network.
    Heal,
    /// A node was added.
    Add,
    /// `citus_disable_node`.
    Disable,
    /// `citus_activate_node`.
    Activate,
    /// A shard moved or was copied.
    Move,
    /// A node was seen to be gone or to answer no more, from outside.
    Lost,
    /// A node was seen to answer again, from outside.
    Back,
    /// Anything else.
    Other,
}

impl MarkKind {
    /// Whether statements are expected to go wrong after it.
    #[must_use]
    pub fn breaks(self) -> bool {
        matches!(
            self,
            Self::Kill | Self::Stop | Self::Freeze | Self::Destroy | Self::Partition | Self::Lost
        )
    }

    /// Whether statements are expected to work again after it.
    #[must_use]
    pub fn mends(self) -> bool {
        matches!(
            self,
            Self::Thaw | Self::Restart | Self::Heal | Self::Disable | Self::Activate | Self::Back
        )
    }

    /// One word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Stop => "stop",
            Self::Freeze => "freeze",
            Self::Thaw => "thaw",
            Self::Restart => "restart",
            Self::Destroy => "destroy",
            Self::Partition => "partition",
            Self::Heal => "heal",
            Self::Add => "add",
            Self::Disable => "disable",
            Self::Activate => "activate",
            Self::Move => "move",
            Self::Lost => "lost",
            Self::Back => "back",
            Self::Other => "mark",
        }
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// When.
    pub at: Instant,
    /// What.
    pub kind: MarkKind,
    /// To which node, where to one.
    pub node: Option<String>,
    /// In words, where the kind and the node do not say it all.
    pub words: String,
}

impl Mark {
    /// Something that happened to a node.
    #[must_use]
    pub fn new(at: Instant, kind: MarkKind, node: impl Into<String>) -> Self {
        Self {
            at,
            kind,
            node: Some(node.into()),
            words: String::new(),
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.words.is_empty() {
            return formatter.write_str(&self.words);
        }
        formatter.write_str(self.kind.word())?;
        match &self.node {
            Some(node) => write!(formatter, " {node}"),
            None => Ok(()),
        }
    }
}

/// What has happened between two views, as far as it is seen from outside: nodes that are gone or back, disabled or activated, shards
/// under way.
#[must_use]
pub fn changes(before: &View, after: &View, at: Instant) -> Vec<Mark> {
    let mut marks = Vec::new();
    for node in &after.nodes {
        let Some(old) = before.node(&node.name) else {
            continue;
        };
        let mut mark = |kind, words: &str| {
            marks.push(Mark {
                at,
                kind,
                node: Some(node.name.clone()),
                words: format!("{} {words}", node.name),
            });
        };
        match (old.reachability.answers(), node.reachability.answers()) {
            (true, false) => mark(MarkKind::Lost, &format!("is {}", node.state())),
            (false, true) => mark(MarkKind::Back, "answers again"),
            _ => {}
        }
        let active = |membership: Option<Membership>| membership.map(|member| member.is_active);
        match (active(old.membership), active(node.membership)) {
            (Some(true), Some(false)) => mark(MarkKind::Disable, "is disabled"),
            (Some(false), Some(true)) => mark(MarkKind::Activate, "is activated"),
            (None, Some(true)) => mark(MarkKind::Add, "is added"),
            _ => {}
        }
    }
    for one in &after.moves {
        let is_new = |old: &Move| (old.group, old.from, old.to) != (one.group, one.from, one.to);
        if before.moves.iter().all(is_new) {
            let name = |id| {
                after
                    .node_of_group(id)
                    .map_or("?", |node| node.name.as_str())
            };
            let verb = if one.copies { "is copied" } else { "moves" };
            marks.push(Mark {
                at,
                kind: MarkKind::Move,
                node: after.node_of_group(one.to).map(|node| node.name.clone()),
                words: format!(
                    "a shard group {verb} from {} to {}",
                    name(one.from),
                    name(one.to)
                ),
            });
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Reachability, sample};

    #[test]
    fn what_happens_to_nodes_is_seen_from_outside() {
        let well = sample::journey();
        let mut broken = well.clone();
        let worker = broken
            .nodes
            .iter_mut()
            .find(|node| node.name == "worker1")
            .unwrap();
        worker.reachability = Reachability::Frozen;
        let words = |before: &View, after: &View| {
            let marks = changes(before, after, Instant::now());
            let words: Vec<String> = marks.iter().map(ToString::to_string).collect();
            words
        };
        assert_eq!(words(&well, &well), [""; 0]);
        assert_eq!(words(&well, &broken), ["worker1 is frozen"]);
        assert_eq!(words(&broken, &well), ["worker1 answers again"]);
        let mut disabled = well.clone();
        disabled.nodes[2].membership.as_mut().unwrap().is_active = false;
        assert_eq!(words(&well, &disabled), ["worker2 is disabled"]);
    }
}
