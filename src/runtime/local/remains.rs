//! What a cluster of local servers has on this machine, and how that is removed.
//!
//! Beside what every run has, `<runs>/<id>/` holds `passfile`, `sockets/` and `nodes/<name>/{data,log}`.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::processes::ServerMark;
use super::shared_memory;
use crate::runtime::RuntimeError;
use crate::runtime::runs::{id_of, remove_directory};

/// The longest path of a socket that every system takes, less `/.s.PGSQL.65535`.
const LONGEST_SOCKET_DIRECTORY: usize = 100 - 15;
const KILL_DEADLINE: Duration = Duration::from_secs(10);

/// Kills every server of a run and removes what it had on this machine.
pub(in crate::runtime) fn remove(run: &Path) -> Result<(), RuntimeError> {
    let deadline = Instant::now() + KILL_DEADLINE;
    let marks = marks(run);
    for mark in &marks {
        mark.kill(deadline)
            .map_err(|error| RuntimeError::io("ending servers", &mark.data, error))?;
    }
    for mark in &marks {
        shared_memory::free(&mark.data);
    }
    let sockets = socket_directory(run);
    for path in [sockets.as_path(), run] {
        remove_directory(path)?;
    }
    Ok(())
}

/// The servers that may run from a run's directory, by its nodes' directories.
pub(super) fn marks(run: &Path) -> Vec<ServerMark> {
    let Ok(entries) = fs::read_dir(run.join("nodes")) else {
        return Vec::new();
    };
    let id = id_of(run);
    entries
        .flatten()
        .filter_map(|entry| {
            let uid = entry.metadata().ok()?.uid();
            let node = entry.file_name().into_string().ok()?;
            Some(ServerMark {
                data: entry.path().join("data"),
                cluster_name: cluster_name(&id, &node),
                uid,
            })
        })
        .collect()
}

/// What a server's processes are called, unique to a node of a run. `PostgreSQL` keeps 63 bytes of it.
pub(super) fn cluster_name(id: &str, node: &str) -> String {
    format!("citus-tour-{id}-{node}").chars().take(63).collect()
}

/// Beside the nodes where that is short enough for a socket, else under /tmp, by a name that only this run has.
pub(super) fn socket_directory(run: &Path) -> PathBuf {
    let near = run.join("sockets");
    if near.as_os_str().len() <= LONGEST_SOCKET_DIRECTORY {
        near
    } else {
        PathBuf::from(format!("/tmp/citus-tour-{}", id_of(run)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_path_moves_its_sockets() {
        let short = Path::new("/tmp/home/run/0a1b2c3d");
        assert_eq!(socket_directory(short), short.join("sockets"));
        let long = PathBuf::from(format!("/{}/run/0a1b2c3d", "x".repeat(90)));
        assert_eq!(
            socket_directory(&long),
            Path::new("/tmp/citus-tour-0a1b2c3d")
        );
    }

    #[test]
    fn names_fit_into_what_postgres_keeps() {
        assert_eq!(
            cluster_name("0a1b2c3d", "worker1"),
            "citus-tour-0a1b2c3d-worker1"
        );
        assert_eq!(cluster_name("0a1b2c3d", &"w".repeat(90)).len(), 63);
    }

    #[test]
    fn removing_twice_is_no_error() {
        let home = tempfile::tempdir().unwrap();
        let run = home.path().join("0a1b2c3d");
        fs::create_dir_all(run.join("nodes/worker1/data")).unwrap();
        assert_eq!(marks(&run).len(), 1);
        remove(&run).unwrap();
        assert!(!run.exists());
        remove(&run).unwrap();
    }
}
