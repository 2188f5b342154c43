//! Watching real servers: plain ones, ones that die and freeze, and Citus where the machine has it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail as tests do"
)]

#[cfg(test)]
mod postgres_server;

use std::time::Duration;

use citus_tour::cluster::{Engine, NodeRole, Reachability, TableKind, View, diff};
use citus_tour::observe::{
    Known, ObserveError, Observer, Pace, Watch, Watched, tenant_place, watch,
};
use citus_tour::postgres::Session;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use postgres_server::{DEADLINE, Server};
use tokio::sync::watch as channel;

const PASSWORD: &str = "secret";

fn watched(server: &Server, name: &str, password: &str) -> Watched {
    Watched {
        name: name.into(),
        role: if name == "coordinator" {
            NodeRole::Coordinator
        } else {
            NodeRole::Worker
        },
        target: Some(server.target(name, password)),
        inside: Some(("127.0.0.1".into(), server.port)),
        known: Known::Nothing,
    }
}

fn reachability(view: &View, name: &str) -> Reachability {
    view.node(name)
        .map_or(Reachability::Unknown, |node| node.reachability)
}

/// The first view of which `holds` is true.
async fn until(watch: &mut Watch, holds: impl Fn(&View) -> bool) -> View {
    let seen = tokio::time::timeout(DEADLINE, async {
        loop {
            let view = watch.now();
            if holds(&view) {
                return view;
            }
            watch.changed().await.unwrap();
        }
    });
    match seen.await {
        Ok(view) => view,
        Err(error) => panic!("never came ({error}); last seen: {:#?}", watch.now()),
    }
}

#[tokio::test]
async fn plain_servers_are_seen_live_and_dead() {
    let Some(first) = Server::start(PASSWORD) else {
        return;
    };
    let Some(second) = Server::start(PASSWORD) else {
        return;
    };
    let mut session = first.session(PASSWORD).await;
    for statement in [
        "CREATE TABLE users (id int)",
        "CREATE SCHEMA crm",
        "CREATE TABLE crm.notes (id int)",
    ] {
        session.query(statement, DEADLINE).await.unwrap();
    }
    let mut all = vec![
        watched(&first, "coordinator", PASSWORD),
        watched(&second, "worker1", PASSWORD),
    ];
    all.push(Watched {
        target: None,
        known: Known::Absent,
        ..watched(&second, "worker2", PASSWORD)
    });

    let mut observer = Observer::new(
        "main",
        Pace {
            deadline: DEADLINE,
            ..Pace::default()
        },
    );
    let view = observer.observe_once(&all).await;
    assert_eq!(
        (view.cluster.as_str(), &view.engine, &view.outdated),
        ("main", &Engine::None, &None)
    );
    let tables: Vec<_> = view
        .tables
        .iter()
        .map(|t| (t.name.to_string(), t.kind))
        .collect();
    assert_eq!(
        tables,
        [
            ("crm.notes".into(), TableKind::Plain),
            ("users".into(), TableKind::Plain)
        ]
    );
    let states: Vec<_> = view.nodes.iter().map(|node| node.reachability).collect();
    assert_eq!(
        states,
        [Reachability::Up, Reachability::Up, Reachability::Absent]
    );

    second.down("immediate");
    let dead = observer.observe_once(&all).await;
    assert_eq!(reachability(&dead, "worker1"), Reachability::Down);
    let told: Vec<_> = diff(&view, &dead).iter().map(ToString::to_string).collect();
    assert_eq!(told, ["worker1 is down"]);
    all[1].known = Known::Stopped;
    assert_eq!(
        reachability(&observer.observe_once(&all).await, "worker1"),
        Reachability::Stopped
    );
    second.up();
    all[1].known = Known::Nothing;
    assert_eq!(
        reachability(&observer.observe_once(&all).await, "worker1"),
        Reachability::Up
    );

    // Without its coordinator the cluster stays as it was last seen. A restart alone is not worth a word.
    first.down("fast");
    let headless = observer.observe_once(&all).await;
    assert!(
        headless
            .outdated
            .unwrap()
            .starts_with("coordinator is down")
    );
    assert_eq!(headless.tables, view.tables);
    first.up();
    observer.observe_once(&all).await;
    first.down("fast");
    first.up();
    assert_eq!(observer.observe_once(&all).await.outdated, None);
    all[0].target = Some(first.target("coordinator", "wrong"));
    assert_eq!(
        reachability(&observer.observe_once(&all).await, "coordinator"),
        Reachability::LockedOut
    );
}

#[tokio::test]
async fn a_frozen_node_does_not_delay_the_others() {
    let Some(first) = Server::start(PASSWORD) else {
        return;
    };
    let Some(second) = Server::start(PASSWORD) else {
        return;
    };
    let all = vec![
        watched(&first, "coordinator", PASSWORD),
        watched(&second, "worker1", PASSWORD),
    ];
    let (sender, receiver) = channel::channel(all.clone());
    // A node that freezes is known as such after the deadline. What others do shows long before.
    let pace = Pace {
        deadline: Duration::from_secs(6),
        interval: Duration::from_millis(20),
    };
    let mut watch = watch("main", receiver, pace);
    until(&mut watch, |view| {
        reachability(view, "worker1") == Reachability::Up
    })
    .await;

    let group = Pid::from_raw(second.process_id());
    kill(group, Signal::SIGSTOP).unwrap();
    let backends = children(group);
    for backend in &backends {
        kill(*backend, Signal::SIGSTOP).unwrap();
    }
    let mut session = first.session(PASSWORD).await;
    session
        .query("CREATE TABLE seen_meanwhile (id int)", DEADLINE)
        .await
        .unwrap();
    let view = until(&mut watch, |view| view.table("seen_meanwhile").is_some()).await;
    let state = reachability(&view, "worker1");
    let frozen = until(&mut watch, |view| {
        reachability(view, "worker1") == Reachability::Frozen
    })
    .await;
    for process in backends.into_iter().chain([group]) {
        kill(process, Signal::SIGCONT).unwrap();
    }
    assert_eq!(state, Reachability::Up);
    assert!(frozen.outdated.is_none());
    until(&mut watch, |view| {
        reachability(view, "worker1") == Reachability::Up
    })
    .await;

    // The end of a server is seen without waiting for the next look.
    second.down("immediate");
    until(&mut watch, |view| {
        reachability(view, "worker1") == Reachability::Down
    })
    .await;
    sender.send_modify(|all| all[1].known = Known::Stopped);
    until(&mut watch, |view| {
        reachability(view, "worker1") == Reachability::Stopped
    })
    .await;
    sender.send_modify(|all| drop(all.pop()));
    until(&mut watch, |view| view.nodes.len() == 1).await;
    drop(sender);
    while watch.changed().await.is_some() {}
}

