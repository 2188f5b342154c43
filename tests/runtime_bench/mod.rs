//! A home of its own for a test of the runtime, clusters in it, and the proof that nothing stays behind.
#![allow(dead_code, reason = "each test file uses its part of it")]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use citus_tour::runtime::{
    Directories, GuardProgram, ServerAccount, Silent, list,
    local::{Installation, LocalCluster, LocalPlan, ServerSetup, discover},
};
use citus_tour::runtime::{Exit, ProcessState, Runtime};
use citus_tour::topology::{ClusterSpec, NodeSpec, Role, Topology};
use tokio::sync::broadcast;
use tokio_postgres::{Client, Config, NoTls};

pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// Tests with homes of their own know nothing of each other's ports, and would take them from a server that is down just now.
static NEXT_BLOCK: AtomicU16 = AtomicU16::new(0);

/// A home, and what clusters in it are made of.
pub(crate) struct Bench {
    home: Option<tempfile::TempDir>,
    pub(crate) first_port: u16,
    pub(crate) directories: Directories,
    pub(crate) installation: Installation,
}

impl Bench {
    /// The home of another process's bench, which removes it.
    pub(crate) fn of(home: &Path) -> Self {
        let directories = Directories::under(home, ServerAccount::choose().unwrap()).unwrap();
        let installation = discover(None, directories.cache())
            .installations()
            .next()
            .cloned()
            .unwrap();
        Self {
            home: None,
            directories,
            installation,
            first_port: first_port(),
        }
    }

    /// Where everything lies.
    pub(crate) fn home(&self) -> &Path {
        self.home.as_ref().unwrap().path()
    }

    /// A fresh home, or nothing where the machine has no PostgreSQL.
    pub(crate) fn new() -> Option<Self> {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::Builder::new()
            .prefix("citus-tour-test-")
            .tempdir()
            .unwrap();
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        let directories =
            Directories::under(home.path(), ServerAccount::choose().unwrap()).unwrap();
        let discovery = discover(None, directories.cache());
        let Some(installation) = discovery.installations().next().cloned() else {
            println!("skipped: no PostgreSQL on this machine");
            return None;
        };
        Some(Self {
            home: Some(home),
            directories,
            installation,
            first_port: first_port(),
        })
    }

    pub(crate) fn plan(&self, keep: Option<&str>) -> LocalPlan {
        LocalPlan {
            topology: topology(self.first_port),
            setup: ServerSetup::plain(self.installation.clone()),
            keep: keep.map(str::to_owned),
            directories: self.directories.clone(),
            guard: guard(),
        }
    }

    pub(crate) async fn start(&self) -> LocalCluster {
        LocalCluster::start(self.plan(None), &Silent).await.unwrap()
    }

    /// No process names this home, and no run lies in it.
    pub(crate) fn assert_clean(&self) {
        let home = self.home();
        eventually("no process is left", || processes_naming(home).is_empty());
        eventually("no run is left", || {
            list(&self.directories).unwrap().is_empty()
        });
    }
}

pub(crate) fn guard() -> GuardProgram {
    GuardProgram(PathBuf::from(env!("CARGO_BIN_EXE_citus-tour")))
}

fn first_port() -> u16 {
    let process = u16::try_from(std::process::id() % 150).unwrap_or_default();
    15_000 + process * 100 + NEXT_BLOCK.fetch_add(1, Ordering::Relaxed) % 5 * 20
}

pub(crate) fn topology(first_port: u16) -> Topology {
    let node = |name: &str, role, port, on_demand| NodeSpec {
        name: name.to_owned(),
        cluster: Some("main".to_owned()),
        role,
        preferred_port: Some(port),
        on_demand,
    };
    Topology {
        name: "journey".to_owned(),
        clusters: vec![ClusterSpec {
            name: "main".to_owned(),
        }],
        nodes: vec![
            node("coordinator", Role::Coordinator, first_port, false),
            node("worker1", Role::Worker, first_port + 1, false),
            node("worker2", Role::Worker, first_port + 2, true),
        ],
    }
}

/// Waits for a condition, with a deadline.
pub(crate) fn eventually(what: &str, condition: impl Fn() -> bool) {
    let until = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < until, "not in time: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

pub(crate) fn processes_naming(home: &Path) -> Vec<String> {
    let output = std::process::Command::new("ps")
        .args(["-axww", "-o", "pid=,stat=,args="])
        .output()
        .unwrap();
    let home = home.to_str().unwrap();
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| line.contains(home) && !line.contains(" ps -axww"))
        .map(str::to_owned)
        .collect()
}

pub(crate) async fn connect(
    cluster: &LocalCluster,
    node: &str,
) -> Result<Client, tokio_postgres::Error> {
    let address = cluster.address(node).unwrap();
    let (client, connection) = Config::new()
        .host(&address.host)
        .port(address.port)
        .user(&address.user)
        .password(&address.password)
        .dbname(&address.database)
        .connect_timeout(DEADLINE)
        .connect(NoTls)
        .await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Whether it answers now. Patient with a slow machine, except with a node that is known to be silent.
pub(crate) async fn answers(cluster: &LocalCluster, node: &str) -> bool {
    let frozen = cluster.state(node).unwrap() == ProcessState::Frozen;
    let patience = if frozen {
        Duration::from_secs(1)
    } else {
        DEADLINE
    };
    match tokio::time::timeout(patience, connect(cluster, node)).await {
        Ok(Ok(client)) => client.query_one("SELECT 1", &[]).await.is_ok(),
        Ok(Err(error)) => {
            println!("{node}: {error:?}");
            false
        }
        Err(_) => false,
    }
}

pub(crate) async fn next(exits: &mut broadcast::Receiver<Exit>) -> Exit {
    tokio::time::timeout(DEADLINE, exits.recv())
        .await
        .expect("an exit in time")
        .unwrap()
}
