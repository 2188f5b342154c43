//! `load`, as somebody at a shell meets it.

use std::time::Instant;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::bench::{Bench, DEADLINE, assert_plain};

/// No row of the journey has a number as large.
const WRITTEN: &str = "SELECT count(*) > 0 FROM orders WHERE order_id > 1000000";
const GONE: &str =
    "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'citus-tour workload'";

fn wait_until(bench: &Bench, question: &str) {
    let deadline = Instant::now() + DEADLINE;
    while bench.run(&["psql", "--", "-XAtc", question]).out.trim() != "t" {
        assert!(Instant::now() < deadline, "never: {question}");
    }
}

#[test]
fn load_is_put_on_a_kept_cluster_until_it_is_asked_to_end() {
    let bench = Bench::new();
    bench.well(&["up"]);
    bench.run(&["load"]).assert_refused(
        2,
        &["the tables of no workload", "rooms, room_members, messages"],
    );
    bench
        .run(&["load", "nothing"])
        .assert_refused(2, &["no workload `nothing`"]);
    bench
        .run(&["load", "chat"])
        .assert_refused(2, &["needs the table rooms"]);
    bench
        .run(&["load", "--mix", "all"])
        .assert_refused(2, &["is no mix"]);
    bench
        .run(&["load", "--rate", "0"])
        .assert_refused(2, &["--rate"]);
    bench
        .run(&["load", "--mix", "reads=1,reads=2"])
        .assert_refused(2, &["each named once"]);
    bench
        .run(&["load", "--clients", "1000"])
        .assert_refused(2, &["1000 clients are more", "Use --clients"]);
    bench.well(&["node", "freeze", "coordinator"]);
    bench
        .run(&["load"])
        .assert_refused(3, &["coordinator did not answer", "thaw"]);
    let unread = bench.well(&["survival"]);
    assert!(
        unread.contains("the metadata could not be read"),
        "{unread}"
    );
    bench.well(&["node", "thaw", "coordinator"]);

    bench.well(&[
        "psql",
        "--",
        "-Xqc",
        include_str!("../../sql/schema/journey.sql"),
    ]);
    bench.well(&["seed"]);
    let json = bench.run(&[
        "load",
        "journey",
        "--mix",
        "reads",
        "--for",
        "1s",
        "--json",
        "--clients",
        "4",
    ]);
    assert_eq!(json.code, Some(0), "{json:#?}");
    let report: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(report["workload"], "shop");
    assert_eq!(report["tenants"], 1_000);
    assert_eq!(report["failed"], 0, "{report:#}");
    assert!(report["done"].as_u64().unwrap() > 0, "{report:#}");

    let running = bench.start(&["load"]);
    wait_until(&bench, WRITTEN);
    kill(Pid::from_raw(running.id()), Signal::SIGINT).unwrap();
    let answer = running.answer();
    assert_eq!(answer.code, Some(0), "{answer:#?}");
    for words in ["shop for ", "open loop", " were due: ", "rows written"] {
        assert!(answer.out.contains(words), "{words}: {answer:#?}");
    }
    assert_plain(&answer.out);
    wait_until(&bench, GONE);
    bench.well(&["down"]);
    bench.assert_clean();
}
