//! Lessons on somebody's own cluster: in a schema of their own, beside tables of the same names, and gone without a trace.

use std::process::{Child, Stdio};
use std::sync::Arc;

use citus_tour::player::Stage;
use citus_tour::postgres::{ApplicationName, Session};
use citus_tour::runtime::Runtime;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use crate::owned::{Owned, PASSWORD, READER, attach, learner};
use crate::program::{command, home, run, text};
use crate::support::DEADLINE;

/// The schemas of lessons, on every node.
async fn schemas(owned: &mut Owned) -> Vec<String> {
    let names = "SELECT coalesce(string_agg(nspname, ' '), '') FROM pg_namespace WHERE nspname LIKE 'citus\\_tour\\_%'";
    let here = owned.value(names).await;
    let there = format!(
        "SELECT coalesce(string_agg(result, ' '), '') FROM run_command_on_workers($${names}$$)"
    );
    let there = owned.value(&there).await;
    let mut found: Vec<String> = format!("{here} {there}")
        .split_whitespace()
        .map(ToOwned::to_owned)
        .collect();
    found.sort();
    found.dedup();
    found
}

/// What must be the same after lessons as before.
async fn fingerprint(owned: &mut Owned) -> String {
    let mut found = String::new();
    for query in [
        "SELECT string_agg(logicalrelid::text, ' ' ORDER BY 1) FROM pg_dist_partition",
        "SELECT string_agg(colocationid::text, ' ' ORDER BY 1) FROM pg_dist_colocation",
        "SELECT string_agg(shardid || ':' || groupid, ' ' ORDER BY 1) FROM pg_dist_placement",
        "SELECT count(*) || ' ' || min(name) || ' ' || max(name) FROM users",
        "SELECT string_agg(nodename || nodeport || isactive || shouldhaveshards, ' ' ORDER BY groupid) FROM pg_dist_node",
    ] {
        // A reference table leaves its group behind, in Citus too.
        found += &owned.value(query).await;
        found.push('\n');
    }
    found
}

