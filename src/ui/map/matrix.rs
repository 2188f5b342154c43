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
    cluster::{Node, NodeRole, Table, TableKind, TableName},
    ui::{
        nodes::word::{local_tables, mark, state},
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

/// What of the nodes is shown, and how wide.
struct Columns {
    /// Columns of the tables' names.
    first: usize,
    /// Columns of a node.
    cell: usize,
    /// The first node.
    from: usize,
    /// How many.
    shown: usize,
    /// The chosen node.
    chosen: Option<usize>,
}

impl Columns {
    fn new(tour: &OpenTour, names: &[String], width: usize) -> Self {
        let nodes = &tour.view.nodes;
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
        Self {
            first,
            cell,
            from: chosen.map_or(0, |chosen| (chosen + 1).saturating_sub(shown)),
            shown,
            chosen,
        }
    }

    /// The nodes that are shown, with their places.
    fn nodes<'a>(&self, tour: &'a OpenTour) -> impl Iterator<Item = (usize, &'a Node)> {
        let nodes = tour.view.nodes.iter().enumerate();
        nodes.skip(self.from).take(self.shown)
    }
}

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
    let names: Vec<String> = tour
        .view
        .tables
        .iter()
        .map(|table| one_line(&table.name.to_string()))
        .collect();
    let width = usize::from(area.width);
    let columns = Columns::new(tour, &names, width);
    head(tour, &columns, theme, area, buffer, regions);
    let counts = counts(tour);
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
        let place = Rect {
            y: row,
            height: 1,
            ..area
        };
        if row + 1 == area.bottom() && (index + 1 < names.len() || offset > 0) {
            let words = format!("tables {}-{} of {}", offset + 1, index, names.len());
            write(
                buffer,
                place,
                Span::styled(words, theme.style(Role::Warning)),
            );
            return;
        }
        let table = &tour.view.tables[index];
        let line = table_line(
            tour,
            picture,
            table,
            &names[index],
            &columns,
            &counts,
            theme,
        );
        write(buffer, place, line);
    }
}

fn head(
    tour: &OpenTour,
    columns: &Columns,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let total = tour.view.nodes.len();
    let (words, role) = if columns.shown < total {
        let (from, to) = (columns.from + 1, columns.from + columns.shown);
        (format!("{from}-{to} of {total}"), Role::Warning)
    } else {
        ("table".to_owned(), Role::Dim)
    };
    let mut line = vec![Span::styled(
        pad(&words, columns.first, theme),
        theme.style(role),
    )];
    for (place, node) in columns.nodes(tour) {
        let (glyph, role) = mark(theme, state(&tour.view, node));
        let text = format!("{glyph} {}", one_line(&node.name));
        let mut style = theme.style(role);
        if columns.chosen == Some(place) {
            style = theme.selected(style);
        }
        line.push(Span::styled(pad(&text, columns.cell, theme), style));
        let column = columns.first + (place - columns.from) * columns.cell;
        let place = Rect {
            x: area
                .x
                .saturating_add(u16::try_from(column).unwrap_or(u16::MAX)),
            width: u16::try_from(columns.cell).unwrap_or(1),
            height: 1,
            ..area
        };
        let target = MapTarget::Lane(node.name.clone());
        regions.hit(place.intersection(area), Target::Map(target));
    }
    write(buffer, area, Line::from(line));
}

fn table_line(
    tour: &OpenTour,
    picture: &Picture<'_>,
    table: &Table,
    name: &str,
    columns: &Columns,
    counts: &Counts<'_>,
    theme: &Theme,
) -> Line<'static> {
    let section = picture.sections.iter().position(|section| {
        let group = section.groups.first();
        let group = group.and_then(|group| tour.view.groups.get(*group));
        group.is_some_and(|group| Some(group.key.colocation_id) == table.colocation_id)
    });
    let usual = section.map_or_else(|| theme.style(Role::Dim), |place| theme.group(place));
    let usual_glyph = match table.kind {
        TableKind::Plain | TableKind::LocalManaged => theme.glyphs.local,
        TableKind::Reference => theme.glyphs.reference,
        TableKind::Distributed | TableKind::Schema => theme.glyphs.active,
    };
    let mut spans = vec![Span::styled(
        pad(name, columns.first, theme),
        theme.style(Role::Strong),
    )];
    for (place, node) in columns.nodes(tour) {
        let number = counts.of.get(&(&table.name, place)).copied().unwrap_or(0);
        let (glyph, style) = if node.serves() {
            (usual_glyph, usual)
        } else {
            (theme.glyphs.unreachable, theme.style(Role::Alert))
        };
        let (text, style) = if number == 0 {
            (theme.glyphs.dot.to_owned(), theme.style(Role::Dim))
        } else {
            let room = columns.cell.saturating_sub(5 + number.to_string().len());
            let bar = theme.glyphs.levels[4].repeat((room * number).div_ceil(counts.most));
            (format!("{glyph} {number} {bar}"), style)
        };
        spans.push(Span::styled(pad(&text, columns.cell, theme), style));
    }
    Line::from(spans)
}

/// Shards by table and node.
struct Counts<'a> {
    of: BTreeMap<(&'a TableName, usize), usize>,
    most: usize,
}

/// Shards by table and node; whole tables of the coordinator are one.
fn counts(tour: &OpenTour) -> Counts<'_> {
    let mut of = BTreeMap::new();
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
                *of.entry((&shard.table, *place)).or_default() += 1;
            }
        }
    }
    let coordinator = nodes
        .iter()
        .position(|node| node.role == NodeRole::Coordinator);
    if let Some(place) = coordinator {
        for table in local_tables(&tour.view) {
            of.entry((&table.name, place)).or_insert(1);
        }
    }
    let most = of.values().copied().max().unwrap_or(1).max(1);
    Counts { of, most }
}

/// A text in exactly so many columns, the last one blank.
fn pad(text: &str, width: usize, theme: &Theme) -> String {
    let text = clip(text, width.saturating_sub(1), theme.glyphs.ellipsis);
    let blank = width.saturating_sub(text.width());
    text + &" ".repeat(blank)
}
