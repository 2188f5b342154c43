//! A cluster that runs without us.

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::broadcast;

use super::catalog::{Found, look};
use super::naming::{COORDINATOR, names};
use crate::postgres::{ApplicationName, Given, Session, Target};
use crate::runtime::{Act, Address, Exit, ProcessState, Runtime, RuntimeError, Served};
use crate::topology::{ClusterSpec, NodeSpec, Role, Topology};

/// How long the coordinator may take to answer each of the first questions.
const PATIENCE: Duration = Duration::from_secs(15);

/// What every session there begins with. They are parameters of the connection, not statements, so that `RESET` comes back to them.
const SETTINGS: [(&str, &str); 3] = [
    ("statement_timeout", "60s"),
    // Whoever waits for a lock holds up those who come behind.
    ("lock_timeout", "2s"),
    ("idle_in_transaction_session_timeout", "5min"),
];
const READ_ONLY: (&str, &str) = ("default_transaction_read_only", "on");

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
        let settings = SETTINGS
            .into_iter()
            .chain((!allow_writes).then_some(READ_ONLY));
        address
            .terms
            .settings
            .extend(settings.map(|(name, value)| (name.to_owned(), value.to_owned())));
        address.terms.sealed = !allow_writes;
        let target = Target::new(COORDINATOR, address.clone());
        let mut session = Session::connect(&target, ApplicationName::Check, PATIENCE)
            .await
            .map_err(without_pooler)?;
        let found = look(&mut session, PATIENCE).await?;
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

    /// Whether nobody between can read along.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
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

/// A pooler takes only parameters that it knows, and hands one session's settings to another.
fn without_pooler(error: crate::postgres::PostgresError) -> RuntimeError {
    let pooled = error
        .report()
        .is_some_and(|report| report.message.contains("unsupported startup parameter"));
    if pooled {
        RuntimeError::NotAttachable {
            endpoint: error.node().to_owned(),
            reason: format!(
                "{error}. A pooler stands before it: name the coordinator's own host and port"
            ),
        }
    } else {
        error.into()
    }
}

impl Runtime for AttachedCluster {
    fn name(&self) -> &'static str {
        "attach"
    }

    fn id(&self) -> &str {
        &self.name
    }

    /// It goes on without us, under the name that it has.
    fn kept_as(&self) -> Option<String> {
        Some(self.name.clone())
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

    fn acts(&self) -> &'static [Act] {
        &[]
    }

    fn nodes(&self) -> Vec<String> {
        self.nodes.iter().map(|node| node.name.clone()).collect()
    }

    fn address(&self, node: &str) -> Result<Address, RuntimeError> {
        self.node(node).map(|node| node.address.clone())
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

    fn start_afresh(&self) -> BoxFuture<'_, Result<(), RuntimeError>> {
        Box::pin(async {
            Err(RuntimeError::NotAttachable {
                endpoint: self.name.clone(),
                reason: format!("it is not made anew: {NOT_OURS}"),
            })
        })
    }

    /// Nothing is ended, nothing removed: sessions close as they are dropped.
    fn end(&self) -> BoxFuture<'_, Result<(), RuntimeError>> {
        Box::pin(async { Ok(()) })
    }
}
