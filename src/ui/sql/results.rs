//! What statements brought.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    super::{
        text::{self, clip, write},
        theme::{Role, Theme},
    },
    grid::Canvas,
    status::{head, progress, status},
};
use crate::app::{
    Model, OpenTour, Pane, Regions, Target, Viewport,
    sql::{
        SqlTarget,
        layout::{self, Placed, Section},
        measure::fit,
        words::Tone,
    },
    wrap,
};

/// Draws the results.
pub(in crate::ui) fn draw(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let inner = frame(model, tour, theme, area, buffer, regions);
    // Whoever asks whether results are in sight asks for it, also before there are any.
    let empty = Viewport {
        height: usize::from(inner.height),
        width: usize::from(inner.width),
        content: 0,
    };
    regions.viewports.insert(Pane::Results, empty);
    if inner.width < 2 || inner.height == 0 {
        return;
    }
    let Some(answer) = tour.sql.answer() else {
        if !progress(model, tour, theme, inner, buffer, regions) {
            teach(theme, inner, buffer);
        }
        return;
    };
    let mut body = inner;
    if inner.height >= 2 {
        head(answer, theme, inner, buffer);
        body.y += 1;
        body.height -= 1;
    }
    if body.height >= 2 {
        let height = status(model, tour, answer, theme, body, buffer, regions);
        body.height -= height;
    }
    let width = usize::from(body.width);
    let expanded = layout::is_expanded(&tour.sql, answer, width);
    let placed = layout::place(answer, expanded, width);
    let viewport = Viewport {
        height: usize::from(body.height),
        width,
        content: layout::height(&placed),
    };
    regions.viewports.insert(Pane::Results, viewport);
    pieces(model, tour, &placed, theme, body, buffer, regions);
    let edge = Rect {
        x: inner.right().min(area.right().saturating_sub(1)),
        width: 1,
        ..body
    };
    text::scrollbar(theme, viewport, tour.sql.offset.0, edge, buffer);
}

/// The border with its title, and where in the row of answers this one is.
fn frame(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) -> Rect {
    let count = tour.sql.answers.len();
    let mut spans = vec![Span::styled(" results ", theme.style(Role::Title))];
    let mut places = Vec::new();
    if count > 1 {
        let number = format!(" {}/{count} ", tour.sql.shown + 1);
        for (words, target) in [
            ("[<]", Some(SqlTarget::Before)),
            (number.as_str(), None),
            ("[>]", Some(SqlTarget::After)),
        ] {
            let before: usize = spans.iter().map(Span::width).sum();
            let role = if target.is_some() {
                Role::Button
            } else {
                Role::Title
            };
            places.extend(target.map(|target| (before, words.width(), target)));
            spans.push(Span::styled(words.to_owned(), theme.style(role)));
        }
        spans.push(Span::raw(" "));
    }
    let inner = text::pane(
        model,
        theme,
        Pane::Results,
        Line::from(spans),
        area,
        buffer,
        regions,
    );
    for (before, width, target) in places {
        let x = area.x + 1 + u16::try_from(before).unwrap_or(u16::MAX - area.x - 1);
        let place = Rect {
            x,
            y: area.y,
            width: u16::try_from(width).unwrap_or(0),
            height: 1,
        };
        if x.saturating_add(place.width) < area.right() {
            regions.hit(place, Target::Sql(target));
        }
    }
    inner
}

/// What an empty pane teaches.
fn teach(theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let words = [
        "Results appear here.",
        "Each says how long it took and which shards it touched; those light up on the map.",
    ];
    let lines = words
        .iter()
        .flat_map(|line| wrap(line, usize::from(area.width)));
    for (row, line) in (area.y..area.bottom()).zip(lines) {
        let place = Rect {
            y: row,
            height: 1,
            ..area
        };
        write(buffer, place, Line::styled(line, theme.style(Role::Dim)));
    }
}

/// The part of the pieces that is in sight.
fn pieces(
    model: &Model,
    tour: &OpenTour,
    placed: &[Placed<'_>],
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let height = usize::from(area.height);
    let content = layout::height(placed);
    let top = tour.sql.offset.0.min(content.saturating_sub(1));
    let first = tour.sql.offset.1;
    let rows = |section: &Section<'_>| matches!(section, Section::Grid(..) | Section::Records(_));
    let choosable = placed.iter().rposition(|it| rows(&it.section));
    let focused = model.focus == Pane::Results && model.overlays.is_empty();
    for (index, it) in placed.iter().enumerate() {
        let from = top.max(it.top);
        let to = (top + height).min(it.top + it.height);
        if from >= to {
            continue;
        }
        let choosable = choosable == Some(index);
        let mut canvas = Canvas {
            theme,
            buffer: &mut *buffer,
            regions: &mut *regions,
            chosen: (choosable && focused).then_some(tour.sql.cell),
            choosable,
        };
        let line_of = |row: usize| Rect {
            y: area.y + u16::try_from(row - top).unwrap_or(0),
            height: 1,
            ..area
        };
        match &it.section {
            Section::Grid(grid, columns) => {
                let first = first.min(columns.widths.len().saturating_sub(1));
                // The head stays in sight above its rows.
                canvas.head(grid, columns, first, line_of(from));
                for row in (from + 1).max(it.top + 1)..to {
                    canvas.row(grid, columns, first, row - it.top - 1, line_of(row));
                }
            }
            Section::Records(grid) => {
                for row in from..to {
                    canvas.record(grid, row - it.top, line_of(row));
                }
            }
            Section::Lines(lines) => {
                for row in from..to {
                    if let Some((tone, line)) = lines.get(row - it.top) {
                        let text = clip(line, usize::from(area.width), theme.glyphs.ellipsis);
                        write(
                            buffer,
                            line_of(row),
                            Line::styled(text, theme.style(role(*tone))),
                        );
                    }
                }
            }
            Section::Copied(text) => {
                let lines = text.lines().skip(from - it.top);
                for (row, line) in (from..to).zip(lines) {
                    let glyphs = theme.glyphs;
                    let text = fit(
                        &line.replace('\t', "    "),
                        usize::from(area.width),
                        glyphs.newline,
                        glyphs.ellipsis,
                    );
                    write(
                        buffer,
                        line_of(row),
                        Line::styled(text, theme.style(Role::Text)),
                    );
                }
            }
        }
    }
}

fn role(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Text,
        Tone::Dim => Role::Dim,
        Tone::Good => Role::Good,
        Tone::Warning => Role::Warning,
        Tone::Alert => Role::Alert,
    }
}
