//! What lies on disk of one running or kept cluster, how such directories are found again, and how they are removed.
//!
//! `<runs>/<id>/` holds `lock` (held by the program that owns the cluster), `cluster.json`, `passfile`, `sockets/` and
//! `nodes/<name>/{data,log}`. What must be removed is known from names and owners alone, so that a run that died half-made is
//! removed like any other.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::credentials::write_secret;
use super::directories::Directories;
use super::processes::ServerMark;
use super::setup::ServerSetup;
use super::shared_memory;
use crate::runtime::RuntimeError;
use crate::topology::{ClusterSpec, NodeSpec, Role, Topology};

const FORMAT: u32 = 1;
/// The longest path of a socket that every system takes, less `/.s.PGSQL.65535`.
const LONGEST_SOCKET_DIRECTORY: usize = 100 - 15;
const KILL_DEADLINE: Duration = Duration::from_secs(10);

/// `cluster.json`: everything that another program needs to take a kept cluster over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Description {
    pub(super) format: u32,
    pub(super) id: String,
    /// The name that a kept cluster goes by.
    pub(super) name: Option<String>,
    /// True once it may outlive the program that started it.
    pub(super) kept: bool,
    pub(super) topology: String,
    pub(super) clusters: Vec<String>,
    pub(super) nodes: Vec<DescribedNode>,
    pub(super) setup: ServerSetup,
    pub(super) password: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct DescribedNode {
    pub(super) name: String,
    pub(super) cluster: Option<String>,
    pub(super) role: String,
    pub(super) preferred_port: Option<u16>,
    pub(super) on_demand: bool,
    pub(super) port: Option<u16>,
    /// Its port is known to other nodes and must not change any more.
    pub(super) settled: bool,
}

impl Description {
    pub(super) fn new(
        id: &str,
        name: Option<String>,
        topology: &Topology,
        ports: &[Option<u16>],
        setup: &ServerSetup,
        password: &str,
    ) -> Self {
        let nodes = topology
            .nodes
            .iter()
            .zip(ports)
            .map(|(node, port)| DescribedNode {
                name: node.name.clone(),
                cluster: node.cluster.clone(),
                role: role_word(&node.role),
                preferred_port: node.preferred_port,
                on_demand: node.on_demand,
                port: *port,
                settled: false,
            });
        Self {
            format: FORMAT,
            id: id.to_owned(),
            name,
            kept: false,
            topology: topology.name.clone(),
            clusters: topology
                .clusters
                .iter()
                .map(|cluster| cluster.name.clone())
                .collect(),
            nodes: nodes.collect(),
            setup: setup.clone(),
            password: password.to_owned(),
        }
    }

    pub(super) fn topology(&self) -> Topology {
        let nodes = self.nodes.iter().map(|node| NodeSpec {
            name: node.name.clone(),
            cluster: node.cluster.clone(),
            role: match node.role.as_str() {
                "coordinator" => Role::Coordinator,
                "worker" => Role::Worker,
                other => Role::Other(other.to_owned()),
            },
            preferred_port: node.preferred_port,
            on_demand: node.on_demand,
        });
        Topology {
            name: self.topology.clone(),
            clusters: self
                .clusters
                .iter()
                .map(|name| ClusterSpec { name: name.clone() })
                .collect(),
            nodes: nodes.collect(),
        }
    }

    pub(super) fn read(run: &Path) -> Result<Self, RuntimeError> {
        let path = run.join("cluster.json");
        let bad = |message: String| RuntimeError::BadDescription {
            path: path.clone(),
            message,
        };
        let text = fs::read_to_string(&path).map_err(|error| bad(error.to_string()))?;
        let description: Self =
            serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if description.format != FORMAT {
            return Err(bad(format!(
                "its format is {}, not {FORMAT}",
                description.format
            )));
        }
        Ok(description)
    }

    pub(super) fn write(&self, run: &Path) -> Result<(), RuntimeError> {
        let path = run.join("cluster.json");
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| RuntimeError::io("describing the cluster", &path, error.into()))?;
        write_secret(&path, &text, None)
    }
}

pub(super) fn role_word(role: &Role) -> String {
    match role {
        Role::Coordinator => "coordinator".to_owned(),
        Role::Worker => "worker".to_owned(),
        Role::Other(other) => other.clone(),
    }
}

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
    let description: Value = fs::read_to_string(run.join("cluster.json"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default();
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
        directory: run.to_path_buf(),
        standing,
    }
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
    for leftover in &leftovers {
        // Somebody else, such as its guard, may be at it already.
        if let Ok(Some(_owner)) = try_own(&leftover.directory) {
            remove(&leftover.directory)?;
        }
    }
    Ok(leftovers)
}

/// Ends a cluster that is kept and cannot be taken over, such as one of another version: by what it has on this machine alone.
///
/// # Errors
/// When one of its servers or files resists.
pub fn remove_kept(run: &KnownRun) -> Result<(), RuntimeError> {
    remove(&run.directory)
}

/// Held while runs are made or swept, so that nobody sees a run that has no owner yet.
pub(super) fn registry(directories: &Directories) -> Result<File, RuntimeError> {
    let path = directories.runs().join(".registry");
    let failed = |error| RuntimeError::io("locking the list of clusters", &path, error);
    let file = open_lock(&path).map_err(failed)?;
    file.lock().map_err(failed)?;
    Ok(file)
}

/// The run's lock, or nothing when a living program holds it.
pub(super) fn try_own(run: &Path) -> io::Result<Option<File>> {
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

/// Kills every server of a run and removes what it had on this machine.
pub(super) fn remove(run: &Path) -> Result<(), RuntimeError> {
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

/// Removes a directory that may be gone already, or may be being removed by somebody else as well.
pub(super) fn remove_directory(path: &Path) -> Result<(), RuntimeError> {
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

fn id_of(run: &Path) -> String {
    run.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
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
    fn a_cluster_that_another_version_keeps_is_no_leftover() {
        let home = tempfile::tempdir().unwrap();
        let account = super::super::ServerAccount {
            lent: false,
            ..super::super::ServerAccount::choose().unwrap()
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
