use proptest::prelude::*;

use super::*;
use crate::cluster::{Placement, sample};

fn words(view: &View, node: &str, fault: Fault) -> Vec<String> {
    let told = consequences(view, &[node], fault);
    told.iter().map(ToString::to_string).collect()
}

/// The journey's cluster with every group on both workers.
fn replicated() -> View {
    let mut view = sample::journey();
    for group in &mut view.groups {
        if matches!(group.key.kind, GroupKind::Hash { .. }) {
            for shard in &mut group.shards {
                shard.placements = [1, 2].map(|group_id| copy(group_id, true)).into();
            }
        }
    }
    view
}

fn copy(group_id: i32, active: bool) -> Placement {
    Placement {
        group_id,
        active,
        bytes: None,
    }
}

#[test]
fn a_dead_worker_takes_its_shards_along() {
    assert_eq!(
        words(&sample::journey(), "worker2", Fault::Dead),
        [
            "4 of 8 shard groups of orders, users out of reach: statements for a user_id that lives there fail",
            "statements over all shards of orders, users fail",
            "reference tables (regions): reads go on from another copy, writes fail",
            "changes of distributed and reference tables (ALTER, DROP, CREATE INDEX) fail: they go to every active node",
            "moves and rebalancing of shards fail",
            "still works: 4 of 8 shard groups of orders, users",
            "still works: reads of reference tables (regions)",
        ]
    );
}

#[test]
fn a_frozen_worker_makes_everybody_wait() {
    let told = words(&sample::journey(), "worker2", Fault::Frozen);
    assert!(
        told[0].ends_with("wait for the timeout, then fail"),
        "{told:?}"
    );
    assert!(told[2].contains("reads go on from another copy, writes wait"));
}

#[test]
fn with_a_second_copy_reads_go_on_and_writes_do_not() {
    let told = words(&replicated(), "worker2", Fault::Dead);
    assert_eq!(
        told[0],
        "8 of 8 shard groups of orders, users: reads go on from another copy, writes fail"
    );
    assert_eq!(told[1], "writes over all shards of orders, users fail");
    let frozen = words(&replicated(), "worker2", Fault::Frozen);
    assert!(frozen[0].contains("reads wait for the timeout, then another copy answers"));
}

#[test]
fn a_disabled_node_is_asked_for_nothing() {
    let mut view = replicated();
    if let Some(member) = &mut view.nodes[2].membership {
        member.is_active = false;
    }
    assert_eq!(words(&view, "worker2", Fault::Dead), [""; 0]);
    assert!(words(&view, "worker1", Fault::Dead)[0].starts_with("8 of 8 shard groups"));
}

/// Every write of a replicated table asks the first worker for a lock, wherever its shards are.
#[test]
fn the_first_worker_is_special_for_replicated_tables() {
    let mut view = sample::distributed(4, 8);
    for group in &mut view.groups {
        if matches!(group.key.kind, GroupKind::Hash { .. }) {
            for shard in &mut group.shards {
                shard.placements = [3, 4].map(|group_id| copy(group_id, true)).into();
            }
        }
    }
    let first = words(&view, "worker1", Fault::Dead);
    assert_eq!(
        first[0],
        "8 of 8 shard groups of orders, users: reads go on from another copy, writes fail"
    );
    let second = words(&view, "worker2", Fault::Dead);
    assert!(
        !second.iter().any(|told| told.contains("orders, users:")),
        "{second:?}"
    );
}

#[test]
fn the_coordinator_is_everything() {
    assert_eq!(
        words(&sample::journey(), "coordinator", Fault::Dead),
        ["every statement goes through the coordinator: all fail"]
    );
    assert_eq!(
        words(&sample::plain(), "coordinator", Fault::Frozen).len(),
        1
    );
    // What has failed already cannot fail again.
    let mut view = sample::journey();
    view.nodes[0].reachability = Reachability::Down;
    assert_eq!(words(&view, "coordinator", Fault::Dead), [""; 0]);
    assert_eq!(words(&view, "worker1", Fault::Dead), [""; 0]);
}

#[test]
fn nothing_depends_on_a_node_outside() {
    assert_eq!(words(&sample::plain(), "worker1", Fault::Dead), [""; 0]);
    let mut view = sample::journey();
    view.nodes[2].reachability = Reachability::Down;
    assert_eq!(words(&view, "worker2", Fault::Dead), [""; 0]);
    // What hangs already cannot get worse by waiting; being refused at once is another matter.
    view.nodes[2].reachability = Reachability::Frozen;
    assert_eq!(words(&view, "worker2", Fault::Frozen), [""; 0]);
}

#[test]
fn only_what_has_no_other_copy_is_lost() {
    let told = |view: &View, node: &str| -> Vec<String> {
        losses(view, node).iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        told(&sample::journey(), "worker1"),
        ["4 of 8 shard groups of orders, users lost for good: no other node has a copy"]
    );
    assert_eq!(
        told(&sample::journey(), "coordinator"),
        ["lost for good with its data: notes"]
    );
    assert_eq!(told(&replicated(), "worker1"), [""; 0]);
}

