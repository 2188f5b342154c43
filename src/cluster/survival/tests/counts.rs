//! Failures counted, against walking through every one of them and against a formula.

use proptest::prelude::*;

use super::*;
use crate::cluster::survival::counting::{fatal, survivors};

/// By walking through every set of workers.
fn by_trying(workers: usize, holders: &[u128]) -> Vec<u128> {
    let mut counts = vec![0; workers + 1];
    for failure in 0..1_u128 << workers {
        if !holders.iter().any(|set| failure & set == *set) {
            counts[failure.count_ones() as usize] += 1;
        }
    }
    counts
}

fn choose(of: i128, chosen: i128) -> i128 {
    if chosen < 0 || chosen > of {
        return 0;
    }
    (0..chosen).fold(1, |product, step| product * (of - step) / (step + 1))
}

/// Workers in a ring, and never `copies` in a row failing. Those that live cut the ring into gaps of 0 to `copies - 1` that fail.
fn by_formula(workers: i128, copies: i128, failing: i128) -> i128 {
    let living = workers - failing;
    if living == 0 {
        return 0;
    }
    let gaps: i128 = (0..=living)
        .map(|wide| {
            let sign = if wide % 2 == 0 { 1 } else { -1 };
            sign * choose(living, wide) * choose(workers - copies * wide - 1, living - 1)
        })
        .sum();
    workers * gaps / living
}

#[test]
fn an_even_layout_is_counted_as_by_trying() {
    for workers in 1..=9_usize {
        for copies in 1..=workers {
            for shards in [1, 2, workers - 1, workers, 3 * workers] {
                let holders: Vec<u128> = (0..shards)
                    .map(|shard| {
                        (0..copies).fold(0, |set, next| set | 1 << ((shard + next) % workers))
                    })
                    .collect();
                assert_eq!(
                    even_layout(workers, shards, copies).unwrap(),
                    by_trying(workers, &holders),
                    "{workers} workers, {shards} shards, {copies} copies"
                );
            }
        }
    }
}

#[test]
fn a_ring_is_counted_as_by_the_formula() {
    for workers in [1, 2, 5, 6, 12, 30, 64] {
        for copies in [1, 2, 3, 4, workers / 2, workers - 1, workers] {
            if copies == 0 || copies > workers {
                continue;
            }
            let counted = even_layout(workers, workers, copies).unwrap();
            for (failing, count) in counted.into_iter().enumerate() {
                let [workers, copies, failing] =
                    [workers, copies, failing].map(|number| i128::try_from(number).unwrap());
                let formula = u128::try_from(by_formula(workers, copies, failing)).unwrap();
                assert_eq!(
                    count, formula,
                    "{workers} workers, {copies} copies, {failing} fail"
                );
            }
        }
    }
}

/// What the lesson about six workers asks.
#[test]
fn of_six_workers_with_two_copies() {
    assert_eq!(
        even_layout(6, 6, 2).unwrap(),
        // Of 6 all, of 15 pairs those that are no neighbours, of 20 triples two.
        [1, 6, 9, 2, 0, 0, 0]
    );
    assert_eq!(even_layout(4, 4, 2).unwrap(), [1, 4, 2, 0, 0]);
    // More shards than workers change nothing; fewer leave some pairs harmless.
    assert_eq!(even_layout(6, 32, 2), even_layout(6, 6, 2));
    assert_eq!(even_layout(6, 4, 2).unwrap(), [1, 6, 11, 7, 1, 0, 0]);
}

#[test]
fn what_cannot_be_counted_is_not_guessed() {
    assert_eq!(even_layout(3, 4, 4), None);
    assert_eq!(even_layout(3, 4, 0), None);
    assert_eq!(even_layout(129, 4, 2), None);
    // Four hundred shards anywhere on a hundred workers.
    let mut state = 1_u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        1_u128 << ((state >> 33) % 100)
    };
    let holders: Vec<u128> = (0..400).map(|_| random() | random() | random()).collect();
    assert_eq!(survivors(100, &holders), None);
    // Naming some needs no counting.
    assert_eq!(fatal(100, &holders, 50, 3).len(), 3);
}

