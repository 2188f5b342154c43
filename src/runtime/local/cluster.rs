//! A cluster of local servers: brought up, taken over, acted upon, ended.

use std::collections::HashSet;
use std::fs::{self, File};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use futures_util::future::{BoxFuture, try_join_all};
use tokio::sync::broadcast;

use super::credentials::{alter_role, passfile, random_word, write_secret};
use super::directories::{Directories, create_private};
use super::guard::{Guard, GuardProgram};
use super::node::{Node, Port, lock};
use super::processes::ServerMark;
use super::program::{blocking, explain};
use super::progress::{Event, Progress, Silent};
use super::run::{self, Description, Standing, role_word};
use super::server::{Launch, Started, connect};
use super::setup::ServerSetup;
use super::stock::Stock;
use super::template::{Flavour, Templates};
use super::{configuration, ports};
use crate::runtime::{Act, Address, Exit, ProcessState, Runtime, RuntimeError};
use crate::topology::{Role, Topology};

/// Exits that a slow listener may be behind by.
const EXITS: usize = 64;
/// A file in a node's directory: its server knows this cluster's password.
const PERSONAL: &str = "personal";
/// A file in a node's directory: its data come from the plain template, and its server is yet to get the engine's extension.
const OWED: &str = "owed";

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

/// A running cluster of local servers. Unless kept, it ends when this is dropped, or when the program ends, however that happens.
#[derive(Debug)]
pub struct LocalCluster {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    id: String,
    directory: PathBuf,
    directories: Directories,
    setup: Arc<ServerSetup>,
    templates: Templates,
    password: String,
    topology: Topology,
    nodes: Vec<Arc<Node>>,
    description: Mutex<Description>,
    exits: broadcast::Sender<Exit>,
    stock: Mutex<Option<Stock>>,
    // Dropped in this order: the guard still works while the lock says that the run is owned.
    guard: Mutex<Option<Guard>>,
    owner: Mutex<Option<File>>,
}

impl LocalCluster {
    /// Starts every node that is not on demand, in parallel, and waits until they answer. First removes what runs that are gone left
    /// behind. If anything fails nothing is left running.
    ///
    /// # Errors
    /// When a server cannot be started; the error says which and why.
    pub async fn start(plan: LocalPlan, progress: &dyn Progress) -> Result<Self, RuntimeError> {
        let LocalPlan {
            topology,
            setup,
            keep,
            directories,
            guard,
        } = plan;
        for node in &topology.nodes {
            if let Role::Other(role) = &node.role {
                return Err(RuntimeError::UnsupportedNode {
                    node: node.name.clone(),
                    role: role.clone(),
                });
            }
        }
        let sweep = directories.clone();
        blocking(move || run::remove_leftovers(&sweep)).await?;

        let preparing = directories.clone();
        let cluster =
            blocking(move || Self::lay_out(preparing, &topology, &setup, keep, &guard)).await?;
        let shared = &cluster.shared;
        if !shared.templates.is_built(Flavour::Plain) {
            progress.report(Event::BuildingTemplate);
        }
        let all = shared.nodes.iter().filter(|node| !node.spec.on_demand);
        try_join_all(all.map(|node| shared.start_node(node, progress))).await?;
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
        let registry = run::registry(&directories)?;
        let reserved = reserved_ports(&directories, name.as_deref())?;
        let id = random_word(4);
        let directory = directories.runs().join(&id);
        let lent = directories.account().lent;
        create_private(&directory, if lent { 0o711 } else { 0o700 })?;
        let owner = run::try_own(&directory)
            .map_err(|error| RuntimeError::io("locking the cluster", &directory, error))?;
        drop(registry);

        let guard = Guard::start(guard, &directory).inspect_err(|_| {
            let _ = run::remove(&directory);
        })?;
        let preferred: Vec<Option<u16>> = topology
            .nodes
            .iter()
            .map(|node| node.preferred_port)
            .collect();
        let ports = ports::choose(&preferred, &reserved);
        let password = random_word(16);
        let description = Description::new(&id, name, topology, &ports, setup, &password);
        let shared = Shared::new(directory, directories, description);
        *lock(&shared.guard) = Some(guard);
        *lock(&shared.owner) = owner;
        create_private(
            &shared.directory.join("nodes"),
            if lent { 0o711 } else { 0o700 },
        )?;
        let sockets = run::socket_directory(&shared.directory);
        // Not recursive: a directory that is there already is somebody else's.
        fs::DirBuilder::new()
            .mode(0o700)
            .create(&sockets)
            .map_err(|error| RuntimeError::io("making a directory for sockets", &sockets, error))?;
        shared.directories.account().own(&sockets)?;
        shared.describe()?;
        Ok(Self {
            shared: Arc::new(shared),
        })
    }

