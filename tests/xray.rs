//! What statements touch, asked of real clusters on both engines. What Citus says itself, the emulation says in the same words.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on ends there"
)]

#[expect(dead_code, reason = "its ports are of use to transcripts only")]
#[path = "support/mod.rs"]
mod support;

use std::time::Duration;

use citus_tour::cluster::{Engine as Made, NodeRole, Reachability, View};
use citus_tour::observe::{Known, Observer, Pace, Watched};
use citus_tour::postgres::{ApplicationName, Session, Target};
use citus_tour::runtime::{Act, Runtime};
use citus_tour::xray::{Access, Certainty, Examiner, Settings, Touched, XrayError, from_report};
use support::{Cluster, DEADLINE, Engine};

/// A node that says nothing for so long is frozen.
const NOTICED: Duration = Duration::from_secs(3);

/// Statements and what is said of them on every engine.
const WORDS: &[(&str, &str)] = &[
    (
        "SELECT * FROM orders WHERE user_id = 42",
        "1 of 8 shards, {42}",
    ),
    (
        "SELECT count(*) FROM orders",
        "8 of 8 shards on 2 workers: no filter on the distribution column user_id",
    ),
    (
        "SELECT count(*) FROM orders WHERE user_id IN (1, 2)",
        "2 of 8 shards, worker1",
    ),
    (
        "SELECT count(*) FROM orders WHERE user_id BETWEEN 1 AND 3",
        "8 of 8 shards on 2 workers: hashing scatters a range of user_id",
    ),
    (
        "SELECT count(*) FROM users JOIN orders USING (user_id) WHERE user_id = 42",
        "1 of 8 shard groups, {42}",
    ),
    (
        "SELECT u.name, count(*) FROM users u JOIN orders o ON u.user_id = o.user_id GROUP BY u.user_id, u.name",
        "8 of 8 shard groups on 2 workers: no filter on the distribution column user_id",
    ),
    (
        "SELECT r.name, count(*) FROM users JOIN regions r USING (region_id) GROUP BY 1",
        "8 of 8 shards on 2 workers: no filter on the distribution column user_id",
    ),
    (
        "SELECT * FROM orders WHERE user_id = 42 FOR UPDATE",
        "1 of 8 shards, {42}",
    ),
    (
        "INSERT INTO users VALUES (42, 'x', 1)",
        "1 of 8 shards, {42}",
    ),
    (
        "INSERT INTO users (name, region_id, user_id) VALUES (upper('x'), 1, 40 + 2)",
        "1 of 8 shards, {42}",
    ),
    (
        "INSERT INTO users VALUES (5001, 'x', 1), (5002, 'y', 1), (5003, 'z', 2)",
        "3 of 8 shards, worker1 and worker2",
    ),
    ("INSERT INTO users SELECT 42, 'x', 1", "1 of 8 shards, {42}"),
    (
        "INSERT INTO users VALUES ((random() * 10)::int, 'x', 1)",
        "unknown until it runs",
    ),
    (
        "INSERT INTO users SELECT i, 'x', 1 FROM generate_series(1, 3) i",
        "unknown until it runs",
    ),
    (
        "INSERT INTO users SELECT user_id + 1, name, region_id FROM users",
        "reads 8 of 8 shards on 2 workers; which shards it writes is unknown until it runs",
    ),
    (
        "INSERT INTO orders SELECT 1, user_id, 'x', 1 FROM users WHERE user_id = 42",
        "1 of 8 shard groups, {42}",
    ),
    (
        "INSERT INTO orders SELECT 1, user_id, 'x', 1 FROM users",
        "8 of 8 shard groups on 2 workers",
    ),
    (
        "INSERT INTO events (user_id, note) VALUES (42, 'x')",
        "1 of 8 shards, {42}",
    ),
    ("COPY users FROM STDIN", "unknown until it runs"),
    (
        "UPDATE users SET name = 'x' WHERE user_id = 42",
        "1 of 8 shards, {42}",
    ),
    (
        "UPDATE users SET name = 'x'",
        "8 of 8 shards on 2 workers: no filter on the distribution column user_id",
    ),
    (
        "DELETE FROM orders WHERE user_id IN (1, 2)",
        "2 of 8 shards, worker1",
    ),
    (
        "UPDATE orders SET status = 'x' FROM users WHERE users.user_id = orders.user_id AND users.user_id = 42",
        "1 of 8 shard groups, {42}",
    ),
    (
        "WITH d AS (DELETE FROM orders WHERE user_id = 42 RETURNING *) SELECT count(*) FROM d",
        "1 of 8 shards, {42}",
    ),
    (
        "SELECT * FROM regions",
        "reference table: read on the coordinator",
    ),
    (
        "INSERT INTO regions VALUES (9, 'x')",
        "reference table: all 3 copies are written",
    ),
    (
        "UPDATE regions SET name = 'x' WHERE region_id = 1",
        "reference table: all 3 copies are written",
    ),
    (
        "INSERT INTO regions SELECT user_id::int, name FROM users WHERE user_id = 42",
        "1 of 8 shards, {42}; reference table: all 3 copies are written",
    ),
    (
        "ALTER TABLE regions ADD COLUMN c int",
        "reference table: all 3 copies are changed",
    ),
    (
        "SELECT * FROM notes",
        "no shard: only the coordinator, where notes is",
    ),
    (
        "DELETE FROM notes",
        "no shard: only the coordinator, where notes is",
    ),
    (
        "ALTER TABLE notes ADD COLUMN c int",
        "no shard: only the coordinator, where notes is",
    ),
    (
        "SELECT * FROM orders WHERE user_id = 7 AND user_id = 8",
        "no shard: only the coordinator, no row can match",
    ),
    (
        "UPDATE orders SET status = 'x' WHERE user_id = 7 AND user_id = 8",
        "no shard: only the coordinator, no row can match",
    ),
    (
        "ALTER TABLE users ADD COLUMN c int",
        "the definition changes in all 8 shards on 2 workers",
    ),
    (
        "CREATE INDEX ON orders (status)",
        "the definition changes in all 8 shards on 2 workers",
    ),
    ("TRUNCATE orders", "8 of 8 shards on 2 workers"),
    (
        "EXPLAIN ANALYZE SELECT * FROM orders WHERE user_id = 42",
        "1 of 8 shards, {42}",
    ),
    (
        "COPY (SELECT * FROM orders WHERE user_id = 42) TO STDOUT",
        "1 of 8 shards, {42}",
    ),
    (
        "SELECT * FROM crm.\"Deals\" WHERE \"Client\" = 'a'",
        "1 of 4 shards, {a}",
    ),
    (
        "INSERT INTO crm.\"Deals\" VALUES ('a', 1)",
        "1 of 4 shards, {a}",
    ),
    (
        "SELECT * FROM crm.\"Deals\"",
        "4 of 4 shards on 2 workers: no filter on the distribution column Client",
    ),
    ("SELECT 1", ""),
    ("BEGIN", ""),
    ("SET citus.shard_count = 4", ""),
    (
        "SELECT get_shard_id_for_distribution_column('users', 42)",
        "",
    ),
    ("SELECT * FROM pg_dist_shard", ""),
    ("SELECT citus_version()", ""),
    ("", ""),
];

