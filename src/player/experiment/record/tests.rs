use super::*;
use crate::{
    cluster::{Reachability, StatementKind, sample},
    workload::{Failure, Outstanding, Pace, Sample},
};

const SECOND: Duration = Duration::from_secs(1);

/// Time in steps of a probe's interval, with a record that hears of every subject at each.
struct Bench {
    start: Instant,
    now: Instant,
    record: Record,
    subjects: Vec<Subject>,
    pace: Pace,
}

impl Bench {
    fn new() -> Self {
        let view = sample::distributed(2, 4);
        let subjects: Vec<Subject> = predictions(&view, &BTreeMap::new())
            .into_iter()
            .map(|it| it.subject)
            .filter(|subject| subject.kind != StatementKind::Rebalance)
            .collect();
        let specs = subjects.iter().map(|subject| ProbeSpec {
            subject: *subject,
            tenant: subject.group.map(|_| "42".to_owned()),
            table: None,
            statement: String::new(),
        });
        let pace = Pace::default();
        let settling = Settling::new(&pace, subjects.len(), 3 * SECOND);
        let start = Instant::now();
        let record = Record::new(start, view, specs.collect(), settling);
        Self {
            start,
            now: start,
            record,
            subjects,
            pace,
        }
    }

    /// Lets time pass in which statements end as they are predicted to, but for those that `otherwise` knows better.
    fn pass(&mut self, time: Duration, otherwise: impl Fn(Subject) -> Option<Outcome>) {
        let end = self.now + time;
        let expected: BTreeMap<Subject, Outcome> = self
            .record
            .predictions()
            .iter()
            .map(|it| (it.subject, it.outcome))
            .collect();
        while self.now < end {
            let mut batch = Batch {
                at: self.now + self.pace.interval,
                samples: Vec::new(),
                outstanding: Vec::new(),
                dropped: Vec::new(),
            };
            for subject in &self.subjects {
                let outcome = otherwise(*subject).unwrap_or(expected[subject]);
                let failed = |expired| Failure {
                    code: "08006".to_owned(),
                    message: "the server is gone".to_owned(),
                    expired,
                };
                let (took, result) = match outcome {
                    Outcome::Works => (Duration::from_millis(2), Ok(())),
                    Outcome::Late => (3 * SECOND, Ok(())),
                    Outcome::Fails => (Duration::from_millis(2), Err(failed(false))),
                    Outcome::Waits => {
                        batch.outstanding.push(Outstanding {
                            subject: *subject,
                            since: self.now.checked_sub(4 * SECOND).unwrap_or(self.start),
                        });
                        continue;
                    }
                };
                batch.samples.push(Sample {
                    subject: *subject,
                    intended: self.now,
                    ended: self.now + took,
                    result,
                });
            }
            self.record.probed(&batch);
            self.now += self.pace.interval;
        }
    }

    fn act(&mut self, acts: &[(Act, &str)]) {
        self.record.acting(self.now);
        let begun = self.now;
        self.now += Duration::from_millis(50);
        let acts: Vec<_> = acts
            .iter()
            .map(|(act, node)| (*act, (*node).to_owned(), Ok(())))
            .collect();
        self.record.acted((begun, self.now), &acts);
    }

    fn finish(self) -> Incident {
        self.record
            .finish(self.now, "a plan".to_owned(), false, None)
    }
}

fn nothing(_: Subject) -> Option<Outcome> {
    None
}

#[test]
fn what_comes_as_predicted_gives_the_full_score() {
    let mut bench = Bench::new();
    bench.pass(2 * SECOND, nothing);
    bench.act(&[(Act::Kill, "worker1")]);
    bench.pass(4 * SECOND, nothing);
    bench.act(&[(Act::Restart, "worker1")]);
    bench.pass(3 * SECOND, nothing);
    let incident = bench.finish();
    assert!(incident.agrees(), "{incident}");
    assert_eq!(incident.score.not_seen, 0);
    assert_eq!(incident.score.right, incident.score.of);
    let turns: Vec<&str> = incident
        .turns
        .iter()
        .map(|turn| turn.act.as_str())
        .collect();
    assert_eq!(turns, ["", "kill worker1", "restart worker1"]);
    let killed = &incident.turns[1];
    let dark: Vec<Option<usize>> = killed
        .rows
        .iter()
        .filter(|row| {
            row.subject.kind == StatementKind::TenantRead && row.predicted == Outcome::Fails
        })
        .map(|row| row.subject.group)
        .collect();
    assert_eq!(dark, [Some(1), Some(3)]);
    assert_eq!(killed.first_failure_ms, Some(52));
    assert_eq!(killed.recovery_ms, None);
    assert_eq!(incident.turns[2].recovery_ms, Some(50));
    let out = incident
        .services
        .iter()
        .find(|service| {
            service.subject.kind == StatementKind::TenantRead && service.share < Some(1.0)
        })
        .unwrap();
    assert_eq!(out.outages.len(), 1);
    assert_eq!(out.codes.keys().collect::<Vec<_>>(), ["08006"]);
    assert_eq!(out.message.as_deref(), Some("the server is gone"));
}

