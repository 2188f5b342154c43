//! Probes against faults: what they see is what is predicted, and nothing of them is left.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use citus_tour::cluster::{Fault, Outcome, StatementKind, Subject, View, predictions};
use citus_tour::postgres::{ApplicationName, Session};
use citus_tour::runtime::Act;
use citus_tour::workload::{
    Acquaintance, Availability, Batch, Mark, MarkKind, Pace, Probes, Window, probe_specs,
};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::bench::Bench;
use crate::support::{Cluster, DEADLINE, Engine};

struct Probing {
    _probes: Probes,
    batches: mpsc::Receiver<Batch>,
    availability: Availability,
    last: Option<Batch>,
}

impl Probing {
    async fn start(bench: &Bench, view: &View) -> Self {
        let target = bench.target("coordinator");
        let mut session = Session::connect(&target, ApplicationName::Workload, DEADLINE)
            .await
            .unwrap();
        let known = Acquaintance::make(&mut session, view, DEADLINE)
            .await
            .unwrap();
        assert!(known.tenants.values().all(|tenant| tenant.has_rows));
        let (sender, batches) = mpsc::channel(16);
        let specs = probe_specs(view, &known);
        let mut availability = Availability::new(Instant::now(), Duration::from_millis(250));
        for spec in &specs {
            availability.expect(spec.subject);
        }
        let probes = Probes::start(target, bench.workers(), specs, Pace::default(), sender);
        Self {
            _probes: probes,
            batches,
            availability,
            last: None,
        }
    }

    /// Waits until probes that were to start after `from` have had these outcomes.
    async fn until(&mut self, from: Instant, expected: &BTreeMap<Subject, Outcome>) {
        let seen = timeout(DEADLINE, async {
            loop {
                let batch = self.batches.recv().await.unwrap();
                self.availability.take(&batch);
                self.last = Some(batch);
                if self.outcomes(from) == *expected {
                    return;
                }
            }
        });
        let seen = seen.await;
        seen.unwrap_or_else(|_| {
            let outcomes = self.outcomes(from);
            let differing: Vec<_> = expected
                .iter()
                .filter(|(subject, outcome)| outcomes.get(subject) != Some(outcome))
                .map(|(subject, outcome)| (subject, outcome, outcomes.get(subject)))
                .collect();
            panic!(
                "never came: {differing:#?}
last: {:?}",
                self.last
            );
        });
    }

    fn outcomes(&self, from: Instant) -> BTreeMap<Subject, Outcome> {
        let window = Window::new(from, Instant::now());
        let tracks = self.availability.tracks();
        tracks
            .filter_map(|(subject, track)| Some((subject, track.outcome(window)?)))
            .collect()
    }

    fn mark(&mut self, kind: MarkKind, node: &str) -> Instant {
        let mark = Mark::new(Instant::now(), kind, node);
        let at = mark.at;
        self.availability.mark(mark);
        at
    }
}

/// What is predicted of everything that is asked.
fn predicted(view: &View, faults: &[(&str, Fault)]) -> BTreeMap<Subject, Outcome> {
    let faults = faults
        .iter()
        .map(|(node, fault)| ((*node).to_owned(), *fault))
        .collect();
    predictions(view, &faults)
        .into_iter()
        .filter(|one| one.subject.kind != StatementKind::Rebalance)
        .map(|one| (one.subject, one.outcome))
        .collect()
}

#[tokio::test]
async fn faults_are_seen_as_they_are_predicted_on_the_emulation() {
    faults_are_seen(Cluster::start(Engine::Emulation).await).await;
}

#[tokio::test]
async fn faults_are_seen_as_they_are_predicted_on_citus() {
    if let Some(cluster) = Cluster::start_citus().await {
        faults_are_seen(cluster).await;
    }
}

async fn faults_are_seen(cluster: Cluster) {
    let mut bench = Bench::new(cluster).await;
    bench.shop().await;
    let before = bench.sums().await;
    let view = bench.view().await;
    let mut probing = Probing::start(&bench, &view).await;
    let well = predicted(&view, &[]);
    assert!(well.values().all(|outcome| *outcome == Outcome::Works));
    let started = probing.availability.started();
    probing.until(started, &well).await;

    let killed = probing.mark(MarkKind::Kill, "worker2");
    bench.act(Act::Kill, "worker2").await;
    let dead = predicted(&view, &[("worker2", Fault::Dead)]);
    probing.until(killed, &dead).await;
    let failing: Vec<Subject> = dead
        .iter()
        .filter(|(_, outcome)| !outcome.succeeds())
        .map(|(subject, _)| *subject)
        .collect();
    let tenants = failing.iter().filter(|subject| subject.group.is_some());
    assert_eq!(tenants.count(), 4, "two of four groups, read and written");
    for subject in &failing {
        let track = probing.availability.of(*subject).unwrap();
        assert!(track.first_failure_after(killed).is_some(), "{subject:?}");
        let (code, message) = track.last_failure().unwrap();
        assert!(
            code.starts_with("08") || code == "57P01",
            "{code} {message}"
        );
    }

    let restarted = probing.mark(MarkKind::Restart, "worker2");
    bench.act(Act::Restart, "worker2").await;
    let back = Instant::now();
    probing.until(back, &well).await;
    for subject in &failing {
        let track = probing.availability.of(*subject).unwrap();
        assert!(track.recovery_after(restarted).is_some(), "{subject:?}");
        let outages = track.outages();
        let mut before = outages.iter().filter(|outage| outage.start < restarted);
        assert!(before.all(|outage| outage.end.is_some()), "{subject:?}");
    }

    let frozen = probing.mark(MarkKind::Freeze, "worker2");
    bench.act(Act::Freeze, "worker2").await;
    let waits = predicted(&view, &[("worker2", Fault::Frozen)]);
    assert!(waits.values().any(|outcome| *outcome == Outcome::Waits));
    probing.until(frozen, &waits).await;
    let last = probing.last.take().unwrap();
    assert!(last.outstanding.len() > 3, "{:?}", last.outstanding);
    // What they hold on the worker that answers is in nobody's way.
    for group in view.groups.iter().filter(|group| {
        let holder = group
            .holders()
            .first()
            .and_then(|id| view.node_of_group(*id));
        holder.is_some_and(|node| node.name == "worker1") && group.key.apart == 0
    }) {
        let subject = Subject::of_group(StatementKind::TenantWrite, group.key);
        assert_eq!(waits.get(&subject), Some(&Outcome::Works));
    }
    bench.act(Act::Thaw, "worker2").await;
    probing.until(Instant::now(), &well).await;

    drop(probing);
    bench.assert_nobody_is_connected().await;
    assert_eq!(bench.sums().await, before);
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname = 'citus_tour_probe'";
    assert_eq!(bench.run(schemas).await.as_deref(), Some("0"));
    bench.cluster.end().await;
}
