//! What the parts of a running cluster share, and how one of its nodes comes up.

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use tokio::sync::broadcast;

use super::credentials::{alter_role, passfile};
use super::node::{Node, Port, lock};
use super::processes::ServerMark;
use super::program::explain;
use super::remains;
use super::server::{Launch, Started, connect};
use super::setup::ServerSetup;
use super::stock::Stock;
use super::template::{Flavour, Templates};
use super::{Description, configuration};
use crate::runtime::runs::secrets::write_secret;
use crate::runtime::runs::{Claim, check_name, create_private, ports, remove_directory};
use crate::runtime::{Act, Directories, Event, Exit, ProcessState, Progress, RuntimeError};
use crate::topology::{Role, Topology};

/// Exits that a slow listener may be behind by.
const EXITS: usize = 64;
/// A file in a node's directory: its server knows this cluster's password.
const PERSONAL: &str = "personal";
/// A file in a node's directory: its data come from the plain template, and its server is yet to get the engine's extension.
const OWED: &str = "owed";

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) id: String,
    pub(super) directory: PathBuf,
    pub(super) directories: Directories,
    pub(super) setup: Arc<ServerSetup>,
    pub(super) templates: Templates,
    pub(super) password: String,
    /// Made once for all nodes: it hashes the password some thousand times.
    alter_role: OnceLock<String>,
    pub(super) topology: Topology,
    pub(super) nodes: Vec<Arc<Node>>,
    pub(super) description: Mutex<Description>,
    pub(super) exits: broadcast::Sender<Exit>,
    pub(super) stock: Mutex<Option<Stock>>,
    pub(super) claim: Claim,
}

impl Shared {
    pub(super) fn new(
        directory: PathBuf,
        directories: Directories,
        description: Description,
        claim: Claim,
    ) -> Self {
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
                    cluster_name: remains::cluster_name(&description.id, &spec.name),
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
            alter_role: OnceLock::new(),
            description: Mutex::new(description),
            exits: broadcast::Sender::new(EXITS),
            stock: Mutex::new(None),
            claim,
            directory,
            directories,
            setup,
            templates,
            topology,
        }
    }

    pub(super) fn node(&self, name: &str) -> Result<&Arc<Node>, RuntimeError> {
        self.nodes
            .iter()
            .find(|node| node.name() == name)
            .ok_or_else(|| RuntimeError::UnknownNode(name.to_owned()))
    }

    /// Writes down what another program would need to take over, and the password file of the servers.
    pub(super) fn describe(&self) -> Result<(), RuntimeError> {
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
    pub(super) fn keep_if_asked(&self) -> Result<(), RuntimeError> {
        {
            let mut description = lock(&self.description);
            description.kept = description.name.is_some();
            if !description.kept {
                return Ok(());
            }
        }
        self.describe()?;
        self.claim.release();
        Ok(())
    }

    /// Lets it outlive us under a name that no other cluster has.
    pub(super) fn keep(&self, name: &str) -> Result<(), RuntimeError> {
        let _registry = check_name(&self.directories, &self.id, name)?;
        lock(&self.description).name = Some(name.to_owned());
        self.keep_if_asked()
    }

    pub(super) async fn start_node(
        &self,
        node: &Arc<Node>,
        progress: &dyn Progress,
    ) -> Result<(), RuntimeError> {
        let _turn = node.turn.lock().await;
        self.start_if_down(node, progress).await
    }

    pub(super) async fn start_if_down(
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
        remove_directory(&partial)?;
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
            let sockets = remains::socket_directory(&self.directory);
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
        let mut statements = vec![
            self.alter_role
                .get_or_init(|| alter_role(&self.password))
                .clone(),
        ];
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
    pub(super) fn adopt(&self, node: &Arc<Node>, pid: i32) {
        let (node, exits) = (Arc::clone(node), self.exits.clone());
        tokio::spawn(async move {
            node.watch_adopted(pid).await;
            let _ = exits.send(node.ended("it is gone".to_owned()));
        });
    }
}
