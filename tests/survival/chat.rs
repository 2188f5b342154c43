//! A chat on six workers: a table with two copies of each of six shards, one of two shards with a single copy, a reference table; and statements of every kind.

use std::collections::BTreeMap;
use std::time::Instant;

use citus_tour::cluster::{GroupKey, GroupKind, Outcome, StatementKind, Subject, View};
use citus_tour::observe::{Observer, Pace, tenant_place};
use citus_tour::player::watched;
use citus_tour::postgres::{ApplicationName, Session, Target};
use citus_tour::runtime::{Act, Runtime};

use crate::reachable;
use crate::support::{Cluster, DEADLINE};

pub(crate) const WORKERS: [&str; 6] = [
    "worker1", "worker2", "worker3", "worker4", "worker5", "worker6",
];

/// Tables with tenants.
const TABLES: [&str; 2] = ["messages", "drafts"];

pub(crate) struct Chat<'a> {
    cluster: &'a Cluster,
    observer: Observer,
    /// For each group a room that lives there, with its table.
    rooms: BTreeMap<GroupKey, (&'static str, u32)>,
}

impl<'a> Chat<'a> {
    pub(crate) async fn set_up(cluster: &'a Cluster) -> Self {
        for node in &WORKERS[4..] {
            cluster.runtime.act(Act::Start, node).await.unwrap();
        }
        let mut session = open(cluster).await;
        run(&mut session, "CREATE EXTENSION citus").await;
        let (host, port) = cluster.runtime.inside_address("coordinator").unwrap();
        run(
            &mut session,
            &format!("SELECT citus_set_coordinator_host('{host}', {port})"),
        )
        .await;
        for node in WORKERS {
            let (host, port) = cluster.runtime.inside_address(node).unwrap();
            run(
                &mut session,
                &format!("SELECT citus_add_node('{host}', {port})"),
            )
            .await;
        }
        for statement in [
            "CREATE TABLE messages (room_id int PRIMARY KEY, body text)",
            "CREATE TABLE drafts (room_id int PRIMARY KEY, body text)",
            "CREATE TABLE kinds (id int PRIMARY KEY, name text)",
            "SET citus.shard_count = 6",
            "SET citus.shard_replication_factor = 2",
            "SELECT create_distributed_table('messages', 'room_id')",
            "SET citus.shard_count = 2",
            "SET citus.shard_replication_factor = 1",
            "SELECT create_distributed_table('drafts', 'room_id', colocate_with => 'none')",
            "SELECT create_reference_table('kinds')",
            "INSERT INTO messages SELECT n, 'hello' FROM generate_series(1, 60) n",
            "INSERT INTO drafts SELECT n, 'hm' FROM generate_series(1, 60) n",
            "INSERT INTO kinds VALUES (1, 'public'), (2, 'private')",
        ] {
            run(&mut session, statement).await;
        }
        let observer = Observer::new(
            "main",
            Pace {
                deadline: DEADLINE,
                ..Pace::default()
            },
        );
        let mut chat = Self {
            cluster,
            observer,
            rooms: BTreeMap::new(),
        };
        let view = chat.view().await;
        for table in TABLES {
            for room in 1..=60 {
                let value = room.to_string();
                let place = tenant_place(&mut session, table, &value, DEADLINE)
                    .await
                    .unwrap();
                let group = view
                    .groups
                    .iter()
                    .find(|group| group.shards.iter().any(|shard| shard.id == place.shard));
                chat.rooms
                    .entry(group.unwrap().key)
                    .or_insert((table, room));
            }
        }
        let hash = |key: &GroupKey| matches!(key.kind, GroupKind::Hash { .. });
        assert_eq!(
            chat.rooms.len(),
            view.groups.iter().filter(|group| hash(&group.key)).count(),
            "a room in every group"
        );
        chat
    }

    /// What is seen of the cluster now.
    pub(crate) async fn view(&mut self) -> View {
        let watched = watched(
            self.cluster.runtime.as_ref(),
            self.cluster.runtime.topology(),
        );
        self.observer.observe_once(&watched).await
    }

    /// What is seen as soon as exactly these workers are down.
    pub(crate) async fn view_with_down(&mut self, down: &[&str]) -> View {
        let started = Instant::now();
        loop {
            let view = self.view().await;
            if reachable(&view, down) {
                return view;
            }
            assert!(started.elapsed() < DEADLINE, "{:#?}", view.nodes);
        }
    }

    /// How every kind of statement ends now, in a session that knows nothing of what was before.
    pub(crate) async fn observe(&self, view: &View) -> BTreeMap<Subject, Outcome> {
        let mut session = open(self.cluster).await;
        let mut seen = BTreeMap::new();
        for group in &view.groups {
            let Some((table, room)) = self.rooms.get(&group.key) else {
                continue;
            };
            for (kind, statement) in [
                (
                    StatementKind::TenantRead,
                    format!("SELECT count(*) FROM {table} WHERE room_id = {room}"),
                ),
                (
                    StatementKind::TenantWrite,
                    format!("UPDATE {table} SET body = body WHERE room_id = {room}"),
                ),
            ] {
                let outcome = attempt(&mut session, &statement).await;
                seen.insert(Subject::of_group(kind, group.key), outcome);
            }
        }
        for (kind, statements) in [
            (
                StatementKind::AllShardRead,
                TABLES
                    .map(|table| format!("SELECT count(*) FROM {table}"))
                    .to_vec(),
            ),
            (
                StatementKind::AllShardWrite,
                TABLES
                    .map(|table| format!("UPDATE {table} SET body = body"))
                    .to_vec(),
            ),
            (
                StatementKind::ReferenceRead,
                vec!["SELECT count(*) FROM kinds".to_owned()],
            ),
            (
                StatementKind::ReferenceWrite,
                vec!["UPDATE kinds SET name = name".to_owned()],
            ),
        ] {
            let mut worst = Outcome::Works;
            for statement in statements {
                worst = worst.max(attempt(&mut session, &statement).await);
            }
            seen.insert(Subject::whole(kind), worst);
        }
        run(&mut session, "BEGIN").await;
        let outcome = attempt(&mut session, "CREATE SCHEMA citus_tour_probe").await;
        run(&mut session, "ROLLBACK").await;
        seen.insert(Subject::whole(StatementKind::Definition), outcome);
        seen
    }
}

async fn open(cluster: &Cluster) -> Session {
    let address = cluster.runtime.address("coordinator").unwrap();
    let target = Target::new("coordinator", address);
    Session::connect(&target, ApplicationName::Lesson, DEADLINE)
        .await
        .unwrap()
}

async fn run(session: &mut Session, statement: &str) {
    let outcome = session.run(statement, DEADLINE).await.unwrap();
    assert!(
        outcome.error().is_none(),
        "{statement}: {:?}",
        outcome.error()
    );
}

/// Works, or fails for want of a node: there is no other reason here.
async fn attempt(session: &mut Session, statement: &str) -> Outcome {
    let outcome = session.run(statement, DEADLINE).await.unwrap();
    match outcome.error() {
        None => Outcome::Works,
        Some(error) => {
            assert!(error.code.starts_with("08"), "{statement}: {error:?}");
            Outcome::Fails
        }
    }
}
