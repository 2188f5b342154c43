//! A cluster of local servers: brought up, taken over, acted upon, ended.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::broadcast;

use super::node::lock;
use super::setup::ServerSetup;
use super::shared::Shared;
use super::stock::Stock;
use super::template::Flavour;
use super::{Description, configuration, first_start, remains};
use crate::postgres::Terms;
use crate::runtime::blocking::blocking;
use crate::runtime::runs::secrets::random_word;
use crate::runtime::runs::{self, Claim, create_private, find, ports, reserved_ports, role_word};
use crate::runtime::{
    Act, Address, Directories, Event, Exit, GuardProgram, KnownRun, ProcessState, Progress,
    Runtime, RuntimeError, Served, Silent, remove_leftovers,
};
use crate::topology::{Role, Topology};

/// What to start.
#[derive(Debug, Clone)]
pub struct LocalPlan {
    /// Which nodes.
    pub topology: Topology,
    /// From which PostgreSQL, prepared by an engine.
    pub setup: ServerSetup,
    /// The name under which the cluster outlives this program; `None` ends it with the program.
    pub keep: Option<String>,
    /// Where files go.
    pub directories: Directories,
    /// Who ends the servers when this program is gone.
    pub guard: GuardProgram,
}

/// Why no node can be cut off.
const NO_NETWORK: &str = "local servers share this machine's loopback, which nobody can be cut off from. Freeze it, or use --runtime docker";

/// A running cluster of local servers. Unless kept, it ends when this is dropped, or when the program ends, however that happens.
#[derive(Debug)]
pub struct LocalCluster {
    shared: Arc<Shared>,
}

impl LocalCluster {
    /// Starts every node that is not on demand, in parallel, and waits until they answer. First removes what runs that are gone left
    /// behind. If anything fails nothing is left running.
    ///
    /// # Errors
    /// When a server cannot be started; the error says which and why.
    pub async fn start(plan: LocalPlan, progress: &dyn Progress) -> Result<Self, RuntimeError> {
        // Boxed: it holds a start of every node, and callers hold it.
        Box::pin(Self::bring_up(plan, progress)).await
    }

    async fn bring_up(plan: LocalPlan, progress: &dyn Progress) -> Result<Self, RuntimeError> {
        let LocalPlan {
            topology,
            setup,
            keep,
            directories,
            guard,
        } = plan;
        runs::refuse_other_programs(&topology)?;
        let sweep = directories.clone();
        blocking(move || remove_leftovers(&sweep)).await?;

        let preparing = directories.clone();
        let cluster =
            blocking(move || Self::lay_out(preparing, &topology, &setup, keep, &guard)).await?;
        let shared = &cluster.shared;
        if !shared.templates.is_built(Flavour::Plain) {
            progress.report(Event::BuildingTemplate);
        }
        first_start::start(shared, progress).await?;
        shared.keep_if_asked()?;
        let flavours = [Flavour::Plain, Flavour::Worker].map(|flavour| {
            let needed = shared.nodes.iter().filter(|node| node.flavour == flavour);
            (flavour, needed.count())
        });
        *lock(&shared.stock) = Some(Stock::begin(&shared.templates, flavours.to_vec()));
        Ok(cluster)
    }

    /// Makes the run's directory, owned by us and guarded, with no server in it yet.
    fn lay_out(
        directories: Directories,
        topology: &Topology,
        setup: &ServerSetup,
        name: Option<String>,
        guard: &GuardProgram,
    ) -> Result<Self, RuntimeError> {
        let registry = runs::registry(&directories)?;
        let reserved = reserved_ports(&directories, name.as_deref())?;
        let id = random_word(4);
        let directory = directories.runs().join(&id);
        let lent = directories.account().lent;
        create_private(&directory, if lent { 0o711 } else { 0o700 })?;
        let claim = Claim::lay(guard, &directory)?;
        let preferred: Vec<Option<u16>> = topology
            .nodes
            .iter()
            .map(|node| node.preferred_port)
            .collect();
        let ports = ports::choose(&preferred, &reserved);
        let password = random_word(16);
        let description =
            Description::new(runs::LOCAL, &id, name, topology, &ports, setup, &password);
        let shared = Shared::new(directory, directories, description, claim);
        create_private(
            &shared.directory.join("nodes"),
            if lent { 0o711 } else { 0o700 },
        )?;
        let sockets = remains::socket_directory(&shared.directory);
        // Not recursive: a directory that is there already is somebody else's.
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&sockets)
            .map_err(|error| RuntimeError::io("making a directory for sockets", &sockets, error))?;
        shared.directories.account().own(&sockets)?;
        shared.describe()?;
        // Only now does the description tell others that the name and the ports are taken.
        drop(registry);
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Reaches a kept cluster by its name, whichever program started it, or by its id one that belongs to a program that is running.
    /// Dropping the result leaves it running.
    ///
    /// # Errors
    /// When there is no such cluster.
    pub fn attach(directories: &Directories, name: &str) -> Result<Self, RuntimeError> {
        Self::take_over(directories, find(directories, name)?)
    }

