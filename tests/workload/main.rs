//! Probes and load on real servers, on both engines: what they see of faults, what they write, what they leave.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on ends there"
)]

mod bench;
mod load;
mod probes;
#[expect(dead_code, reason = "its ports are of use to transcripts only")]
#[path = "../support/mod.rs"]
mod support;
