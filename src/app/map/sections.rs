//! Which groups belong together, in the order of the map's columns.

use crate::cluster::{GroupKind, ShardGroup, View};

/// What the groups of a section are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SectionKind {
    /// Slices of a hash range, of one colocation.
    Hash(u32),
    /// Tables that are whole on one node.
    Single,
    /// Tables that are whole on every node.
    Reference,
}

/// Groups that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// What they are.
    pub kind: SectionKind,
    /// Their places in the view.
    pub groups: Vec<usize>,
}

/// The sections of a view, in the order of the columns: colocations, whole tables, reference tables. One pass.
#[must_use]
pub fn sections(view: &View) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let (mut single, mut reference) = (Vec::new(), Vec::new());
    for (index, group) in view.groups.iter().enumerate() {
        let kind = match group.key.kind {
            GroupKind::Hash { .. } => SectionKind::Hash(group.key.colocation_id),
            GroupKind::Single => {
                single.push(index);
                continue;
            }
            GroupKind::Reference => {
                reference.push(index);
                continue;
            }
        };
        // The view is sorted: groups of a colocation follow each other.
        match sections.last_mut() {
            Some(last) if last.kind == kind => last.groups.push(index),
            _ => sections.push(Section {
                kind,
                groups: vec![index],
            }),
        }
    }
    for (kind, groups) in [
        (SectionKind::Single, single),
        (SectionKind::Reference, reference),
    ] {
        if !groups.is_empty() {
            sections.push(Section { kind, groups });
        }
    }
    sections
}

/// The places of all groups in the order of the columns.
#[must_use]
pub fn columns(view: &View) -> Vec<usize> {
    let sections = sections(view);
    sections
        .into_iter()
        .flat_map(|section| section.groups)
        .collect()
}

/// Whether a group has a copy on a node, by its `groupid`.
#[must_use]
pub fn lies_on(group: &ShardGroup, group_id: i32) -> bool {
    let placements = group.shards.iter().flat_map(|shard| &shard.placements);
    placements
        .into_iter()
        .any(|placement| placement.group_id == group_id)
}