struct Bench {
    cluster: Cluster,
    session: Session,
    examiner: Examiner,
    view: View,
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_on_the_emulation() {
    examine_all(Cluster::start(Engine::Emulation).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_on_the_embedded_postgresql() {
    if let Some(cluster) = Cluster::start_embedded().await {
        examine_all(cluster).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_on_citus() {
    if let Some(cluster) = Cluster::start_citus().await {
        examine_all(cluster).await;
    }
}

async fn examine_all(cluster: Cluster) {
    let mut bench = Bench::new(cluster).await;
    bench.plain().await;
    bench.distribute().await;
    bench.assert_words(WORDS).await;
    bench.names_the_shards().await;
    bench.refuses().await;
    bench.changes_nothing().await;
    bench.heeds_settings().await;
    if bench.on_citus() {
        bench.only_on_citus().await;
    } else {
        bench.only_on_the_emulation().await;
    }
    bench.with_shards_on_the_coordinator().await;
    bench.with_a_frozen_worker().await;
    bench.with_a_dead_worker().await;
    bench.cluster.end().await;
}

impl Bench {
    async fn new(cluster: Cluster) -> Self {
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

    fn on_citus(&self) -> bool {
        matches!(&self.view.engine, Made::Extension(version) if !version.contains("emulation"))
    }

    async fn run(&mut self, statement: &str) -> Option<String> {
        let outcome = self.session.query(statement, DEADLINE).await.unwrap();
        outcome.into_rows().scalar().map(str::to_owned)
    }

    async fn look(&mut self) {
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

    async fn examine(&mut self, statement: &str) -> Result<Option<Touched>, XrayError> {
        let settings = Settings {
            deadline: DEADLINE,
            ..Settings::default()
        };
        self.examiner
            .examine(&self.view, statement, &settings)
            .await
    }

    async fn touched(&mut self, statement: &str) -> Touched {
        match self.examine(statement).await {
            Ok(Some(touched)) => touched,
            other => panic!("{statement}: {other:?}"),
        }
    }

    async fn plain(&mut self) {
        self.run("CREATE TABLE users (user_id bigint PRIMARY KEY, name text, region_id int)")
            .await;
        self.look().await;
        let touched = self.touched("SELECT * FROM users").await;
        assert_eq!(touched.words, "only the coordinator, where users is");
    }

    async fn distribute(&mut self) {
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
    async fn home(&mut self, table: &str, value: &str) -> (u64, String) {
        let question =
            format!("SELECT get_shard_id_for_distribution_column('{table}', '{value}'::text)");
        let id = self.run(&question).await.unwrap().parse().unwrap();
        let shards = self.view.groups.iter().flat_map(|group| &group.shards);
        let shard = shards.into_iter().find(|shard| shard.id == id).unwrap();
        let node = self.view.node_of_group(shard.placements[0].group_id);
        (id, node.unwrap().name.clone())
    }

    async fn names_the_shards(&mut self) {
        let (id, node) = self.home("orders", "42").await;
        let read = self
            .touched("SELECT * FROM orders WHERE user_id = 42")
            .await;
        assert_eq!(read.access, Access::Read);
        assert_eq!(read.nodes, [node.as_str()]);
        let ids: Vec<_> = read.shards.iter().map(|shard| shard.id).collect();
        assert_eq!(ids, [id]);
        let marks = read.marks();
        assert_eq!(
            marks.get(&(read.groups()[0], node.as_str())),
            Some(&Access::Read)
        );

        let statement =
            "INSERT INTO orders SELECT 1, user_id, 'x', 1 FROM users WHERE user_id = 42";
        let fed = self.touched(statement).await;
        let done: Vec<_> = fed
            .shards
            .iter()
            .map(|shard| (shard.table.to_string(), shard.access))
            .collect();
        let expected = [
            ("users".to_owned(), Access::Read),
            ("orders".to_owned(), Access::Write),
        ];
        assert_eq!(done, expected);
        assert_eq!(fed.groups().len(), 1);

        let written = self.touched("INSERT INTO regions VALUES (9, 'x')").await;
        assert_eq!(written.access, Access::Write);
        assert_eq!(written.nodes, ["coordinator", "worker1", "worker2"]);
        let all = self.touched("UPDATE users SET name = 'x'").await;
        assert_eq!((all.shards.len(), all.access), (8, Access::Write));
        assert_eq!(all.nodes, ["worker1", "worker2"]);
        let unknown = self
            .touched("INSERT INTO users SELECT i, 'x', 1 FROM generate_series(1, 3) i")
            .await;
        assert_eq!(
            (unknown.certainty, unknown.access, unknown.shards.len()),
            (Certainty::UntilRun, Access::Write, 0)
        );
        let two_phases = self
            .touched(
                "WITH top AS (SELECT * FROM orders ORDER BY total DESC LIMIT 5) SELECT * FROM users JOIN top USING (user_id)",
            )
            .await;
        assert_eq!(two_phases.shards.len(), 16);
        let dropped = self.touched("DROP TABLE IF EXISTS users, regions").await;
        assert_eq!(
            dropped.words,
            "drops all 8 shards on 2 workers; reference table: all 3 copies are dropped"
        );
    }

    async fn refuses(&mut self) {
        // A word that begins no statement is none of a shard's business.
        assert!(matches!(self.examine(" SELEC 1").await, Ok(None)));
        for (statement, code) in [
            ("  SELECT nothing FROM users", "42703"),
            ("SELECT * FRM users", "42601"),
        ] {
            let failing = self.examine(statement).await;
            let Err(XrayError::Refused(report)) = failing else {
                panic!("not refused: {failing:?}")
            };
            assert_eq!((report.code.as_str(), report.position), (code, Some(10)));
        }
        let two = self.examine("SELECT 1; SELECT 2").await;
        assert!(matches!(two, Err(XrayError::NotOne(2))), "{two:?}");
    }

    async fn changes_nothing(&mut self) {
        let before = self
            .run("SELECT last_value || ' ' || is_called FROM events_event_id_seq")
            .await;
        self.touched("INSERT INTO events (user_id, note) VALUES (42, 'x')")
            .await;
        self.touched(
            "INSERT INTO events (user_id, note) VALUES (1, nextval('events_event_id_seq')::text)",
        )
        .await;
        let after = self
            .run("SELECT last_value || ' ' || is_called FROM events_event_id_seq")
            .await;
        assert_eq!(before, after);
        let late = "INSERT INTO users SELECT 42, pg_sleep(60)::text, 1";
        assert_eq!(self.touched(late).await.access, Access::Write);
        let slept = self
            .touched("INSERT INTO events (user_id, note) VALUES (42, pg_sleep(60)::text)")
            .await;
        assert_eq!(slept.shards.len(), 1);
        assert_eq!(
            self.run("SELECT count(*) FROM orders").await.as_deref(),
            Some("300")
        );
    }

    async fn heeds_settings(&mut self) {
        let settings = Settings {
            search_path: Some("crm, public".into()),
            parameters: vec![("citus.enable_repartition_joins".into(), "on".into())],
            deadline: DEADLINE,
        };
        let examined = self
            .examiner
            .examine(&self.view, "SELECT * FROM \"Deals\"", &settings)
            .await;
        assert_eq!(examined.unwrap().unwrap().shards.len(), 4);
        let join = "SELECT count(*) FROM orders o JOIN events e ON o.order_id = e.event_id";
        let joined = self.examiner.examine(&self.view, join, &settings).await;
        let joined = joined.unwrap().unwrap();
        if self.on_citus() {
            assert_eq!(
                joined.words,
                "repartition: all shards of both tables, rows travel between the workers"
            );
        }
        assert_eq!(joined.shards.len(), 16);
        assert_eq!(joined.nodes, ["worker1", "worker2"]);
        let refused = self.examine(join).await;
        assert!(matches!(refused, Err(XrayError::Refused(_))), "{refused:?}");
    }

    async fn assert_words(&mut self, expected: &[(&str, &str)]) {
        let (_, tenant) = self.home("users", "42").await;
        let (_, client) = self.home("crm.\"Deals\"", "a").await;
        let mut wrong = Vec::new();
        for (statement, words) in expected {
            let words = words.replace("{42}", &tenant).replace("{a}", &client);
            let said = match self.examine(statement).await {
                Ok(Some(touched)) => touched.to_string(),
                Ok(None) => String::new(),
                Err(error) => format!("{error:?}"),
            };
            if said != words {
                wrong.push(format!(
                    "{statement}\n  expected {words}\n  said     {said}"
                ));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    async fn only_on_the_emulation(&mut self) {
        self.assert_words(&[
            (
                "SELECT * FROM orders WHERE user_id = (SELECT max(user_id) FROM users WHERE user_id = 3)",
                "up to 8 of 8 shard groups on 2 workers",
            ),
            // Decided when the plan is taken up: the others are off it.
            (
                "SELECT * FROM users WHERE user_id = length(current_setting('server_version')) * 0 + 42",
                "1 of 8 shards, {42}",
            ),
            ("COPY orders TO STDOUT", ""),
        ])
        .await;
    }

    async fn only_on_citus(&mut self) {
        for statement in [
            "SET citus.shard_count = 6",
            "SET citus.shard_replication_factor = 2",
            "CREATE TABLE rooms (room_id int, name text)",
            "SELECT create_distributed_table('rooms', 'room_id', colocate_with => 'none')",
            "SET citus.shard_replication_factor = 1",
            "SET citus.shard_count = 300",
            "CREATE TABLE many (id int)",
            "SELECT create_distributed_table('many', 'id')",
            "CREATE TABLE alone (id int)",
            "SELECT create_distributed_table('alone', NULL, colocate_with => 'none')",
        ] {
            self.run(statement).await;
        }
        self.look().await;
        let values: Vec<_> = (1..400).map(|value| value.to_string()).collect();
        let too_many = format!("SELECT * FROM many WHERE id IN ({})", values.join(","));
        self.assert_words(&[
            (
                "SELECT * FROM orders WHERE user_id = (SELECT max(user_id) FROM users WHERE user_id = 3)",
                "8 of 8 shard groups on 2 workers",
            ),
            ("COPY orders TO STDOUT", "8 of 8 shards on 2 workers"),
            ("SELECT * FROM rooms WHERE room_id = 3", "1 of 6 shards, worker1"),
            ("UPDATE rooms SET name = 'x' WHERE room_id = 3", "1 of 6 shards, worker1 and worker2"),
            (
                "SELECT * FROM many",
                "300 of 300 shards on 2 workers: no filter on the distribution column id",
            ),
            (&too_many, "221 of 300 shards"),
            ("INSERT INTO alone VALUES (1)", "1 of 1 shard, worker1"),
            (
                "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM rooms WHERE room_id = 3)",
                "8 of 8 shards of orders and 1 of 6 shards of rooms on 2 workers",
            ),
            (
                "MERGE INTO users u USING orders o ON u.user_id = o.user_id AND u.user_id = 42 WHEN MATCHED THEN UPDATE SET name = 'm'",
                "1 of 8 shard groups, {42}",
            ),
        ])
        .await;
        // A shard with two copies is read on one of them.
        let read = self.touched("SELECT * FROM rooms").await;
        assert!(read.shards.iter().all(|shard| shard.nodes.len() == 1));
    }

    /// The coordinator's own shards are like all others.
    async fn with_shards_on_the_coordinator(&mut self) {
        let (host, port) = self.cluster.runtime.inside_address("coordinator").unwrap();
        for statement in [
            &format!("SELECT citus_set_node_property('{host}', {port}, 'shouldhaveshards', true)"),
            "SET citus.shard_count = 3",
            "CREATE TABLE here (id int, note text)",
            "SELECT create_distributed_table('here', 'id', colocate_with => 'none')",
        ] {
            self.run(statement).await;
        }
        self.look().await;
        let on_three = "3 of 3 shards on 3 nodes: no filter on the distribution column id";
        self.assert_words(&[
            ("SELECT * FROM here", on_three),
            ("UPDATE here SET note = 'x'", on_three),
        ])
        .await;
        for value in ["1", "2", "3", "4", "5", "6"] {
            let (id, node) = self.home("here", value).await;
            for statement in [
                format!("SELECT * FROM here WHERE id = {value}"),
                format!("DELETE FROM here WHERE id = {value}"),
                format!("INSERT INTO here VALUES ({value}, 'x')"),
            ] {
                let touched = self.touched(&statement).await;
                let ids: Vec<_> = touched.shards.iter().map(|shard| shard.id).collect();
                assert_eq!(
                    (ids, touched.nodes),
                    (vec![id], vec![node.clone()]),
                    "{statement}"
                );
            }
        }
    }

    async fn with_a_frozen_worker(&mut self) {
        let (_, node) = self.home("orders", "42").await;
        self.cluster.runtime.act(Act::Freeze, &node).await.unwrap();
        let router = "SELECT * FROM orders WHERE user_id = 42";
        let insertion = "INSERT INTO users VALUES (42, 'x', 1)";
        // Before anybody knows of it.
        self.assert_words(&[
            (router, "1 of 8 shards, {42}"),
            (insertion, "1 of 8 shards, {42}"),
        ])
        .await;
        self.look().await;
        let expected = format!("1 of 8 shards, {node} (frozen)");
        self.assert_words(&[(router, &expected), (insertion, &expected)])
            .await;
        self.cluster.runtime.act(Act::Thaw, &node).await.unwrap();
        self.look().await;
    }

    async fn with_a_dead_worker(&mut self) {
        let (id, node) = self.home("orders", "42").await;
        self.cluster.runtime.act(Act::Kill, &node).await.unwrap();
        self.look().await;
        assert_ne!(
            self.view.node(&node).unwrap().reachability,
            Reachability::Up
        );
        let state = self.view.node(&node).unwrap().state();
        let touched = self
            .touched("SELECT * FROM orders WHERE user_id = 42")
            .await;
        assert_eq!(touched.words, format!("1 of 8 shards, {node} ({state})"));
        assert_eq!(touched.shards[0].id, id);
        let all = self.touched("SELECT count(*) FROM orders").await;
        assert_eq!(
            all.words,
            format!(
                "8 of 8 shards on 2 workers, among them {node} ({state}): no filter on the distribution column user_id"
            )
        );

        let failed = self
            .session
            .run("SELECT * FROM orders WHERE user_id = 42", DEADLINE)
            .await
            .unwrap();
        let fault = from_report(&self.view, failed.error().unwrap()).unwrap();
        assert_eq!(fault.node.as_deref(), Some(node.as_str()));
        self.cluster.runtime.act(Act::Restart, &node).await.unwrap();
        self.look().await;
        let twice = "INSERT INTO orders VALUES (41, 42, 'x', 1), (41, 42, 'x', 1)";
        let doubled = self.session.run(twice, DEADLINE).await.unwrap();
        let fault = from_report(&self.view, doubled.error().unwrap()).unwrap();
        assert_eq!(fault.shards, [id]);
        assert_eq!(fault.node.as_deref(), Some(node.as_str()));
    }
}
