//! What reasons say, and comparisons.

use super::*;

fn told(view: &View, faults: &[(&str, Fault)], kind: StatementKind) -> Vec<(Outcome, String)> {
    let faults = faults
        .iter()
        .map(|(node, fault)| ((*node).to_owned(), *fault))
        .collect();
    let predictions = predictions(view, &faults);
    let of_kind = predictions.into_iter().filter(|it| it.subject.kind == kind);
    of_kind
        .map(|it| {
            let words = it.reason.map(|reason| reason.to_string());
            (it.outcome, words.unwrap_or_default())
        })
        .collect()
}

fn one(view: &View, faults: &[(&str, Fault)], kind: StatementKind, outcome: Outcome, words: &str) {
    assert_eq!(told(view, faults, kind)[0], (outcome, words.to_owned()));
}

fn disabled(mut view: View, node: usize) -> View {
    if let Some(member) = &mut view.nodes[node].membership {
        member.is_active = false;
    }
    view
}

#[test]
fn reasons_name_the_nodes() {
    use Fault::{Dead, Frozen};
    use Outcome::{Fails, Late, Waits, Works};
    use StatementKind::{
        AllShardRead, AllShardWrite, Definition, Rebalance, ReferenceRead, ReferenceWrite,
        TenantRead, TenantWrite,
    };
    let (single, double) = (sample::journey(), replicated());
    one(&single, &[], TenantRead, Works, "");
    for (view, faults, kind, outcome, words) in [
        (
            &single,
            &[("coordinator", Dead)][..],
            Rebalance,
            Fails,
            "coordinator is down: every statement goes through it",
        ),
        (
            &single,
            &[("worker1", Frozen)],
            TenantWrite,
            Waits,
            "worker1 is frozen: it holds the only copy",
        ),
        (
            &single,
            &[("worker1", Dead)],
            AllShardRead,
            Fails,
            "worker1 is down: it holds the only copy (shard group 1 of orders and users; 3, 5 and 7 end alike)",
        ),
        (
            &single,
            &[("worker2", Dead)],
            ReferenceRead,
            Works,
            "worker2 is down: coordinator reads a copy of its own",
        ),
        (
            &single,
            &[("worker2", Dead)],
            ReferenceWrite,
            Fails,
            "worker2 is down: it holds a copy, and a write goes to every copy",
        ),
        (
            &single,
            &[("worker1", Frozen), ("worker2", Dead)],
            Definition,
            Fails,
            "worker2 is down, worker1 is frozen: this goes to every active node",
        ),
        (
            &double,
            &[("worker2", Frozen)],
            TenantRead,
            Works,
            "worker2 is frozen: worker1 answers from its copy",
        ),
        (
            &double,
            &[("worker1", Frozen)],
            TenantRead,
            Late,
            "worker1 is frozen: after the wait for it, worker2 answers from its copy",
        ),
        (
            &double,
            &[("worker1", Dead)],
            AllShardWrite,
            Fails,
            "worker1 is down: it is the first worker, which every write of a replicated table asks for a lock",
        ),
    ] {
        one(view, faults, kind, outcome, words);
    }
}

#[test]
fn reasons_name_those_that_are_disabled() {
    use Fault::Dead;
    use Outcome::{Fails, Works};
    use StatementKind::{TenantRead, TenantWrite};
    let (single, double) = (sample::journey(), replicated());
    for (view, faults, kind, outcome, words) in [
        (
            &double,
            &[("worker1", Dead), ("worker2", Dead)][..],
            TenantRead,
            Fails,
            "worker1 and worker2 are down: they hold all copies",
        ),
        (
            &disabled(double.clone(), 2),
            &[],
            TenantWrite,
            Works,
            "worker2 is disabled: nothing asks it, and it misses what is written",
        ),
        (
            &disabled(double.clone(), 2),
            &[("worker1", Dead)],
            TenantRead,
            Fails,
            "worker1 is down: it holds the only copy in use, for worker2 is disabled",
        ),
        (
            &disabled(single.clone(), 1),
            &[],
            TenantRead,
            Fails,
            "worker1 is disabled: it holds the only copy",
        ),
    ] {
        one(view, faults, kind, outcome, words);
    }
}

/// Reads fail over one task at a time; an intermediate result is sent to all holders before there is any task.
#[test]
fn reads_that_fail_over_say_which_do_not() {
    let faults = BTreeMap::from([("worker2".to_owned(), Fault::Dead)]);
    for prediction in predictions(&replicated(), &faults) {
        let caveat = prediction.reason.as_ref().and_then(Reason::caveat);
        let expected = matches!(
            prediction.subject.kind,
            StatementKind::TenantRead | StatementKind::AllShardRead
        );
        assert_eq!(caveat.is_some(), expected, "{prediction:?}");
    }
}

#[test]
fn plain_postgresql_has_definitions_only() {
    let subjects: Vec<Subject> = subjects(&sample::plain()).into_iter().collect();
    assert_eq!(subjects, [Subject::whole(StatementKind::Definition)]);
    one(
        &sample::plain(),
        &[("worker1", Fault::Dead)],
        StatementKind::Definition,
        Outcome::Works,
        "",
    );
}

#[test]
fn differences_come_first_and_what_was_not_seen_is_told_apart() {
    let view = replicated();
    let faults = BTreeMap::from([("worker2".to_owned(), Fault::Dead)]);
    let predictions = predictions(&view, &faults);
    let whole = Subject::whole;
    let mut observed: BTreeMap<Subject, Outcome> = predictions
        .iter()
        .filter(|it| it.subject.kind != StatementKind::Rebalance)
        .map(|it| (it.subject, it.outcome))
        .collect();
    let agrees = compare(&predictions, &observed);
    assert!(agrees.agrees() && agrees.right() == observed.len());
    assert_eq!(agrees.not_observed.len(), 1);

    observed.insert(whole(StatementKind::Definition), Outcome::Waits);
    observed.insert(whole(StatementKind::ReferenceWrite), Outcome::Works);
    let stranger = Subject {
        group: Some(view.groups[0].key),
        ..whole(StatementKind::TenantRead)
    };
    observed.insert(stranger, Outcome::Works);
    let differs = compare(&predictions, &observed);
    assert!(!differs.agrees());
    assert_eq!(differs.right(), differs.rows.len() - 2);
    let first: Vec<(StatementKind, Agreement)> = differs.rows[..3]
        .iter()
        .map(|row| (row.subject.kind, row.agreement()))
        .collect();
    assert_eq!(
        first,
        [
            (StatementKind::ReferenceWrite, Agreement::Different),
            (StatementKind::Definition, Agreement::OtherPace),
            (StatementKind::TenantRead, Agreement::Same),
        ]
    );
    assert_eq!(differs.not_predicted, [(stranger, Outcome::Works)]);
}
