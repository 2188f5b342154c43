//! A cluster that plays somebody's own: two workers, the shop's tables, and a role that may little.

use std::collections::BTreeMap;

use citus_tour::postgres::{ApplicationName, Given, Session, Surroundings, Target, split};
use citus_tour::runtime::attach::{AttachedCluster, Attachment};
use citus_tour::runtime::{Runtime, RuntimeError};

use crate::support::{Cluster, DEADLINE, Engine};

/// The role that may little.
pub(crate) const READER: &str = "reader";
/// Its password, with what a URL has to encode.
pub(crate) const PASSWORD: &str = "rea:d/er@1";

pub(crate) struct Owned {
    pub(crate) cluster: Cluster,
    owner: Session,
}

impl Owned {
    /// On the emulation.
    pub(crate) async fn emulated() -> Self {
        Self::of(Cluster::start(Engine::Emulation).await).await
    }

    /// On Citus, where there is one.
    pub(crate) async fn citus() -> Option<Self> {
        Some(Self::of(Cluster::start_citus().await?).await)
    }

    /// On the emulation, with the extension and no node in its catalog.
    pub(crate) async fn alone() -> Self {
        let cluster = Cluster::start(Engine::Emulation).await;
        let session_of_owner = session(&cluster, "coordinator").await;
        let mut owned = Self {
            cluster,
            owner: session_of_owner,
        };
        owned.run("CREATE EXTENSION IF NOT EXISTS citus").await;
        owned
    }

    async fn of(cluster: Cluster) -> Self {
        let session_of_owner = session(&cluster, "coordinator").await;
        let mut owned = Self {
            cluster,
            owner: session_of_owner,
        };
        for node in ["worker1", "worker2"] {
            let mut session = session(&owned.cluster, node).await;
            let role = format!("CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'");
            session.query(&role, DEADLINE).await.unwrap();
        }
        owned
            .run(&format!("CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'"))
            .await;
        owned.run("CREATE EXTENSION IF NOT EXISTS citus").await;
        let (host, port) = owned.cluster.runtime.inside_address("coordinator").unwrap();
        owned
            .run(&format!(
                "SELECT citus_set_coordinator_host('{host}', {port})"
            ))
            .await;
        for worker in ["worker1", "worker2"] {
            let (host, port) = owned.cluster.runtime.inside_address(worker).unwrap();
            owned
                .run(&format!("SELECT citus_add_node('{host}', {port})"))
                .await;
        }
        owned
            .run(
                "SET citus.shard_count = 4;
                 CREATE TABLE users (user_id bigint PRIMARY KEY, name text NOT NULL);
                 CREATE TABLE secrets (user_id bigint PRIMARY KEY);
                 SELECT create_distributed_table('users', 'user_id');
                 SELECT create_distributed_table('secrets', 'user_id');
                 INSERT INTO users SELECT n, 'user-' || n FROM generate_series(1, 100) n",
            )
            .await;
        owned
    }

    /// Lets the role read one of the two tables. Its password has to be known to the coordinator too, which logs in to the workers by it.
    pub(crate) async fn grant(&mut self) {
        self.run(&format!("GRANT SELECT ON users TO {READER}"))
            .await;
        if self
            .value("SELECT to_regclass('pg_dist_authinfo') IS NOT NULL")
            .await
            == "t"
        {
            self.run(&format!(
                "INSERT INTO pg_dist_authinfo VALUES (0, '{READER}', 'password={PASSWORD}')"
            ))
            .await;
        }
    }

    /// As its owner.
    pub(crate) async fn run(&mut self, sql: &str) {
        for statement in split(sql) {
            self.owner.query(statement.text, DEADLINE).await.unwrap();
        }
    }

    /// One value, as its owner.
    pub(crate) async fn value(&mut self, query: &str) -> String {
        let answer = self.owner.query(query, DEADLINE).await.unwrap().into_rows();
        answer.scalar().unwrap_or_default().to_owned()
    }

    /// The schemas of lessons, on every node.
    pub(crate) async fn lesson_schemas(&mut self) -> Vec<String> {
        let names = "SELECT coalesce(string_agg(nspname, ' '), '') FROM pg_namespace WHERE nspname LIKE 'citus\\_tour\\_%'";
        let here = self.value(names).await;
        let there = format!(
            "SELECT coalesce(string_agg(result, ' '), '') FROM run_command_on_workers($${names}$$)"
        );
        let there = self.value(&there).await;
        let mut found: Vec<String> = format!("{here} {there}")
            .split_whitespace()
            .map(ToOwned::to_owned)
            .collect();
        found.sort();
        found.dedup();
        found
    }

    /// How its owner reaches it.
    pub(crate) fn url(&self) -> String {
        let address = self.cluster.runtime.address("coordinator").unwrap();
        self.url_of(&address.user, &address.password)
    }

    /// How the role that may little reaches it.
    pub(crate) fn readers_url(&self) -> String {
        self.url_of(READER, "rea%3Ad%2Fer%401")
    }

    fn url_of(&self, user: &str, password: &str) -> String {
        let address = self.cluster.runtime.address("coordinator").unwrap();
        format!(
            "postgres://{user}:{password}@{}:{}/{}",
            address.host, address.port, address.database
        )
    }

    pub(crate) async fn end(self) {
        drop(self.owner);
        self.cluster.end().await;
    }
}

async fn session(cluster: &Cluster, node: &str) -> Session {
    let target = Target::new(node, cluster.runtime.address(node).unwrap());
    Session::connect(&target, ApplicationName::Engine, DEADLINE)
        .await
        .unwrap()
}

/// Attaches, with nothing around the connection string.
pub(crate) async fn attach(url: &str, allow_writes: bool) -> Result<AttachedCluster, RuntimeError> {
    let around = Surroundings {
        variables: BTreeMap::new(),
        home: None,
        account: None,
    };
    let given = Given::read(url, &around)?;
    AttachedCluster::open(&Attachment {
        given,
        password: None,
        allow_writes,
    })
    .await
}

/// A session of the learner's own.
pub(crate) async fn learner(cluster: &AttachedCluster) -> Session {
    let target = Target::new("coordinator", cluster.address("coordinator").unwrap());
    Session::connect(&target, ApplicationName::Lesson, DEADLINE)
        .await
        .unwrap()
}
