//! What the marks mean, how many there are, and what is chosen: always in words too.

use ratatui::text::{Line, Span};

use super::{
    picture::{Picture, TileState, percent},
    tile::mark,
};
use crate::{
    app::{OpenTour, map::SectionKind},
    cluster::{Engine, GroupKind, Node, ShardGroup, TableName},
    ui::{
        nodes::word::{local_tables, state},
        text::{clip_line, count, one_line, size_words},
        theme::{Role, Theme},
    },
};

/// Tables that are named; more are counted.
const NAMED: usize = 3;

/// The entries of the legend, the most important first: alarms, moves, what a cell stands for, then the sections.
pub(super) fn entries(
    tour: &OpenTour,
    picture: &Picture<'_>,
    per_cell: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut entries = Vec::new();
    let mut say = |glyph: &'static str, words: String, role: Role| {
        entries.push(Line::from(vec![
            Span::styled(glyph, theme.style(role)),
            Span::styled(format!(" {words}"), theme.style(Role::Dim)),
        ]));
    };
    let failed = picture.count(|state| state == TileState::Failed);
    if failed > 0 {
        say(theme.glyphs.failed, format!("{failed} failed"), Role::Alert);
    }
    let unreachable = picture.count(|state| state == TileState::Unreachable);
    if unreachable > 0 {
        let words = format!("{unreachable} out of reach");
        say(theme.glyphs.unreachable, words, Role::Alert);
    }
    for one in tour.view.moves.iter().take(3) {
        let name = |id: i32| {
            let node = tour.view.node_of_group(id);
            node.map_or_else(|| "?".to_owned(), |node| one_line(&node.name))
        };
        let group = tour.view.group(one.group);
        let words = format!(
            "{} {} {} {} {} % {}",
            group.map_or_else(String::new, short_name),
            name(one.from),
            theme.glyphs.arrow,
            name(one.to),
            percent(one),
            one_line(&one.phase)
        );
        say(theme.glyphs.moving, words, Role::Busy);
    }
    if tour.view.moves.len() > 3 {
        let words = format!("{} more under way", tour.view.moves.len() - 3);
        say(theme.glyphs.moving, words, Role::Busy);
    }
    if per_cell > 1 {
        say("", format!("1 cell = {per_cell} groups"), Role::Text);
    }
    let touched: Vec<bool> = picture
        .lanes
        .iter()
        .flat_map(|lane| &lane.tiles)
        .filter_map(|tile| tile.touched)
        .collect();
    if !touched.is_empty() {
        let written = touched.iter().filter(|wrote| **wrote).count();
        let read = touched.len() - written;
        // A statement that failed was rolled back wherever it had done something.
        let done = if failed > 0 {
            ["not written", "asked"]
        } else {
            ["written", "read"]
        };
        let words = [(written, done[0]), (read, done[1])]
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect::<Vec<_>>()
            .join(", ");
        entries.push(Line::from(vec![
            Span::styled("__", theme.style(Role::Touched)),
            Span::styled(format!(" {words}"), theme.style(Role::Dim)),
        ]));
    }
    sections(tour, picture, theme, &mut entries);
    entries
}

fn sections(
    tour: &OpenTour,
    picture: &Picture<'_>,
    theme: &Theme,
    entries: &mut Vec<Line<'static>>,
) {
    for (place, section) in picture.sections.iter().enumerate() {
        let group = section
            .groups
            .first()
            .and_then(|index| tour.view.groups.get(*index));
        let Some(group) = group else { continue };
        let number = section.groups.len();
        let (glyph, style, words) = match section.kind {
            SectionKind::Hash(_) => {
                let column = column_of(tour, group);
                let by = column.map_or_else(String::new, |column| format!(" by {column}"));
                (
                    theme.glyphs.active,
                    theme.group(place),
                    format!("{number} {}{by}", tables(group)),
                )
            }
            SectionKind::Single => (
                theme.glyphs.active,
                theme.group(place),
                count(number, "whole table"),
            ),
            SectionKind::Reference => {
                let words = if number == 1 {
                    format!("reference: {}", tables(group))
                } else {
                    count(number, "reference group")
                };
                (theme.glyphs.reference, theme.style(Role::Strong), words)
            }
        };
        entries.push(Line::from(vec![
            Span::styled(glyph, style),
            Span::styled(format!(" {words}"), theme.style(Role::Dim)),
        ]));
    }
    let mut say = |glyph: &'static str, words: String| {
        entries.push(Line::styled(
            format!("{glyph} {words}"),
            theme.style(Role::Dim),
        ));
    };
    let local = local_tables(&tour.view).count();
    if local > 0 {
        let words = format!("{} on the coordinator only", count(local, "table"));
        say(theme.glyphs.local, words);
    }
    let left = picture.count(|state| state == TileState::Leftover)
        + picture
            .lanes
            .iter()
            .map(|lane| lane.leftovers)
            .sum::<usize>();
    if left > 0 {
        say(
            mark(theme, TileState::Leftover),
            format!("{left} left over"),
        );
    }
    if picture.elsewhere > 0 {
        say("?", format!("{} on unknown nodes", picture.elsewhere));
    }
}

/// The tables of a group, as few names as say it.
pub(super) fn tables(group: &ShardGroup) -> String {
    let mut names: Vec<String> = group
        .shards
        .iter()
        .map(|shard| one_line(&shard.table.to_string()))
        .collect();
    names.dedup();
    let more = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    match more {
        0 => names.join(", "),
        more => format!("{} +{more}", names.join(", ")),
    }
}

