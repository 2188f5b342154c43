//! What happened between two views of one cluster. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{Change, GroupName};
use super::view::{Engine, GroupKey, GroupKind, ShardGroup, Table, TableKind, TableName, View};

/// The changes from one view to a later one, in the order in which they are best told: engine, nodes, tables, shards.
///
/// Bytes copied and sizes are no changes: they alter with every look.
#[must_use]
pub fn diff(before: &View, after: &View) -> Vec<Change> {
    let mut changes = Vec::new();
    engine(before, after, &mut changes);
    nodes(before, after, &mut changes);
    tables(before, after, &mut changes);
    groups(before, after, &mut changes);
    moves(before, after, &mut changes);
    changes
}

fn engine(before: &View, after: &View, changes: &mut Vec<Change>) {
    match (&before.engine, &after.engine) {
        (old, Engine::Extension(version)) if *old != after.engine => {
            changes.push(Change::EngineEnabled(version.clone()));
        }
        (Engine::Extension(_), Engine::None) => changes.push(Change::EngineRemoved),
        _ => {}
    }
}

fn nodes(before: &View, after: &View, changes: &mut Vec<Change>) {
    let member = |view: &View, name: &str| view.node(name).and_then(|node| node.membership);
    for node in &after.nodes {
        let name = &node.name;
        match (member(before, name), node.membership) {
            (None, Some(_)) => changes.push(Change::NodeAdded(name.clone())),
            (Some(_), None) => changes.push(Change::NodeRemoved(name.clone())),
            (Some(old), Some(new)) if old.should_have_shards != new.should_have_shards => {
                let (node, allowed) = (name.clone(), new.should_have_shards);
                changes.push(Change::ShardsAllowed { node, allowed });
            }
            _ => {}
        }
        let Some(old) = before.node(name) else {
            continue;
        };
        // Joining and leaving have been told; `up` and `not in the cluster` only repeat it.
        let joined = old.membership.is_some() != node.membership.is_some();
        if old.state() != node.state() && !(joined && old.reachability == node.reachability) {
            let (from, to) = (old.state(), node.state());
            changes.push(Change::NodeState {
                node: name.clone(),
                from,
                to,
            });
        }
    }
    for node in &before.nodes {
        if node.membership.is_some() && after.node(&node.name).is_none() {
            changes.push(Change::NodeRemoved(node.name.clone()));
        }
    }
}

fn tables(before: &View, after: &View, changes: &mut Vec<Change>) {
    let old: BTreeMap<&TableName, &Table> = by_name(before);
    let new: BTreeMap<&TableName, &Table> = by_name(after);
    for (name, table) in &new {
        let was = old.get(name).copied();
        if was.is_none() {
            changes.push(Change::TableCreated((*name).clone()));
        }
        let from = was.map_or(TableKind::Plain, |was| was.kind);
        if from != table.kind {
            let (table, to) = ((*name).clone(), table.kind);
            let column = new[name].distribution_column.clone();
            changes.push(Change::TableKind {
                table,
                from,
                to,
                column,
            });
        } else if let Some(was) = was
            && shape(was) != shape(table)
        {
            let now = format!(
                "{} shards by {}",
                table.shard_count,
                table.distribution_column.as_deref().unwrap_or("nothing")
            );
            changes.push(Change::TableReshaped {
                table: (*name).clone(),
                now,
            });
        }
    }
    for name in old.keys().filter(|name| !new.contains_key(*name)) {
        changes.push(Change::TableDropped((*name).clone()));
    }
}

fn by_name(view: &View) -> BTreeMap<&TableName, &Table> {
    view.tables
        .iter()
        .map(|table| (&table.name, table))
        .collect()
}

/// What only a new cut changes. A split changes the number of shards too, but keeps the colocation's identity.
fn shape(table: &Table) -> (Option<&str>, Option<u32>) {
    (table.distribution_column.as_deref(), table.colocation_id)
}

fn groups(before: &View, after: &View, changes: &mut Vec<Change>) {
    for group in &before.groups {
        match after.group(group.key) {
            Some(now) => placements(before, after, group, now, changes),
            None => split(group, after, changes),
        }
    }
}

fn placements(
    before: &View,
    after: &View,
    old: &ShardGroup,
    new: &ShardGroup,
    changes: &mut Vec<Change>,
) {
    let was: BTreeSet<i32> = old.holders().into_iter().collect();
    let is: BTreeSet<i32> = new.holders().into_iter().collect();
    let mut gone = was.difference(&is);
    let mut come = is.difference(&was);
    let group = || name_of(new);
    loop {
        changes.push(match (gone.next(), come.next()) {
            (Some(from), Some(to)) => {
                let (from, to) = (node_name(before, *from), node_name(after, *to));
                Change::GroupMoved {
                    group: group(),
                    from,
                    to,
                }
            }
            (Some(from), None) => Change::GroupCopyLost {
                group: group(),
                from: node_name(before, *from),
            },
            (None, Some(to)) => Change::GroupCopied {
                group: group(),
                to: node_name(after, *to),
            },
            (None, None) => return,
        });
    }
}

