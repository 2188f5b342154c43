//! Views for tests.

use proptest::prelude::*;

use super::{
    Engine, GroupKey, GroupKind, Membership, Node, NodeRole, Placement, Reachability, Shard,
    ShardGroup, Table, TableKind, TableName, View,
};

/// A coordinator and workers; members when `joined`.
pub(crate) fn nodes(workers: i32, joined: bool) -> Vec<Node> {
    let node = |id: i32| Node {
        name: if id == 0 {
            "coordinator".into()
        } else {
            format!("worker{id}")
        },
        host: "127.0.0.1".into(),
        port: 5440 + u16::try_from(id).unwrap(),
        role: if id == 0 {
            NodeRole::Coordinator
        } else {
            NodeRole::Worker
        },
        reachability: Reachability::Up,
        membership: joined.then_some(Membership {
            node_id: id + 1,
            group_id: id,
            is_active: true,
            metadata_synced: true,
            should_have_shards: id > 0,
        }),
        missed_writes: false,
    };
    (0..=workers).map(node).collect()
}

fn table(name: &str, kind: TableKind, shard_count: usize) -> Table {
    Table {
        name: TableName::new("public", name),
        kind,
        distribution_column: (kind == TableKind::Distributed).then(|| "user_id".into()),
        colocation_id: match kind {
            TableKind::Reference => Some(1),
            TableKind::Distributed => Some(2),
            _ => None,
        },
        shard_count,
        replication_factor: (kind == TableKind::Distributed).then_some(1),
    }
}

fn shard(id: u64, table: &str, groups: &[i32]) -> Shard {
    let placement = |group_id: &i32| Placement {
        group_id: *group_id,
        active: true,
        bytes: Some(8192),
    };
    let placements = groups.iter().map(placement).collect();
    Shard {
        id,
        table: TableName::new("public", table),
        placements,
    }
}

/// `count` groups of orders and users, one after the other on the workers, and the reference table regions.
pub(crate) fn distributed(workers: i32, count: u32) -> View {
    let everywhere: Vec<i32> = (0..=workers).collect();
    let key = GroupKey {
        colocation_id: 1,
        kind: GroupKind::Reference,
        apart: 0,
    };
    let mut groups = vec![ShardGroup {
        key,
        ordinal: 1,
        shards: vec![shard(102_008, "regions", &everywhere)],
    }];
    let width = (1_i64 << 32) / i64::from(count);
    for index in 0..count {
        let min = i64::from(i32::MIN) + width * i64::from(index);
        let max = if index + 1 == count {
            i64::from(i32::MAX)
        } else {
            min + width - 1
        };
        let kind = GroupKind::Hash {
            min: i32::try_from(min).unwrap(),
            max: i32::try_from(max).unwrap(),
        };
        let on = [1 + i32::try_from(index).unwrap() % workers];
        let id = 102_009 + u64::from(index);
        groups.push(ShardGroup {
            key: GroupKey {
                colocation_id: 2,
                kind,
                apart: 0,
            },
            ordinal: 0,
            shards: vec![shard(id, "users", &on), shard(id + 10_000, "orders", &on)],
        });
    }
    let shards = count.try_into().unwrap();
    View {
        cluster: "main".into(),
        engine: Engine::Extension("Citus 13.2.2".into()),
        nodes: nodes(workers, true),
        tables: vec![
            table("users", TableKind::Distributed, shards),
            table("orders", TableKind::Distributed, shards),
            table("regions", TableKind::Reference, 1),
            table("notes", TableKind::Plain, 0),
        ],
        groups,
        ..View::default()
    }
    .sorted()
}

/// Two workers with eight groups.
pub(crate) fn journey() -> View {
    distributed(2, 8)
}

/// The same tables before anything is distributed.
pub(crate) fn plain() -> View {
    let names = ["users", "orders", "regions", "notes"];
    View {
        cluster: "main".into(),
        nodes: nodes(2, false),
        tables: names.map(|name| table(name, TableKind::Plain, 0)).into(),
        ..View::default()
    }
    .sorted()
}

/// The same with the group at `index` on the node group `to`.
pub(crate) fn moved(view: &View, index: usize, to: i32) -> View {
    let mut view = view.clone();
    for shard in &mut view.groups[index].shards {
        shard.placements = vec![Placement {
            group_id: to,
            active: true,
            bytes: Some(8192),
        }];
    }
    view
}

/// The same with the group at `index` cut in two.
pub(crate) fn split(view: &View, index: usize) -> View {
    let mut view = view.clone();
    let mut low = view.groups.remove(index);
    let mut high = low.clone();
    let GroupKind::Hash { min, max } = low.key.kind else {
        panic!("not a hash group")
    };
    let middle = i32::midpoint(min, max);
    low.key.kind = GroupKind::Hash { min, max: middle };
    high.key.kind = GroupKind::Hash {
        min: middle + 1,
        max,
    };
    view.groups.extend([low, high]);
    view.sorted()
}

/// Clusters of one to three workers with up to forty groups.
pub(crate) fn views() -> impl Strategy<Value = View> {
    (1_i32..4, 1_u32..40).prop_map(|(workers, count)| distributed(workers, count))
}
