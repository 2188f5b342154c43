//! The guard: a second process that ends the servers when the program is gone, however it went.
//!
//! It is the program itself, started with a hidden argument, in a session of its own, holding one end of a pipe. When the pipe
//! closes without the word that all is well, it kills the run's servers and removes the run's directory.

use std::env;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitCode, Stdio};

use nix::sys::signal::SigSet;
use nix::unistd::setsid;

use super::{is_kept, remove};
use crate::runtime::RuntimeError;

/// The hidden subcommand.
pub const SUBCOMMAND: &str = "internal-guard";
const READY: &str = "ready\n";
const RELEASE: &str = "release\n";

/// Does the guard's work if the arguments ask for it. To be called before anything else in `main`: before threads, before
/// arguments are parsed.
#[must_use]
pub fn intercept() -> Option<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    (arguments.next()? == SUBCOMMAND).then(|| run(arguments))
}

/// The guard's life. The one argument is the run's directory.
#[must_use]
pub fn run(mut arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(directory) = arguments.next().map(PathBuf::from) else {
        return ExitCode::from(2);
    };
    // Away from the terminal's signals, and deaf to those that end a whole service at once: it still has work to do then.
    let _ = setsid();
    let _ = SigSet::all().thread_block();
    if std::io::stdout()
        .write_all(READY.as_bytes())
        .and_then(|()| std::io::stdout().flush())
        .is_err()
    {
        return ExitCode::FAILURE;
    }
    let mut said = String::new();
    let _ = std::io::stdin().read_to_string(&mut said);
    if said == RELEASE {
        return ExitCode::SUCCESS;
    }
    match remove_unless_kept(&directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn remove_unless_kept(directory: &Path) -> Result<(), RuntimeError> {
    if is_kept(directory) {
        return Ok(());
    }
    remove(directory)
}

/// The program that is started as a guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardProgram(pub PathBuf);

impl GuardProgram {
    /// This very program.
    ///
    /// # Errors
    /// When the system does not tell where it lies.
    pub fn current() -> Result<Self, RuntimeError> {
        env::current_exe()
            .map(Self)
            .map_err(|error| RuntimeError::Guard(error.to_string()))
    }
}

/// A living guard. Dropped without a word, it does its work, and we wait until it has.
#[derive(Debug)]
pub(in crate::runtime) struct Guard {
    child: Child,
    pipe: Option<ChildStdin>,
    /// The run's directory, until the guard is released.
    watched: Option<PathBuf>,
}

impl Guard {
    /// Starts a guard and waits until it stands apart from us.
    pub(in crate::runtime) fn start(
        program: &GuardProgram,
        run: &Path,
    ) -> Result<Self, RuntimeError> {
        let failed = |error: std::io::Error| {
            RuntimeError::Guard(format!("{}: {error}", program.0.display()))
        };
        let mut child = Command::new(&program.0)
            .arg(SUBCOMMAND)
            .arg(run)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(output) = child.stdout.take() {
            BufReader::new(output)
                .read_line(&mut line)
                .map_err(failed)?;
        }
        if line != READY {
            let _ = child.kill();
            let _ = child.wait();
            return Err(RuntimeError::Guard(format!(
                "{} does not know the guard's work",
                program.0.display()
            )));
        }
        let pipe = child.stdin.take();
        Ok(Self {
            child,
            pipe,
            watched: Some(run.to_path_buf()),
        })
    }

    /// Tells it that its work is not needed.
    pub(in crate::runtime) fn release(mut self) {
        self.watched = None;
        if let Some(mut pipe) = self.pipe.take() {
            let _ = pipe.write_all(RELEASE.as_bytes());
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.pipe.take());
        let did_its_work = self.child.wait().is_ok_and(|status| status.success());
        if let Some(directory) = self.watched.take().filter(|_| !did_its_work) {
            // Somebody killed the guard: its work is ours then. What resists is found by the next start.
            let _ = remove_unless_kept(&directory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn killed_guard(run: &Path) -> Guard {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        child.kill().unwrap();
        Guard {
            child,
            pipe: None,
            watched: Some(run.to_path_buf()),
        }
    }

    #[test]
    fn the_work_of_a_guard_that_was_killed_is_done_all_the_same() {
        let home = tempfile::tempdir().unwrap();
        let run = home.path().join("0a1b2c3d");
        std::fs::create_dir_all(run.join("nodes/worker1/data")).unwrap();
        killed_guard(&run).release();
        assert!(run.exists(), "what was released stays");
        drop(killed_guard(&run));
        assert!(!run.exists());
    }
}
