//! Tours on somebody's own cluster: in a schema of their own, beside tables of the same names, and gone without a trace.

use std::process::{Child, Stdio};

use citus_tour::runtime::Runtime;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::time::Instant;

use crate::owned::{Owned, PASSWORD, READER, attach};
use crate::program::{command, home, run, text};
use crate::support::DEADLINE;

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
    assert_eq!(owned.lesson_schemas().await, [""; 0]);
    assert_eq!(fingerprint(owned).await, before);
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
    assert_eq!(owned.lesson_schemas().await, [""; 0]);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_tour_left_is_found_and_removed_and_nothing_else() {
    let mut owned = Owned::emulated().await;
    let home = home();
    let url = owned.url();
    let mut child = under_way(&mut owned, home.path()).await;
    let killed = owned.lesson_schemas().await;
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
    assert_eq!(owned.lesson_schemas().await, expected);
    let down = run(home.path(), &["down", "--url", &url], &[]);
    assert!(
        text(&down).contains("left nothing behind"),
        "{}",
        text(&down)
    );
    other.end().await.unwrap();
    assert_eq!(owned.lesson_schemas().await, ["citus_tour_00000000"]);
    drop(other);
    owned.end().await;
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
