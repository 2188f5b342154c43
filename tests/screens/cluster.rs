//! Clusters to draw.

use citus_tour::cluster::{
    Engine, GroupKey, GroupKind, Leftover, Membership, Move, Node, NodeRole, Placement,
    Reachability, Shard, ShardGroup, Table, TableKind, TableName, View,
};

fn name(table: &str) -> TableName {
    TableName::new("public", table)
}

fn node(id: i32, workers_joined: bool) -> Node {
    let is_coordinator = id == 0;
    Node {
        name: if is_coordinator {
            "coordinator".to_owned()
        } else {
            format!("worker{id}")
        },
        host: "127.0.0.1".to_owned(),
        port: 5440 + u16::try_from(id).unwrap(),
        role: if is_coordinator {
            NodeRole::Coordinator
        } else {
            NodeRole::Worker
        },
        reachability: if id == 3 {
            Reachability::Absent
        } else {
            Reachability::Up
        },
        membership: (id < 3 && workers_joined).then_some(Membership {
            node_id: id + 1,
            group_id: id,
            is_active: true,
            metadata_synced: true,
            should_have_shards: !is_coordinator,
        }),
        missed_writes: false,
    }
}

fn table(
    table: &str,
    kind: TableKind,
    column: Option<&str>,
    colocation_id: Option<u32>,
    shard_count: usize,
) -> Table {
    Table {
        name: name(table),
        kind,
        distribution_column: column.map(ToOwned::to_owned),
        colocation_id,
        shard_count,
        replication_factor: column.map(|_| 1),
    }
}

/// Tables on one server, before anything is distributed.
pub(crate) fn plain() -> View {
    View {
        cluster: "journey".to_owned(),
        nodes: (0..4).map(|id| node(id, false)).collect(),
        tables: ["users", "orders", "order_items", "regions"]
            .map(|it| table(it, TableKind::Plain, None, None, 0))
            .to_vec(),
        ..View::default()
    }
    .sorted()
}

/// Three tables in `shards` groups on two workers, one reference table on all three nodes.
pub(crate) fn distributed(shards: i64) -> View {
    let tables = ["order_items", "orders", "users"];
    let width = (1_i64 << 32) / shards;
    let group = |index: i64| {
        let min = i32::try_from(-(1_i64 << 31) + index * width).unwrap();
        let max = i32::try_from(-(1_i64 << 31) + (index + 1) * width - 1).unwrap();
        let holder = i32::try_from(index % 2).unwrap() + 1;
        let shard = |place: usize, table: &str| Shard {
            id: 102_008
                + u64::try_from(shards).unwrap() * u64::try_from(place).unwrap()
                + u64::try_from(index).unwrap(),
            table: name(table),
            placements: vec![Placement {
                group_id: holder,
                active: true,
                bytes: Some(8192 * (u64::try_from(index).unwrap() + 3)),
            }],
        };
        ShardGroup {
            key: GroupKey {
                colocation_id: 2,
                kind: GroupKind::Hash { min, max },
                apart: 0,
            },
            ordinal: 0,
            shards: tables
                .iter()
                .enumerate()
                .map(|(place, table)| shard(place, table))
                .collect(),
        }
    };
    let mut groups: Vec<ShardGroup> = (0..shards).map(group).collect();
    groups.push(ShardGroup {
        key: GroupKey {
            colocation_id: 3,
            kind: GroupKind::Reference,
            apart: 0,
        },
        ordinal: 0,
        shards: vec![Shard {
            id: 102_999,
            table: name("regions"),
            placements: (0..3)
                .map(|group_id| Placement {
                    group_id,
                    active: true,
                    bytes: Some(8192),
                })
                .collect(),
        }],
    });
    let count = usize::try_from(shards).unwrap();
    let mut all: Vec<Table> = tables
        .map(|it| table(it, TableKind::Distributed, Some("user_id"), Some(2), count))
        .to_vec();
    all.push(table("regions", TableKind::Reference, None, Some(3), 1));
    View {
        cluster: "journey".to_owned(),
        engine: Engine::Extension("emulation".to_owned()),
        nodes: (0..4).map(|id| node(id, true)).collect(),
        tables: all,
        groups,
        ..View::default()
    }
    .sorted()
}

/// The same with a third worker, to which a group is on its way.
pub(crate) fn moving() -> View {
    let mut view = distributed(8);
    view.nodes[3].reachability = Reachability::Up;
    view.nodes[3].membership = Some(Membership {
        node_id: 4,
        group_id: 3,
        is_active: true,
        metadata_synced: true,
        should_have_shards: true,
    });
    view.moves = vec![Move {
        group: view.groups[5].key,
        from: 2,
        to: 3,
        copies: false,
        bytes_done: 62_000,
        bytes_total: 100_000,
        phase: "Copying Data".to_owned(),
    }];
    view.leftovers = vec![Leftover {
        group_id: 1,
        name: "public.users_102008".to_owned(),
    }];
    view
}

/// The same with a worker that does not answer in one way or another.
pub(crate) fn without(worker: usize, reachability: Reachability) -> View {
    let mut view = distributed(8);
    view.nodes[worker].reachability = reachability;
    view
}

/// The chat: four groups of three tables, each on two of four workers, round robin; and a reference table on all nodes.
pub(crate) fn chat() -> View {
    chat_without(&[])
}

/// The same with workers that do not answer.
pub(crate) fn chat_without(broken: &[(usize, Reachability)]) -> View {
    let mut view = distributed(4);
    "active-active".clone_into(&mut view.cluster);
    view.nodes.push(node(4, false));
    for id in 3..=4 {
        let node = &mut view.nodes[id];
        let id = i32::try_from(id).unwrap();
        node.reachability = Reachability::Up;
        node.membership = Some(Membership {
            node_id: id + 1,
            group_id: id,
            is_active: true,
            metadata_synced: true,
            should_have_shards: true,
        });
    }
    let names = [
        ("order_items", "messages"),
        ("orders", "room_members"),
        ("users", "rooms"),
        ("regions", "languages"),
    ];
    let renamed = |old: &TableName| {
        let found = names.iter().find(|(from, _)| *from == old.name);
        name(found.map_or(old.name.as_str(), |(_, to)| to))
    };
    for table in &mut view.tables {
        table.name = renamed(&table.name);
        if table.distribution_column.is_some() {
            table.distribution_column = Some("room_id".to_owned());
            table.replication_factor = Some(2);
        }
    }
    let mut place = 0;
    for group in &mut view.groups {
        let copies: Vec<i32> = if group.key.kind == GroupKind::Reference {
            (0..=4).collect()
        } else {
            place += 1;
            vec![place, place % 4 + 1]
        };
        for shard in &mut group.shards {
            shard.table = renamed(&shard.table);
            let placement = |group_id: &i32| Placement {
                group_id: *group_id,
                active: true,
                bytes: Some(16_384),
            };
            shard.placements = copies.iter().map(placement).collect();
        }
    }
    for (worker, reachability) in broken {
        view.nodes[*worker].reachability = *reachability;
    }
    view.sorted()
}
