//! Load on real servers: what it says that it wrote is what was written, and nothing of it is left.

use std::time::Duration;

use citus_tour::runtime::Act;
use citus_tour::workload::{Load, LoadInterval, LoadPlan, LoadReport, Mix, Pacing, Workload};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::bench::Bench;
use crate::support::{Cluster, DEADLINE, Engine};

const WRITES: Mix = Mix {
    reads: 0,
    writes: 1,
    reports: 0,
};

fn plan(workload: Workload) -> LoadPlan {
    LoadPlan {
        clients: 4,
        pacing: Pacing::Open { rate: 50.0 },
        deadline: DEADLINE,
        ..LoadPlan::new(workload)
    }
}

async fn start(bench: &Bench, plan: LoadPlan) -> (Load, mpsc::Receiver<LoadInterval>) {
    let (sender, intervals) = mpsc::channel(64);
    let view = bench.view().await;
    let load = Load::start(&bench.target("coordinator"), &view, plan, sender)
        .await
        .unwrap();
    (load, intervals)
}

/// Waits for a second of which `holds` is true.
async fn until(
    intervals: &mut mpsc::Receiver<LoadInterval>,
    holds: impl Fn(&LoadInterval) -> bool,
) -> LoadInterval {
    let mut last = None;
    let seen = timeout(DEADLINE, async {
        loop {
            let interval = intervals.recv().await.unwrap();
            if holds(&interval) {
                return interval;
            }
            last = Some(interval);
        }
    });
    let seen = seen.await;
    seen.unwrap_or_else(|_| panic!("never came; last: {last:#?}"))
}

/// Everything that was due is accounted for.
fn assert_sums(report: &LoadReport) {
    let ended = report.done + report.failed;
    assert_eq!(
        report.offered,
        ended + report.dropped + report.unfinished,
        "{report}"
    );
    let classes: u64 = report.by_class.iter().map(|line| line.done).sum();
    let statements: u64 = report.by_statement.iter().map(|line| line.done).sum();
    let seconds: u64 = report.intervals.iter().map(|second| second.done).sum();
    assert_eq!(
        (classes, statements, seconds),
        (report.done, report.done, report.done)
    );
    let distribution: u64 = report.distribution.iter().map(|bucket| bucket.count).sum();
    assert_eq!(distribution, ended);
}

#[tokio::test]
async fn load_does_what_it_says_on_the_emulation() {
    load_does_what_it_says(Cluster::start(Engine::Emulation).await).await;
}

#[tokio::test]
async fn load_does_what_it_says_on_citus() {
    if let Some(cluster) = Cluster::start_citus().await {
        load_does_what_it_says(cluster).await;
    }
}

async fn load_does_what_it_says(cluster: Cluster) {
    let mut bench = Bench::new(cluster).await;
    bench.chat().await;
    bench.shop().await;
    writes_what_it_counts(&mut bench).await;
    ends_at_once(&mut bench).await;
    tells_of_a_frozen_worker(&mut bench).await;
    bench.assert_nobody_is_connected().await;
    bench.cluster.end().await;
}

async fn writes_what_it_counts(bench: &mut Bench) {
    for (workload, table, pacing) in [
        (Workload::Chat, "messages", Pacing::Open { rate: 50.0 }),
        (Workload::Shop, "orders", Pacing::Closed { rate: None }),
        (
            Workload::Shop,
            "orders",
            Pacing::Closed { rate: Some(20.0) },
        ),
    ] {
        let before = bench.count(table).await;
        let plan = LoadPlan {
            pacing,
            ..plan(workload)
        };
        let (load, mut intervals) = start(bench, plan).await;
        until(&mut intervals, |second| {
            second.by_class.values().all(|tally| tally.done > 0) || second.second > 5
        })
        .await;
        let report = load.stop().await;
        // A busy machine may drop some.
        assert_eq!(report.failed, 0, "{report}");
        assert_sums(&report);
        assert!(report.rows_written > 0, "{report}");
        // One that was given up may have been written all the same.
        let written = bench.count(table).await - before;
        let counted = report.rows_written..=report.rows_written + report.unfinished;
        assert!(counted.contains(&written), "{written} rows, {report}");
        let nodes: Vec<&str> = report
            .by_node
            .iter()
            .map(|line| line.name.as_str())
            .collect();
        assert_eq!(nodes, ["worker1", "worker2"]);
    }
}

/// Statements that wait for a lock are cancelled, and no connection is left.
async fn ends_at_once(bench: &mut Bench) {
    bench.run("BEGIN").await;
    bench
        .run("LOCK TABLE messages IN ACCESS EXCLUSIVE MODE")
        .await;
    let plan = LoadPlan {
        mix: WRITES,
        ..plan(Workload::Chat)
    };
    let (load, mut intervals) = start(bench, plan).await;
    // Four clients wait, four times as many wait for a client, and the others are dropped and counted.
    let stuck = until(&mut intervals, |second| second.dropped > 0).await;
    assert_eq!((stuck.total.ended(), stuck.in_flight), (0, 20));
    assert!(stuck.total.latency.is_none());
    assert!(stuck.oldest.unwrap() > Duration::from_millis(500));
    let report = load.stop().await;
    assert_eq!(report.unfinished, 20);
    assert_sums(&report);
    bench.assert_nobody_is_connected().await;
    bench.run("ROLLBACK").await;
}

async fn tells_of_a_frozen_worker(bench: &mut Bench) {
    let (load, mut intervals) = start(bench, plan(Workload::Shop)).await;
    until(&mut intervals, |second| {
        second.by_node.values().all(|tally| tally.done > 0)
    })
    .await;
    bench.act(Act::Freeze, "worker2").await;
    let stuck = until(&mut intervals, |second| {
        second.oldest > Some(Duration::from_secs(1))
    })
    .await;
    assert!(stuck.in_flight > 0);
    bench.act(Act::Thaw, "worker2").await;
    until(&mut intervals, |second| {
        second
            .by_node
            .get("worker2")
            .is_some_and(|tally| tally.done > 0)
            && second.oldest < Some(Duration::from_secs(1))
    })
    .await;
    let report = load.stop().await;
    assert_sums(&report);
    let total = report.total.latency.unwrap();
    assert!(total.max > 1_000.0, "{report}");
}
