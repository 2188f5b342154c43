//! A session on a node of a test's cluster, in a database of the test's own, that answers in plain values.

use std::future::Future;
use std::time::{Duration, Instant};

use citus_tour::postgres::{ApplicationName, Outcome, Session, Target};
use citus_tour::runtime::Runtime;

use crate::support::{Cluster, DEADLINE};

/// A session that fails the test when a statement fails unasked.
pub(crate) struct Client {
    session: Session,
}

impl Client {
    /// On a node, in the database that the cluster came with or one of these.
    pub(crate) async fn connect(cluster: &Cluster, node: &str, database: Option<&str>) -> Self {
        let mut address = cluster.runtime.address(node).unwrap();
        if let Some(database) = database {
            database.clone_into(&mut address.database);
        }
        let session = Session::connect(
            &Target::new(node, address),
            ApplicationName::Lesson,
            DEADLINE,
        )
        .await
        .unwrap();
        Self { session }
    }

    /// Makes a database of that name with the extension on each node that was started with the cluster, the workers added, and opens a session on its coordinator.
    pub(crate) async fn in_new_database(cluster: &Cluster, name: &str) -> Self {
        for node in &cluster.started {
            let mut outside = Self::connect(cluster, node, None).await;
            outside.run(&format!("CREATE DATABASE {name}")).await;
            // A busy machine is no dead one.
            outside
                .run(&format!(
                    "ALTER DATABASE {name} SET citus.node_connection_timeout = '60s'"
                ))
                .await;
            let mut inside = Self::connect(cluster, node, Some(name)).await;
            inside.run("CREATE EXTENSION citus").await;
        }
        // The settings that the extension gives to its database reach sessions that come later.
        let mut client = Self::connect(cluster, "coordinator", Some(name)).await;
        client.join_nodes(cluster).await;
        client
    }

    /// Registers the coordinator and the workers that were started with it.
    pub(crate) async fn join_nodes(&mut self, cluster: &Cluster) {
        let (host, port) = cluster.runtime.inside_address("coordinator").unwrap();
        self.run(&format!(
            "SELECT citus_set_coordinator_host('{host}', {port})"
        ))
        .await;
        for node in &cluster.started[1..] {
            self.run(&format!("SELECT citus_add_node({})", place(cluster, node)))
                .await;
        }
    }

    /// Everything that one statement brought, failure included.
    pub(crate) async fn outcome(&mut self, statement: &str) -> Outcome {
        self.session.run(statement, DEADLINE).await.unwrap()
    }

    /// As [`Self::outcome`], for `COPY … FROM STDIN`.
    pub(crate) async fn copy(&mut self, statement: &str, input: &'static [u8]) -> Outcome {
        let input = futures_util::stream::iter([bytes::Bytes::from_static(input)]);
        self.session
            .copy_in(statement, input, DEADLINE)
            .await
            .unwrap()
    }

    /// Runs a statement that must succeed.
    pub(crate) async fn run(&mut self, statement: &str) -> Outcome {
        let outcome = self.outcome(statement).await;
        if let Some(error) = outcome.error() {
            panic!(
                "{statement}\n{}: {}\n{:?}",
                error.code, error.message, error.context
            );
        }
        outcome
    }

    /// Its rows, values joined by a bar.
    pub(crate) async fn rows(&mut self, statement: &str) -> Vec<String> {
        let result = self.run(statement).await.into_rows();
        let line = |row: &Vec<Option<String>>| {
            row.iter()
                .map(|value| value.as_deref().unwrap_or("NULL"))
                .collect::<Vec<_>>()
                .join("|")
        };
        result.rows.iter().map(line).collect()
    }

    /// Its first value.
    pub(crate) async fn value(&mut self, statement: &str) -> String {
        self.rows(statement)
            .await
            .into_iter()
            .next()
            .unwrap_or_default()
    }

    /// Runs a statement that must fail; its SQLSTATE and first line.
    pub(crate) async fn refused(&mut self, statement: &str) -> (String, String) {
        let outcome = self.outcome(statement).await;
        let error = outcome
            .error()
            .unwrap_or_else(|| panic!("{statement} was not refused"));
        (error.code.clone(), error.message.clone())
    }

    /// Tries again until the statement succeeds, or the deadline has come.
    pub(crate) async fn succeeds_in_time(&mut self, statement: &str) {
        let started = Instant::now();
        while let Some(error) = self.outcome(statement).await.error() {
            assert!(
                started.elapsed() < DEADLINE,
                "{statement}\n{}: {}",
                error.code,
                error.message
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Asks again until the first value is this, or the deadline has come.
    pub(crate) async fn wait_for(&mut self, query: &str, wanted: &str) {
        let started = Instant::now();
        loop {
            let found = self.value(query).await;
            if found == wanted {
                return;
            }
            assert!(
                started.elapsed() < DEADLINE,
                "{query} stays at {found} instead of {wanted}"
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

/// `'host', port` of a node, as functions of the cluster take it.
pub(crate) fn place(cluster: &Cluster, node: &str) -> String {
    let (host, port) = cluster.runtime.inside_address(node).unwrap();
    format!("'{host}', {port}")
}

/// What a future gives, and how long it took.
pub(crate) async fn timed<T>(work: impl Future<Output = T>) -> (T, Duration) {
    let started = Instant::now();
    let value = work.await;
    (value, started.elapsed())
}
