//! A home of its own for a test of the runtime, and the proof that nothing stays behind, there or in the engine.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::query_parameters::{ListContainersOptionsBuilder, ListNetworksOptionsBuilder};
use citus_tour::runtime::docker::{ContainerEngine, DockerCluster, DockerPlan};
use citus_tour::runtime::{Directories, GuardProgram, ServerAccount, Silent, list};
use citus_tour::topology;
use tempfile::TempDir;

use crate::docker_engine::{self, Engine, Image};

/// Long enough for a busy machine; a passing test never waits for it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(180);
/// A whole tour, with its experiments, beside other tests.
const TOUR: Duration = Duration::from_secs(900);
const LOOK_AGAIN: Duration = Duration::from_millis(50);
const PROGRAM: &str = env!("CARGO_BIN_EXE_citus-tour");

/// A home, and an engine with an image.
pub(crate) struct Home {
    directory: TempDir,
    pub(crate) directories: Directories,
    pub(crate) engine: &'static Engine,
    pub(crate) image: &'static Image,
}

impl Home {
    /// With the emulation's image; `None` where no engine is.
    pub(crate) async fn new() -> Option<Self> {
        let engine = docker_engine::engine().await?;
        let image = docker_engine::emulation(engine).await?;
        Some(Self::with(engine, image))
    }

    /// With Citus itself; `None`, with a line that says so, where nothing names a PostgreSQL that has it.
    pub(crate) async fn on_citus() -> Option<Self> {
        let engine = docker_engine::engine().await?;
        let image = docker_engine::citus(engine).await?;
        Some(Self::with(engine, image))
    }

    fn with(engine: &'static Engine, image: &'static Image) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::Builder::new()
            .prefix("citus-tour-test-")
            .tempdir()
            .unwrap();
        let permissions = std::fs::Permissions::from_mode(0o711);
        std::fs::set_permissions(directory.path(), permissions).unwrap();
        let account = ServerAccount::choose().unwrap();
        Self {
            directories: Directories::under(directory.path(), account).unwrap(),
            directory,
            engine,
            image,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// The program, as somebody would call it who has this home and this engine.
    pub(crate) fn program(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command
            .args(arguments)
            .env("CITUS_TOUR_HOME", self.path())
            .env("DOCKER_HOST", self.engine.host())
            .env("CITUS_TOUR_IMAGE", &self.image.name)
            .env("CITUS_TOUR_RUNTIME", "docker")
            .env_remove("CITUS_TOUR_ENGINE")
            .env_remove("CITUS_TOUR_PG_BINDIR")
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = tokio::process::Command::from(self.program(arguments));
        command.kill_on_drop(true);
        tokio::time::timeout(TOUR, command.output())
            .await
            .unwrap_or_else(|_| panic!("{arguments:?} did not end"))
            .unwrap()
    }

    /// The same, and what it printed; it is to go well.
    pub(crate) async fn well(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}\n{printed}\n{said}");
        printed
    }

    pub(crate) async fn plan(&self, keep: Option<&str>) -> DockerPlan {
        let topologies = topology::embedded().unwrap();
        let journey = topologies.into_iter().find(|it| it.name == "journey");
        DockerPlan {
            topology: journey.unwrap(),
            engine: ContainerEngine::connect(self.engine.host()).await.unwrap(),
            image: Some(self.image.name.clone()),
            keep: keep.map(str::to_owned),
            directories: self.directories.clone(),
            guard: GuardProgram(PathBuf::from(PROGRAM)),
        }
    }

    pub(crate) async fn start(&self) -> DockerCluster {
        let plan = self.plan(None).await;
        DockerCluster::start(plan, &Silent).await.unwrap()
    }

    /// The names of everything in the engine that belongs to this home.
    pub(crate) async fn left(&self, docker: &Docker) -> Vec<String> {
        let home = citus_tour::runtime::fingerprint::short(&[self
            .directories
            .runs()
            .as_os_str()
            .as_encoded_bytes()]);
        let label = format!("citus-tour.home={home}");
        let filters = HashMap::from([("label", vec![label.as_str()])]);
        let containers = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&filters)
            .build();
        let networks = ListNetworksOptionsBuilder::new().filters(&filters).build();
        let containers = docker.list_containers(Some(containers)).await.unwrap();
        let networks = docker.list_networks(Some(networks)).await.unwrap();
        let names = containers.into_iter().flat_map(|it| it.names.unwrap());
        let networks = networks.into_iter().filter_map(|it| it.name);
        names.chain(networks).collect()
    }

    /// Nothing is left in the engine, and no run in the home.
    pub(crate) async fn assert_clean(&self) {
        let docker = self.engine.connect().await;
        let started = Instant::now();
        loop {
            let left = self.left(&docker).await;
            let runs = list(&self.directories).unwrap();
            if left.is_empty() && runs.is_empty() {
                return;
            }
            assert!(started.elapsed() < DEADLINE, "left: {left:?} {runs:?}");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

/// Waits for something to become so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !is_so().await {
        assert!(started.elapsed() < DEADLINE, "waited in vain for {what}");
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
