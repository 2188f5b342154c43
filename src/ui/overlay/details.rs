//! All about a shard group, and the end of a node's log.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    super::{
        text::{clip, one_line, scrollbar, size_words, wrap, write},
        theme::{Role, Theme},
    },
    frame::{layer, with_air},
};
use crate::{
    app::{Model, OpenTour, Regions, Viewport},
    cluster::{GroupKind, Shard, ShardGroup},
};

/// Columns of the layer about a group.
const WIDTH: u16 = 84;

/// Draws all about the chosen group.
pub(super) fn draw(
    model: &Model,
    offset: usize,
    theme: &Theme,
    screen: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let Some(tour) = model.tour.as_deref() else {
        return;
    };
    let width = WIDTH.min(screen.width.saturating_sub(2));
    let room = usize::from(width.saturating_sub(4));
    let group = tour.map.group.and_then(|key| tour.view.group(key));
    let (title, lines) = group.map_or_else(
        || {
            let words = "the chosen shard group is not there any more";
            (
                "shard group".to_owned(),
                vec![Line::styled(words, theme.style(Role::Warning))],
            )
        },
        |group| (name(group), about(tour, group, theme, room)),
    );
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let inner = layer(&title, (width, height), theme, screen, buffer, regions);
    show(lines, offset, theme, inner, buffer, regions);
}

fn show(
    lines: Vec<Line<'static>>,
    offset: usize,
    theme: &Theme,
    inner: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let viewport = Viewport {
        height: usize::from(inner.height),
        width: usize::from(inner.width),
        content: lines.len(),
    };
    let offset = offset.min(viewport.last_offset());
    for (row, line) in (inner.y..inner.bottom()).zip(lines.into_iter().skip(offset)) {
        let place = Rect {
            y: row,
            height: 1,
            ..inner
        };
        write(buffer, place, line);
    }
    scrollbar(theme, viewport, offset, with_air(inner), buffer);
    regions.overlay = viewport;
}

fn name(group: &ShardGroup) -> String {
    match group.key.kind {
        GroupKind::Hash { .. } => format!("shard group {:02}", group.ordinal),
        GroupKind::Reference => "reference tables: the same rows on every node".to_owned(),
        GroupKind::Single => "a whole table on one node".to_owned(),
    }
}

fn about(tour: &OpenTour, group: &ShardGroup, theme: &Theme, room: usize) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    let dim = |text: String| Line::styled(text, theme.style(Role::Dim));
    if let GroupKind::Hash { min, max } = group.key.kind {
        let share = (i64::from(max) - i64::from(min) + 1) * 1000 / (1 << 32);
        let text = format!(
            "hash values {min} to {max}, {}.{} % of the range",
            share / 10,
            share % 10
        );
        lines.push(Line::styled(text, theme.style(Role::Text)));
        let column = group.shards.first().and_then(|shard| {
            let found = tour.view.tables.iter().find(|it| it.name == shard.table)?;
            found.distribution_column.as_deref()
        });
        let column = one_line(column.unwrap_or("the distribution column"));
        let words =
            format!("Rows whose {column} hashes into this range live here, in every table:");
        lines.extend(wrap(&words, room).into_iter().map(&dim));
    }
    lines.push(Line::default());
    tables(tour, group, theme, room, &mut lines);
    lines.push(Line::default());
    match facts(tour, group) {
        Some(facts) if facts.tenants.is_empty() => {
            if matches!(group.key.kind, GroupKind::Hash { .. }) {
                lines.push(dim("no tenant is known to live here".to_owned()));
            }
        }
        Some(facts) => {
            let tenants: Vec<String> = facts.tenants.iter().map(|it| one_line(it)).collect();
            let words = format!("tenants here, for example: {}", tenants.join(", "));
            let style = theme.style(Role::Text);
            lines.extend(
                wrap(&words, room)
                    .into_iter()
                    .map(|line| Line::styled(line, style)),
            );
        }
        None => lines.push(dim("asking the nodes for rows and tenants...".to_owned())),
    }
    for one in tour.view.moves.iter().filter(|it| it.group == group.key) {
        let node = |id: i32| {
            let node = tour.view.node_of_group(id);
            node.map_or_else(|| "?".to_owned(), |node| one_line(&node.name))
        };
        let text = format!(
            "{} on its way from {} to {}: {} of {}, {}",
            theme.glyphs.moving,
            node(one.from),
            node(one.to),
            size_words(one.bytes_done),
            size_words(one.bytes_total),
            one_line(&one.phase)
        );
        lines.push(Line::styled(text, theme.style(Role::Busy)));
    }
    lines
}

fn facts<'a>(tour: &'a OpenTour, group: &ShardGroup) -> Option<&'a crate::app::map::GroupFacts> {
    tour.map
        .facts
        .as_ref()
        .filter(|facts| facts.group == group.key)
}

