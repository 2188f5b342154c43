//! Nodes as PostgreSQL server processes of our own under a private directory.
//!
//! In: a [`Topology`](crate::topology::Topology), a PostgreSQL ([`discover`]) prepared by an engine ([`ServerSetup`]), and
//! [`Directories`](crate::runtime::Directories). Out: a [`LocalCluster`], which is a [`Runtime`](crate::runtime::Runtime).
//!
//! ```no_run
//! use citus_tour::runtime::local::{LocalCluster, LocalPlan, ServerSetup, discover};
//! use citus_tour::runtime::{Act, Directories, GuardProgram, Runtime, Silent};
//!
//! # async fn example(topology: citus_tour::topology::Topology) -> Result<(), Box<dyn std::error::Error>> {
//! let directories = Directories::from_environment()?;
//! let discovery = discover(None, directories.cache());
//! let installation = discovery.installations().next().ok_or("no PostgreSQL")?.clone();
//! let plan = LocalPlan {
//!     topology,
//!     // An engine's `prepare` gives this; plain PostgreSQL here.
//!     setup: ServerSetup::plain(installation),
//!     keep: None,
//!     directories,
//!     guard: GuardProgram::current()?,
//! };
//! let cluster = LocalCluster::start(plan, &Silent).await?;
//! println!("{:?}", cluster.address("coordinator")?);
//! cluster.act(Act::Kill, "worker1").await?;
//! cluster.end().await?;
//! # Ok(())
//! # }
//! ```
//!
//! - `main` calls [`guard::intercept`](crate::runtime::guard::intercept) before anything else: the program is its own guard.
//! - Progress is an [`Event`](crate::runtime::Event) at a time to a [`Progress`](crate::runtime::Progress); a closure is one.
//! - A cluster with `keep: Some(name)` outlives the program: [`LocalCluster::attach`], [`list`](crate::runtime::list), and `end` on what was attached.
//! - Acts are idempotent: starting what runs or stopping what is down does nothing. What makes no sense (freezing a node that
//!   is down, stopping a frozen one) is [`RuntimeError::Refused`](crate::runtime::RuntimeError::Refused) and says what to do first.
//! - A node on demand is `Absent` until `Act::Start`. Its port is reserved from the beginning, so that
//!   `address` answers; it may change until the node first starts, and never after.
//! - Every connection is `postgres` on database `postgres`, with the cluster's own password.

mod build;
mod cluster;
mod configuration;
mod copy;
mod credentials;
mod discover;
pub mod embedded;
mod examine;
mod first_start;
mod node;
mod places;
mod processes;
mod program;
mod remains;
mod server;
mod setup;
mod shared;
mod shared_memory;
mod shell;
mod spare;
mod stock;
mod template;

pub use cluster::{LocalCluster, LocalPlan, role_name};
pub use discover::{Candidate, Discovery, Source, discover};
pub use examine::{Installation, Rejection, SUPPORTED};
pub(super) use remains::remove;
pub use setup::ServerSetup;

/// What another program needs to take a cluster of local servers over.
type Description = super::runs::Description<ServerSetup>;