    pub(in crate::runtime) fn take_over(
        directories: &Directories,
        found: KnownRun,
    ) -> Result<Self, RuntimeError> {
        let description = Description::read(&found.directory)?;
        let shared = Arc::new(Shared::new(
            found.directory,
            directories.clone(),
            description,
            Claim::default(),
        ));
        for node in &shared.nodes {
            if let Some(pid) = node.look() {
                shared.adopt(node, pid);
            }
        }
        Ok(Self { shared })
    }

    /// How the servers are made and started.
    #[must_use]
    pub fn setup(&self) -> &ServerSetup {
        &self.shared.setup
    }

    /// Does an act and tells what happens meanwhile.
    ///
    /// # Errors
    /// As [`Runtime::act`].
    pub async fn act_with(
        &self,
        act: Act,
        node: &str,
        progress: &dyn Progress,
    ) -> Result<(), RuntimeError> {
        let shared = &self.shared;
        let node = shared.node(node)?;
        let _turn = node.turn.lock().await;
        match act {
            Act::Start => shared.start_if_down(node, progress).await,
            Act::Stop => node.stop(Act::Stop).await,
            Act::Kill if node.is_running() => node.kill(Act::Kill).await,
            Act::Kill => Ok(()),
            Act::Freeze => node.freeze().await,
            Act::Thaw => node.thaw().await,
            Act::Restart => {
                if node.state() == ProcessState::Frozen {
                    node.kill(Act::Restart).await?;
                } else {
                    node.stop(Act::Restart).await?;
                }
                shared.start_if_down(node, progress).await
            }
            Act::Destroy => {
                if node.is_running() {
                    node.kill(Act::Destroy).await?;
                }
                node.remove_data().await
            }
            Act::Partition | Act::Heal => Err(node.refused(act, NO_NETWORK)),
        }
    }

    /// Ends every server and removes everything; the same for kept clusters.
    ///
    /// # Errors
    /// When a server or a file resists.
    pub async fn end(&self) -> Result<(), RuntimeError> {
        let shared = &self.shared;
        let stock = lock(&shared.stock).take();
        blocking(move || {
            drop(stock);
            Ok(())
        })
        .await?;
        for node in &shared.nodes {
            let _turn = node.turn.lock().await;
            if node.is_running() {
                node.kill(Act::Destroy).await?;
            }
        }
        let directory = shared.directory.clone();
        blocking(move || runs::remove(&directory)).await?;
        shared.claim.release();
        Ok(())
    }
}

impl Runtime for LocalCluster {
    fn name(&self) -> &'static str {
        "local"
    }

    fn id(&self) -> &str {
        &self.shared.id
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
        let setup = &self.shared.setup;
        Served {
            engine: setup.engine.clone(),
            version: setup.version.clone(),
            postgres: setup.installation.version.clone(),
        }
    }

    fn psql(&self) -> Option<PathBuf> {
        let psql = self.shared.setup.installation.program("psql");
        psql.is_file().then_some(psql)
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
        ]
    }

    fn nodes(&self) -> Vec<String> {
        self.shared
            .nodes
            .iter()
            .map(|node| node.name().to_owned())
            .collect()
    }

    fn address(&self, node: &str) -> Result<Address, RuntimeError> {
        let (host, port) = self.inside_address(node)?;
        Ok(Address {
            host,
            port,
            user: configuration::USER.to_owned(),
            password: self.shared.password.clone(),
            database: configuration::DATABASE.to_owned(),
            terms: Terms::default(),
        })
    }

    fn inside_address(&self, node: &str) -> Result<(String, u16), RuntimeError> {
        let node = self.shared.node(node)?;
        let port = node.port().number.ok_or_else(|| RuntimeError::NoPort {
            node: node.name().to_owned(),
        })?;
        Ok(("127.0.0.1".to_owned(), port))
    }

    fn state(&self, node: &str) -> Result<ProcessState, RuntimeError> {
        self.shared.node(node).map(|node| node.state())
    }

    fn act<'a>(&'a self, act: Act, node: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>> {
        Box::pin(self.act_with(act, node, &Silent))
    }

    fn shell_command(&self, act: Act, node: &str) -> Result<String, RuntimeError> {
        super::shell::command(
            act,
            self.shared.node(node)?,
            &self.shared.setup,
            self.shared.directories.account(),
        )
    }

    fn log_tail<'a>(
        &'a self,
        node: &'a str,
        lines: usize,
    ) -> BoxFuture<'a, Result<Vec<String>, RuntimeError>> {
        Box::pin(async move {
            let path = self.shared.node(node)?.launch.log();
            blocking(move || match super::server::tail(&path, lines) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
                outcome => outcome.map_err(|error| RuntimeError::io("reading a log", &path, error)),
            })
            .await
        })
    }

    fn exits(&self) -> broadcast::Receiver<Exit> {
        self.shared.exits.subscribe()
    }

    fn start_afresh(&self) -> BoxFuture<'_, Result<(), RuntimeError>> {
        Box::pin(first_start::start_afresh(&self.shared))
    }

    fn end(&self) -> BoxFuture<'_, Result<(), RuntimeError>> {
        Box::pin(LocalCluster::end(self))
    }
}

/// What a node is, in one word, for descriptions.
#[must_use]
pub fn role_name(role: &Role) -> String {
    role_word(role)
}
