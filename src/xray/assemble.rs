//! From what a plan says to what a statement touches. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::lexeme::Lexeme;
use super::plan::{Found, Hit, Partial};
use super::reason::reason;
use super::shards::{Shards, is_spread};
use super::statement::mentioned;
use super::touched::{Access, Certainty, Touched, TouchedShard};
use super::words::{Extent, words};
use crate::cluster::{TableKind, TableName};

/// Words of statements that change rows.
const CHANGES: [&str; 5] = ["insert", "update", "delete", "merge", "copy"];

/// The statement that the plan is of.
pub(super) struct Asked<'a> {
    /// Its pieces.
    pub(super) pieces: Vec<Lexeme<'a>>,
    /// The schemas that it looks for tables in.
    pub(super) search_path: Vec<String>,
}

/// What the statement touches; `None` when that is nothing that people made.
pub(super) fn assemble(shards: &Shards<'_>, asked: &Asked<'_>, found: &Found) -> Option<Touched> {
    let named = mentioned(shards, &asked.pieces, &asked.search_path);
    let mut hits = found.shards.clone();
    let mut local: Vec<TableName> = Vec::new();
    for (table, access) in &found.tables {
        match shards.known(table).map(|table| table.kind) {
            Some(TableKind::Plain) | None => local.push(table.clone()),
            Some(_) => touch_all(shards, table, *access, &mut hits),
        }
    }
    if found.repartitions {
        let kind = |table: &&TableName| shards.known(table).map(|table| table.kind);
        for table in &named {
            if kind(&table) == Some(TableKind::Distributed) {
                touch_all(shards, table, Access::Read, &mut hits);
            }
        }
    }
    if hits.is_empty() && local.is_empty() && found.insertions.is_empty() && named.is_empty() {
        return None;
    }
    let touched_shards = place(shards, &hits);
    let counted = found
        .partial
        .first()
        .and_then(|partial| counted(shards, partial));
    let certainty = match () {
        () if !found.insertions.is_empty() => Certainty::UntilRun,
        () if !found.partial.is_empty() => Certainty::Counted,
        () if found.at_most => Certainty::AtMost,
        () => Certainty::Exact,
    };
    let accesses = touched_shards.iter().map(|shard| shard.access);
    let changes = |piece: &Lexeme<'_>| CHANGES.iter().any(|word| piece.is(word));
    let unrouted = !found.insertions.is_empty();
    let written = (unrouted && asked.pieces.iter().any(changes)).then_some(Access::Write);
    let access = accesses
        .chain(found.tables.values().copied())
        .chain(written)
        .max()
        .unwrap_or(Access::Read);
    let nodes = nodes(shards, &touched_shards, !local.is_empty(), certainty);
    let mut touched = Touched {
        shards: touched_shards,
        nodes,
        access,
        certainty,
        note: None,
        words: String::new(),
    };
    if access != Access::Definition && !found.repartitions {
        touched.note = reason(shards, &asked.pieces, &touched);
    }
    let extent = Extent {
        counted,
        repartitions: found.repartitions,
        drops: asked.pieces.first().is_some_and(|first| first.is("drop")),
        local,
        named,
    };
    touched.words = words(shards, &touched, &extent);
    Some(touched)
}

/// What a statement touches that does the same to all of some tables.
pub(super) fn assemble_whole(
    shards: &Shards<'_>,
    asked: &Asked<'_>,
    tables: &[TableName],
    access: Access,
) -> Option<Touched> {
    let mut found = Found::default();
    for table in tables {
        for (_, shard) in shards.of_table(table) {
            found.touch(shard.id, access, None);
        }
        found.tables.insert(table.clone(), access);
    }
    let spread = |table: &TableName, _: &mut Access| {
        shards
            .known(table)
            .is_none_or(|table| !matches!(table.kind, TableKind::Distributed | TableKind::Schema))
    };
    found.tables.retain(spread);
    assemble(shards, asked, &found)
}

fn touch_all(
    shards: &Shards<'_>,
    table: &TableName,
    access: Access,
    hits: &mut BTreeMap<u64, Hit>,
) {
    for (_, shard) in shards.of_table(table) {
        let hit = hits.entry(shard.id).or_default();
        hit.access = hit.access.max(access);
    }
}

/// Gives each shard its nodes: a written one all that hold it, one that is read the one that the plan names.
fn place(shards: &Shards<'_>, hits: &BTreeMap<u64, Hit>) -> Vec<TouchedShard> {
    let mut placed = Vec::new();
    let mut with_spread: BTreeSet<String> = BTreeSet::new();
    for (id, hit) in hits {
        let Some((group, shard)) = shards.get(*id) else {
            continue;
        };
        let holders = shards.holders(shard);
        let spread = is_spread(shards, group, shard);
        let nodes = if hit.access > Access::Read {
            holders
        } else if !hit.nodes.is_empty() {
            hit.nodes.clone()
        } else if spread {
            let answering = holders.iter().find(|name| shards.answers(name));
            answering.or(holders.first()).cloned().into_iter().collect()
        } else {
            let coordinator = shards.coordinator().map(str::to_owned);
            coordinator
                .filter(|name| holders.contains(name))
                .or_else(|| holders.first().cloned())
                .into_iter()
                .collect()
        };
        if spread {
            with_spread.extend(nodes.iter().cloned());
        }
        placed.push(TouchedShard {
            id: *id,
            group: group.key,
            table: shard.table.clone(),
            nodes,
            access: hit.access,
        });
    }
    // A copy that is joined to shards is read beside each of them.
    for one in &mut placed {
        let beside = shards
            .get(one.id)
            .is_some_and(|(group, shard)| !is_spread(shards, group, shard));
        let by_task = hits.get(&one.id).is_some_and(|hit| !hit.nodes.is_empty());
        if beside && by_task && one.access == Access::Read && !with_spread.is_empty() {
            one.nodes = in_order(shards, &with_spread);
        }
    }
    placed
}

fn in_order(shards: &Shards<'_>, names: &BTreeSet<String>) -> Vec<String> {
    let all = shards.view.nodes.iter().map(|node| node.name.clone());
    all.filter(|name| names.contains(name)).collect()
}

fn nodes(
    shards: &Shards<'_>,
    touched: &[TouchedShard],
    local: bool,
    certainty: Certainty,
) -> Vec<String> {
    let mut names: BTreeSet<String> = touched
        .iter()
        .flat_map(|shard| shard.nodes.iter().cloned())
        .collect();
    if local || (names.is_empty() && certainty == Certainty::Exact) {
        names.extend(shards.coordinator().map(str::to_owned));
    }
    in_order(shards, &names)
}

/// How many tasks there are, and how many shards they could be of.
fn counted(shards: &Shards<'_>, partial: &Partial) -> Option<(u64, u64)> {
    let spread = partial
        .shown
        .iter()
        .filter_map(|id| shards.get(*id))
        .find(|(group, shard)| is_spread(shards, group, shard));
    let (_, shard) = spread?;
    Some((partial.count, shards.of_table(&shard.table).count() as u64))
}
