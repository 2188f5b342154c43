//! One server process: started, waited for, and told from one that only looks like it.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use tokio::process::Child;
use tokio_postgres::{Client, Config, NoTls};

use super::configuration::{DATABASE, USER};
use crate::runtime::RuntimeError;
use crate::runtime::ServerAccount;

/// How long a server may take until it answers. Generous: a loaded class-room machine is no error.
pub(super) const START_DEADLINE: Duration = Duration::from_secs(60);
/// Between two looks at a file that a server writes when it is ready.
const LOOK_INTERVAL: Duration = Duration::from_millis(3);
/// Lines of log that an error message carries.
const TAIL_LINES: usize = 12;

/// What a server process needs to be started.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    pub(super) node: String,
    pub(super) postgres: PathBuf,
    /// Its home, with the data directory and the log in it.
    pub(super) directory: PathBuf,
    pub(super) passfile: PathBuf,
    pub(super) account: ServerAccount,
}

/// How a start ended, when it was not an error.
pub(super) enum Started {
    /// It accepts connections.
    Ready(Child),
    /// Somebody else has its port.
    PortTaken,
}

impl Launch {
    pub(super) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.directory.join("log")
    }

    /// Starts the server and waits until it accepts connections.
    pub(super) async fn start(&self) -> Result<Started, RuntimeError> {
        let log_start = fs::metadata(self.log()).map_or(0, |metadata| metadata.len());
        let mut child = self.spawn()?;
        let pid = child.id();
        let deadline = Instant::now() + START_DEADLINE;
        loop {
            tokio::select! {
                status = child.wait() => {
                    let status = status.map_err(|error| RuntimeError::io("waiting for a server", &self.data(), error))?;
                    return self.died(status, log_start);
                }
                () = tokio::time::sleep(LOOK_INTERVAL) => {}
            }
            if pid.is_some_and(|pid| is_ready(&self.data(), pid)) {
                return Ok(Started::Ready(child));
            }
            if Instant::now() > deadline {
                let _ = child.kill().await;
                return Err(RuntimeError::NotReady {
                    node: self.node.clone(),
                    seconds: START_DEADLINE.as_secs(),
                    log: self.log(),
                    tail: self.tail(),
                });
            }
        }
    }

    fn spawn(&self) -> Result<Child, RuntimeError> {
        let failed = |error| RuntimeError::io("starting a server", &self.postgres, error);
        let log = self.open_log()?;
        let mut command = Command::new(&self.postgres);
        command
            .arg("-D")
            .arg(self.data())
            .current_dir(&self.directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            // A Ctrl-C for the program must not stop its servers.
            .process_group(0);
        clean_environment(&mut command, &self.directory);
        command.env("PGPASSFILE", &self.passfile);
        self.account.lend(&mut command);
        tokio::process::Command::from(command)
            .spawn()
            .map_err(failed)
    }

    fn open_log(&self) -> Result<File, RuntimeError> {
        let path = self.log();
        let failed = |error| RuntimeError::io("opening a server's log", &path, error);
        let log = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            // Its directory belongs to the servers' user: a link there would lead root to write wherever that user likes.
            .custom_flags(nix::libc::O_NOFOLLOW)
            .open(&path)
            .map_err(failed)?;
        self.account.own(&path)?;
        Ok(log)
    }

    fn died(&self, status: ExitStatus, log_start: u64) -> Result<Started, RuntimeError> {
        let said = read_from(&self.log(), log_start).unwrap_or_default();
        if said.contains("could not create any TCP/IP sockets") {
            return Ok(Started::PortTaken);
        }
        if said.contains("No space left on device") {
            return Err(RuntimeError::DiskFull {
                action: format!("starting `{}`", self.node),
                path: self.directory.clone(),
            });
        }
        Err(RuntimeError::DiedStarting {
            node: self.node.clone(),
            status: status.to_string(),
            log: self.log(),
            tail: self.tail(),
        })
    }

    fn tail(&self) -> String {
        tail(&self.log(), TAIL_LINES).unwrap_or_default().join("\n")
    }
}

/// Keeps what programs need and drops what would change a server or a tool, such as `PGDATA` or a foreign `LC_ALL`.
pub(super) fn clean_environment(command: &mut Command, home: &Path) {
    command.env_clear();
    for name in [
        "PATH",
        "TMPDIR",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "SYSTEMROOT",
    ] {
        if let Some(value) = env::var_os(name) {
            command.env(name, value);
        }
    }
    // libpq looks for certificates in HOME, and stumbles over one that it may not enter.
    command.env("HOME", home).env("LC_ALL", "C");
}

/// Whether the postmaster of this process id has written that it accepts connections.
pub(super) fn is_ready(data: &Path, pid: u32) -> bool {
    let Ok(text) = fs::read_to_string(data.join("postmaster.pid")) else {
        return false;
    };
    let mut lines = text.lines();
    lines.next().and_then(|line| line.trim().parse().ok()) == Some(pid)
        && lines.nth(6).is_some_and(|status| status.trim() == "ready")
}

/// A session as the superuser.
pub(super) async fn connect(
    node: &str,
    port: u16,
    password: &str,
) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = Config::new()
        .host("127.0.0.1")
        .port(port)
        .user(USER)
        .password(password)
        .dbname(DATABASE)
        .application_name("citus-tour")
        .connect_timeout(Duration::from_secs(10))
        .connect(NoTls)
        .await?;
    let node = node.to_owned();
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(node, %error, "session ended");
        }
    });
    Ok(client)
}

/// The last lines of a file, reading no more than its end.
pub(super) fn tail(path: &Path, lines: usize) -> std::io::Result<Vec<String>> {
    const REACH: u64 = 256 * 1024;
    let length = fs::metadata(path)?.len();
    let text = read_from(path, length.saturating_sub(REACH))?;
    let all: Vec<&str> = text.lines().collect();
    let from = all.len().saturating_sub(lines);
    Ok(all[from..].iter().map(|line| (*line).to_owned()).collect())
}

fn read_from(path: &Path, offset: u64) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_is_the_eighth_line_of_the_right_process() {
        let home = tempfile::tempdir().unwrap();
        let write = |status: &str| {
            let text =
                format!("42\n/data\n1700000000\n5440\n/sockets\n127.0.0.1\n  1 2\n{status}\n");
            fs::write(home.path().join("postmaster.pid"), text).unwrap();
        };
        write("starting");
        assert!(!is_ready(home.path(), 42));
        write("ready   ");
        assert!(is_ready(home.path(), 42));
        assert!(!is_ready(home.path(), 43));
    }

    #[test]
    fn a_tail_is_the_last_lines() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("log");
        fs::write(&path, "one\ntwo\nthree\n").unwrap();
        assert_eq!(tail(&path, 2).unwrap(), ["two", "three"]);
        assert_eq!(tail(&path, 9).unwrap().len(), 3);
    }
}
