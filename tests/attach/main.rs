//! Somebody's own cluster, looked at: on the emulation always, on Citus where `CITUS_TOUR_TEST_CITUS_BINDIR` names a PostgreSQL that
//! has it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "../support/mod.rs"]
mod support;

mod away;
mod between;
mod encrypted;
mod lessons;
mod owned;
mod program;
mod reading;
mod schema;