/// What a connection to a node does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Served,
    Refused,
    Silent,
}

fn ask(view: &View, faults: &BTreeMap<String, Fault>, group_id: i32) -> Option<Answer> {
    let node = view.node_of_group(group_id)?;
    let member = node.membership?;
    if !member.is_active && node.role != NodeRole::Coordinator {
        return None;
    }
    Some(match (faults.get(&node.name), node.reachability) {
        (Some(Fault::Dead), _) | (None, Reachability::Down) => Answer::Refused,
        (Some(Fault::Frozen), _) | (None, Reachability::Frozen) => Answer::Silent,
        _ => Answer::Served,
    })
}

/// Every order in which copies can be tried; the worst one counts.
fn read_by_trying(answers: &[Answer]) -> Outcome {
    fn try_in_order(rest: &[Answer], waited: bool) -> Outcome {
        if rest.is_empty() {
            return if waited {
                Outcome::Waits
            } else {
                Outcome::Fails
            };
        }
        (0..rest.len())
            .map(|index| {
                let mut left = rest.to_vec();
                match left.remove(index) {
                    Answer::Served if waited => Outcome::Late,
                    Answer::Served => Outcome::Works,
                    Answer::Refused => try_in_order(&left, waited),
                    Answer::Silent => try_in_order(&left, true),
                }
            })
            .max()
            .unwrap()
    }
    try_in_order(answers, false)
}

fn write_by_trying(answers: &[Answer], first_worker: Option<Answer>) -> Outcome {
    let mut asked = answers.to_vec();
    if asked.is_empty() {
        return Outcome::Fails;
    }
    if asked.len() > 1 {
        asked.extend(first_worker);
    }
    if asked.contains(&Answer::Refused) {
        Outcome::Fails
    } else if asked.contains(&Answer::Silent) {
        Outcome::Waits
    } else {
        Outcome::Works
    }
}

type Scene = (View, BTreeMap<String, Fault>);

/// Up to four workers, groups on any of them, some disabled, some failed already, some to fail.
fn scenes() -> impl Strategy<Value = Scene> {
    let node = (any::<bool>(), 0..6_u8, 0..5_u8);
    let nodes = proptest::collection::vec(node, 4);
    let holders =
        proptest::collection::vec(proptest::sample::subsequence(vec![1, 2, 3, 4], 0..4), 5);
    (nodes, holders).prop_map(|(nodes, holders)| {
        let mut view = sample::distributed(4, 5);
        let mut faults = BTreeMap::new();
        for (index, (active, state, fault)) in nodes.into_iter().enumerate() {
            let node = &mut view.nodes[index + 1];
            if let Some(member) = &mut node.membership {
                member.is_active = active || state > 1;
            }
            node.reachability = match state {
                0 => Reachability::Down,
                1 => Reachability::Frozen,
                _ => Reachability::Up,
            };
            match fault {
                0 => faults.insert(node.name.clone(), Fault::Dead),
                1 => faults.insert(node.name.clone(), Fault::Frozen),
                _ => None,
            };
        }
        let hash = view
            .groups
            .iter_mut()
            .filter(|group| matches!(group.key.kind, GroupKind::Hash { .. }));
        for (group, holders) in hash.zip(holders) {
            for shard in &mut group.shards {
                shard.placements = holders.iter().map(|id| copy(*id, true)).collect();
            }
        }
        (view, faults)
    })
}

proptest! {
    #[test]
    fn outcomes_are_those_of_trying_every_copy((view, faults) in scenes()) {
        let said = survival(&view, &faults);
        let workers = 1..=4;
        let first_worker = workers.clone().find_map(|id| ask(&view, &faults, id));
        let reach = said.reaches.iter().find(|it| matches!(it.kind, GroupKind::Hash { .. })).unwrap();
        for (key, read, write) in &reach.groups {
            let group = view.group(*key).unwrap();
            let answers: Vec<Answer> = group.shards[0].placements.iter()
                .filter_map(|placement| ask(&view, &faults, placement.group_id)).collect();
            prop_assert_eq!(*read, read_by_trying(&answers));
            prop_assert_eq!(*write, write_by_trying(&answers, first_worker));
        }
        let all: Vec<Answer> = workers.filter_map(|id| ask(&view, &faults, id)).collect();
        let definitions = if all.contains(&Answer::Refused) {
            Outcome::Fails
        } else if all.contains(&Answer::Silent) {
            Outcome::Waits
        } else {
            Outcome::Works
        };
        prop_assert_eq!(said.definitions, definitions);
        prop_assert_eq!(said.everything, Outcome::Works);
    }

    #[test]
    fn no_fault_makes_anything_better((mut view, faults) in scenes()) {
        // A node that hangs may be refused at once instead: neither is better than the other.
        for node in &mut view.nodes {
            node.reachability = Reachability::Up;
        }
        let before = survival(&view, &BTreeMap::new());
        let after = survival(&view, &faults);
        for (old, new) in before.reaches.iter().zip(&after.reaches) {
            prop_assert!(new.reads >= old.reads);
            prop_assert!(new.writes >= old.writes);
        }
    }
}
