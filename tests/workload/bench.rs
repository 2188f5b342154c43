//! A cluster of a coordinator and two workers with tables in it.

use citus_tour::cluster::{NodeRole, View};
use citus_tour::observe::{Known, Observer, Pace, Watched};
use citus_tour::postgres::{ApplicationName, Session, Target, split};
use citus_tour::runtime::{Act, Runtime};

use crate::support::{Cluster, DEADLINE};

/// Its nodes.
pub(crate) const NODES: [&str; 3] = ["coordinator", "worker1", "worker2"];
/// Everybody's rows, whatever their order.
const SUMS: &str = "SELECT (SELECT sum(hashtext(u::text)::bigint) FROM users u), (SELECT sum(hashtext(o::text)::bigint) FROM orders o),
                           (SELECT sum(hashtext(r::text)::bigint) FROM regions r)";

pub(crate) struct Bench {
    pub(crate) cluster: Cluster,
    session: Session,
}

impl Bench {
    /// The engine enabled, both workers in it.
    pub(crate) async fn new(cluster: Cluster) -> Self {
        let target = Target::new(
            "coordinator",
            cluster.runtime.address("coordinator").unwrap(),
        );
        let session = Session::connect(&target, ApplicationName::Lesson, DEADLINE)
            .await
            .unwrap();
        let mut bench = Self { cluster, session };
        bench.run("CREATE EXTENSION IF NOT EXISTS citus").await;
        let (host, port) = bench.cluster.runtime.inside_address("coordinator").unwrap();
        bench
            .run(&format!(
                "SELECT citus_set_coordinator_host('{host}', {port})"
            ))
            .await;
        for worker in &NODES[1..] {
            let (host, port) = bench.cluster.runtime.inside_address(worker).unwrap();
            bench
                .run(&format!("SELECT citus_add_node('{host}', {port})"))
                .await;
        }
        bench
    }

    /// The journey's tables, distributed over four shards, with some rows.
    pub(crate) async fn shop(&mut self) {
        self.run_all(
            "CREATE TABLE regions (region_id int PRIMARY KEY, name text NOT NULL);
             CREATE TABLE users (user_id bigint PRIMARY KEY, name text NOT NULL, region_id int NOT NULL);
             CREATE TABLE orders (order_id bigint, user_id bigint NOT NULL, status text NOT NULL, total numeric(10,2) NOT NULL,
               created_at timestamptz NOT NULL, PRIMARY KEY (user_id, order_id));
             CREATE TABLE order_items (item_id bigint, order_id bigint NOT NULL, user_id bigint NOT NULL, sku text NOT NULL,
               quantity int NOT NULL, PRIMARY KEY (user_id, order_id, item_id));
             SET citus.shard_count = 4;
             SELECT create_reference_table('regions');
             SELECT create_distributed_table('users', 'user_id');
             SELECT create_distributed_table('orders', 'user_id');
             SELECT create_distributed_table('order_items', 'user_id');
             INSERT INTO regions VALUES (1, 'a'), (2, 'b');
             INSERT INTO users SELECT n, 'user-' || n, 1 + n % 2 FROM generate_series(1, 100) n;
             INSERT INTO orders SELECT n, n % 100 + 1, 'new', n, '2026-01-01' FROM generate_series(1, 300) n;
             INSERT INTO order_items SELECT 1, n, n % 100 + 1, 'sku-' || n, 1 FROM generate_series(1, 300) n",
        )
        .await;
    }

    /// The chat's tables, distributed over four shards, with some rows.
    pub(crate) async fn chat(&mut self) {
        self.run_all(
            "CREATE TABLE rooms (id bigint PRIMARY KEY, room_type int);
             CREATE TABLE room_members (room_id bigint, member bigint, PRIMARY KEY (room_id, member));
             CREATE TABLE messages (room_id bigint, id bigint, body text, PRIMARY KEY (room_id, id));
             SET citus.shard_count = 4;
             SELECT create_distributed_table('rooms', 'id');
             SELECT create_distributed_table('room_members', 'room_id', colocate_with => 'rooms');
             SELECT create_distributed_table('messages', 'room_id', colocate_with => 'rooms');
             INSERT INTO rooms SELECT n, n % 3 FROM generate_series(1, 100) n;
             INSERT INTO room_members SELECT 1 + n % 100, n FROM generate_series(1, 200) n;
             INSERT INTO messages SELECT 1 + n % 100, n, 'message ' || n FROM generate_series(1, 500) n",
        )
        .await;
    }

    async fn run_all(&mut self, statements: &str) {
        for statement in split(statements) {
            self.run(statement.text).await;
        }
    }

    /// A statement that must succeed; its first value.
    pub(crate) async fn run(&mut self, statement: &str) -> Option<String> {
        let outcome = self.session.query(statement, DEADLINE).await.unwrap();
        outcome.into_rows().scalar().map(str::to_owned)
    }

    pub(crate) async fn count(&mut self, table: &str) -> u64 {
        let count = self.run(&format!("SELECT count(*) FROM {table}")).await;
        count.unwrap().parse().unwrap()
    }

    /// What stands in the shop's tables, in short.
    pub(crate) async fn sums(&mut self) -> String {
        let rows = self.session.query(SUMS, DEADLINE).await.unwrap();
        format!("{:?}", rows.into_rows().rows)
    }

    pub(crate) fn target(&self, node: &str) -> Target {
        Target::new(node, self.cluster.runtime.address(node).unwrap())
    }

    pub(crate) fn workers(&self) -> Vec<Target> {
        NODES[1..].iter().map(|node| self.target(node)).collect()
    }

    pub(crate) async fn act(&self, act: Act, node: &str) {
        self.cluster.runtime.act(act, node).await.unwrap();
    }

    pub(crate) async fn view(&self) -> View {
        let watched = NODES.map(|name| Watched {
            name: name.to_owned(),
            role: if name == "coordinator" {
                NodeRole::Coordinator
            } else {
                NodeRole::Worker
            },
            target: Some(self.target(name)),
            inside: self.cluster.runtime.inside_address(name).ok(),
            known: Known::Nothing,
        });
        let pace = Pace {
            deadline: DEADLINE,
            ..Pace::default()
        };
        Observer::new("main", pace).observe_once(&watched).await
    }

    /// Waits until no node has a connection of a workload.
    pub(crate) async fn assert_nobody_is_connected(&self) {
        for node in NODES {
            let target = self.target(node);
            let mut session = Session::connect(&target, ApplicationName::Check, DEADLINE)
                .await
                .unwrap();
            let question = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'citus-tour workload'";
            let gone = tokio::time::timeout(DEADLINE, async {
                loop {
                    let rows = session.query(question, DEADLINE).await.unwrap().into_rows();
                    if rows.scalar() == Some("0") {
                        return;
                    }
                    tokio::task::yield_now().await;
                }
            });
            assert!(gone.await.is_ok(), "{node} has connections of a workload");
        }
    }
}
