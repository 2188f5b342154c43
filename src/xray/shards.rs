//! Finding the shards, tables and nodes of a view by what plans call them.

use std::collections::HashMap;

use crate::cluster::{
    GroupKind, Node, NodeRole, Shard, ShardGroup, Table, TableKind, TableName, View,
};

/// So many characters of a table's name are in its shards' names, however long it is.
const BEGINNING: usize = 10;

/// A view with its shards at hand by their numbers.
pub(super) struct Shards<'a> {
    pub(super) view: &'a View,
    by_id: HashMap<u64, (&'a ShardGroup, &'a Shard)>,
}

impl<'a> Shards<'a> {
    pub(super) fn of(view: &'a View) -> Self {
        let shards = view
            .groups
            .iter()
            .flat_map(|group| group.shards.iter().map(move |shard| (group, shard)));
        let by_id = shards
            .map(|(group, shard)| (shard.id, (group, shard)))
            .collect();
        Self { view, by_id }
    }

    /// The shard of that number, and the group that it is in.
    pub(super) fn get(&self, id: u64) -> Option<(&'a ShardGroup, &'a Shard)> {
        self.by_id.get(&id).copied()
    }

    /// The shard whose table on its node has this name: a table's name, cut where it is long, and the shard's number.
    pub(super) fn named(&self, name: &str) -> Option<u64> {
        let (stem, number) = name.rsplit_once('_')?;
        let id = number.parse().ok()?;
        let (_, shard) = self.get(id)?;
        let own = shard.table.name.as_str();
        // A long name is cut and gets a hash in its middle, so that only its beginning can be compared.
        let mut beginning = own.chars().take(BEGINNING);
        let mut found = stem.chars();
        (stem == own || beginning.all(|one| found.next() == Some(one))).then_some(id)
    }

    /// The table of that name.
    pub(super) fn table(&self, schema: &str, name: &str) -> Option<&'a Table> {
        let tables = &self.view.tables;
        tables
            .iter()
            .find(|table| table.name.schema == schema && table.name.name == name)
    }

    /// The table of that name, as a list of it in a view knows it.
    pub(super) fn known(&self, name: &TableName) -> Option<&'a Table> {
        self.table(&name.schema, &name.name)
    }

    /// The table that a statement means by a name.
    pub(super) fn resolve(
        &self,
        schema: Option<&str>,
        name: &str,
        search_path: &[String],
    ) -> Option<&'a Table> {
        match schema {
            Some(schema) => self.table(schema, name),
            None => search_path
                .iter()
                .find_map(|schema| self.table(schema, name)),
        }
    }

    /// All shards of a table, in the order of the view.
    pub(super) fn of_table(
        &self,
        table: &TableName,
    ) -> impl Iterator<Item = (&'a ShardGroup, &'a Shard)> {
        let groups = self.view.groups.iter();
        let all = groups.flat_map(|group| group.shards.iter().map(move |shard| (group, shard)));
        all.filter(move |(_, shard)| shard.table == *table)
    }

    /// The node by which the nodes reach it.
    pub(super) fn node_at(&self, host: &str, port: u16) -> Option<&'a Node> {
        let nodes = &self.view.nodes;
        nodes
            .iter()
            .find(|node| node.port == port && node.host == host)
    }

    /// Names of the nodes that hold a shard in an active placement.
    pub(super) fn holders(&self, shard: &Shard) -> Vec<String> {
        let active = shard.placements.iter().filter(|one| one.active);
        let nodes = active.filter_map(|one| self.view.node_of_group(one.group_id));
        nodes.map(|node| node.name.clone()).collect()
    }

    /// Whether the node of that name answers: of several copies one that does is read.
    pub(super) fn answers(&self, name: &str) -> bool {
        let mut nodes = self.view.nodes.iter();
        nodes.any(|node| node.name == name && node.reachability.answers())
    }

    /// The name of the coordinator.
    pub(super) fn coordinator(&self) -> Option<&'a str> {
        let nodes = &self.view.nodes;
        let found = nodes
            .iter()
            .find(|node| node.role == NodeRole::Coordinator)?;
        Some(&found.name)
    }

    /// Whether a member does not answer, so that asking it costs time.
    pub(super) fn has_sick_node(&self) -> bool {
        let sick = |node: &Node| {
            !node.reachability.answers() && node.membership.is_some_and(|member| member.is_active)
        };
        self.view.nodes.iter().any(sick)
    }

    /// The name of the table's distribution column, if it has one.
    pub(super) fn distribution_column(&self, table: &TableName) -> Option<&'a str> {
        self.known(table)?.distribution_column.as_deref()
    }
}

/// Whether a shard holds a part of a table that is spread over nodes, rather than a copy or a table of the coordinator.
pub(super) fn is_spread(shards: &Shards<'_>, group: &ShardGroup, shard: &Shard) -> bool {
    let kind = shards.known(&shard.table).map(|table| table.kind);
    match group.key.kind {
        GroupKind::Hash { .. } => true,
        GroupKind::Reference => false,
        GroupKind::Single => kind != Some(TableKind::LocalManaged),
    }
}
