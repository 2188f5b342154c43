//! Plays a lesson on a cluster: run, check, reset, rebuild. The one player behind the screen, the plain mode and `verify`.
//!
//! In: a tour and a running cluster. Out: events as things happen, and outcomes that say what passed.

pub mod addresses;
pub mod expect;
pub mod progress;
pub mod seed;
