//! The table that Citus 13.2.2 itself gave: four workers, four shards, two copies each (`tests/conformance/active-active.out`).

use super::*;

/// Rooms 1, 3, 6 and 2 live in the groups one to four: on workers 1 and 2, 2 and 3, 3 and 4, 4 and 1.
fn chat() -> View {
    let mut view = sample::distributed(4, 4);
    let hash = view
        .groups
        .iter_mut()
        .filter(|group| matches!(group.key.kind, GroupKind::Hash { .. }));
    for (group, on) in hash.zip([[1, 2], [2, 3], [3, 4], [1, 4]]) {
        for shard in &mut group.shards {
            shard.placements = on.map(|id| copy(id, true)).into();
        }
    }
    view
}

fn set(view: &mut View, node: usize, reachability: Reachability, active: bool) {
    view.nodes[node].reachability = reachability;
    if let Some(member) = &mut view.nodes[node].membership {
        member.is_active = active;
    }
}

/// `+` for what works, `-` for what fails: the read of all shards, reads of groups one to four, writes of the same, a definition, a write of a
/// reference table.
fn row(view: &View) -> String {
    let told = predictions(view, &BTreeMap::new());
    let of = |kind: StatementKind| -> String {
        let those = told.iter().filter(|it| it.subject.kind == kind);
        those
            .map(|it| match it.outcome {
                Outcome::Works => '+',
                Outcome::Fails => '-',
                _ => '?',
            })
            .collect()
    };
    [
        StatementKind::AllShardRead,
        StatementKind::TenantRead,
        StatementKind::TenantWrite,
        StatementKind::Definition,
        StatementKind::ReferenceWrite,
    ]
    .map(of)
    .join(" ")
}

#[test]
fn every_state_of_the_reference_is_predicted() {
    let mut view = chat();
    assert_eq!(row(&view), "+ ++++ ++++ + +");

    set(&mut view, 3, Reachability::Down, true);
    assert_eq!(row(&view), "+ ++++ +--+ - -", "worker3 is killed");
    set(&mut view, 3, Reachability::Down, false);
    assert_eq!(row(&view), "+ ++++ ++++ + +", "worker3 is disabled");
    set(&mut view, 3, Reachability::Up, false);
    assert_eq!(row(&view), "+ ++++ ++++ + +", "worker3 is up, stale");

    // Activated, it has lost its copies; the table is a replicated one nevertheless.
    set(&mut view, 3, Reachability::Up, true);
    for group in &mut view.groups {
        for shard in &mut group.shards {
            shard.placements.retain(|placement| placement.group_id != 3);
        }
    }
    assert_eq!(row(&view), "+ ++++ ++++ + +", "worker3 is active again");
    let mut without_first = view.clone();
    set(&mut without_first, 1, Reachability::Down, true);
    assert_eq!(row(&without_first), "+ ++++ ---- - -");
    let mut without_second = view.clone();
    set(&mut without_second, 2, Reachability::Down, true);
    assert_eq!(row(&without_second), "- +-++ --++ - -");

    let mut view = chat();
    set(&mut view, 1, Reachability::Down, true);
    assert_eq!(row(&view), "+ ++++ ---- - -", "the first worker is killed");
    set(&mut view, 1, Reachability::Down, false);
    assert_eq!(row(&view), "+ ++++ ++++ + +", "worker1 is disabled");
    // Now worker2 is the first.
    set(&mut view, 2, Reachability::Down, true);
    set(&mut view, 3, Reachability::Down, true);
    assert_eq!(row(&view), "- --++ ---- - -", "three are dead");
}

/// Kept apart from what the emulation is held to, and told here all the same: what of three dead is dark, and why.
#[test]
fn three_of_four_dead_leave_two_rooms() {
    let view = chat();
    let dead = ["worker1", "worker2", "worker3"];
    let faults = dead.map(|node| (node.to_owned(), Fault::Dead)).into();
    let told: Vec<String> = predictions(&view, &faults)
        .into_iter()
        .filter(|it| it.subject.kind == StatementKind::TenantRead)
        .map(|it| it.reason.unwrap().to_string())
        .collect();
    assert_eq!(
        told,
        [
            "worker1 and worker2 are down: they hold all copies",
            "worker2 and worker3 are down: they hold all copies",
            "worker3 is down: worker4 answers from its copy",
            "worker1 is down: worker4 answers from its copy",
        ]
    );
}
