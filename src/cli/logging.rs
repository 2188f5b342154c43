//! Diagnostics go to a file, never to the screen.

use std::{fs::OpenOptions, os::unix::fs::OpenOptionsExt};

use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::EnvFilter;

use super::output::remark;
use crate::runtime::Directories;

/// Writes diagnostics to `citus-tour.log` in the data directory while the result lives, when `CITUS_TOUR_LOG` asks for them
/// (`CITUS_TOUR_LOG=debug`).
pub(super) fn start() -> Option<WorkerGuard> {
    let filter = EnvFilter::try_from_env("CITUS_TOUR_LOG").ok()?;
    let directories = Directories::from_environment().ok()?;
    let path = directories.data().join("citus-tour.log");
    let opened = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path);
    let file = match opened {
        Ok(file) => file,
        Err(error) => {
            remark(format_args!(
                "no diagnostics are written: {} cannot be opened: {error}",
                path.display()
            ));
            return None;
        }
    };
    let (writer, guard) = tracing_appender::non_blocking(file);
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(false)
        .init();
    Some(guard)
}
