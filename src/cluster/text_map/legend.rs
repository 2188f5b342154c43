//! What stands below the lanes: the meaning of the marks, and the moves under way.

use super::{Detail, Map, WIDTH};
use crate::cluster::view::{GroupKind, Move, TableKind};

impl Map<'_> {
    /// `▶02 worker2 to worker3, 96 %, Catching Up`; a whole table goes by its name.
    fn move_in_words(&self, one: &Move) -> String {
        let name = |id: i32| {
            self.view
                .node_of_group(id)
                .map_or("?", |node| node.name.as_str())
        };
        let percent = one.bytes_done.min(one.bytes_total) * 100 / one.bytes_total.max(1);
        let what = self
            .view
            .group(one.group)
            .map_or_else(String::new, |group| match group.key.kind {
                GroupKind::Hash { .. } => format!("{:02}", group.ordinal),
                _ => group
                    .shards
                    .iter()
                    .map(|s| s.table.to_string())
                    .collect::<Vec<_>>()
                    .join(", "),
            });
        let (mark, from, to) = (self.glyphs.leaving, name(one.from), name(one.to));
        format!("{mark}{what} {from} to {to}, {percent} %, {}", one.phase)
    }

    /// What the marks mean, and the moves under way.
    pub(super) fn push_legend(&self, text: &mut String) {
        let mut entries = Vec::new();
        for section in &self.sections {
            let Some(first) = section.first() else {
                continue;
            };
            let colocation = first.key.colocation_id;
            let tables = self
                .view
                .tables
                .iter()
                .filter(|t| t.colocation_id == Some(colocation));
            let names: Vec<_> = tables.clone().map(|table| table.name.to_string()).collect();
            let column = tables
                .clone()
                .find_map(|table| table.distribution_column.clone());
            let by = column
                .map(|column| format!(" by {column}"))
                .unwrap_or_default();
            let mark = match self.detail {
                Detail::Bucket(size) => format!("{} = {size} groups,", self.glyphs.active),
                _ => self.glyphs.active.to_string(),
            };
            entries.push(format!("{mark} {}{by}", names.join(", ")));
        }
        let mut whole = |glyph: char, word: &str, kinds: &[TableKind]| {
            let names = self.names(kinds);
            if !names.is_empty() {
                entries.push(format!("{glyph} {word}: {}", names.join(", ")));
            }
        };
        whole(self.glyphs.reference, "reference", &[TableKind::Reference]);
        whole(self.glyphs.active, "schema", &[TableKind::Schema]);
        whole(
            self.glyphs.local,
            "local",
            &[TableKind::Plain, TableKind::LocalManaged],
        );
        if self
            .view
            .nodes
            .iter()
            .any(|node| node.membership.is_some() && !node.serves())
        {
            entries.push(format!("{} out of reach", self.glyphs.unreachable));
        }
        entries.extend(self.view.moves.iter().map(|one| self.move_in_words(one)));
        push_wrapped(text, &entries);
    }
}

/// The entries, as many on a line as fit; one that does not fit on a line of its own is cut.
fn push_wrapped(text: &mut String, entries: &[String]) {
    let mut line = String::new();
    for entry in entries {
        if !line.is_empty() && line.chars().count() + entry.chars().count() + 3 > WIDTH {
            text.push_str(&line);
            text.push('\n');
            line.clear();
        }
        line.push_str(if line.is_empty() { "  " } else { "   " });
        let room = WIDTH - line.chars().count();
        if entry.chars().count() > room {
            line.extend(
                entry
                    .chars()
                    .take(room.saturating_sub(3))
                    .chain("...".chars()),
            );
        } else {
            line.push_str(entry);
        }
    }
    if !line.is_empty() {
        text.push_str(&line);
        text.push('\n');
    }
}
