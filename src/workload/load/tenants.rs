//! Whom a load asks for, and which nodes hold them.

use std::collections::BTreeMap;
use std::time::Duration;

use super::plan::Workload;
use crate::cluster::{TableName, View};
use crate::postgres::{PostgresError, Session};
use crate::workload::probe::{shards_of, texts};
use crate::workload::relation::identifier;

/// More are not asked for.
const MOST: usize = 1_000;

/// The tenants of a workload.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Tenants {
    /// Each with its node's place in `nodes`.
    all: Vec<(i64, Option<usize>)>,
    /// What holds tenants: a worker, or several where each shard has several copies (`worker1, worker2`).
    pub(super) nodes: Vec<String>,
}

impl Tenants {
    /// Asks the coordinator. Where the tenants cannot be read, since a shard is out of reach, those of the tour's rows are taken.
    pub(super) async fn find(
        session: &mut Session,
        view: &View,
        workload: Workload,
        deadline: Duration,
    ) -> Result<Self, PostgresError> {
        let (table, column) = workload.tenants();
        let table = TableName::new("public", table);
        let column = identifier(column);
        let question = format!(
            "SELECT {column} FROM {} ORDER BY 1 LIMIT {MOST}",
            table.name
        );
        let mut values: Vec<i64> = texts(session, &question, deadline)
            .await?
            .iter()
            .filter_map(|value| value.parse().ok())
            .collect();
        if values.is_empty() {
            values.extend(1..=workload.usual_tenants());
        }
        let words: Vec<String> = values.iter().map(i64::to_string).collect();
        let homes: BTreeMap<String, u64> = shards_of(session, &table, &words, deadline)
            .await?
            .into_iter()
            .collect();
        Ok(Self::settle(
            view,
            values
                .into_iter()
                .zip(words)
                .map(|(value, word)| (value, homes.get(&word).copied())),
        ))
    }

    /// Tenants with their shards, where they have one.
    fn settle(view: &View, tenants: impl Iterator<Item = (i64, Option<u64>)>) -> Self {
        let mut labels: BTreeMap<u64, String> = BTreeMap::new();
        for group in &view.groups {
            let holders = group.holders();
            let names = holders.iter().filter_map(|id| view.node_of_group(*id));
            let names: Vec<&str> = names.map(|node| node.name.as_str()).collect();
            for shard in &group.shards {
                labels.insert(shard.id, names.join(", "));
            }
        }
        let tenants: Vec<_> = tenants
            .map(|(value, shard)| (value, shard.and_then(|shard| labels.get(&shard))))
            .collect();
        let mut nodes: Vec<String> = tenants
            .iter()
            .filter_map(|(_, label)| label.cloned())
            .collect();
        nodes.sort();
        nodes.dedup();
        let place = |label: &String| nodes.binary_search(label).ok();
        let all = tenants
            .into_iter()
            .map(|(value, label)| (value, label.and_then(place)))
            .collect();
        Self { all, nodes }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// One of them.
    pub(super) fn value(&self, index: usize) -> i64 {
        self.all.get(index).map_or(1, |(value, _)| *value)
    }

    /// Where that one lives, as a place in `nodes`.
    pub(super) fn node(&self, index: usize) -> Option<usize> {
        self.all.get(index)?.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::sample;

    #[test]
    fn tenants_are_told_by_the_nodes_that_hold_them() {
        let view = sample::distributed(2, 4);
        let shards: Vec<u64> = view
            .groups
            .iter()
            .filter_map(|group| Some(group.shards.first()?.id))
            .collect();
        let tenants = shards
            .iter()
            .enumerate()
            .map(|(index, shard)| (i64::try_from(index).unwrap(), Some(*shard)));
        let tenants = Tenants::settle(&view, tenants.chain([(99, None)]));
        assert!(
            tenants.nodes.contains(&"worker1".to_owned()),
            "{:?}",
            tenants.nodes
        );
        assert_eq!(tenants.value(tenants.count() - 1), 99);
        assert_eq!(tenants.node(tenants.count() - 1), None);
    }
}
