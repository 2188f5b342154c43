//! The X-ray: a statement in, the shards and nodes that it touches out, before it runs.
//!
//! The engine itself is asked, by EXPLAIN, on a session of the X-ray's own that may not write: the learner's transaction never
//! notices, and nothing is executed. What a plan says is turned into [`Touched`] with a [`View`](crate::cluster::View) at hand,
//! by pure functions; where an engine decides only while it runs, that is what comes out. [`from_report`] reads an error the
//! other way round: which node and which shard it names.

mod asker;
mod assemble;
mod error;
mod examiner;
mod fault;
mod insertion;
mod lexeme;
mod plan;
mod reason;
mod shards;
mod statement;
mod touched;
mod words;

#[cfg(test)]
mod recorded;
#[cfg(test)]
mod sample;

pub use asker::Settings;
pub use error::XrayError;
pub use examiner::Examiner;
pub use fault::{Fault, from_report};
pub use touched::{Access, Certainty, Touched, TouchedShard};
