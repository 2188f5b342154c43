//! A cluster of containers: brought up, acted upon, ended.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bollard::query_parameters::LogsOptionsBuilder;
use futures_util::TryStreamExt;
use futures_util::future::{BoxFuture, try_join_all};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

use super::Description;
use super::container::{Naming, PORT};
use super::engine::ContainerEngine;
use super::events;
use super::image::{compare, image_of};
use super::remains::home_of;
use super::setup::ContainerSetup;
use super::shared::{DATABASE, Shared, USER, lock};
use super::shell;
use crate::postgres::Terms;
use crate::runtime::blocking::blocking;
use crate::runtime::runs::secrets::random_word;
use crate::runtime::runs::{self, Claim, create_private, ports, reserved_ports};
use crate::runtime::{
    Act, Address, Directories, Exit, GuardProgram, ProcessState, Progress, Runtime, RuntimeError,
    Served, Silent, remove_leftovers,
};
use crate::topology::Topology;

/// What to start.
#[derive(Debug, Clone)]
pub struct DockerPlan {
    /// Which nodes.
    pub topology: Topology,
    /// Where they are to live.
    pub engine: ContainerEngine,
    /// The image, where it is not the Compose file's.
    pub image: Option<String>,
    /// The name under which the cluster outlives this program; `None` ends it with the program.
    pub keep: Option<String>,
    /// Where files go.
    pub directories: Directories,
    /// Who ends the containers when this program is gone.
    pub guard: GuardProgram,
}

/// A running cluster of containers. Unless kept, it ends when this is dropped, or when the program ends, however that happens.
#[derive(Debug)]
pub struct DockerCluster {
    shared: Arc<Shared>,
    listening: JoinHandle<()>,
}

impl Drop for DockerCluster {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl DockerCluster {
    /// Makes and starts the container of every node that is not on demand, in parallel, and waits until they answer. First removes what
    /// runs that are gone left behind. If anything fails nothing is left running.
    ///
    /// # Errors
    /// When the image cannot be had or a container does not start; the error says which and why.
    pub async fn start(plan: DockerPlan, progress: &dyn Progress) -> Result<Self, RuntimeError> {
        Box::pin(Self::bring_up(plan, progress)).await
    }

    async fn bring_up(plan: DockerPlan, progress: &dyn Progress) -> Result<Self, RuntimeError> {
        let DockerPlan {
            topology,
            engine,
            image,
            keep,
            directories,
            guard,
        } = plan;
        runs::refuse_other_programs(&topology)?;
        engine.must_be_here()?;
        let sweep = directories.clone();
        blocking(move || remove_leftovers(&sweep)).await?;
        engine.sweep(&directories).await?;

        let image = match image {
            Some(image) => image,
            None => image_of(&topology.name)?,
        };
        let platform = Shared::platform_of(&topology);
        let image = engine
            .bring_image(&image, platform.as_deref(), progress)
            .await?;
        compare(&engine, &image, directories.data(), progress)?;
        let setup = ContainerSetup {
            host: engine.host.clone(),
            client: engine.facts().name.to_lowercase(),
            image: image.name.clone(),
            image_id: image.id.clone(),
            volumes: image.volumes.clone(),
            ..ContainerSetup::default()
        };
        let shared =
            blocking(move || Self::lay_out(directories, engine, &topology, &setup, keep, &guard))
                .await?;
        // From here on its end removes whatever was made.
        let cluster = Self::listening_to(shared);
        cluster.shared.make_network().await?;
        cluster.shared.start_first(progress).await?;
        cluster.shared.keep_if_asked()?;
        Ok(cluster)
    }

    /// Makes the run's directory, owned by us and guarded, with nothing in the engine yet.
    fn lay_out(
        directories: Directories,
        engine: ContainerEngine,
        topology: &Topology,
        setup: &ContainerSetup,
        name: Option<String>,
        guard: &GuardProgram,
    ) -> Result<Arc<Shared>, RuntimeError> {
        let registry = runs::registry(&directories)?;
        let reserved = reserved_ports(&directories, name.as_deref())?;
        let id = random_word(4);
        let directory = directories.runs().join(&id);
        create_private(&directory, 0o700)?;
        let preferred = topology.nodes.iter().map(|node| node.preferred_port);
        let ports = ports::choose(&preferred.collect::<Vec<_>>(), &reserved);
        let password = random_word(16);
        let description =
            Description::new(runs::DOCKER, &id, name, topology, &ports, setup, &password);
        // Before the guard: by the description it finds what is to be removed.
        description.write(&directory)?;
        let claim = Claim::lay(guard, &directory)?;
        let naming = Naming {
            id,
            home: home_of(&directories),
        };
        let shared = Shared::new(directory, directories, engine, naming, description, claim)?;
        drop(registry);
        Ok(Arc::new(shared))
    }

    pub(super) fn listening_to(shared: Arc<Shared>) -> Self {
        let listening = tokio::spawn(events::listen(Arc::downgrade(&shared)));
        Self { shared, listening }
    }