    /// Takes over a kept cluster, whichever program started it. Dropping the result leaves it running.
    ///
    /// # Errors
    /// When no kept cluster has this name.
    pub fn attach(directories: &Directories, name: &str) -> Result<Self, RuntimeError> {
        let kept: Vec<run::KnownRun> = run::list(directories)?
            .into_iter()
            .filter(|run| run.standing == Standing::Kept)
            .collect();
        let Some(found) = kept.iter().find(|run| run.name.as_deref() == Some(name)) else {
            let names: Vec<&str> = kept.iter().filter_map(|run| run.name.as_deref()).collect();
            let known = if names.is_empty() {
                String::new()
            } else {
                format!(" (there are: {})", names.join(", "))
            };
            return Err(RuntimeError::NoSuchCluster {
                name: name.to_owned(),
                known,
            });
        };
        let description = Description::read(&found.directory)?;
        let shared = Arc::new(Shared::new(
            found.directory.clone(),
            directories.clone(),
            description,
        ));
        for node in &shared.nodes {
            if let Some(pid) = node.look() {
                shared.adopt(node, pid);
            }
        }
        Ok(Self { shared })
    }

    /// The id that this run goes by on this machine.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.id
    }

    /// The name of a kept cluster.
    #[must_use]
    pub fn kept_as(&self) -> Option<String> {
        let description = lock(&self.shared.description);
        description.name.clone().filter(|_| description.kept)
    }

    /// Which nodes there are.
    #[must_use]
    pub fn topology(&self) -> &Topology {
        &self.shared.topology
    }

    /// How the servers are made and started.
    #[must_use]
    pub fn setup(&self) -> &ServerSetup {
        &self.shared.setup
    }

    /// The run's directory.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.shared.directory
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
        blocking(move || run::remove(&directory)).await?;
        if let Some(guard) = lock(&shared.guard).take() {
            guard.release();
        }
        lock(&shared.owner).take();
        Ok(())
    }
}

impl Shared {
    fn new(directory: PathBuf, directories: Directories, description: Description) -> Self {
        let setup = Arc::new(description.setup.clone());
        let templates = Templates::new(&directories, Arc::clone(&setup), &directory);
        let topology = description.topology();
        let account = directories.account();
        let nodes = topology
            .nodes
            .iter()
            .zip(&description.nodes)
            .map(|(spec, described)| {
                let launch = Launch {
                    node: spec.name.clone(),
                    postgres: setup.postgres.clone(),
                    directory: directory.join("nodes").join(&spec.name),
                    passfile: directory.join("passfile"),
                    account: account.clone(),
                };
                let mark = ServerMark {
                    data: launch.data(),
                    cluster_name: run::cluster_name(&description.id, &spec.name),
                    uid: account.uid,
                };
                let worker = spec.role == Role::Worker;
                let flavour = if worker {
                    templates.worker_flavour()
                } else {
                    Flavour::Plain
                };
                let port = Port {
                    number: described.port,
                    settled: described.settled,
                };
                Arc::new(Node::new(spec.clone(), flavour, worker, launch, mark, port))
            });
        Self {
            id: description.id.clone(),
            nodes: nodes.collect(),
            password: description.password.clone(),
            description: Mutex::new(description),
            exits: broadcast::Sender::new(EXITS),
            stock: Mutex::new(None),
            guard: Mutex::new(None),
            owner: Mutex::new(None),
            directory,
            directories,
            setup,
            templates,
            topology,
        }
    }

    fn node(&self, name: &str) -> Result<&Arc<Node>, RuntimeError> {
        self.nodes
            .iter()
            .find(|node| node.name() == name)
            .ok_or_else(|| RuntimeError::UnknownNode(name.to_owned()))
    }

