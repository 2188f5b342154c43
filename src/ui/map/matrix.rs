//! Tables by nodes: how many shards of each lie where.

use std::collections::BTreeMap;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::picture::Picture;
use crate::{
    app::{OpenTour, Pane, Regions, Target, Viewport, map::MapTarget},
    cluster::{NodeRole, TableKind, TableName},
    ui::{
        nodes::word::{mark, state},
        text::{clip, one_line, write},
        theme::{Role, Theme},
    },
};

/// Columns of a node, at least: a count and a short bar.
const NARROWEST: usize = 8;
/// Columns of `10-16 of 300`.
const ANNOUNCEMENT: usize = 14;
/// Columns of a node, at most.
const WIDEST: usize = 18;

/// Draws tables by nodes.
pub(super) fn draw(
    tour: &OpenTour,
    picture: &Picture<'_>,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    if area.height < 2 {
        return;
    }
    let nodes = &tour.view.nodes;
    let counts = counts(tour);
    let most = counts.values().copied().max().unwrap_or(1).max(1);
    let names: Vec<String> = tour
        .view
        .tables
        .iter()
        .map(|table| one_line(&table.name.to_string()))
        .collect();
    let width = usize::from(area.width);
    let first = names.iter().map(|name| name.width()).max().unwrap_or(5);
    let mut first = first.clamp(5, (width / 3).max(5)) + 1;
    let mut room = width.saturating_sub(first);
    let cell = (room / nodes.len().max(1)).clamp(NARROWEST, WIDEST);
    if room / cell < nodes.len() {
        // The corner says which nodes are shown.
        first = first.max(ANNOUNCEMENT);
        room = width.saturating_sub(first);
    }
    let shown = (room / cell).clamp(1, nodes.len().max(1));
    let lane = tour.map.lane.as_deref();
    let chosen = lane.and_then(|name| nodes.iter().position(|node| node.name == name));
    let from = chosen.map_or(0, |chosen| (chosen + 1).saturating_sub(shown));
    let mut head = vec![Span::styled(
        pad(if shown < nodes.len() { "" } else { "table" }, first, theme),
        theme.style(Role::Dim),
    )];
    if shown < nodes.len() {
        let words = format!("{}-{} of {}", from + 1, from + shown, nodes.len());
        head[0] = Span::styled(pad(&words, first, theme), theme.style(Role::Warning));
    }
    for (place, node) in nodes.iter().enumerate().skip(from).take(shown) {
        let (glyph, role) = mark(theme, state(&tour.view, node));
        let text = pad(&format!("{glyph} {}", one_line(&node.name)), cell, theme);
        let mut style = theme.style(role);
        if chosen == Some(place) {
            style = theme.selected(style);
        }
        head.push(Span::styled(text, style));
        let column = u16::try_from(first + (place - from) * cell).unwrap_or(u16::MAX);
        let place = Rect {
            x: area.x.saturating_add(column),
            width: u16::try_from(cell).unwrap_or(1),
            height: 1,
            ..area
        };
        let target = MapTarget::Lane(node.name.clone());
        regions.hit(place.intersection(area), Target::Map(target));
    }
    write(buffer, area, Line::from(head));
    let rows = usize::from(area.height - 1);
    let offset = tour.map.offset.min(names.len().saturating_sub(rows));
    regions.viewports.insert(
        Pane::Map,
        Viewport {
            height: rows,
            width,
            content: names.len(),
        },
    );
    for (row, index) in (area.y + 1..area.bottom()).zip(offset..names.len()) {
        let table = &tour.view.tables[index];
        let last = row + 1 == area.bottom() && index + 1 < names.len();
        let place = Rect {
            y: row,
            height: 1,
            ..area
        };
        if last {
            let words = format!("rows {}-{} of {}", offset + 1, index, names.len());
            write(buffer, place, Span::styled(words, theme.style(Role::Warning)));
            return;
        }
        let style = picture
            .sections
            .iter()
            .position(|section| {
                let group = section.groups.first();
                let group = group.and_then(|group| tour.view.groups.get(*group));
                group.is_some_and(|group| Some(group.key.colocation_id) == table.colocation_id)
            })
            .map_or_else(|| theme.style(Role::Dim), |place| theme.group(place));
        let mut spans = vec![Span::styled(
            pad(&names[index], first, theme),
            theme.style(Role::Strong),
        )];
        for (place, node) in nodes.iter().enumerate().skip(from).take(shown) {
            let number = counts.get(&(&table.name, place)).copied().unwrap_or(0);
            let glyph = match table.kind {
                TableKind::Plain | TableKind::LocalManaged => theme.glyphs.local,
                TableKind::Reference => theme.glyphs.reference,
                TableKind::Distributed | TableKind::Schema => theme.glyphs.active,
            };
            let glyph = if node.serves() {
                glyph
            } else {
                theme.glyphs.unreachable
            };
            let style = if node.serves() {
                style
            } else {
                theme.style(Role::Alert)
            };
            let text = if number == 0 {
                theme.glyphs.dot.to_owned()
            } else {
                let room = cell.saturating_sub(5 + number.to_string().len());
                let bar = theme.glyphs.levels[4].repeat((room * number).div_ceil(most));
                format!("{glyph} {number} {bar}")
            };
            let style = if number == 0 {
                theme.style(Role::Dim)
            } else {
                style
            };
            spans.push(Span::styled(pad(&text, cell, theme), style));
        }
        write(buffer, place, Line::from(spans));
    }
}

/// Shards by table and node; whole tables of the coordinator are one.
fn counts(tour: &OpenTour) -> BTreeMap<(&TableName, usize), usize> {
    let mut counts = BTreeMap::new();
    let nodes = &tour.view.nodes;
    let lanes: BTreeMap<i32, usize> = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.role != NodeRole::Standby)
        .filter_map(|(place, node)| Some((node.group_id()?, place)))
        .collect();
    for shard in tour.view.groups.iter().flat_map(|group| &group.shards) {
        for placement in &shard.placements {
            if let Some(place) = lanes.get(&placement.group_id) {
                *counts.entry((&shard.table, *place)).or_default() += 1;
            }
        }
    }
    let coordinator = nodes
        .iter()
        .position(|node| node.role == NodeRole::Coordinator);
    if let Some(place) = coordinator {
        for table in crate::ui::nodes::word::local_tables(&tour.view) {
            counts.entry((&table.name, place)).or_insert(1);
        }
    }
    counts
}

/// A text in exactly so many columns, the last one blank.
fn pad(text: &str, width: usize, theme: &Theme) -> String {
    let text = clip(text, width.saturating_sub(1), theme.glyphs.ellipsis);
    let blank = width.saturating_sub(text.width());
    text + &" ".repeat(blank)
}