    /// Does an act.
    async fn act_on(&self, act: Act, name: &str) -> Result<(), RuntimeError> {
        let shared = &self.shared;
        let node = shared.node(name)?;
        let _turn = node.turn.lock().await;
        match act {
            Act::Start => shared.start(node, &Silent).await,
            Act::Stop => shared.stop(node, Act::Stop).await,
            Act::Kill => shared.kill(node, Act::Kill).await,
            Act::Freeze => shared.freeze(node).await,
            Act::Thaw => shared.thaw(node).await,
            Act::Restart => {
                if node.state() == ProcessState::Frozen {
                    shared.kill(node, Act::Restart).await?;
                } else {
                    shared.stop(node, Act::Restart).await?;
                }
                shared.start(node, &Silent).await
            }
            Act::Destroy => shared.destroy(node).await,
            Act::Partition => shared.partition(node).await,
            Act::Heal => shared.heal(node).await,
        }
    }

    /// Ends every container and removes everything; the same for kept clusters.
    async fn end_all(&self) -> Result<(), RuntimeError> {
        let shared = &self.shared;
        for node in &shared.nodes {
            node.order(Act::Destroy);
        }
        shared.remove_all().await?;
        let directory = shared.directory.clone();
        blocking(move || runs::remove_directory(&directory)).await?;
        shared.claim.release();
        Ok(())
    }
}

impl Runtime for DockerCluster {
    fn name(&self) -> &'static str {
        "docker"
    }

    fn id(&self) -> &str {
        &self.shared.naming.id
    }

    fn kept_as(&self) -> Option<String> {
        let description = lock(&self.shared.description);
        description.name.clone().filter(|_| description.kept)
    }

    fn topology(&self) -> &Topology {
        &self.shared.topology
    }

    fn directory(&self) -> &Path {
        &self.shared.directory
    }

    fn served(&self) -> Served {
        let description = lock(&self.shared.description);
        let setup = &description.setup;
        Served {
            engine: setup.engine.clone(),
            version: setup.version.clone(),
            postgres: setup.postgres.clone(),
        }
    }

    fn psql(&self) -> Option<PathBuf> {
        None
    }

    fn keep<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>> {
        let (shared, name) = (Arc::clone(&self.shared), name.to_owned());
        Box::pin(blocking(move || shared.keep(&name)))
    }

    fn acts(&self) -> &'static [Act] {
        &[
            Act::Start,
            Act::Stop,
            Act::Kill,
            Act::Freeze,
            Act::Thaw,
            Act::Restart,
            Act::Destroy,
            Act::Partition,
            Act::Heal,
        ]
    }

    fn nodes(&self) -> Vec<String> {
        let nodes = self.shared.nodes.iter();
        nodes.map(|node| node.name().to_owned()).collect()
    }

    fn address(&self, node: &str) -> Result<Address, RuntimeError> {
        let port = self.shared.node(node)?.port()?;
        Ok(Address {
            host: "127.0.0.1".to_owned(),
            port,
            user: USER.to_owned(),
            password: self.shared.password.clone(),
            database: DATABASE.to_owned(),
            terms: Terms::default(),
        })
    }

    fn inside_address(&self, node: &str) -> Result<(String, u16), RuntimeError> {
        Ok((self.shared.node(node)?.name().to_owned(), PORT))
    }

    fn state(&self, node: &str) -> Result<ProcessState, RuntimeError> {
        self.shared.node(node).map(|node| node.state())
    }

    fn act<'a>(&'a self, act: Act, node: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>> {
        Box::pin(self.act_on(act, node))
    }

    fn shell_command(&self, act: Act, node: &str) -> Result<String, RuntimeError> {
        let node = self.shared.node(node)?;
        let client = lock(&self.shared.description).setup.client.clone();
        let command = shell::command(&client, &self.shared.naming, act, node.name(), node.state());
        command.ok_or_else(|| node.refused(act, "no command of one line does that"))
    }

    fn log_tail<'a>(
        &'a self,
        node: &'a str,
        lines: usize,
    ) -> BoxFuture<'a, Result<Vec<String>, RuntimeError>> {
        Box::pin(async move {
            let node = self.shared.node(node)?;
            if node.state() == ProcessState::Absent {
                return Ok(Vec::new());
            }
            self.shared.log_tail(node, lines).await
        })
    }

    fn exits(&self) -> broadcast::Receiver<Exit> {
        self.shared.exits.subscribe()
    }

    fn start_afresh(&self) -> BoxFuture<'_, Result<(), RuntimeError>> {
        Box::pin(async {
            let shared = &self.shared;
            let destroyed = shared.nodes.iter().map(async |node| {
                let _turn = node.turn.lock().await;
                shared.destroy(node).await
            });
            try_join_all(destroyed).await?;
            shared.start_first(&Silent).await
        })
    }

    fn end(&self) -> BoxFuture<'_, Result<(), RuntimeError>> {
        Box::pin(self.end_all())
    }
}

impl Shared {
    /// The last lines of both streams of a container, in the engine's order.
    pub(super) async fn log_tail(
        &self,
        node: &super::node::Node,
        lines: usize,
    ) -> Result<Vec<String>, RuntimeError> {
        let options = LogsOptionsBuilder::new()
            .stdout(true)
            .stderr(true)
            .tail(&lines.to_string());
        let name = self.naming.container(node.name());
        let chunks = self.engine.api.logs(&name, Some(options.build()));
        let chunks: Vec<_> = chunks
            .try_collect()
            .await
            .map_err(|error| self.engine.error("reading a log", &error))?;
        let mut text = Vec::new();
        for chunk in chunks {
            text.extend_from_slice(&chunk.into_bytes());
        }
        let text = String::from_utf8_lossy(&text);
        let all: Vec<String> = text.lines().map(str::to_owned).collect();
        Ok(all[all.len().saturating_sub(lines)..].to_vec())
    }
}