    /// Writes down what another program would need to take over, and the password file of the servers.
    fn describe(&self) -> Result<(), RuntimeError> {
        let mut description = lock(&self.description);
        for (described, node) in description.nodes.iter_mut().zip(&self.nodes) {
            let port = node.port();
            (described.port, described.settled) = (port.number, port.settled);
        }
        description.write(&self.directory)?;
        let ports: Vec<u16> = self
            .nodes
            .iter()
            .filter_map(|node| node.port().number)
            .collect();
        let text = passfile(&ports, &self.password);
        write_secret(
            &self.directory.join("passfile"),
            &text,
            Some(self.directories.account()),
        )
    }

    /// From here on a cluster that is to be kept outlives us.
    fn keep_if_asked(&self) -> Result<(), RuntimeError> {
        {
            let mut description = lock(&self.description);
            description.kept = description.name.is_some();
            if !description.kept {
                return Ok(());
            }
        }
        self.describe()?;
        if let Some(guard) = lock(&self.guard).take() {
            guard.release();
        }
        lock(&self.owner).take();
        Ok(())
    }

    async fn start_node(
        &self,
        node: &Arc<Node>,
        progress: &dyn Progress,
    ) -> Result<(), RuntimeError> {
        let _turn = node.turn.lock().await;
        self.start_if_down(node, progress).await
    }

    async fn start_if_down(
        &self,
        node: &Arc<Node>,
        progress: &dyn Progress,
    ) -> Result<(), RuntimeError> {
        if node.state() == ProcessState::Frozen {
            return Err(node.refused(Act::Start, "it is frozen. Thaw it, or restart it"));
        }
        if node.is_running() {
            return Ok(());
        }
        // Somebody may have started it by hand, with the command that we print.
        if let Some(pid) = node.look() {
            self.adopt(node, pid);
            return Ok(());
        }
        // After a crash some of its processes may linger, and no new server starts beside them.
        node.kill_remains().await?;
        let since = Instant::now();
        let before = node.state();
        node.set_state(ProcessState::Starting);
        let outcome = self.bring_up(node, since, progress).await;
        if outcome.is_err() && !node.is_running() {
            node.set_state(before);
        }
        outcome
    }

    async fn bring_up(
        &self,
        node: &Arc<Node>,
        since: Instant,
        progress: &dyn Progress,
    ) -> Result<(), RuntimeError> {
        if !node.data().exists() {
            self.make_data(node, progress).await?;
        }
        let child = self.launch(node, progress).await?;
        self.watch_child(node, child);
        if let Err(error) = self.make_personal(node).await {
            let _ = node.kill(Act::Stop).await;
            return Err(error);
        }
        let port = node.port().number.unwrap_or_default();
        if !node.port().settled {
            node.set_port(Port {
                number: Some(port),
                settled: true,
            });
            self.describe()?;
        }
        node.set_state(ProcessState::Up);
        progress.report(Event::Ready {
            node: node.name().to_owned(),
            port,
            after: since.elapsed(),
        });
        Ok(())
    }

    /// A fresh copy of the template, under a name of its own until it is whole.
    async fn make_data(&self, node: &Node, progress: &dyn Progress) -> Result<(), RuntimeError> {
        let directory = &node.launch.directory;
        create_private(directory, 0o700)?;
        self.directories.account().own(directory)?;
        let partial = directory.join("data.partial");
        run::remove_directory(&partial)?;
        let taken = self.templates.take(node.flavour, &partial).await?;
        let _ = fs::remove_file(directory.join(PERSONAL));
        if taken.flavour != node.flavour {
            let owed = directory.join(OWED);
            fs::write(&owed, "")
                .map_err(|error| RuntimeError::io("making a data directory", &owed, error))?;
        }
        write_secret(&directory.join("template-password"), &taken.password, None)?;
        fs::rename(&partial, node.data())
            .map_err(|error| RuntimeError::io("making a data directory", &node.data(), error))?;
        progress.report(Event::Copied {
            node: node.name().to_owned(),
        });
        Ok(())
    }

