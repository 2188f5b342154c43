//! A small text map of a cluster, for plain text: a lane a node, a column a shard group. Pure.

mod glyphs;
mod legend;

use std::collections::BTreeMap;
use std::fmt::Write;

use super::node::{Node, NodeRole, NodeState};
use super::view::{Engine, GroupKind, Move, ShardGroup, TableKind, View};
pub use glyphs::Charset;
use glyphs::Glyphs;

/// The widest line.
const WIDTH: usize = 100;

/// How much room a group has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    /// Mark and number.
    Chip,
    /// One mark a group.
    Mark,
    /// One mark for so many groups; the worst wins.
    Bucket(usize),
}

/// The map, at most 100 cells wide, each line ended. Empty for a cluster without nodes.
#[must_use]
pub fn text_map(view: &View, charset: Charset) -> String {
    let map = Map::new(view, charset.glyphs());
    let mut text = String::new();
    map.push_title(&mut text);
    for node in &view.nodes {
        map.push_lane(&mut text, node);
    }
    map.push_legend(&mut text);
    text
}

struct Map<'a> {
    view: &'a View,
    glyphs: Glyphs,
    /// The hash groups by colocation, each in a section of its own.
    sections: Vec<Vec<&'a ShardGroup>>,
    name_width: usize,
    word_width: usize,
    port_width: usize,
    detail: Detail,
}

impl<'a> Map<'a> {
    fn new(view: &'a View, glyphs: Glyphs) -> Self {
        let mut by_colocation: BTreeMap<u32, Vec<&ShardGroup>> = BTreeMap::new();
        for group in &view.groups {
            if matches!(group.key.kind, GroupKind::Hash { .. }) {
                by_colocation
                    .entry(group.key.colocation_id)
                    .or_default()
                    .push(group);
            }
        }
        let sections: Vec<_> = by_colocation.into_values().collect();
        let widest = |of: &dyn Fn(&Node) -> usize| view.nodes.iter().map(of).max().unwrap_or(0);
        let name_width = widest(&|node| node.name.chars().count().min(20));
        let word_width = widest(&|node| word(state(view, node)).len());
        let port_width = widest(&|node| node.port.to_string().len());
        let mut map = Self {
            view,
            glyphs,
            sections,
            name_width,
            word_width,
            port_width,
            detail: Detail::Chip,
        };
        map.detail = map.best_detail();
        map
    }

    fn best_detail(&self) -> Detail {
        // What stands before the sections, and the reference and local marks behind them.
        let lane = self.name_width + self.word_width + self.port_width + 19;
        let room = WIDTH.saturating_sub(lane + 12).max(10);
        let total: usize = self.sections.iter().map(Vec::len).sum();
        let gaps = 2 * self.sections.len();
        let widest = self.sections.iter().map(Vec::len).max().unwrap_or(0);
        if total * 4 + gaps <= room && widest < 100 {
            Detail::Chip
        } else if total + gaps <= room {
            Detail::Mark
        } else {
            Detail::Bucket(total.div_ceil(room.saturating_sub(gaps + self.sections.len()).max(1)))
        }
    }

    fn push_title(&self, text: &mut String) {
        let engine = match &self.view.engine {
            Engine::None => "plain PostgreSQL".to_owned(),
            Engine::Extension(version) => {
                version.split(" on ").next().unwrap_or(version).to_owned()
            }
        };
        let groups: usize = self.sections.iter().map(Vec::len).sum();
        let dot = self.glyphs.dot;
        let placements = self.view.placement_count();
        let _ = write!(text, "{} {dot} {engine}", self.view.cluster);
        if placements > 0 {
            let _ = write!(
                text,
                " {dot} {} {dot} {}",
                count(groups, "shard group"),
                count(placements, "placement")
            );
        }
        if let Some(reason) = &self.view.outdated {
            let _ = write!(text, " {dot} as last seen: {reason}");
        }
        let cut: String = text.chars().take(WIDTH).collect();
        *text = cut;
        text.push('\n');
    }

