//! A statement in, the shards and nodes it touches out.

mod touched;

pub use touched::{Access, Touched, TouchedShard};