    /// Starts the server, on its port or, as long as nobody knows that, on another one that is free.
    async fn launch(
        &self,
        node: &Node,
        progress: &dyn Progress,
    ) -> Result<tokio::process::Child, RuntimeError> {
        let no_port = || RuntimeError::NoPort {
            node: node.name().to_owned(),
        };
        for _ in 0..20 {
            let Port { number, settled } = node.port();
            let number = number.ok_or_else(no_port)?;
            let sockets = run::socket_directory(&self.directory);
            let own = configuration::node(number, &node.mark.cluster_name, &sockets);
            let path = node.data().join(configuration::NODE_FILE);
            write_secret(&path, &own, Some(self.directories.account()))?;
            progress.report(Event::Starting {
                node: node.name().to_owned(),
                port: number,
            });
            match node.launch.start().await? {
                Started::Ready(child) => return Ok(child),
                Started::PortTaken if settled => {
                    return Err(RuntimeError::PortTaken {
                        node: node.name().to_owned(),
                        port: number,
                    });
                }
                Started::PortTaken => {
                    let mut reserved: HashSet<u16> = self
                        .nodes
                        .iter()
                        .filter_map(|node| node.port().number)
                        .collect();
                    reserved.insert(number);
                    let next = ports::after(number, &reserved).ok_or_else(no_port)?;
                    node.set_port(Port {
                        number: Some(next),
                        settled: false,
                    });
                    self.describe()?;
                }
            }
        }
        Err(no_port())
    }

    /// Gives a copied server this cluster's password and what else must differ from its template, once.
    async fn make_personal(&self, node: &Node) -> Result<(), RuntimeError> {
        let directory = &node.launch.directory;
        let done = directory.join(PERSONAL);
        if done.exists() {
            return Ok(());
        }
        let port = node.port().number.unwrap_or_default();
        let failed = |error: &tokio_postgres::Error| RuntimeError::Connection {
            node: node.name().to_owned(),
            port,
            message: explain(error),
        };
        let secret = directory.join("template-password");
        let password = fs::read_to_string(&secret)
            .map_err(|error| RuntimeError::io("reading a template's password", &secret, error))?;
        let mut statements = vec![alter_role(&self.password)];
        let owed = directory.join(OWED);
        if node.worker && owed.exists() {
            statements.extend(self.setup.worker.iter().cloned());
        }
        if node.worker {
            statements.extend(self.setup.each_worker.iter().cloned());
        }
        let client = match connect(node.name(), port, &password).await {
            Ok(client) => client,
            // We may have been interrupted between the statement and the mark that it is done.
            Err(_) => connect(node.name(), port, &self.password)
                .await
                .map_err(|error| failed(&error))?,
        };
        for statement in &statements {
            client
                .batch_execute(statement)
                .await
                .map_err(|error| failed(&error))?;
        }
        fs::write(&done, "")
            .map_err(|error| RuntimeError::io("marking a server as ours", &done, error))?;
        for done in [&secret, &owed] {
            let _ = fs::remove_file(done);
        }
        Ok(())
    }

    /// Tells of the end of a server that we started.
    fn watch_child(&self, node: &Arc<Node>, mut child: tokio::process::Child) {
        let pid = child.id().and_then(|pid| i32::try_from(pid).ok());
        node.up(pid, ProcessState::Starting);
        let (node, exits) = (Arc::clone(node), self.exits.clone());
        tokio::spawn(async move {
            let status = match child.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            };
            // Nobody may be listening.
            let _ = exits.send(node.ended(status));
        });
    }

    /// Tells of the end of a server that another program started.
    fn adopt(&self, node: &Arc<Node>, pid: i32) {
        let (node, exits) = (Arc::clone(node), self.exits.clone());
        tokio::spawn(async move {
            node.watch_adopted(pid).await;
            let _ = exits.send(node.ended("it is gone".to_owned()));
        });
    }
}

/// Ports that other clusters of ours may want back, and a check that the name is free.
fn reserved_ports(
    directories: &Directories,
    name: Option<&str>,
) -> Result<HashSet<u16>, RuntimeError> {
    let mut reserved = HashSet::new();
    for known in run::list(directories)? {
        if known.standing != Standing::Leftover && name.is_some() && known.name.as_deref() == name {
            return Err(RuntimeError::NameTaken(name.unwrap_or_default().to_owned()));
        }
        if let Ok(description) = Description::read(&known.directory) {
            reserved.extend(description.nodes.iter().filter_map(|node| node.port));
        }
    }
    Ok(reserved)
}

impl Runtime for LocalCluster {
    fn name(&self) -> &'static str {
        "local"
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

    fn end(&self) -> BoxFuture<'_, Result<(), RuntimeError>> {
        Box::pin(LocalCluster::end(self))
    }
}

/// What a node is, in one word, for descriptions.
#[must_use]
pub fn role_name(role: &Role) -> String {
    role_word(role)
}
