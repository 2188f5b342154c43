//! What runs in Docker, on an engine of this test's own or one that is named.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on ends there, and says what it skipped"
)]

mod bench;
mod compose;
#[path = "../docker_engine/mod.rs"]
mod docker_engine;
mod ending;
mod home;
mod image;
mod program;
mod runtime;