fn children(parent: Pid) -> Vec<Pid> {
    let listed = std::process::Command::new("ps")
        .args(["-eo", "pid=,ppid="])
        .output()
        .unwrap();
    let text = String::from_utf8(listed.stdout).unwrap();
    let pairs = text
        .lines()
        .filter_map(|line| line.trim().split_once(char::is_whitespace));
    let of_parent = pairs.filter(|(_, of)| of.trim() == parent.to_string());
    of_parent
        .map(|(pid, _)| Pid::from_raw(pid.parse().unwrap()))
        .collect()
}

async fn run(session: &mut Session, statements: &[&str]) {
    for statement in statements {
        session.query(statement, DEADLINE).await.unwrap();
    }
}

/// Makes one cluster of the servers, the first its coordinator, and distributes the tables over it.
async fn distribute(session: &mut Session, ports: &[u16]) {
    run(
        session,
        &[
            &format!(
                "SELECT citus_set_coordinator_host('127.0.0.1', {})",
                ports[0]
            ),
            &format!("SELECT citus_add_node('127.0.0.1', {})", ports[1]),
            &format!("SELECT citus_add_node('127.0.0.1', {})", ports[2]),
            "SET citus.shard_count = 4",
            "SELECT create_reference_table('regions')",
            "SELECT create_distributed_table('users', 'user_id')",
            "INSERT INTO users SELECT generate_series(1, 100)",
        ],
    )
    .await;
}

#[tokio::test]
async fn citus_is_seen_with_its_shards() {
    let mut servers = Vec::new();
    for _ in 0..3 {
        let Some(server) = Server::start_with_citus() else {
            return;
        };
        servers.push(server);
    }
    let names = ["coordinator", "worker1", "worker2"];
    let all: Vec<_> = servers
        .iter()
        .zip(names)
        .map(|(s, name)| watched(s, name, ""))
        .collect();
    let ports: Vec<_> = servers.iter().map(|server| server.port).collect();
    for server in &servers {
        run(&mut server.session("").await, &["CREATE EXTENSION citus"]).await;
    }
    let mut session = servers[0].session("").await;
    let mut observer = Observer::new(
        "main",
        Pace {
            deadline: DEADLINE,
            ..Pace::default()
        },
    );
    run(
        &mut session,
        &[
            "CREATE TABLE users (user_id int PRIMARY KEY)",
            "CREATE TABLE regions (id int)",
        ],
    )
    .await;
    let enabled = observer.observe_once(&all).await;
    assert!(matches!(&enabled.engine, Engine::Extension(version) if version.starts_with("Citus ")));
    assert_eq!(enabled.groups, []);

    distribute(&mut session, &ports).await;
    let before = observer.observe_once(&all).await;
    let told: Vec<_> = diff(&enabled, &before)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [
            "coordinator joined the cluster",
            "worker1 joined the cluster",
            "worker2 joined the cluster",
            "table regions is a reference table",
            "table users is distributed by user_id",
        ]
    );
    assert_eq!((before.groups.len(), before.placement_count()), (5, 7));
    assert!(
        before.groups[1]
            .bytes_on(before.groups[1].holders()[0])
            .unwrap()
            > 0
    );

    let place = tenant_place(&mut session, "users", "42", DEADLINE)
        .await
        .unwrap();
    assert!(
        place.nodes == [("127.0.0.1".to_owned(), ports[1])]
            || place.nodes == [("127.0.0.1".to_owned(), ports[2])]
    );
    let hostile = tenant_place(&mut session, "users", "1'); DROP TABLE users; --", DEADLINE).await;
    assert!(matches!(hostile, Err(ObserveError::Postgres(error)) if error.matches(&["22P02"])));

    let shard = before.groups[1].shards[0].id;
    let from = before.node_of_group(before.groups[1].holders()[0]).unwrap();
    let to = before.nodes[1..]
        .iter()
        .find(|node| node.name != from.name)
        .unwrap();
    let statement = format!(
        "SELECT citus_move_shard_placement({shard}, '127.0.0.1', {}, '127.0.0.1', {}, 'block_writes')",
        from.port, to.port
    );
    run(&mut session, &[&statement]).await;
    let after = observer.observe_once(&all).await;
    let told: Vec<_> = diff(&before, &after)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        told,
        [format!(
            "shard group 01 of users moved from {} to {}",
            from.name, to.name
        )]
    );

    run(&mut session, &["SELECT undistribute_table('users')"]).await;
    let back = observer.observe_once(&all).await;
    assert_eq!(back.table("users").unwrap().kind, TableKind::Plain);
}
