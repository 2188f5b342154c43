//! Nodes as containers of the official image, through the API of Docker or Podman.
//!
//! In: a [`Topology`](crate::topology::Topology) and the containers that its Compose file describes, and
//! [`Directories`](crate::runtime::Directories). Out: a [`DockerCluster`], which is a [`Runtime`](crate::runtime::Runtime).
//!
//! - One network a cluster, one container a node. Inside, nodes know each other by their names and 5432; outside, each is published
//!   on a port of the loopback. [`Runtime::address`](crate::runtime::Runtime::address) is the one,
//!   [`Runtime::inside_address`](crate::runtime::Runtime::inside_address) the other.
//! - Everything carries labels with the cluster's id and our home. Only what carries them is ever touched.
//! - The same directory, lock and guard as for local servers: what ends the program ends the containers.
//! - Stopping, killing, freezing (`pause`), cutting off (`network disconnect`) and their opposites are the engine's; its stream of
//!   events tells of every end, also of those that somebody else brought about.

mod acts;
mod attach;
mod bundle;
mod cluster;
mod container;
mod engine;
mod events;
mod find;
mod image;
mod looking;
mod node;
mod remains;
mod setup;
mod shared;
mod shell;

pub use bundle::{Bundle, load_bundle, write_bundle};
pub use cluster::{DockerCluster, DockerPlan};
pub use engine::{ContainerEngine, EngineFacts};
pub use image::{ImageFacts, image_of};
pub(super) use remains::remove;
pub use remains::sweep;

/// What another program needs to take a cluster of containers over.
type Description = super::runs::Description<setup::ContainerSetup>;
