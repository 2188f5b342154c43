//! What a lesson may do to servers: a closed list, and the command that a person would type for the same.

use std::fmt;

/// A `console action` fence.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// From the closed list.
    pub kind: ActionKind,
    /// The shell command that a person would type: shown, never executed.
    pub shown: String,
    /// One-based.
    pub line: usize,
}

/// The closed list of what a lesson may do beyond SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionKind {
    /// Ends a node in an orderly way.
    Stop(NodeReference),
    /// SIGKILL to the whole server.
    Kill(NodeReference),
    /// SIGSTOP to the whole server.
    Freeze(NodeReference),
    /// SIGCONT to the whole server.
    Thaw(NodeReference),
    /// Starts a node that is down; stops and starts one that is up.
    Restart(NodeReference),
    /// Ends a node and removes its data.
    Destroy(NodeReference),
    /// Starts a node of the topology that is under a profile (`action=add node=worker3`).
    Add(NodeReference),
    /// Fills the tour's tables by COPY (`action=seed tour=journey`).
    Seed(String),
}

/// Which node an action or a run means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NodeReference {
    /// By name.
    Named(String),
    /// `@tenant(42)`: the node that holds this tenant (of the table that the lesson distributes first, or `@tenant(orders,42)`).
    Tenant {
        /// The distributed table; `None`: any table of the first colocation group.
        table: Option<String>,
        /// The tenant's value.
        value: String,
    },
}

impl ActionKind {
    /// The word that stands in `action=`.
    #[must_use]
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Stop(_) => "stop",
            Self::Kill(_) => "kill",
            Self::Freeze(_) => "freeze",
            Self::Thaw(_) => "thaw",
            Self::Restart(_) => "restart",
            Self::Destroy(_) => "destroy",
            Self::Add(_) => "add",
            Self::Seed(_) => "seed",
        }
    }

    /// The node that it is done to, if it is done to one.
    #[must_use]
    pub fn node(&self) -> Option<&NodeReference> {
        match self {
            Self::Stop(node)
            | Self::Kill(node)
            | Self::Freeze(node)
            | Self::Thaw(node)
            | Self::Restart(node)
            | Self::Destroy(node)
            | Self::Add(node) => Some(node),
            Self::Seed(_) => None,
        }
    }

    /// The command that does the same on a kept cluster, on every runtime: `citus-tour node kill worker2`.
    #[must_use]
    pub fn command(&self) -> String {
        match (self, self.node()) {
            (Self::Seed(tour), _) => format!("citus-tour seed {tour}"),
            // A shell would take the parentheses for its own.
            (_, Some(node @ NodeReference::Tenant { .. })) => {
                format!("citus-tour node {} '{node}'", self.verb())
            }
            (_, Some(node)) => format!("citus-tour node {} {node}", self.verb()),
            (_, None) => format!("citus-tour node {}", self.verb()),
        }
    }
}

impl fmt::Display for NodeReference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => formatter.write_str(name),
            Self::Tenant {
                table: Some(table),
                value,
            } => {
                write!(formatter, "@tenant({table},{value})")
            }
            Self::Tenant { table: None, value } => write!(formatter, "@tenant({value})"),
        }
    }
}

impl NodeReference {
    /// Reads `worker2`, `@tenant(42)` or `@tenant(orders,42)`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let Some(tenant) = text.strip_prefix('@') else {
            return super::is_name(text).then(|| Self::Named(text.to_owned()));
        };
        let inside = tenant.strip_prefix("tenant(")?.strip_suffix(')')?;
        let (table, value) = match inside.split_once(',') {
            Some((table, value)) => (Some(table.trim().to_owned()), value.trim().to_owned()),
            None => (None, inside.trim().to_owned()),
        };
        let complete = !value.is_empty() && table.as_ref().is_none_or(|table| !table.is_empty());
        complete.then_some(Self::Tenant { table, value })
    }
}
