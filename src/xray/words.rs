//! What a statement touches, as a sentence for learners.

use super::shards::{Shards, is_spread};
use super::touched::{Access, Certainty, Touched, TouchedShard};
use crate::cluster::{Engine, Node, NodeRole, NodeState, TableName};
use crate::postgres::visible_text;

/// What the shards alone do not say.
pub(super) struct Extent {
    /// How many tasks there are of how many shards, where which ones is not known.
    pub(super) counted: Option<(u64, u64)>,
    /// Rows travel between the workers.
    pub(super) repartitions: bool,
    /// The tables are dropped.
    pub(super) drops: bool,
    /// Plain tables that are touched.
    pub(super) local: Vec<TableName>,
    /// Tables that the statement names.
    pub(super) named: Vec<TableName>,
}

/// The sentence.
pub(super) fn words(shards: &Shards<'_>, touched: &Touched, extent: &Extent) -> String {
    let (spread, others): (Vec<_>, Vec<_>) = touched.shards.iter().partition(|one| {
        let found = shards.get(one.id);
        found.is_some_and(|(group, shard)| is_spread(shards, group, shard))
    });
    let copies: Vec<_> = others
        .into_iter()
        .filter(|one| one.group.kind == crate::cluster::GroupKind::Reference)
        .collect();
    let main = main_words(shards, touched, extent, &spread, &copies);
    let written = copies.iter().filter(|one| one.access > Access::Read);
    let beside = written.map(|one| copies_words(one, extent)).next();
    let sentence = match (&touched.note, beside.filter(|_| !spread.is_empty())) {
        (Some(note), None) => format!("{main}: {note}"),
        (None, Some(beside)) => format!("{main}; {beside}"),
        (Some(note), Some(beside)) => format!("{main}: {note}; {beside}"),
        (None, None) => main,
    };
    one_line(&sentence)
}

/// A text in which nothing can steer a terminal, on one line.
pub(super) fn one_line(text: &str) -> String {
    visible_text(text).replace(['\n', '\t'], " ")
}

fn main_words(
    shards: &Shards<'_>,
    touched: &Touched,
    extent: &Extent,
    spread: &[&TouchedShard],
    copies: &[&TouchedShard],
) -> String {
    if extent.repartitions {
        return repartition_words(spread);
    }
    if touched.certainty == Certainty::UntilRun {
        return if spread.is_empty() {
            "unknown until it runs".to_owned()
        } else {
            let read = spread_words(shards, touched, extent, spread);
            format!("reads {read}; which shards it writes is unknown until it runs")
        };
    }
    if let Some((count, all)) = extent.counted {
        let asked = if shards.has_sick_node() {
            "; which ones is not asked while a node does not answer"
        } else {
            ""
        };
        return format!("{count} of {all} shards{asked}");
    }
    if !spread.is_empty() {
        return spread_words(shards, touched, extent, spread);
    }
    match copies.first() {
        Some(one) if one.access > Access::Read => copies_words(one, extent),
        Some(one) => {
            let nodes = one.nodes.iter().map(|name| by_role(shards, name));
            format!(
                "reference table: read on {}",
                list(&nodes.collect::<Vec<_>>())
            )
        }
        None => local_words(shards, extent),
    }
}

fn repartition_words(spread: &[&TouchedShard]) -> String {
    let mut tables: Vec<_> = spread.iter().map(|one| &one.table).collect();
    tables.sort();
    tables.dedup();
    let of = match tables.len() {
        0 => "all shards".to_owned(),
        1 => format!("all shards of {}", tables[0]),
        2 => "all shards of both tables".to_owned(),
        many => format!("all shards of {many} tables"),
    };
    format!("repartition: {of}, rows travel between the workers")
}

fn copies_words(one: &TouchedShard, extent: &Extent) -> String {
    let done = match one.access {
        _ if extent.drops => "dropped",
        Access::Definition => "changed",
        _ => "written",
    };
    match one.nodes.len() {
        1 => format!("reference table: its only copy is {done}"),
        copies => format!("reference table: all {copies} copies are {done}"),
    }
}

fn local_words(shards: &Shards<'_>, extent: &Extent) -> String {
    let beginning = match shards.view.engine {
        Engine::None => "only the coordinator",
        Engine::Extension(_) => "no shard: only the coordinator",
    };
    match extent.local.as_slice() {
        [] if extent.named.is_empty() => beginning.to_owned(),
        [] => format!("{beginning}, no row can match"),
        [table] => format!("{beginning}, where {table} is"),
        tables => {
            let names: Vec<_> = tables.iter().map(ToString::to_string).collect();
            format!("{beginning}, where {} are", list(&names))
        }
    }
}

