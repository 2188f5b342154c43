//! A view for tests: the journey's tables, whose shards have the numbers of the recorded plans.

use crate::cluster::{
    Engine, GroupKey, GroupKind, Membership, Node, NodeRole, Placement, Reachability, Shard,
    ShardGroup, Table, TableKind, TableName, View,
};

/// The search path of a new session.
pub(super) fn public() -> Vec<String> {
    vec!["public".into()]
}

fn node(id: i32) -> Node {
    let coordinator = id == 0;
    Node {
        name: if coordinator {
            "coordinator".into()
        } else {
            format!("worker{id}")
        },
        host: "127.0.0.1".into(),
        port: 5460 + u16::try_from(id).unwrap(),
        role: if coordinator {
            NodeRole::Coordinator
        } else {
            NodeRole::Worker
        },
        reachability: Reachability::Up,
        membership: Some(Membership {
            node_id: id + 1,
            group_id: id,
            is_active: true,
            metadata_synced: true,
            should_have_shards: !coordinator,
        }),
        missed_writes: false,
    }
}

fn table(name: &str, kind: TableKind) -> Table {
    let distributed = kind == TableKind::Distributed;
    Table {
        name: TableName::new("public", name),
        kind,
        distribution_column: distributed.then(|| "user_id".into()),
        colocation_id: match kind {
            TableKind::Distributed => Some(2),
            TableKind::Reference => Some(1),
            _ => None,
        },
        shard_count: if distributed { 8 } else { 1 },
        replication_factor: distributed.then_some(1),
    }
}

fn shard(id: u64, table: &str, groups: &[i32]) -> Shard {
    let placement = |group_id: &i32| Placement {
        group_id: *group_id,
        active: true,
        bytes: None,
    };
    Shard {
        id,
        table: TableName::new("public", table),
        placements: groups.iter().map(placement).collect(),
    }
}

/// users, orders and `order_items` in eight groups on two workers, the reference table regions, the plain table forecast.
pub(super) fn journey() -> View {
    let reference = GroupKey {
        colocation_id: 1,
        kind: GroupKind::Reference,
        apart: 0,
    };
    let mut groups = vec![ShardGroup {
        key: reference,
        ordinal: 1,
        shards: vec![shard(102_008, "regions", &[0, 1, 2])],
    }];
    for index in 0..8_u64 {
        let min = i32::try_from(i64::from(i32::MIN) + (1 << 29) * i64::try_from(index).unwrap());
        let min = min.unwrap();
        let on = [1 + i32::try_from(index % 2).unwrap()];
        groups.push(ShardGroup {
            key: GroupKey {
                colocation_id: 2,
                kind: GroupKind::Hash {
                    min,
                    max: min + ((1 << 29) - 1),
                },
                apart: 0,
            },
            ordinal: 0,
            shards: vec![
                shard(102_010 + index, "users", &on),
                shard(102_018 + index, "orders", &on),
                shard(102_026 + index, "order_items", &on),
            ],
        });
    }
    View {
        cluster: "main".into(),
        engine: Engine::Extension("Citus 13.2.2".into()),
        nodes: (0..=2).map(node).collect(),
        tables: vec![
            table("users", TableKind::Distributed),
            table("orders", TableKind::Distributed),
            table("order_items", TableKind::Distributed),
            table("regions", TableKind::Reference),
            table("forecast", TableKind::Plain),
        ],
        groups,
        ..View::default()
    }
    .sorted()
}

/// The same on the emulation.
pub(super) fn emulated() -> View {
    View {
        engine: Engine::Extension("emulation of Citus 13.2 by citus-tour".into()),
        ..journey()
    }
}
