//! The processes of one server, found by what they say of themselves, and signals to all of them.
//!
//! A process id alone proves nothing: it may have gone to somebody else. A postmaster is known by `-D <its data directory>`
//! on its command line, its children by their title, which begins with the server's `cluster_name` (unique to each node of each
//! run). Backends call `setsid`, so that a process group does not hold them; and those whose postmaster died have another parent.

use std::io;
use std::path::{Path, PathBuf};
#[cfg(not(target_os = "linux"))]
use std::process::Command;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::{self, Signal};
use nix::unistd::Pid;

/// Whom to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServerMark {
    pub(super) data: PathBuf,
    pub(super) cluster_name: String,
    pub(super) uid: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    pid: i32,
    uid: u32,
    command: String,
}

/// One process of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Member {
    /// False sorts first: a postmaster is stopped before its children, so that it forks no more.
    pub(super) child: bool,
    pub(super) pid: i32,
}

impl ServerMark {
    /// Its living processes, the postmaster first.
    pub(super) fn members(&self) -> io::Result<Vec<Member>> {
        Ok(self.select(&snapshot()?))
    }

    /// The postmaster's process id while it lives. A child that was just forked still looks like its postmaster, so that the
    /// data directory has the last word.
    pub(super) fn postmaster(&self) -> Option<i32> {
        let text = std::fs::read_to_string(self.data.join("postmaster.pid")).ok()?;
        let pid = text.lines().next()?.trim().parse().ok()?;
        self.members()
            .ok()?
            .contains(&Member { child: false, pid })
            .then_some(pid)
    }

    fn select(&self, entries: &[Entry]) -> Vec<Member> {
        let mut members: Vec<Member> = entries
            .iter()
            .filter(|entry| entry.uid == self.uid)
            .filter_map(|entry| {
                let child = is_child(&entry.command, &self.cluster_name);
                (child || is_postmaster(&entry.command, &self.data)).then_some(Member {
                    child,
                    pid: entry.pid,
                })
            })
            .collect();
        members.sort_unstable();
        members
    }

    /// SIGKILL to every process until none is left.
    pub(super) fn kill(&self, deadline: Instant) -> io::Result<()> {
        loop {
            let members = self.members()?;
            if members.is_empty() {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(io::ErrorKind::TimedOut.into());
            }
            for member in members {
                send(member.pid, Signal::SIGKILL)?;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// A signal to stop is heeded a moment later, at the latest when a process comes back from the disk.
    pub(super) fn wait_until_stopped(&self, deadline: Instant) -> io::Result<()> {
        while !self.members()?.iter().all(|member| is_stopped(member.pid)) {
            if Instant::now() > deadline {
                return Err(io::ErrorKind::TimedOut.into());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    /// A signal to every process, again until no new one turns up.
    pub(super) fn signal_all(&self, signal: Signal) -> io::Result<()> {
        let mut before = Vec::new();
        loop {
            let members = self.members()?;
            if members == before {
                return Ok(());
            }
            for member in members.iter().filter(|member| !before.contains(member)) {
                send(member.pid, signal)?;
            }
            before = members;
        }
    }
}

/// A process that is gone already is no error: gone is what was wanted, or it needs no signal.
pub(super) fn send(pid: i32, signal: Signal) -> io::Result<()> {
    match signal::kill(Pid::from_raw(pid), signal) {
        Ok(()) | Err(Errno::ESRCH) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// `…/postgres -D <data>`, where nothing or a space follows the directory.
fn is_postmaster(command: &str, data: &Path) -> bool {
    // As the command line was read: a path need not be UTF-8.
    let data = data.to_string_lossy();
    command
        .split_once(" -D ")
        .filter(|(program, _)| program.ends_with("postgres"))
        .and_then(|(_, rest)| rest.strip_prefix(data.as_ref()))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// `postgres: <cluster_name>: checkpointer`.
fn is_child(command: &str, cluster_name: &str) -> bool {
    command
        .strip_prefix("postgres: ")
        .and_then(|title| title.strip_prefix(cluster_name))
        .is_some_and(|rest| rest.starts_with(':'))
}

#[cfg(target_os = "linux")]
fn snapshot() -> io::Result<Vec<Entry>> {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    let mut entries = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        // A process may end between the listing and the reading, and a zombie has no command line: neither is alive.
        let Ok(bytes) = fs::read(entry.path().join("cmdline")) else {
            continue;
        };
        let command: String = String::from_utf8_lossy(&bytes)
            .replace('\0', " ")
            .trim_end()
            .to_owned();
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        if !command.is_empty() {
            entries.push(Entry {
                pid,
                uid: metadata.uid(),
                command,
            });
        }
    }
    Ok(entries)
}

#[cfg(not(target_os = "linux"))]
fn snapshot() -> io::Result<Vec<Entry>> {
    let output = Command::new("ps")
        .args(["-axww", "-o", "pid=,uid=,stat=,command="])
        .output()?;
    Ok(parse_ps(&String::from_utf8_lossy(&output.stdout)))
}

#[cfg(any(test, not(target_os = "linux")))]
fn parse_ps(text: &str) -> Vec<Entry> {
    text.lines()
        .filter_map(|line| {
            let (pid, rest) = line.trim_start().split_once(char::is_whitespace)?;
            let (uid, rest) = rest.trim_start().split_once(char::is_whitespace)?;
            let (state, command) = rest.trim_start().split_once(char::is_whitespace)?;
            if state.starts_with('Z') {
                return None;
            }
            Some(Entry {
                pid: pid.parse().ok()?,
                uid: uid.parse().ok()?,
                command: command.trim().to_owned(),
            })
        })
        .collect()
}

/// Whether a process is stopped by a signal.
#[cfg(target_os = "linux")]
pub(super) fn is_stopped(pid: i32) -> bool {
    // The name before it is in brackets and may hold anything.
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with('T'))
    })
}

/// Whether a process is stopped by a signal.
#[cfg(not(target_os = "linux"))]
pub(super) fn is_stopped(pid: i32) -> bool {
    Command::new("ps")
        .args(["-o", "stat=", "-p", &pid.to_string()])
        .output()
        .is_ok_and(|output| {
            String::from_utf8_lossy(&output.stdout)
                .trim_start()
                .starts_with('T')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> ServerMark {
        ServerMark {
            data: PathBuf::from("/run/7/worker1/data"),
            cluster_name: "citus-tour-7-worker1".into(),
            uid: 101,
        }
    }

    #[test]
    fn a_server_is_its_postmaster_and_its_titled_children_and_nobody_else() {
        let entries = parse_ps(
            "   10   101 Ss   postgres: citus-tour-7-worker1: checkpointer \n\
             \x20   9   101 S    /usr/lib/postgresql/15/bin/postgres -D /run/7/worker1/data\n\
             \x20  11   101 Ss   postgres: citus-tour-7-worker10: checkpointer\n\
             \x20  12   101 S    /usr/lib/postgresql/15/bin/postgres -D /run/7/worker1/data2\n\
             \x20  13   102 S    postgres: citus-tour-7-worker1: walwriter\n\
             \x20  14   101 Z    postgres: citus-tour-7-worker1: walwriter\n\
             \x20  15   101 S    tail -D /run/7/worker1/data\n",
        );
        assert_eq!(
            mark().select(&entries),
            [
                Member {
                    child: false,
                    pid: 9
                },
                Member {
                    child: true,
                    pid: 10
                }
            ]
        );
    }

    #[test]
    fn nobody_is_left_where_nobody_was() {
        mark().kill(Instant::now()).unwrap();
        assert_eq!(mark().postmaster(), None);
    }
}
