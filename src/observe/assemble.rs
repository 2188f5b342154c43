//! From what was read to a view. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::catalog::{Catalog, KnownTable, Member};
use super::probe::Look;
use super::progress::Step;
use super::watched::Watched;
use crate::cluster::{
    GroupKey, Move, Node, NodeRole, Placement, Shard, ShardGroup, Table, TableKind, TableName, View,
};

/// What was seen of the nodes, by their names.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    pub(super) looks: BTreeMap<String, Look>,
    /// The last sizes had from each node.
    pub(super) sizes: BTreeMap<String, BTreeMap<u64, u64>>,
    /// Nodes that were out of reach while disabled.
    pub(super) missed_writes: BTreeSet<String>,
}

impl Seen {
    /// Takes in a look at a node; says whether it saw anything new.
    pub(super) fn take(&mut self, node: &str, look: Look) -> bool {
        let before = self.looks.get(node).map(|look| look.reachability);
        let mut is_new = before != Some(look.reachability);
        if let Some(sizes) = look
            .sizes
            .as_ref()
            .filter(|sizes| self.sizes.get(node) != Some(sizes))
        {
            self.sizes.insert(node.to_owned(), sizes.clone());
            is_new = true;
        }
        self.looks.insert(node.to_owned(), look);
        is_new
    }

    /// Remembers who misses writes: out of reach while disabled, until it is active again.
    pub(super) fn remember(&mut self, view: &View) {
        for node in &view.nodes {
            let disabled = node.membership.is_some_and(|member| !member.is_active);
            if !disabled {
                self.missed_writes.remove(&node.name);
            } else if !node.reachability.answers() {
                self.missed_writes.insert(node.name.clone());
            }
        }
    }
}

/// Everything that is known, as one view.
pub(super) fn assemble(
    cluster: &str,
    watched: &[Watched],
    catalog: &Catalog,
    seen: &Seen,
    steps: &[Step],
) -> View {
    let nodes = nodes(watched, catalog, seen);
    let mut view = View {
        cluster: cluster.to_owned(),
        engine: catalog.engine.clone(),
        tables: tables(catalog),
        groups: groups(catalog, &nodes, seen),
        leftovers: catalog.leftovers.clone(),
        nodes,
        ..View::default()
    };
    view.moves = moves(&view, steps);
    view.sorted()
}

fn nodes(watched: &[Watched], catalog: &Catalog, seen: &Seen) -> Vec<Node> {
    let mut unnamed: Vec<&Member> = catalog.members.iter().collect();
    let mut nodes = Vec::new();
    for one in watched {
        let member = unnamed
            .iter()
            .position(|member| is_member(one, member))
            .map(|at| unnamed.remove(at));
        let (host, port) = match (member, &one.inside) {
            (Some(member), _) => (member.host.clone(), member.port),
            (None, Some((host, port))) => (host.clone(), *port),
            (None, None) => (String::new(), 0),
        };
        nodes.push(Node {
            name: one.name.clone(),
            host,
            port,
            role: one.role,
            reachability: seen
                .looks
                .get(&one.name)
                .map(|look| look.reachability)
                .unwrap_or_default(),
            membership: member.map(|member| member.membership),
            missed_writes: seen.missed_writes.contains(&one.name),
        });
    }
    // Members that nobody told us of: somebody else's nodes, or nodes added by hand.
    nodes.extend(unnamed.into_iter().map(|member| Node {
        name: format!("{}:{}", member.host, member.port),
        host: member.host.clone(),
        port: member.port,
        role: match (member.primary, member.membership.group_id) {
            (false, _) => NodeRole::Standby,
            (true, 0) => NodeRole::Coordinator,
            (true, _) => NodeRole::Worker,
        },
        reachability: crate::cluster::Reachability::Unknown,
        membership: Some(member.membership),
        missed_writes: false,
    }));
    nodes
}

fn is_member(watched: &Watched, member: &Member) -> bool {
    let by_address = watched
        .inside
        .as_ref()
        .is_some_and(|(host, port)| same_host(host, &member.host) && *port == member.port);
    by_address || watched.name == member.host
}

/// The same server under two of its names on this machine.
fn same_host(one: &str, other: &str) -> bool {
    let local = |host: &str| matches!(host, "localhost" | "127.0.0.1" | "::1");
    one == other || (local(one) && local(other))
}

