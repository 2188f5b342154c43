//! What happened to the cluster, on the axis of time.

use std::fmt;
use std::time::Instant;

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
            Self::Kill | Self::Stop | Self::Freeze | Self::Destroy | Self::Lost
        )
    }

    /// Whether statements are expected to work again after it.
    #[must_use]
    pub fn mends(self) -> bool {
        matches!(
            self,
            Self::Thaw | Self::Restart | Self::Disable | Self::Activate | Self::Back
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
