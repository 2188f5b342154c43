//! Clusters that are kept: `up`, everything that can be done to them, `down`.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::bench::{Answer, Bench, DEADLINE, assert_plain, finish};
use crate::machine::embedded_bindir;

/// What `status --json` says, once it says what is waited for.
fn status_when(bench: &Bench, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
    let deadline = Instant::now() + DEADLINE;
    loop {
        let status: Value = serde_json::from_str(&bench.well(&["status", "--json"])).unwrap();
        if holds(&status) {
            return status;
        }
        assert!(Instant::now() < deadline, "not {what} in time: {status:#}");
    }
}

fn node<'a>(status: &'a Value, name: &str) -> &'a Value {
    let nodes = status["nodes"].as_array().unwrap();
    nodes.iter().find(|node| node["name"] == name).unwrap()
}

/// One value, through psql.
fn value(bench: &Bench, sql: &str) -> Answer {
    bench.run(&["psql", "--", "-XAtc", sql])
}

/// A command that reads this to its end.
fn with_input(mut command: Command, text: &str) -> Answer {
    let (reader, mut writer) = std::io::pipe().unwrap();
    // As short as this it fits into the pipe.
    writer.write_all(text.as_bytes()).unwrap();
    drop(writer);
    command.stdin(Stdio::from(reader));
    finish(command)
}

