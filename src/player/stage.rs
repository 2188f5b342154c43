//! A running cluster with what a player needs to act upon it: sessions by node, faults, rows to load, and its view.

use std::{collections::HashMap, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{future::join_all, stream};
use tokio::sync::watch as channel;

use super::{
    addresses,
    error::PlayError,
    seed,
    watched::{cluster_name, watched},
};
use crate::{
    cluster::{TableKind, View},
    lesson::{NodeAct, NodeReference, Sql},
    observe::{Observer, Pace, Watch, Watched, tenant_place, watch},
    postgres::{
        ApplicationName, Outcome, PostgresError, Session, Target, escape_identifier, split,
    },
    runtime::{Act, ProcessState, Runtime},
    topology::{NodeSpec, Role, Topology},
};

/// How long a server may take to open a session.
const CONNECT: Duration = Duration::from_secs(5);
/// How long a statement of a lesson may take before it is cancelled.
const STATEMENT: Duration = Duration::from_secs(120);
/// A node counts as frozen later than on a live map: a lesson on a busy machine must not be told of faults that are none.
const PACE: Pace = Pace {
    deadline: Duration::from_secs(3),
    interval: GLANCE,
};
/// How often a statement that takes its time is looked at from outside.
const GLANCE: Duration = Duration::from_millis(200);
/// How long a check's query may take; it is polled.
const CHECK: Duration = Duration::from_secs(5);

/// What the runtime does for an act of a lesson.
#[must_use]
pub fn runtime_act(act: NodeAct) -> Act {
    match act {
        NodeAct::Stop => Act::Stop,
        NodeAct::Kill => Act::Kill,
        NodeAct::Freeze => Act::Freeze,
        NodeAct::Thaw => Act::Thaw,
        NodeAct::Restart => Act::Restart,
        NodeAct::Destroy => Act::Destroy,
        NodeAct::Partition => Act::Partition,
        NodeAct::Heal => Act::Heal,
        NodeAct::Add => Act::Start,
    }
}

/// A running cluster, as a lesson sees it.
pub struct Stage {
    runtime: Arc<dyn Runtime>,
    topology: Topology,
    sessions: HashMap<(String, ApplicationName), Session>,
    observer: Observer,
}

impl Stage {
    /// A stage over a cluster that runs.
    #[must_use]
    pub fn new(runtime: Arc<dyn Runtime>, topology: Topology) -> Self {
        let observer = Observer::new(cluster_name(&topology), PACE);
        Self {
            runtime,
            topology,
            sessions: HashMap::new(),
            observer,
        }
    }

    /// Where the nodes live.
    #[must_use]
    pub fn runtime(&self) -> &Arc<dyn Runtime> {
        &self.runtime
    }

    /// The node that statements go to when a lesson names none.
    #[must_use]
    pub fn coordinator(&self) -> &str {
        let is_coordinator = |node: &&NodeSpec| node.role == Role::Coordinator;
        self.topology
            .nodes
            .iter()
            .find(is_coordinator)
            .map_or("coordinator", |node| node.name.as_str())
    }

    /// Puts real addresses where `sql` has `'<node>', 5432`.
    #[must_use]
    pub fn fill_in(&self, sql: &str) -> String {
        addresses::fill_in(sql, |node| self.runtime.inside_address(node).ok())
    }

    /// Runs one statement in the lesson's session on a node, which is opened where it is not.
    ///
    /// # Errors
    /// When there is no such node, or the server cannot be reached or is lost in the middle.
    pub async fn run(&mut self, node: &str, statement: &str) -> Result<Outcome, PlayError> {
        Ok(self
            .session(ApplicationName::Lesson, node)
            .await?
            .run(statement, STATEMENT)
            .await?)
    }

    /// Runs one statement as [`Stage::run`] does, and hands over what the cluster looks like while it runs, again and again.
    ///
    /// # Errors
    /// As [`Stage::run`].
    pub async fn run_watching(
        &mut self,
        node: &str,
        statement: &str,
        on_view: &mut (dyn FnMut(View) + Send),
    ) -> Result<Outcome, PlayError> {
        let watched = watched(self.runtime.as_ref(), &self.topology);
        self.session(ApplicationName::Lesson, node).await?;
        let key = (node.to_owned(), ApplicationName::Lesson);
        let (sessions, observer) = (&mut self.sessions, &mut self.observer);
        let session = sessions
            .get_mut(&key)
            .ok_or_else(|| PostgresError::Disconnected {
                node: node.to_owned(),
            })?;
        let watching = async {
            loop {
                tokio::time::sleep(GLANCE).await;
                on_view(observer.observe_once(&watched).await);
            }
        };
        tokio::select! {
            outcome = session.run(statement, STATEMENT) => Ok(outcome?),
            () = watching => Err(PostgresError::Disconnected { node: node.to_owned() }.into()),
        }
    }

    /// Has the lesson's session find names where lessons have their tables, wherever the learner has it look since: on somebody's own
    /// cluster a button must never mean a table of theirs.
    ///
    /// # Errors
    /// When the session is lost.
    pub async fn come_home(&mut self) -> Result<(), PlayError> {
        let node = self.coordinator().to_owned();
        let Some(schema) = self.runtime.schema().map(escape_identifier) else {
            return Ok(());
        };
        if self.has_session(ApplicationName::Lesson, &node) {
            // In a transaction that has failed nothing else runs either.
            self.run(&node, &format!("SET search_path = {schema}"))
                .await?;
        }
        Ok(())
    }

    /// Asks a check's query in a session of its own, so that it never disturbs the lesson's transaction.
    ///
    /// # Errors
    /// As [`Stage::run`].
    pub async fn ask(&mut self, node: &str, query: &str) -> Result<Outcome, PlayError> {
        Ok(self
            .session(ApplicationName::Check, node)
            .await?
            .run(query, CHECK)
            .await?)
    }

    /// The session of that kind on a node, opened where it is not.
    ///
    /// # Errors
    /// When there is no such node, or the server cannot be reached.
    pub async fn session(
        &mut self,
        application: ApplicationName,
        node: &str,
    ) -> Result<&mut Session, PlayError> {
        let key = (node.to_owned(), application);
        if !self.sessions.get(&key).is_some_and(Session::is_connected) {
            let target = Target::new(node, self.runtime.address(node)?);
            let session = Session::connect(&target, application, CONNECT).await?;
            self.sessions.insert(key.clone(), session);
        }
        self.sessions.get_mut(&key).ok_or_else(|| {
            PostgresError::Disconnected {
                node: node.to_owned(),
            }
            .into()
        })
    }

    /// Whether a session of that kind stands on a node, as far as it is known without asking.
    #[must_use]
    pub fn has_session(&self, application: ApplicationName, node: &str) -> bool {
        let key = (node.to_owned(), application);
        self.sessions.get(&key).is_some_and(Session::is_connected)
    }

    /// Ends the sessions on one node: the server behind them is gone or another one.
    pub fn forget_sessions_on(&mut self, node: &str) {
        self.sessions.retain(|(of, _), _| of != node);
    }

    /// Ends the sessions on all nodes but the coordinator: what was done to those is not known session by session.
    pub fn forget_sessions_after_faults(&mut self) {
        let coordinator = self.coordinator().to_owned();
        self.sessions
            .retain(|(of, _), session| *of == coordinator && session.is_connected());
    }

    /// Ends the sessions, as a learner does who comes back another day: what they had `SET` is gone.
    pub fn forget_sessions(&mut self) {
        self.sessions.clear();
    }

    /// The name of the node that a lesson means.
    ///
    /// # Errors
    /// When a tenant cannot be found.
    pub async fn resolve(&mut self, reference: &NodeReference) -> Result<String, PlayError> {
        match reference {
            NodeReference::Named(name) => Ok(name.clone()),
            NodeReference::Tenant { table, value } => {
                let table = match table {
                    Some(table) => table.clone(),
                    None => self.first_distributed_table(value).await?,
                };
                let coordinator = self.coordinator().to_owned();
                let session = self.session(ApplicationName::Check, &coordinator).await?;
                let place = tenant_place(session, &table, value, CHECK).await?;
                let holds = |name: &String| {
                    self.runtime
                        .inside_address(name)
                        .is_ok_and(|address| place.nodes.contains(&address))
                };
                self.runtime.nodes().into_iter().find(holds).ok_or_else(|| {
                    PlayError::NoSuchTenant {
                        value: value.clone(),
                        reason: format!(
                            "shard {} of {table} is on no node of this cluster",
                            place.shard
                        ),
                    }
                })
            }
        }
    }

    /// A table that is cut by a column, for a tenant that a lesson names without one.
    async fn first_distributed_table(&mut self, value: &str) -> Result<String, PlayError> {
        let view = self.view().await;
        let is_distributed = |table: &&crate::cluster::Table| table.kind == TableKind::Distributed;
        let first = view
            .tables
            .iter()
            .filter(is_distributed)
            .min_by_key(|table| table.colocation_id);
        first
            .map(|table| table.name.to_string())
            .ok_or_else(|| PlayError::NoSuchTenant {
                value: value.to_owned(),
                reason: "no table is distributed".to_owned(),
            })
    }

    /// The names of the nodes that a lesson means, once each.
    ///
    /// # Errors
    /// As [`Stage::resolve`].
    pub async fn resolve_all(
        &mut self,
        references: &[NodeReference],
    ) -> Result<Vec<String>, PlayError> {
        let mut names: Vec<String> = Vec::new();
        for reference in references {
            let name = self.resolve(reference).await?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
        Ok(names)
    }

    /// Says so when the runtime cannot do an act.
    ///
    /// # Errors
    /// When it cannot.
    pub fn can(&self, act: Act) -> Result<(), PlayError> {
        if self.runtime.acts().contains(&act) {
            Ok(())
        } else {
            Err(PlayError::ActNotPossible {
                runtime: self.runtime.name(),
                act,
            })
        }
    }

    /// Does an act to several nodes at once and waits for its effect on each.
    ///
    /// # Errors
    /// When the runtime cannot do it, or fails to on any of them; it is done to the others all the same.
    pub async fn act(&mut self, act: Act, nodes: &[String]) -> Result<(), PlayError> {
        self.can(act)?;
        let doing = nodes.iter().map(|node| self.runtime.act(act, node));
        let done = join_all(doing).await;
        if !matches!(act, Act::Freeze | Act::Thaw) {
            for node in nodes {
                self.forget_sessions_on(node);
            }
        }
        done.into_iter().collect::<Result<(), _>>()?;
        Ok(())
    }

    /// Brings about, in the lesson's session on the coordinator, what a setup says.
    ///
    /// # Errors
    /// When a statement of it fails.
    pub async fn set_up(&mut self, setup: &Sql) -> Result<(), PlayError> {
        self.come_home().await?;
        let node = self.coordinator().to_owned();
        for statement in split(&setup.text) {
            let sql = self.fill_in(statement.text);
            self.run(&node, &sql).await?.into_success(&node)?;
        }
        Ok(())
    }

    /// Loads a tour's rows by COPY.
    ///
    /// # Errors
    /// When the tour has none, or the server refuses them.
    pub async fn seed(&mut self, tour: &str) -> Result<(), PlayError> {
        let tables = seed::tables(tour).ok_or_else(|| PlayError::NothingToSeed(tour.to_owned()))?;
        let coordinator = self.coordinator().to_owned();
        let session = self.session(ApplicationName::Seed, &coordinator).await?;
        for table in tables {
            let rows = stream::iter(table.chunks().map(Bytes::from));
            session
                .copy_in(&table.copy_statement(), rows, STATEMENT)
                .await?
                .into_success(&coordinator)?;
        }
        Ok(())
    }

    /// What the cluster is now, from the coordinator's catalogs and from each node.
    pub async fn view(&mut self) -> View {
        let watched = watched(self.runtime.as_ref(), &self.topology);
        self.observer.observe_once(&watched).await
    }

    /// Watches the cluster, in tasks of their own, for as long as what it gives is kept. Whom to watch is told by the sender.
    #[must_use]
    pub fn watch(&self) -> (channel::Sender<Vec<Watched>>, Watch) {
        let (sender, receiver) = channel::channel(self.watched());
        let watch = watch(cluster_name(&self.topology), receiver, PACE);
        (sender, watch)
    }

    /// The servers as the runtime knows them now.
    #[must_use]
    pub fn watched(&self) -> Vec<Watched> {
        watched(self.runtime.as_ref(), &self.topology)
    }

    /// How load and probes reach a node.
    ///
    /// # Errors
    /// When it has no address.
    pub fn target(&self, node: &str) -> Result<Target, PlayError> {
        Ok(Target::new(node, self.runtime.public_address(node)?))
    }

    /// How to reach the workers that run.
    #[must_use]
    pub fn workers(&self) -> Vec<Target> {
        let nodes = self.topology.nodes.iter();
        nodes
            .filter(|node| node.role == Role::Worker)
            .filter(|node| !matches!(self.runtime.state(&node.name), Ok(ProcessState::Absent)))
            .filter_map(|node| self.target(&node.name).ok())
            .collect()
    }

    /// Makes the cluster as it was at its start: every node's data anew, nodes under a profile gone.
    ///
    /// # Errors
    /// When a node cannot be ended or started.
    pub async fn start_afresh(&mut self) -> Result<(), PlayError> {
        self.forget_sessions();
        self.observer = Observer::new(cluster_name(&self.topology), PACE);
        Ok(self.runtime.start_afresh().await?)
    }
}