fn split(old: &ShardGroup, after: &View, changes: &mut Vec<Change>) {
    let GroupKind::Hash { min, max } = old.key.kind else {
        return;
    };
    let within = |group: &&ShardGroup| match group.key.kind {
        GroupKind::Hash {
            min: low,
            max: high,
        } => group.key.colocation_id == old.key.colocation_id && min <= low && high <= max,
        _ => false,
    };
    let parts = after.groups.iter().filter(within).count();
    if parts > 1 {
        changes.push(Change::GroupSplit {
            group: name_of(old),
            parts,
        });
    }
}

fn moves(before: &View, after: &View, changes: &mut Vec<Change>) {
    let known: BTreeSet<(GroupKey, i32, i32)> = before
        .moves
        .iter()
        .map(|one| (one.group, one.from, one.to))
        .collect();
    for one in &after.moves {
        if !known.contains(&(one.group, one.from, one.to))
            && let Some(group) = after.group(one.group)
        {
            changes.push(Change::MoveStarted {
                group: name_of(group),
                from: node_name(after, one.from),
                to: node_name(after, one.to),
            });
        }
    }
}

fn name_of(group: &ShardGroup) -> GroupName {
    let number = matches!(group.key.kind, GroupKind::Hash { .. }).then_some(group.ordinal);
    let mut tables: Vec<_> = group
        .shards
        .iter()
        .map(|shard| shard.table.clone())
        .collect();
    tables.dedup();
    GroupName {
        key: group.key,
        number,
        tables,
    }
}

fn node_name(view: &View, group_id: i32) -> String {
    view.node_of_group(group_id).map_or_else(
        || format!("node group {group_id}"),
        |node| node.name.clone(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::sample::{self, journey};
    use super::super::{Move, Reachability};
    use super::*;

    fn told(before: &View, after: &View) -> Vec<String> {
        diff(before, after)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn distributing_is_told_by_table() {
        let plain = sample::plain();
        assert_eq!(
            told(&plain, &journey()),
            [
                "the servers have Citus 13.2.2",
                "coordinator joined the cluster",
                "worker1 joined the cluster",
                "worker2 joined the cluster",
                "table orders is distributed by user_id",
                "table regions is a reference table",
                "table users is distributed by user_id",
            ]
        );
        let back = told(&journey(), &plain);
        assert_eq!(back[0], "the servers are plain PostgreSQL again");
        assert_eq!(back[3], "worker2 left the cluster");
        assert_eq!(back[4], "table orders is a plain table again");
        assert_eq!(back.len(), 7);
    }

    #[test]
    fn a_node_is_told_by_its_word() {
        let before = journey();
        let mut after = before.clone();
        after.nodes[1].reachability = Reachability::Down;
        assert_eq!(told(&before, &after), ["worker1 is down"]);
        assert_eq!(told(&after, &before), ["worker1 is up"]);
        let mut disabled = after.clone();
        let mut member = after.nodes[1].membership.unwrap();
        member.is_active = false;
        disabled.nodes[1].membership = Some(member);
        assert_eq!(told(&after, &disabled), [""; 0]);
        member.should_have_shards = false;
        disabled.nodes[1].membership = Some(member);
        assert_eq!(
            told(&after, &disabled),
            ["worker1 may hold no shards any more"]
        );
    }

    #[test]
    fn shards_that_travel_are_told_by_group() {
        let before = journey();
        let mut under_way = before.clone();
        let group = before.groups[2].key;
        under_way.moves.push(Move {
            group,
            from: 2,
            to: 1,
            copies: false,
            bytes_done: 10,
            bytes_total: 100,
            phase: "Copying Data".into(),
        });
        let mut further = under_way.clone();
        further.moves[0].bytes_done = 50;
        let after = sample::moved(&before, 2, 1);
        let whole = "shard group 02 of orders, users";
        assert_eq!(
            told(&before, &under_way),
            [format!("{whole} is on its way from worker2 to worker1")]
        );
        assert_eq!(told(&under_way, &further), [""; 0]);
        assert_eq!(
            told(&further, &after),
            [format!("{whole} moved from worker2 to worker1")]
        );
    }

    #[test]
    fn copies_come_and_go() {
        let before = journey();
        let mut after = before.clone();
        let reference = after.groups[0].shards[0].placements.pop().unwrap();
        assert_eq!(reference.group_id, 2);
        assert_eq!(
            told(&before, &after),
            ["regions has no copy on worker2 any more"]
        );
        assert_eq!(told(&after, &before), ["regions was copied to worker2"]);
    }

    #[test]
    fn a_split_is_told_once() {
        let before = journey();
        let after = sample::split(&before, 3);
        assert_eq!(
            told(&before, &after),
            ["shard group 03 of orders, users was split into 2"]
        );
    }

    proptest! {
        #[test]
        fn nothing_changes_between_equal_views(view in sample::views()) {
            prop_assert_eq!(diff(&view, &view), []);
        }

        #[test]
        fn every_placement_that_differs_is_told(view in sample::views(), index in 0_usize..40, to in 1_i32..4) {
            prop_assume!(view.groups.len() > 1);
            let index = 1 + index % (view.groups.len() - 1);
            let moved = sample::moved(&view, index, to);
            let from = view.groups[index].holders();
            let expected = usize::from(from != [to]);
            prop_assert_eq!(diff(&view, &moved).len(), expected);
            prop_assert_eq!(diff(&moved, &view).len(), expected);
        }

        #[test]
        fn sorting_again_changes_nothing(view in sample::views()) {
            prop_assert_eq!(view.clone().sorted(), view);
        }
    }
}