fn tables(catalog: &Catalog) -> Vec<Table> {
    let mut shard_ids: BTreeMap<&TableName, BTreeSet<u64>> = BTreeMap::new();
    for placement in &catalog.placements {
        shard_ids
            .entry(&placement.table)
            .or_default()
            .insert(placement.shard);
    }
    let known = |table: &KnownTable| Table {
        name: table.name.clone(),
        kind: table.kind,
        distribution_column: table.distribution_column.clone(),
        colocation_id: (table.colocation_id != 0).then_some(table.colocation_id),
        shard_count: shard_ids.get(&table.name).map_or(0, BTreeSet::len),
        replication_factor: table.replication_factor,
    };
    let mut tables: Vec<Table> = catalog.tables.iter().map(known).collect();
    let names: BTreeSet<&TableName> = catalog.tables.iter().map(|table| &table.name).collect();
    let shards: BTreeSet<u64> = catalog
        .placements
        .iter()
        .map(|placement| placement.shard)
        .collect();
    let is_shard = |name: &TableName| {
        let id = name
            .name
            .rsplit_once('_')
            .and_then(|(_, id)| id.parse().ok());
        id.is_some_and(|id| shards.contains(&id))
    };
    let plain = catalog
        .plain_tables
        .iter()
        .filter(|name| !names.contains(name) && !is_shard(name));
    tables.extend(plain.map(|name| Table {
        name: name.clone(),
        kind: TableKind::Plain,
        distribution_column: None,
        colocation_id: None,
        shard_count: 0,
        replication_factor: None,
    }));
    tables
}

fn groups(catalog: &Catalog, nodes: &[Node], seen: &Seen) -> Vec<ShardGroup> {
    // A standby shares its primary's group, and is not the one that was asked for sizes.
    let names: BTreeMap<i32, &str> = nodes
        .iter()
        .filter(|node| node.role != NodeRole::Standby)
        .filter_map(|node| Some((node.group_id()?, node.name.as_str())))
        .collect();
    let bytes = |group_id: i32, shard: u64| {
        let sizes = seen.sizes.get(*names.get(&group_id)?)?;
        sizes.get(&shard).copied()
    };
    let mut groups: BTreeMap<GroupKey, BTreeMap<u64, Shard>> = BTreeMap::new();
    for known in &catalog.placements {
        let shards = groups.entry(known.group).or_default();
        let shard = shards.entry(known.shard).or_insert_with(|| Shard {
            id: known.shard,
            table: known.table.clone(),
            placements: Vec::new(),
        });
        if let Some(group_id) = known.on {
            let (active, bytes) = (known.active, bytes(group_id, known.shard));
            shard.placements.push(Placement {
                group_id,
                active,
                bytes,
            });
        }
    }
    let group = |(key, shards): (GroupKey, BTreeMap<u64, Shard>)| ShardGroup {
        key,
        ordinal: 0,
        shards: shards.into_values().collect(),
    };
    groups.into_iter().map(group).collect()
}

/// Steps of co-located shards are one move.
fn moves(view: &View, steps: &[Step]) -> Vec<Move> {
    let group_of = |shard: u64| {
        view.groups
            .iter()
            .find(|group| group.shards.iter().any(|one| one.id == shard))
    };
    let node_of = |(host, port): &(String, u16)| {
        let is_it = |node: &&Node| node.port == *port && same_host(&node.host, host);
        view.nodes.iter().find(is_it).and_then(Node::group_id)
    };
    let mut moves: BTreeMap<(GroupKey, i32, i32), Move> = BTreeMap::new();
    for step in steps {
        let (Some(group), Some(from), Some(to)) = (
            group_of(step.shard),
            node_of(&step.source),
            node_of(&step.target),
        ) else {
            continue;
        };
        // Progress and catalogs are read apart: the one may still tell of what the other has seen done.
        let holders = group.holders();
        if holders.contains(&to) && (step.copies || !holders.contains(&from)) {
            continue;
        }
        let one = moves.entry((group.key, from, to)).or_insert_with(|| Move {
            group: group.key,
            from,
            to,
            copies: step.copies,
            bytes_done: 0,
            bytes_total: 0,
            phase: step.phase.clone(),
        });
        one.bytes_done += step.bytes_done;
        one.bytes_total += step.bytes_total;
    }
    moves.into_values().collect()
}

#[cfg(test)]
mod tests;
