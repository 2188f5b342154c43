//! A cluster that runs without us.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::broadcast;

use super::catalog::{Found, look};
use super::naming::{COORDINATOR, names};
use super::schema::{Leftover, LessonSchema, SchemaError, remove_leftovers};
use super::settings::{hold_settings, setting, settings, without_pooler};
use crate::postgres::{ApplicationName, Given, Session, Target};
use crate::runtime::{Act, Address, Exit, ProcessState, Runtime, RuntimeError, Served};
use crate::topology::{ClusterSpec, NodeSpec, Role, Topology};

/// How long the coordinator may take to answer each of the first questions.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why nothing can be done to a node.
const NOT_OURS: &str = "this cluster is somebody's own: citus-tour only looks at it";

/// How to reach a cluster, and what may be done there.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// The connection string, read.
    pub given: Given,
    /// A password that was asked for, in place of any other.
    pub password: Option<String>,
    /// Statements may change it.
    pub allow_writes: bool,
}

#[derive(Debug)]
struct Attached {
    name: String,
    address: Address,
    inside: (String, u16),
}

/// Somebody's own cluster. Dropping it closes nothing but our sessions.
#[derive(Debug)]
pub struct AttachedCluster {
    topology: Topology,
    name: String,
    served: Served,
    nodes: Vec<Attached>,
    unseen: Vec<String>,
    leftovers: Vec<Leftover>,
    schema: Arc<LessonSchema>,
    read_only: bool,
    encrypted: bool,
    directory: PathBuf,
    // Kept so that whoever listens is not told that there is nobody: no server of it ever ends for us to hear.
    exits: broadcast::Sender<Exit>,
}

impl AttachedCluster {
    /// Reaches the coordinator, and finds out what there is.
    ///
    /// # Errors
    /// When it cannot be reached, or is no Citus that is known here.
    pub async fn open(attachment: &Attachment) -> Result<Self, RuntimeError> {
        let Attachment {
            given,
            password,
            allow_writes,
        } = attachment;
        let mut address = given.address()?;
        if let Some(password) = password {
            address.password.clone_from(password);
        }
        address.terms.settings.extend(settings(*allow_writes));
        address.terms.sealed = !allow_writes;
        let target = Target::new(COORDINATOR, address.clone());
        let mut session = Session::connect(&target, ApplicationName::Check, PATIENCE)
            .await
            .map_err(without_pooler)?;
        let found = look(&mut session, PATIENCE).await?;
        hold_settings(&mut session, *allow_writes).await?;
        let encrypted = session.is_encrypted();
        Ok(Self::of(attachment, &address, found, encrypted))
    }

    fn of(attachment: &Attachment, address: &Address, found: Found, encrypted: bool) -> Self {
        let (coordinators, workers): (Vec<_>, Vec<_>) = found
            .members
            .into_iter()
            .partition(|member| member.group_id == 0);
        // One without workers, or one that nobody has named to itself, is not in its own catalog.
        let inside = coordinators.into_iter().next().map_or_else(
            || (address.host.clone(), address.port),
            |member| (member.host, member.port),
        );
        let mut nodes = vec![Attached {
            name: COORDINATOR.to_owned(),
            address: address.clone(),
            inside: inside.clone(),
        }];
        for (name, worker) in names(&workers, &inside.0).into_iter().zip(workers) {
            let filed = || attachment.given.filed_password(&worker.host, worker.port).0;
            let own = attachment.password.is_none() && attachment.given.password().is_none();
            let password = own.then(filed).flatten();
            nodes.push(Attached {
                name,
                address: Address {
                    host: worker.host.clone(),
                    port: worker.port,
                    password: password.unwrap_or_else(|| address.password.clone()),
                    ..address.clone()
                },
                inside: (worker.host, worker.port),
            });
        }
        let name = format!("{}/{}", endpoint(address), address.database);
        Self {
            topology: topology(&name, &nodes),
            name,
            served: found.served,
            nodes,
            unseen: found.unseen,
            leftovers: found.leftovers,
            schema: LessonSchema::planned(),
            read_only: !attachment.allow_writes,
            encrypted,
            directory: std::env::temp_dir(),
            exits: broadcast::Sender::new(1),
        }
    }

    /// What cannot be seen there, a sentence each, with what would show it.
    #[must_use]
    pub fn unseen(&self) -> &[String] {
        &self.unseen
    }

    /// The schemas that lessons of killed programs left there.
    #[must_use]
    pub fn leftovers(&self) -> &[Leftover] {
        &self.leftovers
    }

    /// Drops the schemas that lessons of killed programs left there, as far as the role may; says what came of each.
    ///
    /// # Errors
    /// When the coordinator cannot be asked.
    pub async fn remove_leftovers(
        &self,
    ) -> Result<Vec<(Leftover, Result<(), SchemaError>)>, RuntimeError> {
        Ok(remove_leftovers(&self.target()?).await?)
    }

    /// What the schema is called in which lessons run, or would run.
    #[must_use]
    pub fn lesson_schema(&self) -> &str {
        self.schema.name()
    }

    /// The coordinator, as it is without lessons.
    fn target(&self) -> Result<Target, RuntimeError> {
        let address = self.node(COORDINATOR)?.address.clone();
        Ok(Target::new(COORDINATOR, address))
    }