/// `1 of 8 shards, worker1`, for each colocation that is touched.
fn spread_words(
    shards: &Shards<'_>,
    touched: &Touched,
    extent: &Extent,
    spread: &[&TouchedShard],
) -> String {
    let mut apart: Vec<(u64, Vec<&TouchedShard>)> = Vec::new();
    for one in spread {
        let key = match one.group.colocation_id {
            0 => u64::MAX - one.group.apart,
            id => id.into(),
        };
        match apart.iter_mut().find(|(known, _)| *known == key) {
            Some((_, members)) => members.push(one),
            None => apart.push((key, vec![one])),
        }
    }
    let several = apart.len() > 1;
    let counts = apart
        .iter()
        .map(|(_, members)| count_words(shards, touched, extent, members, several));
    let counts = list(&counts.collect::<Vec<_>>());
    let mut names: Vec<&String> = Vec::new();
    for node in &shards.view.nodes {
        if spread.iter().any(|one| one.nodes.contains(&node.name)) {
            names.push(&node.name);
        }
    }
    let many = spread_is_all(shards, spread) || groups_of(spread) > 3;
    format!("{counts}{}", place_words(shards, &names, many))
}

fn tables_of<'a>(members: &[&'a TouchedShard]) -> Vec<&'a TableName> {
    let mut tables: Vec<_> = members.iter().map(|one| &one.table).collect();
    tables.sort();
    tables.dedup();
    tables
}

fn spread_is_all(shards: &Shards<'_>, spread: &[&TouchedShard]) -> bool {
    let groups = groups_of(spread);
    let total = spread
        .first()
        .map(|first| shards.of_table(&first.table).count());
    Some(groups) == total
}

fn groups_of(members: &[&TouchedShard]) -> usize {
    let mut groups: Vec<_> = members.iter().map(|one| one.group).collect();
    groups.sort();
    groups.dedup();
    groups.len()
}

fn count_words(
    shards: &Shards<'_>,
    touched: &Touched,
    extent: &Extent,
    members: &[&TouchedShard],
    several: bool,
) -> String {
    let tables = tables_of(members);
    let groups = groups_of(members);
    let all = tables
        .iter()
        .map(|table| shards.of_table(table).count())
        .max()
        .unwrap_or(groups);
    let up_to = match touched.certainty {
        Certainty::AtMost => "up to ",
        _ => "",
    };
    // Shards of several tables that lie together are counted once.
    let noun = match (all, tables.len()) {
        (1, 1) => "shard",
        (_, 1) => "shards",
        (1, _) => "shard group",
        _ => "shard groups",
    };
    let count = if extent.drops {
        format!("drops all {groups} {noun}")
    } else if touched.access == Access::Definition {
        format!("the definition changes in all {groups} {noun}")
    } else {
        format!("{up_to}{groups} of {all} {noun}")
    };
    if several {
        let names: Vec<_> = tables.iter().map(ToString::to_string).collect();
        format!("{count} of {}", list(&names))
    } else {
        count
    }
}

/// `, worker1` for few shards on few nodes; ` on 2 workers` for many. A node that does not answer is named with its state.
fn place_words(shards: &Shards<'_>, names: &[&String], many: bool) -> String {
    let nodes: Vec<_> = names
        .iter()
        .filter_map(|name| shards.view.node(name))
        .collect();
    let silent: Vec<_> = nodes.iter().filter(|node| !node.serves()).collect();
    if nodes.len() == 1 || (nodes.len() == 2 && !many) {
        let shown: Vec<_> = nodes.iter().map(|node| with_state(node)).collect();
        return format!(", {}", list(&shown));
    }
    let workers = nodes.iter().all(|node| node.role == NodeRole::Worker);
    let noun = if workers { "workers" } else { "nodes" };
    let shown: Vec<_> = silent.iter().map(|node| with_state(node)).collect();
    match shown.len() {
        0 => format!(" on {} {noun}", nodes.len()),
        _ => format!(" on {} {noun}, among them {}", nodes.len(), list(&shown)),
    }
}

fn with_state(node: &Node) -> String {
    match node.state() {
        NodeState::Up | NodeState::Slow | NodeState::Unknown | NodeState::Outside => {
            node.name.clone()
        }
        state => format!("{} ({state})", node.name),
    }
}

fn by_role(shards: &Shards<'_>, name: &str) -> String {
    if shards.coordinator() == Some(name) {
        "the coordinator".to_owned()
    } else {
        shards
            .view
            .node(name)
            .map_or_else(|| name.to_owned(), with_state)
    }
}

/// `a`, `a and b`, `a, b and c`.
fn list(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}
