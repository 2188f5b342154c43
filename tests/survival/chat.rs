//! A chat on six workers: a table with two copies of each of six shards, one of two shards with a single copy, a reference table; and statements of every kind.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use citus_tour::cluster::{GroupKey, GroupKind, Outcome, StatementKind, Subject, View};
use citus_tour::observe::{Observer, Pace, tenant_place};
use citus_tour::player::watched;
use citus_tour::postgres::{self, ApplicationName, Event, Session, Target};
use citus_tour::runtime::{Act, Runtime};

use futures_util::future::join_all;

use crate::reachable;
use crate::support::{Cluster, DEADLINE};

pub(crate) const WORKERS: [&str; 6] = [
    "worker1", "worker2", "worker3", "worker4", "worker5", "worker6",
];

/// After which a node is called frozen: long enough for a busy machine.
const NODE_DEADLINE: Duration = Duration::from_secs(2);

/// Tables with tenants.
const TABLES: [&str; 2] = ["messages", "drafts"];

/// Goes to every node, and is taken back.
const DEFINITION: &str = "CREATE SCHEMA citus_tour_probe";

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
                deadline: NODE_DEADLINE,
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

    /// Runs a statement on the coordinator, which must succeed.
    pub(crate) async fn run(&self, statement: &str) {
        run(&mut open(self.cluster).await, statement).await;
    }

    /// What is seen of the cluster now.
    pub(crate) async fn view(&mut self) -> View {
        let watched = watched(
            self.cluster.runtime.as_ref(),
            self.cluster.runtime.topology(),
        );
        self.observer.observe_once(&watched).await
    }

    /// What is seen as soon as exactly these workers are down, and these frozen.
    pub(crate) async fn view_with(&mut self, down: &[&str], frozen: &[&str]) -> View {
        let started = Instant::now();
        loop {
            let view = self.view().await;
            if reachable(&view, down, frozen) {
                return view;
            }
            assert!(started.elapsed() < DEADLINE, "{:#?}", view.nodes);
        }
    }

    /// How every kind of statement ends now, one after the other, in a session that knows nothing of what was before.
    pub(crate) async fn observe(&self, view: &View) -> BTreeMap<Subject, Outcome> {
        let mut session = open(self.cluster).await;
        let mut seen = BTreeMap::new();
        for (subject, statements) in self.statements(view) {
            seen.insert(subject, attempt(&mut session, &statements).await);
        }
        seen
    }

    /// The same at the same time, each in a session of its own: nobody waits for another's timeout, nor over a connection from before.
    pub(crate) async fn observe_apart(&self, view: &View) -> BTreeMap<Subject, Outcome> {
        let attempts = self
            .statements(view)
            .into_iter()
            .map(|(subject, statements)| async move {
                let mut session = open(self.cluster).await;
                run(&mut session, "SET citus.node_connection_timeout = '2s'").await;
                (subject, attempt(&mut session, &statements).await)
            });
        join_all(attempts).await.into_iter().collect()
    }

    fn statements(&self, view: &View) -> Vec<(Subject, Vec<String>)> {
        let groups = view.groups.iter().filter_map(|group| {
            let (table, room) = self.rooms.get(&group.key)?;
            let read = format!("SELECT count(*) FROM {table} WHERE room_id = {room}");
            let write = format!("UPDATE {table} SET body = body WHERE room_id = {room}");
            Some([
                (
                    Subject::of_group(StatementKind::TenantRead, group.key),
                    vec![read],
                ),
                (
                    Subject::of_group(StatementKind::TenantWrite, group.key),
                    vec![write],
                ),
            ])
        });
        let there = |table: &&&str| view.table(table).is_some();
        let all = |statement: &str| {
            let fill = |table: &&str| statement.replace('?', table);
            TABLES.iter().filter(there).map(fill).collect()
        };
        let whole = [
            (StatementKind::AllShardRead, all("SELECT count(*) FROM ?")),
            (
                StatementKind::AllShardWrite,
                all("UPDATE ? SET body = body"),
            ),
            (
                StatementKind::ReferenceRead,
                vec!["SELECT count(*) FROM kinds".to_owned()],
            ),
            (
                StatementKind::ReferenceWrite,
                vec!["UPDATE kinds SET name = name".to_owned()],
            ),
            (StatementKind::Definition, vec![DEFINITION.to_owned()]),
        ];
        let whole = whole.map(|(kind, statements)| (Subject::whole(kind), statements));
        groups.flatten().chain(whole).collect()
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

/// The worst of some statements, each about what others are not.
async fn attempt(session: &mut Session, statements: &[String]) -> Outcome {
    let mut worst = Outcome::Works;
    for statement in statements {
        let undone = statement == DEFINITION;
        if undone {
            run(session, "BEGIN").await;
        }
        let outcome = session.run(statement, DEADLINE).await.unwrap();
        if undone {
            run(session, "ROLLBACK").await;
        }
        worst = worst.max(ending(statement, &outcome));
    }
    worst
}

/// Works or fails, at once or not, as the engine itself says; by nothing but the want of a node.
fn ending(statement: &str, outcome: &postgres::Outcome) -> Outcome {
    let waited = outcome.events.iter().any(|event| match event {
        Event::Notice(report) | Event::Error(report) => {
            let detail = report.detail.as_deref().unwrap_or_default();
            ["timeout expired", " ms"]
                .iter()
                .any(|words| report.message.contains(words) || detail.contains(words))
        }
        _ => false,
    });
    let Some(error) = outcome.error() else {
        return if waited {
            Outcome::Late
        } else {
            Outcome::Works
        };
    };
    assert!(error.code.starts_with("08"), "{statement}: {error:?}");
    if waited {
        Outcome::Waits
    } else {
        Outcome::Fails
    }
}
