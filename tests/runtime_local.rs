//! The local runtime on real servers: every act, clusters side by side, kept ones.

#[cfg(test)]
mod runtime_bench;

use std::time::Duration;

use citus_tour::runtime::{Act, ProcessState, Runtime, RuntimeError};
use citus_tour::runtime::{Silent, Standing, list, local::LocalCluster, remove_leftovers};
use runtime_bench::{Bench, answers, connect, eventually, next};

#[tokio::test(flavor = "multi_thread")]
async fn a_node_goes_through_every_act() {
    let Some(bench) = Bench::new() else { return };
    let cluster = bench.start().await;
    let mut exits = cluster.exits();
    assert!(answers(&cluster, "coordinator").await && answers(&cluster, "worker1").await);
    assert_eq!(cluster.state("worker2").unwrap(), ProcessState::Absent);

    let client = connect(&cluster, "worker1").await.unwrap();
    client
        .batch_execute("CREATE TABLE kept(i int); INSERT INTO kept VALUES (7); CHECKPOINT")
        .await
        .unwrap();

    cluster.act(Act::Stop, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Stopped);
    assert_eq!(next(&mut exits).await.ordered, Some(Act::Stop));
    assert!(!answers(&cluster, "worker1").await);
    cluster.act(Act::Stop, "worker1").await.unwrap();

    cluster.act(Act::Start, "worker1").await.unwrap();
    let client = connect(&cluster, "worker1").await.unwrap();
    let kept: i32 = client
        .query_one("SELECT i FROM kept", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(kept, 7);

    cluster.act(Act::Kill, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Killed);
    let exit = next(&mut exits).await;
    assert_eq!(
        (exit.node.as_str(), exit.ordered),
        ("worker1", Some(Act::Kill))
    );
    assert!(exit.status.contains('9'), "{}", exit.status);
    cluster.act(Act::Start, "worker1").await.unwrap();
    assert!(answers(&cluster, "worker1").await);

    cluster.act(Act::Freeze, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Frozen);
    assert!(!answers(&cluster, "worker1").await);
    let refused = cluster.act(Act::Stop, "worker1").await.unwrap_err();
    assert!(refused.to_string().contains("Thaw it first"), "{refused}");
    cluster.act(Act::Thaw, "worker1").await.unwrap();
    assert!(answers(&cluster, "worker1").await);

    cluster.act(Act::Freeze, "worker1").await.unwrap();
    cluster.act(Act::Restart, "worker1").await.unwrap();
    assert_eq!(next(&mut exits).await.ordered, Some(Act::Restart));
    assert!(answers(&cluster, "worker1").await);

    cluster.act(Act::Freeze, "worker1").await.unwrap();
    cluster.act(Act::Destroy, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Absent);
    assert_eq!(next(&mut exits).await.ordered, Some(Act::Destroy));
    let refused = cluster.act(Act::Freeze, "worker1").await.unwrap_err();
    assert!(refused.to_string().contains("not running"), "{refused}");
    let port = cluster.address("worker1").unwrap().port;
    cluster.act(Act::Start, "worker1").await.unwrap();
    assert_eq!(cluster.address("worker1").unwrap().port, port);
    let client = connect(&cluster, "worker1").await.unwrap();
    assert!(client.query_one("SELECT i FROM kept", &[]).await.is_err());

    cluster.act(Act::Start, "worker2").await.unwrap();
    assert!(answers(&cluster, "worker2").await);
    let log = cluster.log_tail("worker2", 50).await.unwrap();
    assert!(
        log.iter()
            .any(|line| line.contains("ready to accept connections")),
        "{log:?}"
    );
    assert!(matches!(
        cluster.act(Act::Start, "nobody").await,
        Err(RuntimeError::UnknownNode(_))
    ));

    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_unasked_is_a_crash() {
    let Some(bench) = Bench::new() else { return };
    let cluster = bench.start().await;
    let mut exits = cluster.exits();
    let command = cluster.shell_command(Act::Kill, "worker1").unwrap();
    assert!(
        std::process::Command::new("sh")
            .arg("-c")
            .arg(&command)
            .status()
            .unwrap()
            .success(),
        "{command}"
    );
    let exit = next(&mut exits).await;
    assert_eq!((exit.node.as_str(), exit.ordered), ("worker1", None));
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Crashed);
    cluster.act(Act::Start, "worker1").await.unwrap();
    assert!(answers(&cluster, "worker1").await);
    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_commands_do_what_they_say() {
    let Some(bench) = Bench::new() else { return };
    let cluster = bench.start().await;
    // A process may end between the listing of its id and the signal to it; a person would look again.
    let run = |act| {
        eventually("the printed command works", || {
            let command = cluster.shell_command(act, "worker1").unwrap();
            let mut shell = std::process::Command::new("sh");
            let output = shell
                .arg("-c")
                .arg(&command)
                .current_dir("/")
                .output()
                .unwrap();
            println!("{command}: {output:?}");
            output.status.success()
        });
    };
    let mut exits = cluster.exits();
    run(Act::Stop);
    assert_eq!(next(&mut exits).await.node, "worker1");
    assert!(!answers(&cluster, "worker1").await);
    run(Act::Start);
    assert!(answers(&cluster, "worker1").await);
    // The runtime takes over what was started by hand.
    cluster.act(Act::Start, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Up);
    run(Act::Freeze);
    let silent = tokio::time::timeout(Duration::from_secs(1), connect(&cluster, "worker1")).await;
    assert!(silent.is_err(), "a frozen server answered");
    run(Act::Thaw);
    assert!(answers(&cluster, "worker1").await);
    run(Act::Restart);
    assert!(answers(&cluster, "worker1").await);
    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clusters_never_meet() {
    let Some(bench) = Bench::new() else { return };
    let (one, other) = tokio::join!(bench.start(), bench.start());
    assert_ne!(one.id(), other.id());
    let (mine, theirs) = (
        one.address("coordinator").unwrap(),
        other.address("coordinator").unwrap(),
    );
    assert_ne!(mine.port, theirs.port);
    assert_ne!(mine.password, theirs.password);
    assert!(answers(&one, "coordinator").await && answers(&other, "coordinator").await);
    one.end().await.unwrap();
    assert!(answers(&other, "worker1").await);
    other.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_reach_each_other_without_being_told_the_password() {
    let Some(bench) = Bench::new() else { return };
    if !bench.installation.can_emulate() {
        println!("skipped: this PostgreSQL has no dblink");
        return;
    }
    let cluster = bench.start().await;
    let client = connect(&cluster, "coordinator").await.unwrap();
    let (host, port) = cluster.inside_address("worker1").unwrap();
    client
        .batch_execute("CREATE EXTENSION dblink")
        .await
        .unwrap();
    let query = format!(
        "SELECT * FROM dblink('host={host} port={port} user=postgres dbname=postgres', 'SHOW cluster_name') AS answer(name text)"
    );
    let name: String = client.query_one(&query, &[]).await.unwrap().get(0);
    assert!(name.ends_with("worker1"), "{name}");
    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_cluster_is_gone_with_its_servers() {
    let Some(bench) = Bench::new() else { return };
    let cluster = bench.start().await;
    cluster.act(Act::Freeze, "worker1").await.unwrap();
    drop(cluster);
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_cluster_is_taken_over_by_name() {
    let Some(bench) = Bench::new() else { return };
    let cluster = LocalCluster::start(bench.plan(Some("class")), &Silent)
        .await
        .unwrap();
    let taken = LocalCluster::start(bench.plan(Some("class")), &Silent)
        .await
        .unwrap_err();
    assert!(matches!(taken, RuntimeError::NameTaken(_)), "{taken}");
    drop(cluster);
    assert!(remove_leftovers(&bench.directories).unwrap().is_empty());
    assert_eq!(
        list(&bench.directories).unwrap()[0].standing,
        Standing::Kept
    );

    let unknown = LocalCluster::attach(&bench.directories, "school").unwrap_err();
    assert!(
        unknown.to_string().contains("there are: class"),
        "{unknown}"
    );
    let cluster = LocalCluster::attach(&bench.directories, "class").unwrap();
    assert_eq!(cluster.kept_as().as_deref(), Some("class"));
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Up);
    assert_eq!(cluster.state("worker2").unwrap(), ProcessState::Absent);
    assert!(answers(&cluster, "worker1").await);
    let mut exits = cluster.exits();
    cluster.act(Act::Kill, "worker1").await.unwrap();
    assert_eq!(next(&mut exits).await.ordered, Some(Act::Kill));
    cluster.act(Act::Start, "worker1").await.unwrap();
    cluster.act(Act::Start, "worker2").await.unwrap();
    cluster.act(Act::Freeze, "coordinator").await.unwrap();
    drop(cluster);

    let cluster = LocalCluster::attach(&bench.directories, "class").unwrap();
    assert_eq!(cluster.state("coordinator").unwrap(), ProcessState::Frozen);
    assert_eq!(cluster.state("worker2").unwrap(), ProcessState::Up);
    cluster.act(Act::Thaw, "coordinator").await.unwrap();
    assert!(answers(&cluster, "coordinator").await);
    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_is_kept_while_it_runs() {
    let Some(bench) = Bench::new() else { return };
    let kept = bench.start().await;
    kept.keep("class").await.unwrap();
    assert_eq!(kept.kept_as().as_deref(), Some("class"));
    // Again, as by somebody who took it over.
    kept.keep("class").await.unwrap();
    let other = bench.start().await;
    let taken = other.keep("class").await.unwrap_err();
    assert!(matches!(taken, RuntimeError::NameTaken(_)), "{taken}");
    assert_eq!(other.kept_as(), None, "it still ends with its program");
    drop(other);
    drop(kept);

    let cluster = LocalCluster::attach(&bench.directories, "class").unwrap();
    assert!(answers(&cluster, "coordinator").await && answers(&cluster, "worker1").await);
    cluster.end().await.unwrap();
    bench.assert_clean();
}
