//! Where a figure is measured: a home of its own, the emulation on the PostgreSQL that is found, clusters in it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use citus_tour::engine::{EnginePreference, choose};
use citus_tour::lesson::{self, LessonSource, Tour};
use citus_tour::player::Stage;
use citus_tour::postgres::Outcome;
use citus_tour::runtime::Runtime;
use citus_tour::runtime::{
    Directories, GuardProgram, ServerAccount, Silent,
    local::{Installation, LocalCluster, LocalPlan, discover},
};
use citus_tour::topology::{self, Topology};
use tempfile::TempDir;

/// The program in its release build.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_citus-tour");

const STOCK_DEADLINE: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(50);

/// A home that goes with it.
pub(crate) struct Ground {
    home: TempDir,
    pub(crate) directories: Directories,
    pub(crate) installation: Installation,
    pub(crate) topology: Topology,
}

impl Ground {
    pub(crate) fn new() -> Result<Self> {
        let home = tempfile::Builder::new()
            .prefix("citus-tour-bench-")
            .tempdir()?;
        // The servers' user has to get through.
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o711))?;
        let directories = Directories::under(home.path(), ServerAccount::choose()?)?;
        let choice = choose(
            EnginePreference::Emulation,
            &discover(None, directories.cache()),
        )?;
        let topology = topology::embedded()?
            .into_iter()
            .find(|topology| topology.name == "journey")
            .context("there is no topology `journey`")?;
        Ok(Self {
            home,
            directories,
            installation: choice.installation,
            topology,
        })
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// What a user waits for: PostgreSQL found, the engine prepared, the servers up.
    pub(crate) async fn start(&self) -> Result<LocalCluster> {
        self.start_on(None).await
    }

    /// The same, on ports from `first_port` on where that is said.
    pub(crate) async fn start_on(&self, first_port: Option<u16>) -> Result<LocalCluster> {
        let mut topology = self.topology.clone();
        for (node, port) in topology
            .nodes
            .iter_mut()
            .zip(first_port.into_iter().flat_map(|first| first..))
        {
            node.preferred_port = Some(port);
        }
        let choice = choose(
            EnginePreference::Emulation,
            &discover(None, self.directories.cache()),
        )?;
        let plan = LocalPlan {
            topology,
            setup: choice
                .engine
                .engine()
                .prepare(&choice.installation, &self.directories)?,
            keep: None,
            directories: self.directories.clone(),
            guard: GuardProgram(PathBuf::from(PROGRAM)),
        };
        Ok(LocalCluster::start(plan, &Silent).await?)
    }

    /// Waits until the next start needs to copy no data directory, as a cluster that runs for some seconds sees to.
    pub(crate) async fn wait_for_stock(&self) -> Result<()> {
        let deadline = Instant::now() + STOCK_DEADLINE;
        while self.spares() < self.topology.nodes.len() {
            ensure!(
                Instant::now() < deadline,
                "no data directories were laid by"
            );
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Throws away what lies ready, so that the next start has nothing but the template.
    pub(crate) fn throw_stock_away(&self) -> Result<()> {
        for template in entries(&self.directories.cache().join("templates")) {
            for spare in entries(&template.join("spares")) {
                fs::remove_dir_all(spare)?;
            }
        }
        Ok(())
    }

    fn spares(&self) -> usize {
        let templates = entries(&self.directories.cache().join("templates"));
        let spares = templates
            .iter()
            .flat_map(|template| entries(&template.join("spares")));
        // One that is being made begins with a dot.
        let whole = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."))
        };
        spares.filter(whole).count()
    }

    /// A stage over a cluster that is started for it.
    pub(crate) async fn stage(&self) -> Result<Stage> {
        let runtime: Arc<dyn Runtime> = Arc::new(self.start().await?);
        Ok(Stage::new(runtime, self.topology.clone()))
    }
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// The journey, as it is compiled in.
pub(crate) fn journey() -> Result<Tour> {
    let tours = lesson::load(&LessonSource::embedded())?;
    tours
        .into_iter()
        .find(|tour| tour.id == "journey")
        .context("there is no tour `journey`")
}

/// Runs statements on the coordinator, each of which must succeed. Gives what the last one brought.
pub(crate) async fn run_all(stage: &mut Stage, statements: &[&str]) -> Result<Outcome> {
    let coordinator = stage.coordinator().to_owned();
    let mut last = Outcome::default();
    for statement in statements {
        let statement = stage.fill_in(statement);
        last = stage.run(&coordinator, &statement).await?;
        if let Some(report) = last.error() {
            bail!("{statement}: {report}");
        }
    }
    Ok(last)
}

/// The first value that a statement brings.
pub(crate) async fn value(stage: &mut Stage, statement: &str) -> Result<String> {
    let rows = run_all(stage, &[statement]).await?.into_rows();
    Ok(rows
        .scalar()
        .with_context(|| format!("{statement}: no value"))?
        .to_owned())
}

/// The extension, and both workers registered.
pub(crate) async fn enable(stage: &mut Stage) -> Result<()> {
    run_all(
        stage,
        &[
            "CREATE EXTENSION citus",
            "SELECT citus_set_coordinator_host('coordinator', 5432)",
            "SELECT citus_add_node('worker1', 5432)",
            "SELECT citus_add_node('worker2', 5432)",
        ],
    )
    .await?;
    Ok(())
}
