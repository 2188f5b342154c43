//! Whom to watch.

use crate::cluster::NodeRole;
use crate::postgres::Target;

/// What whoever runs the servers knows of one, which explains why it does not answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Known {
    /// Nothing: it should answer.
    #[default]
    Nothing,
    /// It was never started.
    Absent,
    /// It is being started.
    Starting,
    /// The learner ended it.
    Stopped,
    /// The learner froze it: nobody needs to wait long for an answer.
    Frozen,
    /// The learner took it out of the network.
    CutOff,
    /// Somebody else runs it, and the way to it may not be ours: until it has answered once, no answer says nothing of it.
    Elsewhere,
}

/// One server to watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: NodeRole,
    /// How we reach it; `None` while it has no address.
    pub target: Option<Target>,
    /// Host and port by which the nodes reach it: what the metadata calls it.
    pub inside: Option<(String, u16)>,
    /// Why it may not answer.
    pub known: Known,
}
