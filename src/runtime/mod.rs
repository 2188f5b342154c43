//! Where nodes live: one trait, one folder each for what implements it. Start, stop, kill, freeze, thaw, restart, destroy, logs, and a stream of exits.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::broadcast;

use crate::topology::Topology;

pub mod attach;
mod blocking;
pub mod docker;
mod error;
pub mod local;
mod runs;

pub use crate::postgres::Address;
pub use error::RuntimeError;
pub use runs::{
    Directories, Event, GuardProgram, KnownRun, Progress, ServerAccount, Silent, Standing,
    fingerprint, guard, list, remove_kept, remove_leftovers,
};

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
    /// Cuts it off from the other nodes: it runs and reaches nobody.
    Partition,
    /// Puts it back into the network.
    Heal,
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
            Self::Partition => "partition",
            Self::Heal => "heal",
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
    /// Runs, cut off from the network by us.
    Partitioned,
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

/// What makes a cluster's servers one database, as the runtime found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// The engine's name: `citus` or `emulation`.
    pub engine: String,
    /// The version of Citus, or the one that is emulated.
    pub version: String,
    /// PostgreSQL's version, such as `15.20 (Debian 15.20-0+deb12u1)`.
    pub postgres: String,
}

impl Served {
    /// PostgreSQL's version without what its packager adds.
    #[must_use]
    pub fn short_postgres(&self) -> &str {
        self.postgres.split_whitespace().next().unwrap_or_default()
    }
}

/// Where the nodes of one running cluster live. Object-safe, since the runtime is chosen at run time.
pub trait Runtime: fmt::Debug + Send + Sync {
    /// `local`, `docker` or `attach`.
    fn name(&self) -> &'static str;
    /// The id that this cluster goes by on this machine.
    fn id(&self) -> &str;
    /// The name of a kept cluster.
    fn kept_as(&self) -> Option<String>;
    /// Which nodes there are.
    fn topology(&self) -> &Topology;
    /// What this machine keeps of it.
    fn directory(&self) -> &Path;
    /// Engine and versions.
    fn served(&self) -> Served;
    /// PostgreSQL's own client, where the runtime brings one.
    fn psql(&self) -> Option<PathBuf>;
    /// From now on it outlives this program, under a name.
    fn keep<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>>;
    /// Whether somebody else runs the servers, somewhere: that one of them does not answer us says little of it.
    fn is_elsewhere(&self) -> bool {
        false
    }
    /// Whether nothing there may be changed.
    fn is_read_only(&self) -> bool {
        false
    }
    /// The schema that lessons run in, where the cluster is somebody else's and lessons have begun.
    fn schema(&self) -> Option<&str> {
        None
    }
    /// The acts that it can do to a node.
    fn acts(&self) -> &'static [Act];
    /// The nodes of the topology, also those not started yet, in its order.
    fn nodes(&self) -> Vec<String>;
    /// How this program reaches a node.
    ///
    /// # Errors
    /// When there is no such node or it has no port yet.
    fn address(&self, node: &str) -> Result<Address, RuntimeError>;
    /// The same for statements of our own, in which a name without a schema means one of `public`.
    ///
    /// # Errors
    /// As [`Runtime::address`].
    fn public_address(&self, node: &str) -> Result<Address, RuntimeError> {
        self.address(node)
    }
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

/// Reaches a kept cluster by its name, whichever program started it, or by its id one that belongs to a program that is running.
/// Dropping the result leaves it running.
///
/// # Errors
/// When there is no such cluster, or it cannot be taken over.
pub async fn take_over(
    directories: &Directories,
    name: &str,
) -> Result<Arc<dyn Runtime>, RuntimeError> {
    let found = runs::find(directories, name)?;
    if found.runtime == runs::DOCKER {
        let cluster = docker::DockerCluster::attach(directories, found).await?;
        return Ok(Arc::new(cluster));
    }
    let directories = directories.clone();
    let cluster =
        blocking::blocking(move || local::LocalCluster::take_over(&directories, found)).await?;
    Ok(Arc::new(cluster))
}