/// The distribution column of a group's tables.
pub(super) fn column_of(tour: &OpenTour, group: &ShardGroup) -> Option<String> {
    let table = group.shards.first()?;
    let found = tour.view.tables.iter().find(|it| it.name == table.table)?;
    found.distribution_column.as_deref().map(one_line)
}

/// How a group is called where there is little room.
pub(super) fn short_name(group: &ShardGroup) -> String {
    match group.key.kind {
        GroupKind::Hash { .. } => format!("{:02}", group.ordinal),
        _ => tables(group),
    }
}

/// A table's name as the lesson that is open has it.
fn short(tour: &OpenTour, table: &TableName) -> String {
    let schema = tour.facts.as_ref().and_then(|facts| facts.schema.as_ref());
    if schema == Some(&table.schema) {
        table.name.clone()
    } else {
        table.to_string()
    }
}

/// The group that is chosen, or else the lane's node, in one line.
pub(super) fn chosen(tour: &OpenTour, theme: &Theme) -> Option<Line<'static>> {
    let mut parts: Vec<String> = Vec::new();
    let mut lives = String::new();
    if let Some(pin) = &tour.map.pin {
        let value = one_line(&pin.value);
        let what = pin.table.as_ref().map_or_else(
            || value.clone(),
            |table| format!("{value} of {}", one_line(&short(tour, table))),
        );
        match &pin.place {
            None if pin.table.is_none() => {}
            None => parts.push(format!("{what}: asking...")),
            Some(Err(reason)) => parts.push(format!("{what}: {}", one_line(reason))),
            Some(Ok(key)) if tour.map.group == Some(*key) => lives = format!("{what} lives in "),
            Some(Ok(_)) => {}
        }
    }
    let lane = tour
        .map
        .lane
        .as_deref()
        .and_then(|name| tour.view.node(name));
    if let Some(group) = tour.map.group.and_then(|key| tour.view.group(key)) {
        parts.push(lives + &group_words(tour, group));
        let lies_here = lane
            .and_then(Node::group_id)
            .is_some_and(|id| crate::app::map::lies_on(group, id));
        if let Some(node) = lane.filter(|_| !lies_here) {
            parts.push(format!("not on {}", one_line(&node.name)));
        }
        parts.push("Enter: details".to_owned());
    } else if let Some(node) = lane {
        parts.push(node_facts(tour, node));
    }
    if parts.is_empty() {
        return None;
    }
    let between = format!(" {} ", theme.glyphs.dot);
    Some(Line::styled(parts.join(&between), theme.style(Role::Text)))
}

fn group_words(tour: &OpenTour, group: &ShardGroup) -> String {
    let what = match group.key.kind {
        GroupKind::Hash { .. } => format!("shard group {:02}", group.ordinal),
        GroupKind::Reference => format!("reference {}", tables(group)),
        GroupKind::Single => format!("whole table {}", tables(group)),
    };
    let holders: Vec<String> = group
        .holders()
        .iter()
        .filter_map(|id| tour.view.node_of_group(*id))
        .map(|node| one_line(&node.name))
        .collect();
    let place = match holders.len() {
        0 => "on no node whole".to_owned(),
        1..=3 => format!("on {}", holders.join(", ")),
        more => format!("on {more} nodes"),
    };
    let size = group
        .holders()
        .first()
        .and_then(|id| group.bytes_on(*id))
        .map_or_else(String::new, |bytes| format!(", {}", size_words(bytes)));
    // Where it is comes before whose it is: the line is cut at its end where there is little room.
    let whose = match group.key.kind {
        GroupKind::Hash { .. } => format!(": {}", tables(group)),
        _ => String::new(),
    };
    format!("{what} {place}{size}{whose}")
}

/// The four facts of a node in words.
pub(in crate::ui) fn node_facts(tour: &OpenTour, node: &Node) -> String {
    let process = state(&tour.view, node).to_string();
    let Some(member) = node.membership else {
        if tour.view.engine == Engine::None {
            return process;
        }
        let outside = "not in the cluster".to_owned();
        return if process == outside {
            process
        } else {
            format!("{process}, {outside}")
        };
    };
    let yes = |holds: bool, word: &str, not: &str| {
        if holds {
            word.to_owned()
        } else {
            not.to_owned()
        }
    };
    let facts = [
        process,
        yes(member.is_active, "active", "not active"),
        yes(
            member.metadata_synced,
            "metadata synced",
            "metadata not synced",
        ),
        yes(
            member.should_have_shards,
            "may hold shards",
            "may hold no shards",
        ),
    ];
    facts.join(", ")
}

/// Lays entries out in rows of a width; what does not fit is counted.
pub(super) fn rows(
    entries: Vec<Line<'static>>,
    width: usize,
    rows: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut lines: Vec<Line<'static>> = Vec::new();
    let total = entries.len();
    for (index, entry) in entries.into_iter().enumerate() {
        let wide = entry.width();
        if let Some(last) = lines.last_mut() {
            let used = last.width();
            if used + 3 + wide <= width {
                last.spans.push(Span::raw("   "));
                last.spans.extend(entry.spans);
                continue;
            }
        }
        if lines.len() == rows {
            let note = format!(" +{}", total - index);
            if let Some(last) = lines.last_mut() {
                let line = std::mem::take(last);
                let room = width.saturating_sub(note.len());
                let mut line = clip_line(line, room, theme.glyphs.ellipsis);
                line.spans.push(Span::styled(note, theme.style(Role::Dim)));
                *last = line;
            }
            return lines;
        }
        lines.push(clip_line(entry, width, theme.glyphs.ellipsis));
    }
    lines
}
