//! `experiment` on a kept cluster, `node` on several nodes at once, and both as actions of a lesson.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::bench::{Bench, assert_plain};

fn states(bench: &Bench) -> Vec<String> {
    let status: Value = serde_json::from_str(&bench.well(&["status", "--json"])).unwrap();
    let nodes = status["nodes"].as_array().unwrap();
    let state = |node: &Value| format!("{} {}", node["name"], node["up"]);
    nodes.iter().map(state).collect()
}

#[test]
fn a_kept_cluster_is_broken_by_a_plan_and_put_back() {
    let bench = Bench::new();
    bench.well(&["up", "--at", "questions-and-shards"]);
    for (plan, words) in [
        ("kil worker1 at 2 s", "there is no act `kil`"),
        ("kill worker1", "`kill worker1` does not say when"),
        ("kill worker9 at 1 s", "no node `worker9`"),
    ] {
        let refused = bench.run(&["experiment", plan]);
        refused.assert_refused(2, &[words]);
    }
    bench
        .run(&["experiment", "kill worker1 at 5 s", "--for", "5s"])
        .assert_refused(2, &["watch it longer"]);
    bench
        .run(&["experiment", "kill worker1 at 1 s", "--with-load", "moon"])
        .assert_refused(2, &["no load for the tour `moon`"]);

    bench
        .run(&[
            "experiment",
            "kill worker1 at 1 s",
            "--markdown",
            "/nowhere/report.md",
        ])
        .assert_refused(1, &["could not be written to /nowhere/report.md"]);
    let file = bench.home().join("report.md");
    let plan = "kill worker2 at 2 s, back at 8 s";
    let json = bench.well(&[
        "experiment",
        plan,
        "--for",
        "12s",
        "--json",
        "--markdown",
        file.to_str().unwrap(),
    ]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["plan"], "kill worker2 at 2s, back at 8s");
    assert_eq!(report["called_off"], false);
    assert_eq!(report["turns"][1]["act"], "kill worker2");
    assert_eq!(report["turns"][2]["act"], "restart worker2");
    let rows = report["turns"][1]["rows"].as_array().unwrap();
    let dark = |row: &&Value| row["statement"] == "tenant-read" && row["observed"] == "fails";
    assert_eq!(rows.iter().filter(dark).count(), 4, "{json}");
    let page = std::fs::read_to_string(file).unwrap();
    assert!(
        page.starts_with("# Experiment: kill worker2 at 2s"),
        "{page}"
    );
    assert!(page.contains("**kill worker2**"), "{page}");

    // Asked to end in the middle: what is broken is put back, and what was seen is told.
    let mut running = bench.start(&[
        "experiment",
        "kill worker1 and worker2 at 0 s, back at 60 s",
    ]);
    running.wait_for("predicted: ");
    bench
        .run(&["experiment", "kill worker1 at 1 s"])
        .assert_refused(1, &["another experiment runs on this cluster"]);
    kill(Pid::from_raw(running.id()), Signal::SIGINT).unwrap();
    let answer = running.answer();
    assert_eq!(answer.code, Some(4), "{answer:#?}");
    assert!(answer.out.contains("called off after"), "{answer:#?}");
    assert_plain(&answer.out);
    for line in answer.out.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let status = states(&bench);
    assert!(
        status[1].ends_with("true") && status[2].ends_with("true"),
        "{status:?}"
    );

    let both = bench.well(&["node", "kill", "worker1", "worker2"]);
    assert_eq!(both, "worker1: kill done\nworker2: kill done\n");
    let status = states(&bench);
    assert!(
        status[1].ends_with("false") && status[2].ends_with("false"),
        "{status:?}"
    );
    bench.well(&["down"]);
    bench.assert_clean();
}

#[test]
fn a_lesson_breaks_and_loads_what_it_teaches_about() {
    let bench = Bench::new();
    let lessons = bench.lessons(
        "## Break it\n\n\
         ```console action=kill node=worker1,worker2\n$ citus-tour node kill worker1 worker2\n```\n\n\
         ```console action=restart node=worker1,worker2\n$ citus-tour node restart worker1 worker2\n```\n\n\
         ```console action=experiment plan=\"kill worker2 at 1s, back at 5s\" for=8s\n\
         $ citus-tour experiment \"kill worker2 at 1s, back at 5s\" --for 8s\n```\n",
    );
    let answer = bench.run(&["play", "try", "--lessons", &lessons, "--ascii"]);
    assert_eq!(answer.code, Some(0), "{answer:#?}");
    assert_eq!(answer.last_line(), "3 passed, 0 failed");
    for words in [
        "- kill worker2",
        "What happened",
        "How available it was",
        "ok: nothing came otherwise than predicted",
    ] {
        assert!(answer.out.contains(words), "{words}: {answer:#?}");
    }
    assert_plain(&answer.out);
    bench.assert_clean();

    // Nobody watches what comes before a place, so that it takes no time; what it leaves broken is broken.
    let lessons = bench.lessons(
        "## Break it\n\n\
         ```console action=experiment plan=\"kill worker1 and worker2 at 100s, back worker1 at 200s\" for=250s\n\
         $ citus-tour experiment \"kill worker1 and worker2 at 100s, back worker1 at 200s\" --for 250s\n```\n\n\
         ## Mend it\n\n\
         ```console action=restart node=worker2\n$ citus-tour node restart worker2\n```\n",
    );
    let at = ["play", "try", "--lessons", &lessons, "--at", "one/mend-it"];
    let answer = bench.run(&at);
    assert_eq!(answer.code, Some(0), "{answer:#?}");
    // Plain servers: up, and in no cluster.
    assert!(
        answer.out.contains("worker2 is not in the cluster"),
        "{answer:#?}"
    );
    assert!(!answer.out.contains("worker1 is"), "{answer:#?}");
    bench.assert_clean();
}
