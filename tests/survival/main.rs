//! What is predicted of six workers is what happens: every subset of them is killed, and then every kind of statement is tried.
//! On the emulation always, on Citus where `CITUS_TOUR_TEST_CITUS_BINDIR` names a PostgreSQL that has it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

#[expect(dead_code, reason = "other tests use more of it")]
#[path = "../support/mod.rs"]
mod support;

mod chat;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use citus_tour::cluster::{
    Comparison, Outcome, Reachability, StatementKind, Subject, View, compare, predictions, subsets,
};
use citus_tour::runtime::{Act, Runtime};

use chat::{Chat, WORKERS};
use support::Cluster;

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_of_six_workers_on_the_emulation() {
    let cluster = Cluster::start_tour("active-active").await;
    fail_in_every_way(&cluster).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_of_six_workers_on_citus() {
    let Some(cluster) = Cluster::start_tour_on_citus("active-active").await else {
        return;
    };
    fail_in_every_way(&cluster).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_workers_on_the_emulation() {
    let cluster = Cluster::start_tour("active-active").await;
    freeze(&cluster, FROZEN).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn frozen_workers_on_citus() {
    let Some(cluster) = Cluster::start_tour_on_citus("active-active").await else {
        return;
    };
    freeze(&cluster, &[FROZEN, FROZEN_AND_DEAD].concat()).await;
    cluster.end().await;
}

/// Who is frozen and who is dead.
type Failure = (&'static [&'static str], &'static [&'static str]);

const FROZEN: &[Failure] = &[(&["worker1"], &[]), (&["worker2", "worker3"], &[])];

/// Which of them a statement meets first decides how long it takes to fail. The emulation asks in an order of its own.
const FROZEN_AND_DEAD: &[Failure] = &[
    (&["worker1"], &["worker2"]),
    (&["worker2", "worker3"], &["worker6"]),
];

async fn freeze(cluster: &Cluster, failures: &[Failure]) {
    let mut chat = Chat::set_up(cluster).await;
    let mut report = String::new();
    for &(frozen, down) in failures {
        for node in frozen {
            cluster.runtime.act(Act::Freeze, node).await.unwrap();
        }
        for node in down {
            cluster.runtime.act(Act::Kill, node).await.unwrap();
        }
        let view = chat.view_with(down, frozen).await;
        let observed = chat.observe_apart(&view).await;
        let when = format!("{frozen:?} are frozen, {down:?} dead");
        hold(&view, &observed, &when, &mut report);
        for node in frozen {
            cluster.runtime.act(Act::Thaw, node).await.unwrap();
        }
        for node in down {
            cluster.runtime.act(Act::Start, node).await.unwrap();
        }
        chat.view_with(&[], &[]).await;
    }
    disable(cluster, &mut chat, &mut report).await;
    assert!(report.is_empty(), "{report}");
}

/// The first worker dies, is disabled, and comes back stale: whoever is second is the first then.
async fn disable(cluster: &Cluster, chat: &mut Chat<'_>, report: &mut String) {
    // What has a single copy keeps its node from being disabled.
    chat.run("DROP TABLE drafts").await;
    cluster.runtime.act(Act::Kill, "worker1").await.unwrap();
    let (host, port) = cluster.runtime.inside_address("worker1").unwrap();
    let disabling = format!("SELECT citus_disable_node('{host}', {port}, synchronous := true)");
    chat.run(&disabling).await;
    for (act, node, down) in [
        (None, "", &["worker1"][..]),
        (Some(Act::Kill), "worker2", &["worker1", "worker2"]),
        (Some(Act::Start), "worker1", &["worker2"]),
        (Some(Act::Start), "worker2", &[]),
        (Some(Act::Kill), "worker4", &["worker4"]),
    ] {
        if let Some(act) = act {
            cluster.runtime.act(act, node).await.unwrap();
        }
        let view = chat.view_with(down, &[]).await;
        let observed = chat.observe(&view).await;
        hold(
            &view,
            &observed,
            &format!("worker1 is disabled, {down:?} are dead"),
            report,
        );
    }
}

async fn fail_in_every_way(cluster: &Cluster) {
    let mut chat = Chat::set_up(cluster).await;
    let whole = chat.view().await;
    let mut report = String::new();
    // By how many workers are dead: how often all could be read.
    let mut survived = [0_u128; WORKERS.len() + 1];
    let mut dead = 0_u32;
    for step in 0..1_u32 << WORKERS.len() {
        // A Gray code: from one subset to the next, one worker dies or comes back.
        let next = step ^ (step >> 1);
        let changed = (dead ^ next).trailing_zeros();
        dead = next;
        if let Some(node) = WORKERS.get(changed as usize) {
            let dies = dead & (1 << changed) != 0;
            let act = if dies { Act::Kill } else { Act::Start };
            cluster.runtime.act(act, node).await.unwrap();
        }
        let down: Vec<&str> = WORKERS
            .iter()
            .enumerate()
            .filter(|(index, _)| dead & (1 << index) != 0)
            .map(|(_, node)| *node)
            .collect();
        let view = chat.view_with(&down, &[]).await;
        let observed = chat.observe(&whole).await;
        if observed[&Subject::whole(StatementKind::AllShardRead)] == Outcome::Works {
            survived[down.len()] += 1;
        }
        hold(&view, &observed, &format!("{down:?} are dead"), &mut report);
    }
    assert!(report.is_empty(), "{report}");
    for (failing, survived) in survived.into_iter().enumerate() {
        let counted = subsets(&whole, failing, 0);
        assert_eq!(counted.survive, Some(survived), "{failing} of six fail");
    }
}

/// Whether what was predicted is what was seen; what was not goes to the report.
fn hold(view: &View, observed: &BTreeMap<Subject, Outcome>, when: &str, report: &mut String) {
    let comparison: Comparison = compare(&predictions(view, &BTreeMap::new()), observed);
    assert!(comparison.not_predicted.is_empty(), "{comparison:?}");
    let missed = comparison.not_observed.iter();
    assert!(
        missed
            .clone()
            .all(|it| it.subject.kind == StatementKind::Rebalance),
        "{:?}",
        comparison.not_observed
    );
    for row in comparison
        .rows
        .iter()
        .filter(|row| row.predicted != row.observed)
    {
        let group = row.subject.group.and_then(|key| view.group(key));
        let reason = row.reason.as_ref().map(ToString::to_string);
        let _ = writeln!(
            report,
            "{when}: {} of group {:?}: predicted {:?}, seen {:?}; {reason:?}",
            row.subject.kind,
            group.map(|group| (group.ordinal, &group.shards[0].table.name)),
            row.predicted,
            row.observed,
        );
    }
}

/// These workers do not answer, all others do.
fn reachable(view: &View, down: &[&str], frozen: &[&str]) -> bool {
    WORKERS.iter().all(|name| {
        let reachability = view.node(name).map(|node| node.reachability);
        match reachability {
            Some(Reachability::Down) => down.contains(name),
            Some(Reachability::Frozen) => frozen.contains(name),
            Some(seen) => seen.answers() && !down.contains(name) && !frozen.contains(name),
            None => false,
        }
    })
}
