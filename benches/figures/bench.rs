//! The real program in a home of its own, as the pseudo-terminal starts it.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::Result;

use crate::ground::{Ground, PROGRAM};

/// When something that is waited for does not come any more.
pub(crate) const DEADLINE: Duration = Duration::from_secs(180);

/// A home, and the program to run in it.
pub(crate) struct Bench {
    ground: Ground,
}

impl Bench {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            ground: Ground::new()?,
        })
    }

    pub(crate) fn home(&self) -> &Path {
        self.ground.home()
    }

    /// The program with these arguments on the emulation, with nobody's settings but ours.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CITUS_TOUR_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .env("CITUS_TOUR_HOME", self.home())
            .env("CITUS_TOUR_ENGINE", "emulation")
            .env("CITUS_TOUR_PG_BINDIR", &self.ground.installation.bindir);
        command
    }
}
