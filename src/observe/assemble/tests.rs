use super::*;
use crate::cluster::{Engine, GroupKind, Membership, NodeState, Reachability};
use crate::observe::catalog::KnownPlacement;
use crate::observe::watched::Known;

fn watched(name: &str, port: u16) -> Watched {
    let role = if name == "coordinator" {
        NodeRole::Coordinator
    } else {
        NodeRole::Worker
    };
    let inside = Some(("localhost".to_owned(), port));
    Watched {
        name: name.into(),
        role,
        target: None,
        inside,
        known: Known::Nothing,
    }
}

fn member(port: u16, group_id: i32, is_active: bool) -> Member {
    let membership = Membership {
        node_id: group_id + 1,
        group_id,
        is_active,
        metadata_synced: is_active,
        should_have_shards: group_id > 0,
    };
    Member {
        host: "127.0.0.1".into(),
        port,
        primary: true,
        membership,
    }
}

fn placement(table: &str, shard: u64, on: i32) -> KnownPlacement {
    KnownPlacement {
        table: TableName::new("public", table),
        shard,
        group: GroupKey {
            colocation_id: 2,
            kind: GroupKind::Hash { min: 0, max: 9 },
            apart: 0,
        },
        on: Some(on),
        active: true,
    }
}

fn catalog() -> Catalog {
    Catalog {
        engine: Engine::Extension("Citus 13.2.2".into()),
        members: vec![
            member(5440, 0, true),
            member(5441, 1, true),
            member(5499, 7, true),
        ],
        placements: vec![
            placement("users", 102_008, 1),
            placement("orders", 102_016, 1),
        ],
        plain_tables: ["notes", "users_102008", "year_2026"]
            .map(|name| TableName::new("public", name))
            .into(),
        ..Catalog::default()
    }
}

fn all() -> Vec<Watched> {
    vec![
        watched("worker1", 5441),
        watched("coordinator", 5440),
        watched("worker2", 5442),
    ]
}

fn step(shard: u64, bytes_done: u64) -> Step {
    let at = |port| ("127.0.0.1".to_owned(), port);
    let (source, target) = (at(5441), at(5499));
    let phase = "Copying Data".to_owned();
    Step {
        shard,
        source,
        target,
        copies: false,
        bytes_total: 100,
        bytes_done,
        phase,
    }
}

#[test]
fn members_get_their_names_and_strangers_their_address() {
    let view = assemble("main", &all(), &catalog(), &Seen::default(), &[]);
    let names: Vec<_> = view
        .nodes
        .iter()
        .map(|node| (node.name.as_str(), node.group_id()))
        .collect();
    let stranger = ("127.0.0.1:5499", Some(7));
    assert_eq!(
        names,
        [
            ("coordinator", Some(0)),
            stranger,
            ("worker1", Some(1)),
            ("worker2", None)
        ]
    );
}

#[test]
fn a_shard_is_no_plain_table() {
    let view = assemble("main", &all(), &catalog(), &Seen::default(), &[]);
    let names: Vec<_> = view
        .tables
        .iter()
        .map(|table| table.name.to_string())
        .collect();
    assert_eq!(names, ["notes", "year_2026"]);
}

#[test]
fn colocated_shards_are_one_move_until_the_catalogs_say_it_is_done() {
    let steps = [step(102_008, 10), step(102_016, 30), step(999_999, 1)];
    let view = assemble("main", &all(), &catalog(), &Seen::default(), &steps);
    let moves: Vec<_> = view
        .moves
        .iter()
        .map(|m| (m.from, m.to, m.bytes_done, m.bytes_total))
        .collect();
    assert_eq!(moves, [(1, 7, 40, 200)]);

    let mut done = catalog();
    for placement in &mut done.placements {
        placement.on = Some(7);
    }
    assert_eq!(
        assemble("main", &all(), &done, &Seen::default(), &steps).moves,
        []
    );
}

#[test]
fn who_was_away_while_disabled_is_stale_until_activated() {
    let mut seen = Seen::default();
    let mut catalog = catalog();
    let mut look = |reachability, is_active| {
        catalog.members[1] = member(5441, 1, is_active);
        seen.take(
            "worker1",
            Look {
                reachability,
                sizes: None,
            },
        );
        let view = assemble("main", &all(), &catalog, &seen, &[]);
        seen.remember(&view);
        let view = assemble("main", &all(), &catalog, &seen, &[]);
        view.node("worker1").map(Node::state)
    };
    assert_eq!(look(Reachability::Up, false), Some(NodeState::Disabled));
    assert_eq!(look(Reachability::Down, false), Some(NodeState::Down));
    assert_eq!(look(Reachability::Up, false), Some(NodeState::Stale));
    assert_eq!(look(Reachability::Up, true), Some(NodeState::Up));
    assert_eq!(look(Reachability::Up, false), Some(NodeState::Disabled));
}

#[test]
fn sizes_outlive_a_look_without_them() {
    let mut seen = Seen::default();
    let sizes = Some(BTreeMap::from([(102_008, 8192), (102_016, 100)]));
    seen.take(
        "worker1",
        Look {
            reachability: Reachability::Up,
            sizes,
        },
    );
    seen.take(
        "worker1",
        Look {
            reachability: Reachability::Down,
            sizes: None,
        },
    );
    let view = assemble("main", &all(), &catalog(), &seen, &[]);
    assert_eq!(view.groups[0].bytes_on(1), Some(8292));
    assert_eq!(view.groups[0].bytes_on(7), None);
}
