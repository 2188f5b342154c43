//! Where nodes live: one trait, one folder each for what implements it. Start, stop, kill, freeze, thaw, restart, destroy, logs, and a stream of exits.

use std::fmt;

use futures_util::future::BoxFuture;
use tokio::sync::broadcast;

mod error;
pub mod local;

pub use crate::postgres::Address;
pub use error::RuntimeError;

/// What can be done to a node. Each act is a real one on a real server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Act {
    /// Starts a node that is down (or was never up).
    Start,
    /// Ends it in an orderly way (`pg_ctl stop -m fast`).
    Stop,
    /// SIGKILL to the whole server.
    Kill,
    /// SIGSTOP to all its processes: connects or answers never.
    Freeze,
    /// SIGCONT to all its processes.
    Thaw,
    /// Stops it if it is up, and starts it.
    Restart,
    /// Ends it and removes its data.
    Destroy,
}

impl fmt::Display for Act {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Freeze => "freeze",
            Self::Thaw => "thaw",
            Self::Restart => "restart",
            Self::Destroy => "destroy",
        })
    }
}

/// What the runtime knows about a node's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessState {
    /// Part of the topology, never started (a node under a profile).
    Absent,
    /// Started, not yet answering.
    Starting,
    /// Runs.
    Up,
    /// Frozen by us.
    Frozen,
    /// Ended because we asked it to.
    Stopped,
    /// Ended by our SIGKILL.
    Killed,
    /// Ended without being asked to.
    Crashed,
}

/// A server process ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exit {
    /// Which node.
    pub node: String,
    /// Whether we ordered it, and by which act; `None` is a crash.
    pub ordered: Option<Act>,
    /// The exit status in words.
    pub status: String,
}

/// Where the nodes of one running cluster live. Object-safe, since the runtime is chosen at run time.
pub trait Runtime: Send + Sync {
    /// `local`, `docker` or `attach`.
    fn name(&self) -> &'static str;
    /// The acts that it can do to a node.
    fn acts(&self) -> &'static [Act];
    /// The nodes of the topology, also those not started yet, in its order.
    fn nodes(&self) -> Vec<String>;
    /// How this program reaches a node.
    ///
    /// # Errors
    /// When there is no such node or it has no port yet.
    fn address(&self, node: &str) -> Result<Address, RuntimeError>;
    /// Host and port by which the *nodes* reach a node: what `citus_add_node` is told.
    ///
    /// # Errors
    /// When there is no such node or it has no port yet.
    fn inside_address(&self, node: &str) -> Result<(String, u16), RuntimeError>;
    /// What is known about its process.
    ///
    /// # Errors
    /// When there is no such node.
    fn state(&self, node: &str) -> Result<ProcessState, RuntimeError>;
    /// Does an act and waits for its effect (a started server answers, a killed one is gone).
    fn act<'a>(&'a self, act: Act, node: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>>;
    /// The shell command that would do the same, for people.
    ///
    /// # Errors
    /// When there is no such node or the act cannot be done.
    fn shell_command(&self, act: Act, node: &str) -> Result<String, RuntimeError>;
    /// The last lines of a node's log.
    fn log_tail<'a>(
        &'a self,
        node: &'a str,
        lines: usize,
    ) -> BoxFuture<'a, Result<Vec<String>, RuntimeError>>;
    /// Every end of a server process from now on.
    fn exits(&self) -> broadcast::Receiver<Exit>;
    /// Makes the cluster as it was at its start: every node's data anew, nodes on demand absent. Ports may change, since no node
    /// knows another any more.
    fn start_afresh(&self) -> BoxFuture<'_, Result<(), RuntimeError>>;
    /// Ends every node and removes everything that this cluster left on the machine.
    fn end(&self) -> BoxFuture<'_, Result<(), RuntimeError>>;
}