    /// Whether nobody between can read along.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    fn not_attachable(&self, reason: String) -> RuntimeError {
        RuntimeError::NotAttachable {
            endpoint: self.name.clone(),
            reason,
        }
    }

    fn node(&self, name: &str) -> Result<&Attached, RuntimeError> {
        let found = self.nodes.iter().find(|node| node.name == name);
        found.ok_or_else(|| RuntimeError::UnknownNode(name.to_owned()))
    }

    fn refused<Output>(&self, act: Act, node: &str) -> Result<Output, RuntimeError> {
        self.node(node)?;
        Err(RuntimeError::Refused {
            act,
            node: node.to_owned(),
            reason: NOT_OURS.to_owned(),
        })
    }
}

fn endpoint(address: &Address) -> String {
    if address.host.contains(':') {
        format!("[{}]:{}", address.host, address.port)
    } else {
        format!("{}:{}", address.host, address.port)
    }
}

fn topology(name: &str, nodes: &[Attached]) -> Topology {
    let spec = |(at, node): (usize, &Attached)| NodeSpec {
        name: node.name.clone(),
        cluster: Some(name.to_owned()),
        role: if at == 0 {
            Role::Coordinator
        } else {
            Role::Worker
        },
        preferred_port: None,
        on_demand: false,
    };
    Topology {
        name: name.to_owned(),
        clusters: vec![ClusterSpec {
            name: name.to_owned(),
        }],
        nodes: nodes.iter().enumerate().map(spec).collect(),
    }
}

impl Runtime for AttachedCluster {
    fn name(&self) -> &'static str {
        "attach"
    }

    fn id(&self) -> &str {
        &self.name
    }

    /// It goes on without us, whatever we decide.
    fn kept_as(&self) -> Option<String> {
        None
    }

    fn topology(&self) -> &Topology {
        &self.topology
    }

    fn directory(&self) -> &Path {
        &self.directory
    }

    fn served(&self) -> Served {
        self.served.clone()
    }

    fn psql(&self) -> Option<PathBuf> {
        None
    }

    fn keep<'a>(&'a self, _name: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>> {
        Box::pin(async { Ok(()) })
    }

    fn is_elsewhere(&self) -> bool {
        true
    }

    fn is_read_only(&self) -> bool {
        self.read_only
    }

    fn schema(&self) -> Option<&str> {
        self.schema.exists().then(|| self.schema.name())
    }

    fn acts(&self) -> &'static [Act] {
        &[]
    }

    fn nodes(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.name.clone()).collect()
    }

    /// While lessons run there, names without a schema are those of theirs, and never those of the cluster's own tables.
    fn address(&self, node: &str) -> Result<Address, RuntimeError> {
        let mut address = self.node(node)?.address.clone();
        if let Some(schema) = self.schema() {
            address.look_in(schema);
            // Where it is off, tables of the lessons would stay on the workers.
            let propagation = ("citus.enable_ddl_propagation", "on");
            address.terms.settings.push(setting(propagation));
        }
        Ok(address)
    }

    fn public_address(&self, node: &str) -> Result<Address, RuntimeError> {
        let mut address = self.node(node)?.address.clone();
        address.look_in("public");
        Ok(address)
    }

    fn inside_address(&self, node: &str) -> Result<(String, u16), RuntimeError> {
        self.node(node).map(|node| node.inside.clone())
    }

    fn state(&self, node: &str) -> Result<ProcessState, RuntimeError> {
        self.node(node).map(|_| ProcessState::Up)
    }

    fn act<'a>(&'a self, act: Act, node: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>> {
        Box::pin(async move { self.refused(act, node) })
    }

    fn shell_command(&self, act: Act, node: &str) -> Result<String, RuntimeError> {
        self.refused(act, node)
    }

    fn log_tail<'a>(
        &'a self,
        node: &'a str,
        _lines: usize,
    ) -> BoxFuture<'a, Result<Vec<String>, RuntimeError>> {
        Box::pin(async move {
            self.node(node)?;
            Ok(vec![format!(
                "the log of {node} lies on its own machine, where citus-tour does not look"
            )])
        })
    }

    fn exits(&self) -> broadcast::Receiver<Exit> {
        self.exits.subscribe()
    }

    /// What lessons made is dropped, and their schema is empty again; everything else stays as it is.
    fn start_afresh(&self) -> BoxFuture<'_, Result<(), RuntimeError>> {
        Box::pin(async {
            if self.read_only {
                return Err(self.not_attachable(
                    "lessons change a cluster, if only in a schema of their own: allow it with --allow-writes".to_owned(),
                ));
            }
            let target = self.target()?;
            let made = self.schema.make_afresh(&target).await;
            made.map_err(|error| {
                let help = error.help(&target.address);
                self.not_attachable(format!(
                    "the schema {} for the lessons could not be made: {error}{help}",
                    self.schema.name()
                ))
            })
        })
    }

    /// Nothing is ended, and nothing removed but what lessons made: sessions close as they are dropped.
    fn end(&self) -> BoxFuture<'_, Result<(), RuntimeError>> {
        Box::pin(async {
            let removed = self.schema.remove(&self.target()?).await;
            removed.map_err(|error| {
                let name = self.schema.name();
                self.not_attachable(format!(
                    "the schema {name} of the lessons could not be dropped: {error}. What is left of it when this program has ended, `citus-tour down --url …` drops"
                ))
            })
        })
    }
}
