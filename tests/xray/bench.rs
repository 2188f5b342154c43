//! A cluster with the shop's tables, and an examiner beside the learner's session.

use std::time::Duration;

use citus_tour::cluster::{Engine as Made, NodeRole, View};
use citus_tour::observe::{Known, Observer, Pace, Watched};
use citus_tour::postgres::{ApplicationName, Session, Target};
use citus_tour::runtime::Runtime;
use citus_tour::xray::{Examiner, Settings, Touched, XrayError};

use crate::support::{Cluster, DEADLINE};

/// A node that says nothing for so long is frozen.
const NOTICED: Duration = Duration::from_secs(3);

/// A cluster, the learner's session on it, and who looks at their statements.
pub(crate) struct Bench {
    pub(crate) cluster: Cluster,
    pub(crate) session: Session,
    pub(crate) examiner: Examiner,
    pub(crate) view: View,
}

impl Bench {
    pub(crate) async fn new(cluster: Cluster) -> Self {
        let target = Target::new(
            "coordinator",
            cluster.runtime.address("coordinator").unwrap(),
        );
        let session = Session::connect(&target, ApplicationName::Lesson, DEADLINE)
            .await
            .unwrap();
        let examiner = Examiner::connect(&target, DEADLINE).await.unwrap();
        Self {
            cluster,
            session,
            examiner,
            view: View::default(),
        }
    }

    pub(crate) fn on_citus(&self) -> bool {
        matches!(&self.view.engine, Made::Extension(version) if !version.contains("emulation"))
    }

    pub(crate) async fn run(&mut self, statement: &str) -> Option<String> {
        let outcome = self.session.query(statement, DEADLINE).await.unwrap();
        outcome.into_rows().scalar().map(str::to_owned)
    }

    pub(crate) async fn look(&mut self) {
        let mut all = Vec::new();
        for name in ["coordinator", "worker1", "worker2"] {
            let role = match name {
                "coordinator" => NodeRole::Coordinator,
                _ => NodeRole::Worker,
            };
            let address = self.cluster.runtime.address(name).unwrap();
            all.push(Watched {
                name: name.into(),
                role,
                target: Some(Target::new(name, address)),
                inside: self.cluster.runtime.inside_address(name).ok(),
                known: Known::Nothing,
            });
        }
        let pace = Pace {
            deadline: NOTICED,
            ..Pace::default()
        };
        self.view = Observer::new("main", pace).observe_once(&all).await;
    }

    pub(crate) async fn examine(&mut self, statement: &str) -> Result<Option<Touched>, XrayError> {
        let settings = Settings {
            deadline: DEADLINE,
            ..Settings::default()
        };
        self.examiner
            .examine(&self.view, statement, &settings)
            .await
    }

    pub(crate) async fn touched(&mut self, statement: &str) -> Touched {
        match self.examine(statement).await {
            Ok(Some(touched)) => touched,
            other => panic!("{statement}: {other:?}"),
        }
    }

    pub(crate) async fn plain(&mut self) {
        self.run("CREATE TABLE users (user_id bigint PRIMARY KEY, name text, region_id int)")
            .await;
        self.look().await;
        let touched = self.touched("SELECT * FROM users").await;
        assert_eq!(touched.words, "only the coordinator, where users is");
    }

    pub(crate) async fn distribute(&mut self) {
        self.run("CREATE EXTENSION IF NOT EXISTS citus").await;
        let place = |name| self.cluster.runtime.inside_address(name).unwrap();
        let (host, port) = place("coordinator");
        let mut statements = vec![format!(
            "SELECT citus_set_coordinator_host('{host}', {port})"
        )];
        for worker in ["worker1", "worker2"] {
            let (host, port) = place(worker);
            statements.push(format!("SELECT citus_add_node('{host}', {port})"));
        }
        statements.extend(
            [
                "CREATE TABLE regions (region_id int PRIMARY KEY, name text)",
                "CREATE TABLE orders (order_id bigint, user_id bigint, status text, total numeric, PRIMARY KEY (user_id, order_id))",
                "CREATE TABLE events (gone int, event_id bigserial, user_id bigint, note text)",
                "ALTER TABLE events DROP COLUMN gone",
                "CREATE TABLE notes (id int)",
                "CREATE SCHEMA crm",
                "CREATE TABLE crm.\"Deals\" (\"Client\" text, amount int)",
                "SET citus.shard_count = 8",
                "SELECT create_reference_table('regions')",
                "SELECT create_distributed_table('users', 'user_id')",
                "SELECT create_distributed_table('orders', 'user_id')",
                "SELECT create_distributed_table('events', 'user_id')",
                "SET citus.shard_count = 4",
                "SELECT create_distributed_table('crm.\"Deals\"', 'Client', colocate_with => 'none')",
                "INSERT INTO regions VALUES (1, 'a'), (2, 'b')",
                "INSERT INTO users SELECT n, 'user', 1 FROM generate_series(1, 100) n",
                "INSERT INTO orders SELECT n, n % 100 + 1, 'new', 1 FROM generate_series(1, 300) n",
            ]
            .map(str::to_owned),
        );
        for statement in statements {
            self.run(&statement).await;
        }
        self.look().await;
    }

    /// The shard and the node that the engine itself names.
    pub(crate) async fn home(&mut self, table: &str, value: &str) -> (u64, String) {
        let question =
            format!("SELECT get_shard_id_for_distribution_column('{table}', '{value}'::text)");
        let id = self.run(&question).await.unwrap().parse().unwrap();
        let shards = self.view.groups.iter().flat_map(|group| &group.shards);
        let shard = shards.into_iter().find(|shard| shard.id == id).unwrap();
        let node = self.view.node_of_group(shard.placements[0].group_id);
        (id, node.unwrap().name.clone())
    }
}
