//! What the parts of a cluster of containers share, and how one of its nodes comes up.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bollard::query_parameters::CreateContainerOptionsBuilder;
use futures_util::future::try_join_all;
use tokio::sync::broadcast;

use super::Description;
use super::container::{NODE, Naming, RUN};
use super::engine::ContainerEngine;
use super::node::Node;
use crate::runtime::runs::{Claim, check_name, ports, reserved_ports};
use crate::runtime::{Act, Directories, Event, Exit, ProcessState, Progress, RuntimeError};
use crate::topology::{Topology, embedded_containers};

/// The role and the database of every connection, as the Compose files name them.
pub(super) const USER: &str = "postgres";
pub(super) const DATABASE: &str = "postgres";

/// Exits that a slow listener may be behind by.
const EXITS: usize = 64;
/// Ports that are tried where others take them from under us.
const PORTS: usize = 5;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) naming: Naming,
    pub(super) engine: ContainerEngine,
    pub(super) directory: PathBuf,
    pub(super) directories: Directories,
    pub(super) topology: Topology,
    pub(super) nodes: Vec<Arc<Node>>,
    pub(super) password: String,
    pub(super) description: Mutex<Description>,
    pub(super) exits: broadcast::Sender<Exit>,
    pub(super) claim: Claim,
}

impl Shared {
    pub(super) fn new(
        directory: PathBuf,
        directories: Directories,
        engine: ContainerEngine,
        naming: Naming,
        description: Description,
        claim: Claim,
    ) -> Result<Self, RuntimeError> {
        let topology = description.topology();
        let unfit = |reason: String| RuntimeError::NoContainers {
            topology: topology.name.clone(),
            reason,
        };
        let containers = embedded_containers(&topology.name);
        let containers = containers.map_err(|error| unfit(error.to_string()))?;
        let password = description.password.clone();
        let variable = |name: &str| (name == "POSTGRES_PASSWORD").then(|| password.clone());
        let nodes = topology.nodes.iter().zip(&description.nodes);
        let nodes = nodes.map(|(spec, described)| {
            let container = containers.get(&spec.name).ok_or_else(|| {
                unfit(format!("it says nothing of a container of `{}`", spec.name))
            })?;
            let container = container.filled_in(&variable).map_err(unfit)?;
            Ok(Arc::new(Node::new(spec.clone(), container, described.port)))
        });
        Ok(Self {
            nodes: nodes.collect::<Result<_, RuntimeError>>()?,
            naming,
            engine,
            directory,
            directories,
            topology,
            password,
            description: Mutex::new(description),
            exits: broadcast::Sender::new(EXITS),
            claim,
        })
    }

    /// The platform that a topology's Compose file asks for.
    pub(super) fn platform_of(topology: &Topology) -> Option<String> {
        let containers = embedded_containers(&topology.name).ok()?;
        containers.into_values().find_map(|spec| spec.platform)
    }

    pub(super) fn node(&self, name: &str) -> Result<&Arc<Node>, RuntimeError> {
        let found = self.nodes.iter().find(|node| node.name() == name);
        found.ok_or_else(|| RuntimeError::UnknownNode(name.to_owned()))
    }

    /// Writes down what another program would need to take over.
    pub(super) fn describe(&self) -> Result<(), RuntimeError> {
        let mut description = lock(&self.description);
        for (described, node) in description.nodes.iter_mut().zip(&self.nodes) {
            described.port = *lock(&node.port);
        }
        description.write(&self.directory)
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
        let _registry = check_name(&self.directories, &self.naming.id, name)?;
        lock(&self.description).name = Some(name.to_owned());
        self.keep_if_asked()
    }

    pub(super) async fn make_network(&self) -> Result<(), RuntimeError> {
        let made = self
            .engine
            .api
            .create_network(self.naming.network_request())
            .await;
        made.map(drop)
            .map_err(|error| self.engine.error("making the cluster's network", &error))
    }

