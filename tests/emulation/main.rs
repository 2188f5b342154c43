//! Live tests of the emulation beyond the journey's transcript. Scripts whose answers Citus gave are replayed on both engines,
//! each in a database of its own on one cluster; what needs servers to die has clusters of its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on ends there"
)]

#[path = "../support/mod.rs"]
mod support;

mod client;
mod failures;
mod moves;
mod script;
mod scripts;
mod survival;
