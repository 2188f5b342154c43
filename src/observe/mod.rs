//! Watching: catalogs and probes in, a [`View`](crate::cluster::View) out; every node with its own deadline.
//!
//! The coordinator is asked for its own catalogs only, never for anything that makes it ask other nodes, so that a
//! frozen worker delays nothing. Liveness and sizes come from a connection of ours to each node; the progress of
//! moves, which does ask other nodes, comes on a connection of its own.

mod assemble;
mod catalog;
mod error;
mod observer;
mod probe;
mod progress;
mod rows;
mod tenant;
mod watch;
mod watched;

pub use error::ObserveError;
pub use observer::{Observer, Pace};
pub use tenant::{TenantPlace, tenant_place};
pub use watch::{Watch, watch};
pub use watched::{Known, Watched};
