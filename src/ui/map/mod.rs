//! Draws the map pane: three pictures of one view of the cluster, or its start.

mod boot;
mod flow;
mod lanes;
mod legend;
mod matrix;
mod picture;
mod strip;
mod tile;

#[cfg(test)]
mod tests;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

pub(super) use legend::node_facts;
use picture::Picture;
pub(super) use picture::{Lane, holdings};

use super::{
    text::{self, age, clip, clip_line, count, one_line, write},
    theme::{Role, Theme},
};
use crate::{
    app::{
        Boot, Model, OpenTour, Pane, Regions,
        map::{MapView, asked},
    },
    cluster::GroupKind,
};

/// Rows of the pane from which on the legend may take two.
const TALL: u16 = 12;

/// Draws the pane.
pub(super) fn draw(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let title = clip_line(
        title(model, tour, theme),
        usize::from(area.width.saturating_sub(4)),
        theme.glyphs.ellipsis,
    );
    let inner = text::pane(model, theme, Pane::Map, title, area, buffer, regions);
    if inner.is_empty() || boot::draw(model, tour, theme, inner, buffer) {
        return;
    }
    let picture = Picture::new(&tour.view, &tour.map);
    let mut room = inner;
    // The last row is known before the lanes are: what a cell stands for is told when they are drawn.
    let legend_rows = if inner.height >= TALL {
        2
    } else {
        u16::from(inner.height >= 3)
    };
    room.height -= legend_rows;
    let below = legend::chosen(tour, theme).filter(|_| room.height >= 4);
    if below.is_some() || (tour.map.input.is_some() && room.height > 1) {
        room.height -= 1;
    }
    let per_cell = match tour.map.picture {
        MapView::Lanes => lanes::draw(model, tour, &picture, theme, room, buffer, regions),
        MapView::Matrix => {
            matrix::draw(tour, &picture, theme, room, buffer, regions);
            1
        }
        MapView::Strip => {
            strip::draw(tour, &picture, theme, room, buffer, regions);
            1
        }
    };
    let line = Rect {
        y: room.bottom(),
        height: 1,
        ..inner
    };
    if tour.map.input.is_some() {
        input(model, tour, theme, line, buffer, regions);
    } else if let Some(below) = below {
        let below = clip_line(below, usize::from(inner.width), theme.glyphs.ellipsis);
        write(buffer, line, below);
    }
    let entries = legend::entries(tour, &picture, per_cell, theme);
    let legend = legend::rows(
        entries,
        usize::from(inner.width),
        usize::from(legend_rows),
        theme,
    );
    let first = inner.bottom() - u16::try_from(legend.len()).unwrap_or(0).min(legend_rows);
    for (row, line) in (first..inner.bottom()).zip(legend) {
        let place = Rect {
            y: row,
            height: 1,
            ..inner
        };
        write(buffer, place, line);
    }
}

/// ` shards · 8 groups · 24 placements · live `: an age only where what is shown is old.
fn title(model: &Model, tour: &OpenTour, theme: &Theme) -> Line<'static> {
    let dot = format!(" {} ", theme.glyphs.dot);
    let mut parts = vec![tour.map.picture.word().to_owned()];
    let mut alarming = None;
    match &tour.boot {
        Boot::Starting { .. } => parts.push("starting".to_owned()),
        Boot::Rebuilding { what } => parts.push(format!("rebuilding: {}", one_line(what))),
        Boot::Leaving => parts.push("leaving".to_owned()),
        Boot::Failed(_) if tour.view_at.is_none() => parts.push("failed".to_owned()),
        Boot::Ready | Boot::Failed(_) => {
            let groups = &tour.view.groups;
            let cut = groups
                .iter()
                .filter(|group| group.key.kind != GroupKind::Reference)
                .count();
            if !groups.is_empty() {
                parts.push(count(cut, "group"));
                parts.push(count(tour.view.placement_count(), "placement"));
            } else if !tour.view.tables.is_empty() {
                parts.push(count(tour.view.tables.len(), "table"));
            }
            if let Some(reason) = &tour.view.outdated {
                let old = tour.outdated_since.map_or_else(String::new, |since| {
                    let age = age(model.now.saturating_duration_since(since));
                    format!("as of {age} ago: ")
                });
                alarming = Some(format!("{old}{}", one_line(reason)));
            } else if tour.view_at.is_some() {
                parts.push("live".to_owned());
            }
        }
    }
    let mut spans = vec![Span::styled(
        format!(" {}", parts.join(&dot)),
        theme.style(Role::Title),
    )];
    if let Some(words) = alarming {
        spans.push(Span::styled(
            format!("{dot}{words}"),
            theme.style(Role::Warning),
        ));
    }
    spans.push(Span::styled(" ", theme.style(Role::Title)));
    Line::from(spans)
}

/// The line in which a value is typed.
fn input(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let typed = one_line(tour.map.input.as_deref().unwrap_or_default());
    let (table, column) = asked(tour).unwrap_or_default();
    let prompt = format!(
        "where is {} of {} {} ",
        one_line(&column),
        one_line(&table),
        theme.glyphs.folded
    );
    let room = usize::from(area.width).saturating_sub(prompt.width() + 1);
    let prompt = clip(&prompt, usize::from(area.width / 2), theme.glyphs.ellipsis);
    let spans = vec![
        Span::styled(prompt.clone(), theme.style(Role::Marked)),
        Span::styled(
            clip(&typed, room.max(8), theme.glyphs.ellipsis),
            theme.style(Role::Strong),
        ),
    ];
    let line = Line::from(spans);
    let end = u16::try_from(line.width()).unwrap_or(u16::MAX);
    write(buffer, area, line);
    if model.focus == Pane::Map && model.overlays.is_empty() {
        let column = area.x.saturating_add(end);
        let column = column.min(area.right().saturating_sub(1));
        regions.cursor = Some(Position::new(column, area.y));
    }
}
