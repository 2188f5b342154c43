//! A cluster for a test: a tour's nodes on real servers, in a home of its own, gone at the end.

mod machine;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use citus_tour::engine::{EngineKind, EnginePreference, choose};
use citus_tour::runtime::Runtime;
use citus_tour::runtime::{
    Directories, GuardProgram, ServerAccount, Silent,
    local::{LocalCluster, LocalPlan, discover},
};
use citus_tour::topology::{self, Topology};
use tempfile::TempDir;

use machine::{citus_bindir, embedded_bindir, home};

/// Long enough for a busy machine; a passing test never waits for it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(120);

/// Clusters with homes of their own know nothing of each other's ports, so each test has ports of its own to begin with.
static NEXT_BLOCK: AtomicU16 = AtomicU16::new(0);

/// What makes the servers of a test one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Citus itself.
    Citus,
    /// The emulation.
    Emulation,
}

/// A running cluster.
pub(crate) struct Cluster {
    /// Its nodes.
    pub(crate) runtime: Arc<LocalCluster>,
    /// The nodes that were started with it, coordinator first.
    pub(crate) started: Vec<String>,
    known_ports: Vec<(String, u16)>,
    // Dropped last: the servers live in it.
    home: TempDir,
}

/// The tour whose nodes most tests use.
const JOURNEY: &str = "journey";

impl Cluster {
    /// On the newest PostgreSQL that this machine has.
    pub(crate) async fn start(engine: Engine) -> Self {
        Self::start_on(JOURNEY, engine, None).await
    }

    /// On the PostgreSQL that npm brings; `None`, with a line that says so, where npm cannot.
    pub(crate) async fn start_embedded() -> Option<Self> {
        Self::start_tour_embedded(JOURNEY).await
    }

    /// On Citus itself; `None`, with a line that says so, where nothing names a PostgreSQL that has it.
    pub(crate) async fn start_citus() -> Option<Self> {
        Self::start_tour_on_citus(JOURNEY).await
    }

    /// As [`Self::start`] for the emulation, with the nodes of this tour.
    pub(crate) async fn start_tour(tour: &str) -> Self {
        Self::start_on(tour, Engine::Emulation, None).await
    }

    /// As [`Self::start_embedded`], with the nodes of this tour.
    pub(crate) async fn start_tour_embedded(tour: &str) -> Option<Self> {
        let bindir = embedded_bindir().await?;
        Some(Self::start_on(tour, Engine::Emulation, Some(&bindir)).await)
    }

    /// As [`Self::start_citus`], with the nodes of this tour.
    pub(crate) async fn start_tour_on_citus(tour: &str) -> Option<Self> {
        let bindir = citus_bindir()?;
        Some(Self::start_on(tour, Engine::Citus, Some(&bindir)).await)
    }

    async fn start_on(tour: &str, engine: Engine, bindir: Option<&Path>) -> Self {
        let home = home();
        let directories =
            Directories::under(home.path(), ServerAccount::choose().unwrap()).unwrap();
        let preference = match engine {
            Engine::Citus => EnginePreference::Citus,
            Engine::Emulation => EnginePreference::Emulation,
        };
        let choice = choose(preference, &discover(bindir, directories.cache())).unwrap();
        assert_eq!(choice.engine == EngineKind::Citus, engine == Engine::Citus);
        let setup = choice
            .engine
            .engine()
            .prepare(&choice.installation, &directories)
            .unwrap();
        let mut topology = topology_of(tour);
        let known_ports = ports_of(&topology);
        let started = topology
            .nodes
            .iter()
            .filter(|node| !node.on_demand)
            .map(|node| node.name.clone())
            .collect();
        move_ports(&mut topology);
        let guard = GuardProgram(PathBuf::from(env!("CARGO_BIN_EXE_citus-tour")));
        let plan = LocalPlan {
            topology,
            setup,
            keep: None,
            directories,
            guard,
        };
        let runtime = LocalCluster::start(plan, &Silent).await.unwrap();
        Self {
            runtime: Arc::new(runtime),
            started,
            known_ports,
            home,
        }
    }

    /// For each node the port that the Compose file gives it, and the one that it has here.
    pub(crate) fn ports(&self) -> Vec<(u16, u16)> {
        let real = |node: &str| self.runtime.inside_address(node).unwrap().1;
        self.known_ports
            .iter()
            .map(|(node, known)| (*known, real(node)))
            .collect()
    }

    /// Ends it; nothing may be left of it.
    pub(crate) async fn end(self) {
        let directory = self.runtime.directory().to_owned();
        self.runtime.end().await.unwrap();
        assert!(!directory.exists(), "{} is left", directory.display());
        drop(self.home);
    }
}

fn topology_of(tour: &str) -> Topology {
    let topologies = topology::embedded().unwrap();
    topologies
        .into_iter()
        .find(|topology| topology.name == tour)
        .unwrap()
}

fn ports_of(topology: &Topology) -> Vec<(String, u16)> {
    let port =
        |node: &topology::NodeSpec| node.preferred_port.map(|port| (node.name.clone(), port));
    topology.nodes.iter().filter_map(port).collect()
}

fn move_ports(topology: &mut Topology) {
    let process = u16::try_from(std::process::id() % 200).unwrap();
    let first = 21_000 + process * 50 + NEXT_BLOCK.fetch_add(1, Ordering::Relaxed) % 5 * 10;
    for (node, port) in topology.nodes.iter_mut().zip(first..) {
        node.preferred_port = Some(port);
    }
}