#[test]
fn a_kept_cluster_from_its_first_lesson_to_its_end() {
    let bench = Bench::new();
    let up = bench.well(&["up"]);
    for words in [
        "coordinator",
        "worker1",
        "worker2",
        "worker3",
        "It runs until `citus-tour down --cluster journey`",
    ] {
        assert!(up.contains(words), "{words}: {up}");
    }

    let empty = bench.run(&["seed"]);
    empty.assert_refused(
        1,
        &["need its tables", "relation \"regions\" does not exist"],
    );
    bench
        .run(&["seed", "nowhere"])
        .assert_refused(2, &["`nowhere` has no rows"]);
    bench
        .run(&["up"])
        .assert_refused(3, &["already called `journey`", "citus-tour down"]);

    assert_eq!(value(&bench, "SELECT 40 + 2").out, "42\n");
    assert_ne!(value(&bench, "SELECT nothing").code, Some(0));
    let answer = with_input(
        bench.command(&["psql", "worker1", "--", "-XAt"]),
        "SHOW port;\n",
    );
    let status = status_when(&bench, "everybody up", |status| {
        ["coordinator", "worker1", "worker2"]
            .iter()
            .all(|name| node(status, name)["up"] == true)
    });
    assert_eq!(
        answer.out.trim(),
        node(&status, "worker1")["port"].to_string()
    );
    bench
        .run(&["psql", "nobody"])
        .assert_refused(2, &["no node `nobody`"]);

    assert_eq!(status["cluster"], "journey");
    assert_eq!(status["engine"], "emulation");
    assert_eq!(node(&status, "worker3")["state"], "not started");
    let text = bench.well(&["status"]);
    for words in ["node", "may hold", "coordinator", "not started", "main"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_plain(&text);
    assert!(text.contains('●'), "{text}");
    assert!(!bench.well(&["status", "--ascii"]).contains('●'));

    let log = bench.well(&["logs", "worker1", "-n", "3"]);
    assert_eq!(log.lines().count(), 3, "{log}");
    bench
        .run(&["logs", "nobody"])
        .assert_refused(2, &["no node `nobody`"]);

    bench
        .run(&["down", "--cluster", "nowhere"])
        .assert_refused(3, &["no kept cluster is called `nowhere`", "journey"]);
    assert_eq!(bench.clusters().len(), 1);
    let down = bench.well(&["down"]);
    assert!(down.contains("the cluster `journey` is ended"), "{down}");
    bench.assert_clean();
    bench.run(&["down"]).assert_refused(3, &["citus-tour up"]);
}

/// Eight groups with a single copy on two workers, and nothing is broken for it.
fn survival_is_told(bench: &Bench) {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = bench.well(&["survival", "--fail", "worker1"]);
    assert_plain(&text);
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    // Lines are broken where they are full.
    let text = words(&text);
    for words in [
        "tenant reads fails groups 1, 3, 5, 7 of",
        "works groups 2, 4, 6, 8 of",
        "worker1 is down: it holds the only copy",
        "worker1 is down: this goes to every active node",
        "of 2 workers that serve now",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let named = words(&bench.well(&["survival", "--failures", "1"]));
    assert!(
        named.contains("not worker2: groups 2, 4, 6, 8 of"),
        "{named}"
    );

    let json = bench.well(&["survival", "--freeze", "worker1,worker2", "--json"]);
    let told: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(told["failed"]["worker2"], "frozen");
    let predictions = told["predictions"].as_array().unwrap();
    let reads: Vec<&Value> = predictions
        .iter()
        .filter(|it| it["kind"] == "tenant-read")
        .collect();
    assert_eq!(reads.len(), 8);
    assert!(reads.iter().all(|it| it["outcome"] == "waits"), "{json}");
    assert_eq!(told["failures"][0]["survive"], 1);
    assert_eq!(told["failures"][1]["survive"], 0);
    bench
        .run(&["survival", "--fail", "nobody"])
        .assert_refused(2, &["no node `nobody`", "worker2"]);
}

#[test]
fn every_act_on_a_node_shows_in_its_status() {
    let bench = Bench::new();
    bench.well(&["up", "--at", "questions-and-shards"]);
    let state = |name: &'static str, wanted: &'static str| {
        status_when(&bench, wanted, move |status| {
            node(status, name)["state"] == wanted
        })
    };
    let ended = |name: &'static str| {
        status_when(&bench, "ended", move |status| {
            node(status, name)["up"] == false
        })
    };
    // On a busy machine it may be called slow.
    let serves = |name: &'static str| {
        status_when(&bench, "up", move |status| {
            let node = node(status, name);
            node["up"] == true && node["active"] == true
        })
    };

    let status = serves("worker1");
    assert_eq!(node(&status, "worker1")["active"], true);
    assert_eq!(node(&status, "worker1")["metadata_synced"], true);
    assert_eq!(node(&status, "worker1")["should_have_shards"], true);
    let tables = status["tables"].as_array().unwrap();
    let orders = tables
        .iter()
        .find(|table| table["name"] == "orders")
        .unwrap();
    assert_eq!(orders["distribution_column"], "user_id");
    assert_eq!(orders["shard_count"], 8);
    let placements = status["placements"].as_array().unwrap();
    assert_eq!(
        placements
            .iter()
            .filter(|placement| placement["table"] == "orders")
            .count(),
        8
    );
    assert_eq!(value(&bench, "SELECT count(*) FROM orders").out, "10000\n");

    survival_is_told(&bench);

    let down = |answer: &str| answer.to_owned() + " done\n";
    assert_eq!(
        bench.well(&["node", "kill", "worker1"]),
        down("worker1: kill")
    );
    ended("worker1");
    assert_ne!(value(&bench, "SELECT count(*) FROM orders").code, Some(0));
    bench.well(&["node", "start", "worker1"]);
    serves("worker1");

    bench.well(&["node", "freeze", "worker2"]);
    let frozen = state("worker2", "frozen");
    assert_eq!(node(&frozen, "worker2")["up"], false);
    bench
        .run(&["node", "start", "worker2"])
        .assert_refused(1, &["it is frozen", "Thaw it"]);
    bench.well(&["node", "thaw", "worker2"]);
    serves("worker2");
    bench.well(&["node", "freeze", "worker2"]);
    bench.well(&["node", "restart", "worker2"]);
    serves("worker2");

    let holder = bench.well(&["node", "restart", "@tenant(42)"]);
    assert!(holder.starts_with("worker"), "{holder}");
    serves("worker1");
    serves("worker2");
    assert_eq!(value(&bench, "SELECT count(*) FROM orders").out, "10000\n");

    bench.well(&["node", "add", "worker3"]);
    status_when(&bench, "added", |status| {
        node(status, "worker3")["up"] == true
    });
    bench.well(&["node", "destroy", "worker3"]);
    ended("worker3");

    bench
        .run(&["node", "kill", "nobody"])
        .assert_refused(2, &["no node `nobody`"]);
    bench
        .run(&["node", "kill", "@tenant("])
        .assert_refused(2, &["names no node", "@tenant(42)"]);
    bench.well(&["node", "stop", "worker1"]);
    ended("worker1");
    bench.well(&["down"]);
    bench.assert_clean();
}

