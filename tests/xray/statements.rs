//! What is found out about statements, what is refused, and that nothing is changed by it.

use citus_tour::xray::{Access, Certainty, Settings, XrayError};

use crate::bench::Bench;
use crate::support::DEADLINE;

impl Bench {
    pub(crate) async fn names_the_shards(&mut self) {
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

    pub(crate) async fn refuses(&mut self) {
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

    pub(crate) async fn changes_nothing(&mut self) {
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

    pub(crate) async fn heeds_settings(&mut self) {
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

    pub(crate) async fn only_on_the_emulation(&mut self) {
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

    pub(crate) async fn only_on_citus(&mut self) {
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
}
