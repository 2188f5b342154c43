//! What clusters have on this machine, wherever their nodes live: a directory each, a lock that says whose it is, a description, a guard.
//!
//! `<runs>/<id>/` holds `lock` (held by the program that owns the cluster) and `cluster.json`; the rest is the runtime's. What must be
//! removed is known from names and owners alone, so that a run that died half-made is removed like any other.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{RuntimeError, docker, local};
use crate::topology::{Role, Topology};

mod account;
mod claim;
mod description;
mod directories;
pub mod fingerprint;
pub mod guard;
pub(in crate::runtime) mod lock;
pub(in crate::runtime) mod ports;
mod progress;
pub(in crate::runtime) mod secrets;

pub use account::ServerAccount;
pub(in crate::runtime) use claim::Claim;
pub(in crate::runtime) use description::{Description, role_word};
pub use directories::Directories;
pub(in crate::runtime) use directories::create_private;
pub use guard::GuardProgram;
pub use progress::{Event, Progress, Silent};

/// What a description calls servers of our own.
pub(in crate::runtime) const LOCAL: &str = "local";
/// What a description calls containers.
pub(in crate::runtime) const DOCKER: &str = "docker";

/// A cluster found on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownRun {
    /// Its id, unique on this machine.
    pub id: String,
    /// The name of a kept cluster.
    pub name: Option<String>,
    /// Its topology, where that could be read.
    pub topology: Option<String>,
    /// Its engine, where that could be read.
    pub engine: Option<String>,
    /// Where its nodes live: `local` or `docker`.
    pub runtime: String,
    /// Its directory.
    pub directory: PathBuf,
    /// Whose it is.
    pub standing: Standing,
}

/// Whose a cluster is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// A program that runs now owns it.
    Owned,
    /// Kept on purpose.
    Kept,
    /// Left by a program that is gone.
    Leftover,
}

/// Every cluster of this user's on this machine.
///
/// # Errors
/// When the directory of runs cannot be read.
pub fn list(directories: &Directories) -> Result<Vec<KnownRun>, RuntimeError> {
    let runs = directories.runs();
    let entries =
        fs::read_dir(runs).map_err(|error| RuntimeError::io("listing clusters", runs, error))?;
    let mut known: Vec<KnownRun> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .map(|path| look_at(&path))
        .collect();
    known.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(known)
}

/// Reads no more of the description than every version writes alike: a cluster that another version keeps is no leftover of ours.
fn look_at(run: &Path) -> KnownRun {
    let description = read(run);
    let word = |place| {
        let word = description.pointer(place).and_then(Value::as_str);
        word.map(str::to_owned)
    };
    let kept = description["kept"] == true;
    let standing = match (kept, try_own(run)) {
        (true, _) => Standing::Kept,
        (false, Ok(None)) => Standing::Owned,
        (false, _) => Standing::Leftover,
    };
    KnownRun {
        id: id_of(run),
        name: word("/name"),
        topology: word("/topology"),
        engine: word("/setup/engine"),
        runtime: word("/runtime").unwrap_or_else(|| LOCAL.to_owned()),
        directory: run.to_path_buf(),
        standing,
    }
}