#[test]
fn failures_are_named_with_what_goes_dark() {
    let mut view = sample::distributed(6, 6);
    let hash = view
        .groups
        .iter_mut()
        .filter(|group| matches!(group.key.kind, GroupKind::Hash { .. }));
    for (group, first) in hash.zip(1..) {
        for shard in &mut group.shards {
            shard.placements = [first, first % 6 + 1].map(|id| copy(id, true)).into();
            shard.placements.sort();
        }
    }
    let pairs = subsets(&view, 2, 4);
    assert_eq!(
        (pairs.workers, pairs.total, pairs.survive),
        (6, Some(15), Some(9))
    );
    assert_eq!(pairs.fatal_count(), Some(6));
    let named: Vec<(String, usize)> = pairs
        .fatal
        .iter()
        .map(|failure| {
            (
                failure.nodes.join(" "),
                view.group(failure.dark[0]).unwrap().ordinal,
            )
        })
        .collect();
    let expected = [
        ("worker1 worker2", 1),
        ("worker1 worker6", 6),
        ("worker2 worker3", 2),
        ("worker3 worker4", 3),
    ];
    assert_eq!(
        named,
        expected.map(|(nodes, group)| (nodes.to_owned(), group))
    );
    // One that is down already is no candidate, and leaves its neighbours alone with their groups.
    view.nodes[1].reachability = Reachability::Down;
    let one = subsets(&view, 1, 9);
    assert_eq!((one.workers, one.total, one.survive), (5, Some(5), Some(3)));
    // Where something is dark already, nothing survives.
    view.nodes[2].reachability = Reachability::Frozen;
    assert_eq!(subsets(&view, 0, 9).survive, Some(0));
    assert_eq!(subsets(&view, 9, 9).total, Some(0));
}

#[test]
fn without_its_coordinator_nothing_can_be_read() {
    for reachability in [Reachability::Down, Reachability::Frozen] {
        let mut view = replicated();
        view.nodes[0].reachability = reachability;
        let none = subsets(&view, 0, 9);
        assert_eq!((none.total, none.survive), (Some(1), Some(0)));
        assert_eq!(none.fatal[0].dark.len(), view.groups.len());
        assert_eq!(subsets(&view, 1, 0).survive, Some(0));
        // As it is when nothing could be asked.
        view.groups.clear();
        view.nodes.truncate(1);
        let unread = subsets(&view, 0, 9);
        assert_eq!((unread.workers, unread.survive), (0, Some(0)));
    }
}

fn layouts() -> impl Strategy<Value = (usize, Vec<u128>)> {
    (1_usize..=10).prop_flat_map(|workers| {
        let sets = proptest::collection::vec(0_u128..1 << workers, 0..12);
        (Just(workers), sets)
    })
}

proptest! {
    #[test]
    fn any_layout_is_counted_as_by_trying((workers, holders) in layouts()) {
        prop_assert_eq!(survivors(workers, &holders), Some(by_trying(workers, &holders)));
    }

    #[test]
    fn the_failures_that_are_named_are_those_that_are_counted(
        (workers, holders) in layouts(),
        at_most in 0_usize..40,
    ) {
        let counts = by_trying(workers, &holders);
        let mut total = 1;
        for (size, survive) in counts.iter().enumerate() {
            let named = fatal(workers, &holders, size, at_most);
            let all = usize::try_from(total - survive).unwrap();
            prop_assert_eq!(named.len(), all.min(at_most));
            prop_assert!(named.iter().all(|failure| failure.count_ones() as usize == size));
            let kills = |failure: &u128| holders.iter().any(|set| failure & set == *set);
            prop_assert!(named.iter().all(kills));
            let different: std::collections::BTreeSet<&u128> = named.iter().collect();
            prop_assert_eq!(different.len(), named.len());
            total = total * (workers - size) as u128 / (size + 1) as u128;
        }
    }
}
