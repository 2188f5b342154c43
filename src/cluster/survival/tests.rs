//! Consequences.
mod counts;
mod model;
mod truth;
mod words;

use super::*;
use crate::cluster::{Placement, Reachability, sample};

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
    // It is asked second, so that it delays only what reads every shard.
    let frozen = words(&replicated(), "worker2", Fault::Frozen);
    assert!(frozen[0].contains("reads go on from another copy, writes wait"));
    assert!(frozen[1].contains("reads wait for the timeout, then another copy answers"));
    let first = words(&replicated(), "worker1", Fault::Frozen);
    assert!(first[0].contains("reads wait for the timeout, then another copy answers"));
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
