//! A cluster larger than any lesson's.

use citus_tour::cluster::{
    Engine, GroupKey, GroupKind, Membership, Node, NodeRole, Placement, Reachability, Shard,
    ShardGroup, Table, TableKind, TableName, View,
};

/// One table in so many shards on so many workers, one of which is frozen.
pub(crate) fn large(shards: u32, workers: u16) -> View {
    let node = |id: u16| Node {
        name: if id == 0 {
            "coordinator".to_owned()
        } else {
            format!("worker{id}")
        },
        host: "127.0.0.1".to_owned(),
        port: 5440 + id,
        role: if id == 0 {
            NodeRole::Coordinator
        } else {
            NodeRole::Worker
        },
        reachability: if id == 2 {
            Reachability::Frozen
        } else {
            Reachability::Up
        },
        membership: Some(Membership {
            node_id: i32::from(id) + 1,
            group_id: i32::from(id),
            is_active: true,
            metadata_synced: true,
            should_have_shards: id > 0,
        }),
        missed_writes: false,
    };
    let name = TableName::new("public", "events");
    let width = (1_i64 << 32) / i64::from(shards);
    let group = |index: u32| {
        let min = -(1_i64 << 31) + i64::from(index) * width;
        ShardGroup {
            key: GroupKey {
                colocation_id: 1,
                kind: GroupKind::Hash {
                    min: i32::try_from(min).unwrap_or(i32::MIN),
                    max: i32::try_from(min + width - 1).unwrap_or(i32::MAX),
                },
                apart: 0,
            },
            ordinal: 0,
            shards: vec![Shard {
                id: 102_008 + u64::from(index),
                table: name.clone(),
                placements: vec![Placement {
                    group_id: i32::try_from(index % u32::from(workers)).unwrap_or(0) + 1,
                    active: true,
                    bytes: Some(u64::from(index) * 997 % 1_000_000),
                }],
            }],
        }
    };
    View {
        cluster: "large".to_owned(),
        engine: Engine::Extension("13.2".to_owned()),
        nodes: (0..=workers).map(node).collect(),
        tables: vec![Table {
            name: name.clone(),
            kind: TableKind::Distributed,
            distribution_column: Some("tenant".to_owned()),
            colocation_id: Some(1),
            shard_count: shards as usize,
            replication_factor: Some(1),
        }],
        groups: (0..shards).map(group).collect(),
        ..View::default()
    }
    .sorted()
}
