//! A cluster of containers: each act on a node and what is seen of it, from here and from its neighbours.

use std::time::Duration;

use citus_tour::postgres::Address;
use citus_tour::runtime::docker::{DockerCluster, sweep};
use citus_tour::runtime::{Act, Exit, ProcessState, Runtime, RuntimeError, Silent};
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

use crate::home::{DEADLINE, Home, until};

const ANSWER: Duration = Duration::from_secs(10);

async fn connect(address: &Address) -> Result<Client, tokio_postgres::Error> {
    let mut config = Config::new();
    config
        .host(&address.host)
        .port(address.port)
        .user(&address.user)
        .password(&address.password)
        .dbname(&address.database)
        .connect_timeout(Duration::from_secs(3));
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The first column of the first row, or what went wrong.
async fn ask(cluster: &DockerCluster, node: &str, query: &str) -> Result<String, String> {
    let address = cluster.address(node).unwrap();
    let asking = async {
        let client = connect(&address).await?;
        client.simple_query(query).await
    };
    let answer = tokio::time::timeout(ANSWER, asking).await;
    let rows = answer
        .map_err(|_| "no answer".to_owned())?
        .map_err(|error| format!("{error:?}"))?;
    let first = rows.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    Ok(first.unwrap_or_default().to_owned())
}

async fn answers(cluster: &DockerCluster, node: &str) -> bool {
    ask(cluster, node, "SELECT 1").await.is_ok()
}

/// Whether the coordinator reaches a worker by the name that the cluster knows it by.
async fn reaches(cluster: &DockerCluster, worker: &str) -> bool {
    let query = format!(
        "SELECT success FROM run_command_on_workers('SELECT 1') WHERE nodename = '{worker}'"
    );
    ask(cluster, "coordinator", &query).await.as_deref() == Ok("t")
}

async fn exit(exits: &mut tokio::sync::broadcast::Receiver<Exit>) -> Exit {
    let exit = tokio::time::timeout(DEADLINE, exits.recv()).await;
    exit.unwrap().unwrap()
}

async fn make_a_cluster(cluster: &DockerCluster) {
    for statement in [
        "CREATE EXTENSION citus",
        "SELECT citus_set_coordinator_host('coordinator', 5432)",
        "SELECT citus_add_node('worker1', 5432)",
        "SELECT citus_add_node('worker2', 5432)",
    ] {
        ask(cluster, "coordinator", statement).await.unwrap();
    }
}

#[tokio::test]
async fn every_act_is_a_real_one_and_is_seen() {
    let Some(home) = Home::new().await else {
        return;
    };
    let cluster = home.start().await;
    let mut exits = cluster.exits();
    make_a_cluster(&cluster).await;
    assert_eq!(cluster.served().engine, "emulation");
    assert_eq!(cluster.state("worker3").unwrap(), ProcessState::Absent);
    assert_eq!(
        cluster.inside_address("worker1").unwrap(),
        ("worker1".to_owned(), 5432)
    );
    let command = cluster.shell_command(Act::Kill, "worker1").unwrap();
    assert!(command.starts_with("docker kill citus-tour-"), "{command}");

    cluster.act(Act::Kill, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Killed);
    let killed = exit(&mut exits).await;
    assert_eq!(
        (killed.node.as_str(), killed.ordered),
        ("worker1", Some(Act::Kill))
    );
    assert!(!answers(&cluster, "worker1").await);
    assert!(!reaches(&cluster, "worker1").await);
    assert!(reaches(&cluster, "worker2").await);
    cluster.act(Act::Start, "worker1").await.unwrap();
    until("the worker that is back", async || {
        reaches(&cluster, "worker1").await
    })
    .await;

    cluster.act(Act::Freeze, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Frozen);
    assert!(!answers(&cluster, "worker1").await);
    let refused = cluster.act(Act::Stop, "worker1").await.unwrap_err();
    assert!(refused.to_string().contains("Thaw it first"), "{refused}");
    cluster.act(Act::Thaw, "worker1").await.unwrap();
    assert!(answers(&cluster, "worker1").await);

    cluster.act(Act::Partition, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Partitioned);
    assert!(!reaches(&cluster, "worker1").await);
    cluster.act(Act::Heal, "worker1").await.unwrap();
    assert!(answers(&cluster, "worker1").await);
    until("the worker that is healed", async || {
        reaches(&cluster, "worker1").await
    })
    .await;

    cluster.act(Act::Stop, "worker2").await.unwrap();
    assert_eq!(exit(&mut exits).await.ordered, Some(Act::Stop));
    cluster.act(Act::Restart, "worker2").await.unwrap();
    assert!(answers(&cluster, "worker2").await);

    // A frozen one is killed all the same.
    cluster.act(Act::Freeze, "worker2").await.unwrap();
    cluster.act(Act::Kill, "worker2").await.unwrap();
    assert_eq!(cluster.state("worker2").unwrap(), ProcessState::Killed);
    cluster.act(Act::Destroy, "worker2").await.unwrap();
    assert_eq!(cluster.state("worker2").unwrap(), ProcessState::Absent);

    cluster.act(Act::Start, "worker3").await.unwrap();
    ask(
        &cluster,
        "coordinator",
        "SELECT citus_add_node('worker3', 5432)",
    )
    .await
    .unwrap();
    assert!(reaches(&cluster, "worker3").await);
    let log = cluster.log_tail("worker3", 5).await.unwrap();
    assert!(!log.is_empty() && log.len() <= 5, "{log:?}");

    cluster.start_afresh().await.unwrap();
    assert_eq!(cluster.state("worker3").unwrap(), ProcessState::Absent);
    let fresh = ask(&cluster, "coordinator", "SELECT count(*) FROM pg_dist_node").await;
    assert!(fresh.unwrap_err().contains("pg_dist_node"));
    cluster.end().await.unwrap();
    home.assert_clean().await;
}

#[tokio::test]
async fn what_others_do_to_a_container_is_heard_of() {
    let Some(home) = Home::new().await else {
        return;
    };
    let cluster = home.start().await;
    let mut exits = cluster.exits();
    let docker = home.engine.connect().await;
    let name = format!("citus-tour-{}-worker1", cluster.id());
    docker.kill_container(&name, None).await.unwrap();
    let crash = exit(&mut exits).await;
    assert_eq!((crash.node.as_str(), crash.ordered), ("worker1", None));
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Crashed);
    docker.start_container(&name, None).await.unwrap();
    until("a start by hand", async || {
        cluster.state("worker1").unwrap() == ProcessState::Up
    })
    .await;
    docker.pause_container(&name).await.unwrap();
    until("a pause by hand", async || {
        cluster.state("worker1").unwrap() == ProcessState::Frozen
    })
    .await;
    drop(cluster);
    home.assert_clean().await;
}