/// A description as far as every version writes it alike; null where there is none.
pub(in crate::runtime) fn read(run: &Path) -> Value {
    fs::read_to_string(run.join("cluster.json"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Removes what programs that are gone left behind: their servers, then their files. Gives what was removed.
///
/// # Errors
/// When a leftover resists.
pub fn remove_leftovers(directories: &Directories) -> Result<Vec<KnownRun>, RuntimeError> {
    let _registry = registry(directories)?;
    let leftovers: Vec<KnownRun> = list(directories)?
        .into_iter()
        .filter(|run| run.standing == Standing::Leftover)
        .collect();
    let mut removed = Vec::new();
    for leftover in leftovers {
        // Somebody else, such as its guard, may be at it already.
        if let Ok(Some(_owner)) = try_own(&leftover.directory) {
            match remove(&leftover.directory) {
                // What lies in an engine that does not run stands in nobody's way; it is removed when the engine is back.
                Err(RuntimeError::NoContainerEngine { .. }) => continue,
                outcome => outcome?,
            }
        }
        removed.push(leftover);
    }
    Ok(removed)
}

/// Ends a cluster that is kept and cannot be taken over, such as one of another version: by what it has on this machine alone.
///
/// # Errors
/// When one of its servers or files resists.
pub fn remove_kept(run: &KnownRun) -> Result<(), RuntimeError> {
    remove(&run.directory)
}

/// Ends whatever a run has on this machine and removes its directory. Who made it knows what that is.
pub(in crate::runtime) fn remove(run: &Path) -> Result<(), RuntimeError> {
    if look_at(run).runtime == DOCKER {
        docker::remove(run)
    } else {
        local::remove(run)
    }
}

/// Whether it outlives the program that made it.
pub(in crate::runtime) fn is_kept(run: &Path) -> bool {
    look_at(run).standing == Standing::Kept
}

/// Ports that other clusters of ours may want back, and a check that the name is free.
pub(in crate::runtime) fn reserved_ports(
    directories: &Directories,
    name: Option<&str>,
) -> Result<HashSet<u16>, RuntimeError> {
    let mut reserved = HashSet::new();
    for known in list(directories)? {
        if known.standing != Standing::Leftover && name.is_some() && known.name.as_deref() == name {
            return Err(RuntimeError::NameTaken(name.unwrap_or_default().to_owned()));
        }
        let nodes = read(&known.directory);
        let nodes = nodes.pointer("/nodes").and_then(Value::as_array).cloned();
        let ports = nodes.unwrap_or_default();
        let ports = ports.iter().filter_map(|node| node["port"].as_u64());
        reserved.extend(ports.filter_map(|port| u16::try_from(port).ok()));
    }
    Ok(reserved)
}

/// A kept cluster by its name, whichever program started it, or by its id one that belongs to a program that is running.
///
/// # Errors
/// When there is no such cluster.
pub(in crate::runtime) fn find(
    directories: &Directories,
    name: &str,
) -> Result<KnownRun, RuntimeError> {
    let runs = list(directories)?;
    let is_it = |run: &&KnownRun| match run.standing {
        Standing::Kept => run.name.as_deref() == Some(name),
        Standing::Owned => run.id == name,
        Standing::Leftover => false,
    };
    if let Some(found) = runs.iter().find(is_it) {
        return Ok(found.clone());
    }
    let kept = runs.iter().filter(|run| run.standing == Standing::Kept);
    let names: Vec<&str> = kept.filter_map(|run| run.name.as_deref()).collect();
    let known = if names.is_empty() {
        String::new()
    } else {
        format!(" (there are: {})", names.join(", "))
    };
    Err(RuntimeError::NoSuchCluster {
        name: name.to_owned(),
        known,
    })
}

/// Makes sure that a run may be kept under a name, as long as the file lives.
pub(in crate::runtime) fn check_name(
    directories: &Directories,
    id: &str,
    name: &str,
) -> Result<File, RuntimeError> {
    let registry = registry(directories)?;
    let taken = |run: &KnownRun| {
        run.id != id && run.standing == Standing::Kept && run.name.as_deref() == Some(name)
    };
    if list(directories)?.iter().any(taken) {
        return Err(RuntimeError::NameTaken(name.to_owned()));
    }
    Ok(registry)
}

/// Standbys, poolers and the like are programs that no runtime starts yet.
pub(in crate::runtime) fn refuse_other_programs(topology: &Topology) -> Result<(), RuntimeError> {
    let other = topology.nodes.iter().find_map(|node| match &node.role {
        Role::Other(role) => Some((node, role)),
        Role::Coordinator | Role::Worker => None,
    });
    match other {
        Some((node, role)) => Err(RuntimeError::UnsupportedNode {
            node: node.name.clone(),
            role: role.clone(),
        }),
        None => Ok(()),
    }
}

/// Held while runs are made or swept, so that nobody sees a run that has no owner yet.
pub(in crate::runtime) fn registry(directories: &Directories) -> Result<File, RuntimeError> {
    let path = directories.runs().join(".registry");
    let failed = |error| RuntimeError::io("locking the list of clusters", &path, error);
    let file = open_lock(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

/// The run's lock, or nothing when a living program holds it.
pub(in crate::runtime) fn try_own(run: &Path) -> io::Result<Option<File>> {
    let file = open_lock(&run.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(fs::TryLockError::WouldBlock) => Ok(None),
        Err(fs::TryLockError::Error(error)) => Err(error),
    }
}

fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        // Who may open it may hold it, and so hold us up.
        .mode(0o600)
        .open(path)
}

/// Removes a directory that may be gone already, or may be being removed by somebody else as well.
pub(in crate::runtime) fn remove_directory(path: &Path) -> Result<(), RuntimeError> {
    for _ in 0..3 {
        match fs::remove_dir_all(path) {
            Ok(()) => return Ok(()),
            Err(_) if fs::symlink_metadata(path).is_err() => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            Err(error) => return Err(RuntimeError::io("removing a cluster", path, error)),
        }
    }
    Err(RuntimeError::io(
        "removing a cluster",
        path,
        io::ErrorKind::DirectoryNotEmpty.into(),
    ))
}

pub(in crate::runtime) fn id_of(run: &Path) -> String {
    run.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_that_another_version_keeps_is_no_leftover() {
        let home = tempfile::tempdir().unwrap();
        let account = ServerAccount {
            lent: false,
            ..ServerAccount::choose().unwrap()
        };
        let directories = Directories::under(home.path(), account).unwrap();
        let write = |id: &str, text: &str| {
            let run = directories.runs().join(id);
            fs::create_dir(&run).unwrap();
            fs::write(run.join("cluster.json"), text).unwrap();
        };
        write("kept", r#"{"format": 99, "name": "journey", "kept": true}"#);
        write("gone", r#"{"format": 99, "name": "other", "kept": false}"#);
        write("half", r#"{"format": "#);
        let removed = remove_leftovers(&directories).unwrap();
        let removed: Vec<&str> = removed.iter().map(|run| run.id.as_str()).collect();
        assert_eq!(removed, ["gone", "half"]);
        let left = list(&directories).unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].name.as_deref(), Some("journey"));
        assert_eq!(left[0].standing, Standing::Kept);
        remove_kept(&left[0]).unwrap();
        assert_eq!(list(&directories).unwrap(), []);
    }
}