    fn push_lane(&self, text: &mut String, node: &Node) {
        let mut line = String::new();
        let name: String = node.name.chars().take(self.name_width).collect();
        let mark = match state(self.view, node) {
            NodeState::Up | NodeState::Slow | NodeState::Disabled | NodeState::Stale => {
                self.glyphs.up
            }
            NodeState::Outside | NodeState::Absent | NodeState::Starting | NodeState::Unknown => {
                self.glyphs.outside
            }
            _ => self.glyphs.gone,
        };
        let _ = write!(line, "  {name:<0$} {mark}", self.name_width);
        if self.word_width > 0 {
            let _ = write!(
                line,
                " {:<1$}",
                word(state(self.view, node)),
                self.word_width
            );
        }
        let _ = write!(line, " :{:<1$}", node.port, self.port_width);
        if let Some(group_id) = node.group_id() {
            let shards = self.view.groups.iter().flat_map(|group| &group.shards);
            let held =
                shards.filter(|shard| shard.placements.iter().any(|p| p.group_id == group_id));
            let held = held.count();
            let _ = write!(
                line,
                " {held:>4} {:<6}",
                if held == 1 { "shard" } else { "shards" }
            );
            for section in &self.sections {
                line.push_str("  ");
                self.push_section(&mut line, section, node, group_id);
            }
            self.push_whole(&mut line, node, group_id);
        }
        if node.role == NodeRole::Coordinator {
            let local = self
                .names(&[TableKind::Plain, TableKind::LocalManaged])
                .len();
            if local > 0 {
                let _ = write!(line, "  {}{local}", self.glyphs.local);
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }

    fn push_section(&self, line: &mut String, section: &[&ShardGroup], node: &Node, group_id: i32) {
        match self.detail {
            Detail::Chip => {
                for group in section {
                    match self.mark(group, node, group_id) {
                        Some(mark) => {
                            let _ = write!(line, "{mark}{:02} ", group.ordinal);
                        }
                        None => line.push_str("    "),
                    }
                }
            }
            Detail::Mark => {
                line.extend(
                    section
                        .iter()
                        .map(|group| self.mark(group, node, group_id).unwrap_or(' ')),
                );
            }
            Detail::Bucket(size) => {
                for bucket in section.chunks(size) {
                    let marks = bucket
                        .iter()
                        .filter_map(|group| self.mark(group, node, group_id));
                    line.push(marks.max_by_key(|mark| self.gravity(*mark)).unwrap_or(' '));
                }
            }
        }
    }

    /// The mark of a group in a node's lane; `None` when it is not there.
    fn mark(&self, group: &ShardGroup, node: &Node, group_id: i32) -> Option<char> {
        let moving = self.view.moves.iter().filter(|one| one.group == group.key);
        if let Some(arriving) = moving.clone().find(|one| one.to == group_id) {
            return Some(self.glyphs.arriving[third(arriving)]);
        }
        let here = group
            .shards
            .iter()
            .any(|s| s.placements.iter().any(|p| p.group_id == group_id));
        if !here {
            return None;
        }
        Some(if !node.serves() {
            self.glyphs.unreachable
        } else if moving.clone().any(|one| one.from == group_id) {
            self.glyphs.leaving
        } else {
            self.glyphs.active
        })
    }

    fn gravity(&self, mark: char) -> u8 {
        match mark {
            mark if mark == self.glyphs.unreachable => 3,
            mark if self.glyphs.arriving.contains(&mark) => 2,
            mark if mark == self.glyphs.leaving => 1,
            _ => 0,
        }
    }

    /// Tables that are whole on a node: reference tables, and those of a distributed schema.
    fn push_whole(&self, line: &mut String, node: &Node, group_id: i32) {
        let here = |group: &&ShardGroup| group.holders().contains(&group_id);
        let of = |kind: GroupKind| {
            self.view
                .groups
                .iter()
                .filter(here)
                .filter(|group| group.key.kind == kind)
                .map(|group| group.shards.len())
                .sum::<usize>()
        };
        let references = of(GroupKind::Reference);
        if references > 0 {
            let mark = if node.serves() {
                self.glyphs.reference
            } else {
                self.glyphs.unreachable
            };
            let _ = write!(line, "  {mark}{references}");
        }
        let singles =
            self.view.groups.iter().filter(here).filter(|group| {
                group.key.kind == GroupKind::Single && group.key.colocation_id != 0
            });
        let singles = singles.count();
        if singles > 0 {
            let _ = write!(line, "  {}{singles}", self.glyphs.active);
        }
    }

    fn names(&self, kinds: &[TableKind]) -> Vec<String> {
        let tables = self
            .view
            .tables
            .iter()
            .filter(|table| kinds.contains(&table.kind));
        tables.map(|table| table.name.to_string()).collect()
    }
}

/// A node's word; without an engine there is nothing to be outside of.
fn state(view: &View, node: &Node) -> NodeState {
    match node.state() {
        NodeState::Outside if view.engine == Engine::None => NodeState::Up,
        state => state,
    }
}

/// The word of a lane, for nodes that are not simply up.
fn word(state: NodeState) -> String {
    match state {
        NodeState::Up => String::new(),
        NodeState::Outside => "not joined".to_owned(),
        NodeState::Down
        | NodeState::Frozen
        | NodeState::CutOff
        | NodeState::Stale
        | NodeState::Disabled => state.to_string().to_uppercase(),
        state => state.to_string(),
    }
}

fn third(one: &Move) -> usize {
    let done = one.bytes_done.min(one.bytes_total);
    usize::try_from(done * 3 / one.bytes_total.max(1))
        .unwrap_or(2)
        .min(2)
}

fn count(number: usize, what: &str) -> String {
    if number == 1 {
        format!("1 {what}")
    } else {
        format!("{number} {what}s")
    }
}

#[cfg(test)]
mod tests;