    /// Starts whoever starts with the cluster, and finds out what serves it.
    pub(super) async fn start_first(&self, progress: &dyn Progress) -> Result<(), RuntimeError> {
        let first = self.nodes.iter().filter(|node| !node.spec.on_demand);
        try_join_all(first.map(async |node| {
            let _turn = node.turn.lock().await;
            self.start(node, progress).await
        }))
        .await?;
        self.find_out_what_serves().await?;
        self.describe()
    }

    /// Notes an end and tells it, once.
    pub(super) fn note_end(&self, node: &Node, status: String) {
        if let Some(exit) = node.ended(status) {
            // Nobody need listen.
            let _ = self.exits.send(exit);
        }
    }

    pub(super) async fn start(
        &self,
        node: &Node,
        progress: &dyn Progress,
    ) -> Result<(), RuntimeError> {
        if node.state() == ProcessState::Frozen {
            return Err(node.refused(Act::Start, "it is frozen. Thaw it, or restart it"));
        }
        if node.is_running() {
            return Ok(());
        }
        let started = Instant::now();
        let is_new = node.state() == ProcessState::Absent;
        if is_new {
            self.create(node).await?;
        } else {
            self.reconnect(node).await?;
        }
        let port = self.start_container(node, is_new, progress).await?;
        self.wait_until_ready(node, port).await?;
        node.set(ProcessState::Up);
        progress.report(Event::Ready {
            node: node.name().to_owned(),
            port,
            after: started.elapsed(),
        });
        Ok(())
    }

    /// Starts a container that is there. The port of a new one is changed where somebody else took it.
    async fn start_container(
        &self,
        node: &Node,
        is_new: bool,
        progress: &dyn Progress,
    ) -> Result<u16, RuntimeError> {
        let name = self.naming.container(node.name());
        for _ in 0..PORTS {
            let port = node.port()?;
            progress.report(Event::Starting {
                node: node.name().to_owned(),
                port,
            });
            node.set(ProcessState::Starting);
            let Err(error) = self.engine.api.start_container(&name, None).await else {
                return Ok(port);
            };
            let told = self
                .engine
                .error(&format!("starting {}", node.name()), &error);
            if !is_port_taken(&told.to_string()) {
                node.set(if is_new {
                    ProcessState::Absent
                } else {
                    ProcessState::Stopped
                });
                if is_new {
                    self.engine.remove_container(&name).await?;
                }
                return Err(told);
            }
            if !is_new {
                node.set(ProcessState::Stopped);
                return Err(RuntimeError::PortTaken {
                    node: node.name().to_owned(),
                    port,
                });
            }
            node.set(ProcessState::Absent);
            self.engine.remove_container(&name).await?;
            let reserved = reserved_ports(&self.directories, None)?;
            *lock(&node.port) = ports::after(port, &reserved);
            self.create(node).await?;
        }
        Err(RuntimeError::NoPort {
            node: node.name().to_owned(),
        })
    }

    async fn create(&self, node: &Node) -> Result<(), RuntimeError> {
        let port = node.port()?;
        let image = lock(&self.description).setup.image_id.clone();
        let request = self
            .naming
            .container_request(node.name(), &node.container, &image, port);
        let name = self.naming.container(node.name());
        let options = CreateContainerOptionsBuilder::new().name(&name).build();
        let made = self
            .engine
            .api
            .create_container(Some(options), request)
            .await;
        made.map(drop).map_err(|error| {
            self.engine
                .error(&format!("making {}", node.name()), &error)
        })
    }

    /// Removes everything of this cluster from the engine.
    pub(super) async fn remove_all(&self) -> Result<(), RuntimeError> {
        self.engine.remove_labelled(RUN, &self.naming.id).await
    }

    /// The node that a container's labels name.
    pub(super) fn node_of_labels(
        &self,
        labels: &std::collections::HashMap<String, String>,
    ) -> Option<&Arc<Node>> {
        self.node(labels.get(NODE)?).ok()
    }
}

/// In the words of Docker and of Podman.
fn is_port_taken(message: &str) -> bool {
    ["port is already allocated", "address already in use"]
        .iter()
        .any(|words| message.contains(words))
}

/// A lock whose holder panicked still guards a whole value here: each is replaced at once.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
