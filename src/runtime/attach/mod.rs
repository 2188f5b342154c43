//! A cluster that is somebody's own: reached by a connection string, looked at, never broken.
//!
//! In: an address of its coordinator. Out: an [`AttachedCluster`] whose nodes are those of the coordinator's `pg_dist_node`. Nothing is
//! started, kept or ended here, and nothing is written unless that is allowed: then lessons run in a schema of their own.

mod catalog;
mod cluster;
mod naming;
mod schema;
mod settings;

pub use cluster::{AttachedCluster, Attachment};
pub use schema::{Leftover, SchemaError};
