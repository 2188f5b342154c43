//! Why a statement ends as it does, in words that name the nodes.

use std::fmt;

use super::Fault;

/// A node that fails, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Failed {
    /// Its name.
    pub node: String,
    /// How it fails.
    pub fault: Fault,
}

/// Why an outcome is what it is. Displayed, it is a sentence without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Every statement goes through the coordinator.
    Coordinator(Failed),
    /// All nodes that hold a copy fail.
    EveryCopyFails(Vec<Failed>),
    /// No active node holds a copy; these hold one and are disabled.
    NoActiveCopy(Vec<String>),
    /// Another copy answers at once in place of those that fail.
    AnotherCopy {
        /// Who fails.
        failed: Vec<Failed>,
        /// Who answers.
        answers: String,
    },
    /// Another copy answers, once these were waited for.
    AnotherCopyLater {
        /// Who is waited for.
        frozen: Vec<String>,
        /// Who answers then.
        answers: String,
    },
    /// The coordinator reads its own copy, whoever fails.
    OwnCopy {
        /// The coordinator.
        coordinator: String,
        /// Who fails.
        failed: Vec<Failed>,
    },
    /// A write goes to every copy.
    WriteToEveryCopy(Vec<Failed>),
    /// Every write of a replicated table asks this one for a lock.
    FirstWorker(Failed),
    /// It goes to every active node.
    EveryActiveNode(Vec<Failed>),
    /// These are disabled: nothing asks them, and they miss what is written.
    LeftOut(Vec<String>),
    /// It needs every shard, and so it ends as the worst group does.
    OfGroups {
        /// Positions of the groups that end so.
        groups: Vec<usize>,
        /// Why the first of them does.
        reason: Box<Reason>,
    },
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}
