//! A Docker engine for tests, and images in it that behave like the official ones of Citus.
//!
//! In: nothing but this machine: an engine that is named or can be started, and the Debian packages that are installed. Out: where the
//! engine listens, and the names of images. What the machine lacks is said once.
//!
//! ```ignore
//! let Some(engine) = docker_engine::engine().await else { return };
//! let Some(image) = docker_engine::emulation(engine).await else { return };
//! let docker = engine.connect().await;
//! ```

#![allow(dead_code, reason = "each test file uses its part of it")]

mod archive;
mod engine;
mod image;
mod packages;
mod rootfs;
mod variants;

pub(crate) use engine::{Engine, engine};
pub(crate) use image::{Image, citus, emulation};

/// Says what a test did not do, and why.
#[expect(clippy::print_stderr, reason = "what was skipped is to be seen")]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}