#[test]
fn what_differs_comes_first() {
    let mut bench = Bench::new();
    bench.pass(SECOND, nothing);
    bench.act(&[(Act::Kill, "worker1")]);
    bench.pass(4 * SECOND, |subject| {
        (subject.kind == StatementKind::Definition).then_some(Outcome::Works)
    });
    let incident = bench.finish();
    assert!(!incident.agrees());
    let first = &incident.turns[1].rows[0];
    assert_eq!(first.subject.kind, StatementKind::Definition);
    assert_eq!(
        (first.predicted, first.observed),
        (Outcome::Fails, Some(Outcome::Works))
    );
    assert!(incident.difference().unwrap().contains("definitions"));
}

#[test]
fn what_could_not_be_judged_is_no_difference() {
    let mut bench = Bench::new();
    bench.pass(SECOND, nothing);
    bench.act(&[(Act::Kill, "worker1")]);
    // Sooner than sessions have met what their connections lead to.
    bench.pass(bench.pace.interval, |_| Some(Outcome::Works));
    bench.act(&[(Act::Restart, "worker1")]);
    bench.pass(2 * SECOND, nothing);
    let incident = bench.finish();
    assert!(incident.agrees(), "{incident}");
    assert!(
        incident.turns[1]
            .rows
            .iter()
            .all(|row| row.observed.is_none())
    );
    assert!(incident.score.not_seen > 0);
}

#[test]
fn several_nodes_at_once_are_one_act() {
    let mut bench = Bench::new();
    bench.pass(SECOND, nothing);
    bench.act(&[(Act::Kill, "worker1"), (Act::Kill, "worker2")]);
    bench.pass(3 * SECOND, nothing);
    let incident = bench.finish();
    assert_eq!(incident.turns[1].act, "kill worker1 and worker2");
    assert!(incident.agrees(), "{incident}");
}

#[test]
fn a_frozen_node_is_judged_when_it_has_been_waited_for() {
    let mut bench = Bench::new();
    bench.pass(SECOND, nothing);
    bench.act(&[(Act::Freeze, "worker1")]);
    bench.pass(9 * SECOND, nothing);
    let incident = bench.finish();
    assert!(incident.agrees(), "{incident}");
    let frozen = &incident.turns[1];
    assert!(
        frozen
            .rows
            .iter()
            .any(|row| row.observed == Some(Outcome::Waits))
    );
}

#[test]
fn what_is_seen_of_nodes_is_on_the_timeline_and_may_change_what_is_predicted() {
    let mut bench = Bench::new();
    bench.pass(SECOND, nothing);
    bench.act(&[(Act::Kill, "worker1")]);
    bench.pass(2 * SECOND, nothing);
    let mut view = sample::distributed(2, 4);
    view.nodes[1].reachability = Reachability::Down;
    let told = bench.record.looked(bench.now, view.clone());
    assert_eq!(told[0].words, "worker1 is down");
    assert_eq!(bench.record.turns.len(), 1, "it was known from the act");
    // Somebody starts it by hand.
    view.nodes[1].reachability = Reachability::Up;
    bench.record.looked(bench.now, view.clone());
    assert_eq!(bench.record.turns.len(), 2);
    bench.pass(2 * SECOND, nothing);
    // Somebody disables it.
    if let Some(member) = &mut view.nodes[1].membership {
        member.is_active = false;
    }
    bench.record.looked(bench.now, view);
    bench.pass(2 * SECOND, nothing);
    let incident = bench.finish();
    assert!(incident.agrees(), "{incident}");
    assert_eq!(incident.turns.last().unwrap().act, "worker1 is disabled");
}

#[test]
fn what_could_not_be_done_is_told_and_changes_nothing() {
    let mut bench = Bench::new();
    bench.pass(SECOND, nothing);
    bench.record.acting(bench.now);
    let failed = [(
        Act::Kill,
        "worker1".to_owned(),
        Err("no such process".to_owned()),
    )];
    bench.record.acted((bench.now, bench.now), &failed);
    // It may have come half the way: when it is put back the runtime is asked.
    let repairs = bench.record.damage.repairs();
    assert_eq!(repairs, [(Act::Start, "worker1".to_owned())]);
    bench.pass(2 * SECOND, nothing);
    let incident = bench.finish();
    assert_eq!(incident.score.right, incident.score.of);
    assert!(!incident.agrees());
    assert_eq!(
        incident.difference().unwrap(),
        "kill worker1: no such process"
    );
}

#[test]
fn what_was_out_before_the_beginning_counts_from_the_beginning() {
    let bench = Bench::new();
    let at = |milliseconds| bench.start + Duration::from_millis(milliseconds);
    let before = bench.start.checked_sub(SECOND).unwrap();
    let over = at(5_000);
    let gap = |start, end| bench.record.gap(&Outage { start, end }, over);
    assert_eq!(gap(before, Some(before + SECOND / 2)), None, "warming up");
    let cut = Gap {
        from_ms: 0,
        length_ms: Some(500),
    };
    assert_eq!(gap(before, Some(at(500))), Some(cut));
    let lasting = Gap {
        from_ms: 1_000,
        length_ms: None,
    };
    assert_eq!(gap(at(1_000), Some(at(6_000))), Some(lasting));
    assert_eq!(gap(at(5_500), None), None);
}