/// A row a shard and placement: table, shard, rows, size, node.
fn tables(
    tour: &OpenTour,
    group: &ShardGroup,
    theme: &Theme,
    room: usize,
    lines: &mut Vec<Line<'static>>,
) {
    let widest = room.saturating_sub(48).clamp(8, 28);
    let cell = |text: &str, width: usize| {
        let text = clip(text, width, theme.glyphs.ellipsis);
        let blank = width.saturating_sub(Line::raw(text.as_str()).width());
        format!("{text}{} ", " ".repeat(blank))
    };
    let head = format!(
        "{}{:>10} {:>10} {:>8}  node",
        cell("table", widest),
        "shard",
        "rows",
        "size"
    );
    lines.push(Line::styled(head, theme.style(Role::ColumnHead)));
    let mut problems = Vec::new();
    for shard in &group.shards {
        let name = one_line(&shard.table.to_string());
        let rows = match rows_of(tour, group, shard) {
            Some(Ok(rows)) => rows.to_string(),
            Some(Err(problem)) => {
                problems.push(format!("{name}: {}", one_line(problem)));
                "?".to_owned()
            }
            None => String::new(),
        };
        for (place, placement) in shard.placements.iter().enumerate() {
            let node = tour.view.node_of_group(placement.group_id);
            let serves = node.is_some_and(crate::cluster::Node::serves);
            let whose = node.map_or_else(
                || format!("? (group {})", placement.group_id),
                |node| {
                    let state = super::super::nodes::word::state(&tour.view, node);
                    if serves {
                        one_line(&node.name)
                    } else {
                        let mark = theme.glyphs.unreachable;
                        format!("{mark} {} ({state})", one_line(&node.name))
                    }
                },
            );
            let first = place == 0;
            let size = placement.bytes.map_or_else(|| "?".to_owned(), size_words);
            let id = shard.id.to_string();
            let (name, id, rows) = if first {
                (name.as_str(), id.as_str(), rows.as_str())
            } else {
                ("", "", "")
            };
            lines.push(Line::from(vec![
                Span::styled(cell(name, widest), theme.style(Role::Strong)),
                Span::styled(
                    format!("{id:>10} {rows:>10} {size:>8}  "),
                    theme.style(Role::Number),
                ),
                Span::styled(
                    whose,
                    theme.style(if serves { Role::Text } else { Role::Alert }),
                ),
            ]));
        }
    }
    for problem in problems {
        let style = theme.style(Role::Warning);
        let wrapped = wrap(&problem, room).into_iter();
        lines.extend(wrapped.map(|line| Line::styled(line, style)));
    }
}

fn rows_of<'a>(
    tour: &'a OpenTour,
    group: &ShardGroup,
    shard: &Shard,
) -> Option<Result<u64, &'a str>> {
    let name = shard.table.to_string();
    let (_, rows) = facts(tour, group)?
        .rows
        .iter()
        .find(|(table, _)| *table == name || *table == shard.table.name)?;
    Some(rows.as_ref().map(|rows| *rows).map_err(String::as_str))
}

/// Draws the end of a node's log.
pub(super) fn log_tail(
    model: &Model,
    node: &str,
    up: usize,
    theme: &Theme,
    screen: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let Some(tour) = model.tour.as_deref() else {
        return;
    };
    let size = (
        screen.width.saturating_sub(4),
        screen.height.saturating_sub(4),
    );
    let title = format!("log of {node}");
    let inner = layer(&title, size, theme, screen, buffer, regions);
    let followed = tour
        .nodes
        .log_tail
        .as_ref()
        .filter(|(whose, _)| whose == node);
    let text = |text: &str, role: Role| {
        let room = usize::from(inner.width.saturating_sub(1));
        let lines = wrap(&one_line(text), room).into_iter();
        lines
            .map(|line| Line::styled(line, theme.style(role)))
            .collect::<Vec<_>>()
    };
    let lines: Vec<Line<'static>> = match followed {
        None => text("reading the log...", Role::Dim),
        Some((_, Err(problem))) => text(problem, Role::Warning),
        Some((_, Ok(lines))) if lines.is_empty() => text("the log is empty", Role::Dim),
        Some((_, Ok(lines))) => lines
            .iter()
            .flat_map(|line| text(line, severity(line)))
            .collect(),
    };
    let last = lines.len().saturating_sub(usize::from(inner.height));
    let offset = last.saturating_sub(up);
    show(lines, offset, theme, inner, buffer, regions);
}

/// How grave a line of PostgreSQL's log is, by the word that it begins with behind time and process.
fn severity(line: &str) -> Role {
    let says = |words: &[&str]| words.iter().any(|word| line.contains(word));
    if says(&["FATAL:", "PANIC:", "ERROR:"]) {
        Role::Alert
    } else if says(&["WARNING:"]) {
        Role::Warning
    } else {
        Role::Text
    }
}