#[tokio::test]
async fn two_clusters_live_side_by_side_and_only_ours_is_removed() {
    let Some(home) = Home::new().await else {
        return;
    };
    let kept = DockerCluster::start(home.plan(Some("class")).await, &Silent)
        .await
        .unwrap();
    let other = home.start().await;
    let address = |cluster: &DockerCluster| cluster.address("coordinator").unwrap().port;
    assert_ne!(address(&kept), address(&other));
    assert!(answers(&kept, "worker1").await && answers(&other, "worker1").await);
    let taken = DockerCluster::start(home.plan(Some("class")).await, &Silent).await;
    assert!(matches!(taken, Err(RuntimeError::NameTaken(_))));
    drop(kept);

    // Something that looks like ours and carries no label.
    let docker = home.engine.connect().await;
    let strange = format!("citus-tour-{}-strange", std::process::id());
    let request = bollard::models::NetworkCreateRequest {
        name: strange.clone(),
        ..Default::default()
    };
    docker.create_network(request).await.unwrap();
    drop(other);
    assert!(sweep_by(&home).await.is_empty());
    let again = citus_tour::runtime::take_over(&home.directories, "class")
        .await
        .unwrap();
    assert_eq!(again.state("worker1").unwrap(), ProcessState::Up);
    again.act(Act::Kill, "worker1").await.unwrap();
    again.end().await.unwrap();
    assert!(docker.inspect_network(&strange, None).await.is_ok());
    docker.remove_network(&strange).await.unwrap();
    home.assert_clean().await;
}

/// What is lost is removed too: containers of which no directory knows.
#[tokio::test]
async fn containers_whose_directory_is_lost_are_removed() {
    let Some(home) = Home::new().await else {
        return;
    };
    let cluster = DockerCluster::start(home.plan(Some("lost")).await, &Silent)
        .await
        .unwrap();
    let id = cluster.id().to_owned();
    std::fs::remove_dir_all(cluster.directory()).unwrap();
    drop(cluster);
    assert_eq!(sweep_by(&home).await, [id]);
    home.assert_clean().await;
}

async fn sweep_by(home: &Home) -> Vec<String> {
    let engine = home.plan(None).await.engine;
    sweep(&engine, &home.directories).await.unwrap()
}