#[test]
fn two_clusters_live_beside_each_other() {
    let bench = Bench::new();
    bench.well(&["up", "--cluster", "one"]);
    bench.well(&["up", "--cluster", "two"]);
    bench
        .run(&["status"])
        .assert_refused(2, &["several clusters are kept", "one", "two", "--cluster"]);
    bench.run(&["psql"]).assert_refused(2, &["--cluster"]);
    bench.run(&["down"]).assert_refused(2, &["--cluster"]);
    bench
        .run(&["up", "--cluster", "one"])
        .assert_refused(3, &["already called `one`"]);

    let create =
        |cluster: &str, sql: &str| bench.well(&["psql", "--cluster", cluster, "--", "-XAtc", sql]);
    create("one", "CREATE TABLE mine (id int)");
    assert_eq!(create("two", "SELECT to_regclass('mine') IS NULL"), "t\n");

    let named: Value =
        serde_json::from_str(&bench.well(&["status", "--json", "--cluster", "two"])).unwrap();
    assert_eq!(named["cluster"], "two");
    bench.well(&["down", "--cluster", "one"]);
    assert!(
        bench
            .well(&["psql", "--", "-XAtc", "SELECT 1"])
            .contains('1'),
        "the only one needs no name"
    );
    bench.well(&["up", "--cluster", "one"]);
    let all = bench.well(&["down", "--all"]);
    assert!(all.contains("`one`") && all.contains("`two`"), "{all}");
    bench.assert_clean();
    assert_eq!(bench.well(&["down", "--all"]), "", "nothing is left to end");
}

/// Citus deals shards out in the order of ports, and two homes know nothing of each other's.
#[test]
fn two_starts_at_once_leave_the_ports_in_the_order_of_the_nodes() {
    let benches = [Bench::new(), Bench::new()];
    let starts = benches.each_ref().map(|bench| bench.start(&["up"]));
    for start in starts {
        let answer = start.answer();
        assert_eq!(answer.code, Some(0), "{answer:#?}");
    }
    for bench in &benches {
        let status: Value = serde_json::from_str(&bench.well(&["status", "--json"])).unwrap();
        let nodes = ["coordinator", "worker1", "worker2", "worker3"];
        let ports = nodes.map(|name| node(&status, name)["port"].as_u64().unwrap());
        assert!(ports.is_sorted(), "{ports:?}");
        bench.well(&["down"]);
        bench.assert_clean();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_psql_a_prompt_of_our_own_reads_the_input() {
    let Some(bindir) = embedded_bindir().await else {
        return;
    };
    assert!(
        !bindir.join("psql").exists(),
        "npm's PostgreSQL has no psql"
    );
    let bench = Bench::on(bindir, "emulation");
    bench.well(&["up"]);
    let mut command = bench.command(&["psql", "worker1"]);
    command.env("PATH", bench.home());
    let answer = with_input(
        command,
        "SELECT 40 +\n 2 AS sum; SELECT nothing;\nSELECT chr(27) AS raw",
    );
    assert_eq!(answer.code, Some(1), "one of them failed: {answer:#?}");
    assert!(
        answer.out.contains(" sum \n-----\n  42\n(1 row)"),
        "{answer:#?}"
    );
    assert!(
        answer.out.contains("column \"nothing\" does not exist"),
        "{answer:#?}"
    );
    assert!(
        answer.out.contains(" raw "),
        "the last one needs no semicolon: {answer:#?}"
    );
    assert_plain(&answer.out);
    let mut command = bench.command(&["psql", "--", "-c", "SELECT 1"]);
    command.env("PATH", bench.home());
    finish(command).assert_refused(2, &["no psql on this machine", "install"]);
    bench.well(&["down"]);
    bench.assert_clean();
}