/// Tables of the same names, which fit the lessons' colocation groups: with as many shards, by the same type.
async fn lay_traps(owned: &mut Owned) {
    owned
        .run(
            "SET citus.shard_count = 8;
             CREATE TABLE orders (order_id bigint PRIMARY KEY);
             SELECT create_distributed_table('orders', 'order_id');
             CREATE TABLE regions (region_id int PRIMARY KEY);
             SELECT create_reference_table('regions')",
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guest_tour_leaves_the_emulation_as_it_was() {
    let mut owned = Owned::emulated().await;
    let url = owned.url();
    leaves_no_trace(&mut owned, &url).await;
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_guest_tour_leaves_citus_as_it_was_with_a_role_that_may_little() {
    let Some(mut owned) = Owned::citus().await else {
        return;
    };
    owned.grant().await;
    let home = home();
    let url = owned.readers_url();
    let refused = run(
        home.path(),
        &["play", "guest", "--url", &url, "--allow-writes"],
        &[],
    );
    let words = text(&refused);
    assert!(!refused.status.success(), "{words}");
    assert!(
        words.contains(&format!("GRANT CREATE ON DATABASE postgres TO {READER}")),
        "{words}"
    );
    assert!(!words.contains(PASSWORD), "{words}");
    owned
        .run(&format!("GRANT CREATE ON DATABASE postgres TO {READER}"))
        .await;
    leaves_no_trace(&mut owned, &url).await;
    owned.end().await;
}

async fn leaves_no_trace(owned: &mut Owned, url: &str) {
    lay_traps(owned).await;
    let before = fingerprint(owned).await;
    let home = home();
    let verified = run(
        home.path(),
        &["verify", "guest", "--url", url, "--allow-writes"],
        &[],
    );
    let words = text(&verified);
    assert!(verified.status.success(), "{words}");
    assert!(words.contains(", 0 failed"), "{words}");
    // From the middle: what comes before is done, and goes as well.
    let played = run(
        home.path(),
        &[
            "play",
            "guest",
            "--at",
            "if-a-server-dies",
            "--url",
            url,
            "--allow-writes",
        ],
        &[],
    );
    assert!(played.status.success(), "{}", text(&played));
    assert_eq!(schemas(owned).await, [""; 0]);
    assert_eq!(fingerprint(owned).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_lead_to_the_lessons_schema_only_while_there_is_one() {
    let mut owned = Owned::emulated().await;
    let cluster = attach(&owned.url(), true).await.unwrap();
    assert_eq!(schemas(&mut owned).await, [""; 0]);
    assert_eq!(count_of_users(&cluster).await, Ok("100".to_owned()));
    cluster.start_afresh().await.unwrap();
    assert_eq!(schemas(&mut owned).await, [cluster.lesson_schema()]);
    assert_eq!(count_of_users(&cluster).await, Err("42P01".to_owned()));
    let mut session = learner(&cluster).await;
    for statement in [
        "CREATE TABLE users (user_id bigint)",
        "DISCARD ALL",
        "DROP TABLE users",
    ] {
        session.query(statement, DEADLINE).await.unwrap();
    }
    session
        .query("CREATE TABLE left_here (one int)", DEADLINE)
        .await
        .unwrap();
    drop(session);
    // Anew: what was there is gone.
    cluster.start_afresh().await.unwrap();
    let mut session = learner(&cluster).await;
    session
        .query("CREATE TABLE left_here (one int)", DEADLINE)
        .await
        .unwrap();
    drop(session);
    cluster.end().await.unwrap();
    cluster.end().await.unwrap();
    assert_eq!(schemas(&mut owned).await, [""; 0]);
    assert_eq!(count_of_users(&cluster).await, Ok("100".to_owned()));

    let reading = attach(&owned.url(), false).await.unwrap();
    let refused = reading.start_afresh().await.unwrap_err().to_string();
    assert!(refused.contains("--allow-writes"), "{refused}");
    drop((cluster, reading));
    owned.end().await;
}

/// Of the table without a schema; the SQLSTATE where there is none.
async fn count_of_users(
    cluster: &citus_tour::runtime::attach::AttachedCluster,
) -> Result<String, String> {
    let mut session = learner(cluster).await;
    let outcome = session.run("SELECT count(*) FROM users", DEADLINE).await;
    let outcome = outcome.unwrap();
    match outcome.error() {
        Some(report) => Err(report.code.clone()),
        None => Ok(outcome.into_rows().scalar().unwrap_or_default().to_owned()),
    }
}

/// Starts the tour and waits until its schema holds a distributed table.
async fn under_way(owned: &mut Owned, home: &std::path::Path) -> Child {
    let url = owned.url();
    let mut command = command(home, &["play", "guest", "--url", &url, "--allow-writes"]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let distributed = "SELECT count(*) FROM pg_dist_partition p JOIN pg_class c ON c.oid = p.logicalrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname LIKE 'citus\\_tour\\_%'";
    let deadline = Instant::now() + DEADLINE;
    while owned.value(distributed).await == "0" {
        assert!(Instant::now() < deadline, "the tour never came so far");
    }
    child
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tour_that_is_interrupted_drops_its_schema() {
    let mut owned = Owned::emulated().await;
    let home = home();
    let child = under_way(&mut owned, home.path()).await;
    let process = Pid::from_raw(i32::try_from(child.id()).unwrap());
    kill(process, Signal::SIGINT).unwrap();
    let ended = tokio::task::spawn_blocking(|| child.wait_with_output().unwrap());
    let ended = ended.await.unwrap();
    assert_eq!(ended.status.code(), Some(4), "{}", text(&ended));
    assert!(text(&ended).contains("what the lessons made is being dropped"));
    assert_eq!(schemas(&mut owned).await, [""; 0]);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_tour_left_is_found_and_removed_and_nothing_else() {
    let mut owned = Owned::emulated().await;
    let home = home();
    let url = owned.url();
    let mut child = under_way(&mut owned, home.path()).await;
    let killed = schemas(&mut owned).await;
    child.kill().unwrap();
    child.wait().unwrap();
    // Somebody else takes the tour at the same time, and somebody has a schema of such a name.
    let other = attach(&url, true).await.unwrap();
    other.start_afresh().await.unwrap();
    owned.run("CREATE SCHEMA citus_tour_00000000").await;

    // The server takes a moment to see that nobody is there any more.
    let deadline = Instant::now() + DEADLINE;
    let left = loop {
        let status = run(home.path(), &["status", "--url", &url, "--json"], &[]);
        let status: Value = serde_json::from_slice(&status.stdout).unwrap();
        let left = status["leftovers"].as_array().unwrap().clone();
        if !left.is_empty() {
            break left;
        }
        assert!(Instant::now() < deadline, "nothing was ever found");
    };
    assert_eq!(left, [Value::from(killed[0].as_str())]);
    let told = run(home.path(), &["status", "--url", &url], &[]);
    assert!(
        text(&told).contains("citus-tour down --url"),
        "{}",
        text(&told)
    );
    let down = run(home.path(), &["down", "--url", &url], &[]);
    assert!(down.status.success(), "{}", text(&down));
    assert!(text(&down).contains(&killed[0]), "{}", text(&down));
    let mut expected = vec!["citus_tour_00000000", other.lesson_schema()];
    expected.sort_unstable();
    assert_eq!(schemas(&mut owned).await, expected);
    let down = run(home.path(), &["down", "--url", &url], &[]);
    assert!(
        text(&down).contains("left nothing behind"),
        "{}",
        text(&down)
    );
    other.end().await.unwrap();
    assert_eq!(schemas(&mut owned).await, ["citus_tour_00000000"]);
    drop(other);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_of_a_lesson_means_the_lessons_tables_wherever_the_learner_looks() {
    let owned = Owned::emulated().await;
    let cluster = Arc::new(attach(&owned.url(), true).await.unwrap());
    cluster.start_afresh().await.unwrap();
    let mut stage = Stage::new(cluster.clone(), cluster.topology().clone());
    let path = async |stage: &mut Stage| {
        let shown = stage.run("coordinator", "SHOW search_path").await.unwrap();
        shown.into_rows().scalar().unwrap().to_owned()
    };
    stage
        .run("coordinator", "SET search_path = public")
        .await
        .unwrap();
    assert_eq!(path(&mut stage).await, "public");
    stage.come_home().await.unwrap();
    assert!(path(&mut stage).await.contains(cluster.lesson_schema()));
    // Our own statements go the other way.
    let target = stage.target("coordinator").unwrap();
    let mut session = Session::connect(&target, ApplicationName::Workload, DEADLINE)
        .await
        .unwrap();
    let users = "SELECT count(*) FROM users";
    let users = session.query(users, DEADLINE).await.unwrap().into_rows();
    assert_eq!(users.scalar(), Some("100"));
    drop((session, stage));
    cluster.end().await.unwrap();
    drop(cluster);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_is_dropped_with_the_schema() {
    let mut owned = Owned::emulated().await;
    let cluster = attach(&owned.url(), true).await.unwrap();
    cluster.start_afresh().await.unwrap();
    let mut session = learner(&cluster).await;
    for statement in [
        "CREATE TABLE inside (one int)",
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
        "CREATE VIEW public.outside AS SELECT * FROM inside",
        "CREATE TABLE public.moods (one mood)",
        "CREATE TABLE parted (one int) PARTITION BY RANGE (one)",
        "CREATE TABLE public.part (one int)",
        "ALTER TABLE parted ATTACH PARTITION public.part FOR VALUES FROM (0) TO (9)",
        "CREATE COLLATION ours FROM \"C\"",
        "CREATE TABLE public.collated (one text COLLATE ours)",
    ] {
        session.query(statement, DEADLINE).await.unwrap();
    }
    drop(session);
    for error in [cluster.end().await, cluster.start_afresh().await] {
        let error = error.unwrap_err().to_string();
        for dependent in [
            "view outside",
            "column one of table moods",
            "table part",
            "column one of table collated",
        ] {
            assert!(error.contains(dependent), "{dependent}: {error}");
        }
    }
    owned
        .run("DROP VIEW public.outside; DROP TABLE public.moods, public.part, public.collated")
        .await;
    cluster.end().await.unwrap();
    assert_eq!(schemas(&mut owned).await, [""; 0]);
    drop(cluster);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_in_use_stays_known_as_such_when_its_session_is_ended() {
    let mut owned = Owned::emulated().await;
    let cluster = attach(&owned.url(), true).await.unwrap();
    cluster.start_afresh().await.unwrap();
    let holders = "FROM pg_locks WHERE locktype = 'advisory'";
    let before = owned.value(&format!("SELECT pid {holders}")).await;
    owned
        .run(&format!("SELECT pg_terminate_backend(pid) {holders}"))
        .await;
    let deadline = Instant::now() + DEADLINE;
    loop {
        let now = owned.value(&format!("SELECT pid {holders}")).await;
        if !now.is_empty() && now != before {
            break;
        }
        assert!(Instant::now() < deadline, "nobody held it again");
    }
    assert_eq!(attach(&owned.url(), false).await.unwrap().leftovers(), []);
    cluster.end().await.unwrap();
    // The server takes a moment to see that the session is gone.
    while owned.value(&format!("SELECT count(*) {holders}")).await != "0" {
        assert!(Instant::now() < deadline, "it is held for ever");
    }
    drop(cluster);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_whose_making_nobody_waits_for_goes_too() {
    let mut owned = Owned::emulated().await;
    let cluster = attach(&owned.url(), true).await.unwrap();
    owned
        .run("BEGIN; LOCK TABLE pg_namespace IN SHARE MODE")
        .await;
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    {
        let mut making = std::pin::pin!(cluster.start_afresh());
        let mut begun = false;
        while !begun {
            tokio::select! {
                made = &mut making => panic!("it could not have been made: {made:?}"),
                count = owned.value(waiting) => begun = count == "1",
            }
        }
    }
    let ending = async {
        owned.run("COMMIT").await;
    };
    let (ended, ()) = tokio::join!(cluster.end(), ending);
    ended.unwrap();
    assert_eq!(schemas(&mut owned).await, [""; 0]);
    drop(cluster);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_without_nodes_is_not_given_one() {
    let mut owned = Owned::alone().await;
    let cluster = attach(&owned.url(), true).await.unwrap();
    let refused = cluster.start_afresh().await.unwrap_err().to_string();
    assert!(refused.contains("citus_set_coordinator_host"), "{refused}");
    let (host, port) = owned.cluster.runtime.inside_address("coordinator").unwrap();
    owned
        .run(&format!(
            "SELECT citus_set_coordinator_host('{host}', {port})"
        ))
        .await;
    let refused = cluster.start_afresh().await.unwrap_err().to_string();
    assert!(refused.contains("shouldhaveshards"), "{refused}");
    drop(cluster);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stands_between_and_drops_settings_is_refused() {
    let owned = Owned::emulated().await;
    let port = owned.cluster.runtime.address("coordinator").unwrap().port;
    for (dropped, allow_writes) in [
        ("default_transaction_read_only", false),
        ("statement_timeout", true),
    ] {
        let between = between(port, dropped).await;
        let url = owned
            .url()
            .replace(&format!(":{port}/"), &format!(":{between}/"));
        let url = format!("{url}?sslmode=disable");
        let refused = attach(&url, allow_writes).await.unwrap_err().to_string();
        assert!(refused.contains(dropped), "{refused}");
    }
    let between = between(port, "search_path").await;
    let url = owned
        .url()
        .replace(&format!(":{port}/"), &format!(":{between}/"));
    let cluster = attach(&format!("{url}?sslmode=disable"), true)
        .await
        .unwrap();
    let refused = cluster.start_afresh().await.unwrap_err().to_string();
    assert!(refused.contains("looks in `public`"), "{refused}");
    cluster.end().await.unwrap();
    drop(cluster);
    owned.end().await;
}

/// Listens, and hands on to a server's port what comes, but for a parameter of the connection that it drops.
async fn between(server: u16, dropped: &'static str) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let length = client.read_u32().await.unwrap();
                let mut rest = vec![0; usize::try_from(length).unwrap() - 4];
                client.read_exact(&mut rest).await.unwrap();
                let (version, parameters) = rest.split_at(4);
                let mut message = version.to_vec();
                let mut words = parameters.split(|byte| *byte == 0);
                while let (Some(name), Some(value)) = (words.next(), words.next()) {
                    if !name.is_empty() && name != dropped.as_bytes() {
                        message.extend([name, b"\0", value, b"\0"].concat());
                    }
                }
                message.push(0);
                let mut server = TcpStream::connect(("127.0.0.1", server)).await.unwrap();
                let length = u32::try_from(message.len() + 4).unwrap();
                server.write_u32(length).await.unwrap();
                server.write_all(&message).await.unwrap();
                // Either side may go first.
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    port
}

#[tokio::test(flavor = "multi_thread")]
async fn tours_go_where_they_belong() {
    let owned = Owned::emulated().await;
    let home = home();
    let url = owned.url();
    for (arguments, words) in [
        (vec!["play", "guest"], "runs on one of yours"),
        (vec!["up", "guest"], "runs on one of yours"),
        (vec!["play", "guest", "--url", &url], "--allow-writes"),
        (
            vec!["play", "journey", "--url", &url, "--allow-writes"],
            "needs a cluster of its own",
        ),
    ] {
        let refused = run(home.path(), &arguments, &[]);
        assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
        assert!(text(&refused).contains(words), "{}", text(&refused));
    }
    owned.end().await;
}
