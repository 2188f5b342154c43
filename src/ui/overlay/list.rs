//! Layers that are lists: commands, contents, history.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    super::{
        text::{clip, scrollbar, write},
        theme::{Role, Theme},
    },
    frame::{layer, with_air},
};
use crate::{
    app::{self, ContentsRow, Model, Regions, Target, Viewport},
    player::progress::key,
    postgres::visible_text,
};

/// What a list draws on.
struct Canvas<'a> {
    theme: &'a Theme,
    screen: Rect,
    buffer: &'a mut Buffer,
    regions: &'a mut Regions,
}

/// Every command that fits the screen, with its keys.
pub(super) fn palette(
    model: &Model,
    query: &str,
    selected: usize,
    theme: &Theme,
    screen: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let rows: Vec<Line<'static>> = app::matching(model, query)
        .into_iter()
        .map(|binding| {
            Line::from(vec![
                Span::raw(format!("{:<22} ", binding.name)),
                Span::styled(
                    format!("{:<12} ", binding.chords.first().copied().unwrap_or("")),
                    Style::new(),
                ),
                Span::raw(binding.says),
            ])
        })
        .collect();
    let canvas = Canvas {
        theme,
        screen,
        buffer,
        regions,
    };
    draw("commands", Some(query), &rows, selected, canvas);
}

/// The tour's lessons, and the steps of the open one.
pub(super) fn contents(
    model: &Model,
    selected: usize,
    theme: &Theme,
    screen: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let Some(tour) = model.tour.as_deref() else {
        return;
    };
    let mark = |place: (usize, usize)| {
        let lesson = tour.tour.lesson(place.0);
        let step = lesson.and_then(|lesson| lesson.steps.get(place.1));
        let done = lesson
            .zip(step)
            .is_some_and(|(lesson, step)| tour.lesson.done.contains(&key(&lesson.id, &step.id)));
        if done { theme.glyphs.done } else { " " }
    };
    let whole = |index: usize| {
        let lesson = tour.tour.lesson(index);
        let done = lesson.is_some_and(|lesson| {
            lesson
                .steps
                .iter()
                .all(|step| tour.lesson.done.contains(&key(&lesson.id, &step.id)))
        });
        if done { theme.glyphs.done } else { " " }
    };
    let rows: Vec<Line<'static>> = app::contents(tour)
        .into_iter()
        .map(|row| match row {
            ContentsRow::Phase(title) => {
                Line::styled(visible_text(title), theme.style(Role::Heading))
            }
            ContentsRow::Lesson(index, title) => {
                let minutes = tour.tour.lesson(index).map_or(0, |lesson| lesson.minutes);
                // A page takes as long as its reader likes.
                let minutes = match minutes {
                    0 => String::new(),
                    minutes => format!("  {minutes} min"),
                };
                let title = visible_text(title);
                Line::raw(format!("  {} {title}{minutes}", whole(index)))
            }
            ContentsRow::Step(lesson, step, title) => {
                let here = if (lesson, step) == (tour.lesson.lesson, tour.lesson.step) {
                    theme.glyphs.marker
                } else {
                    " "
                };
                Line::raw(format!(
                    "    {here} {} {}",
                    mark((lesson, step)),
                    visible_text(title)
                ))
            }
        })
        .collect();
    let canvas = Canvas {
        theme,
        screen,
        buffer,
        regions,
    };
    draw("contents", None, &rows, selected, canvas);
}

/// Statements that were run, the last one first.
pub(super) fn history(
    model: &Model,
    query: &str,
    selected: usize,
    theme: &Theme,
    screen: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let Some(tour) = model.tour.as_deref() else {
        return;
    };
    let rows: Vec<Line<'static>> = app::recalled(tour, query)
        .into_iter()
        .map(|statement| {
            let line = statement.split_whitespace().collect::<Vec<_>>().join(" ");
            Line::raw(visible_text(&line))
        })
        .collect();
    let canvas = Canvas {
        theme,
        screen,
        buffer,
        regions,
    };
    draw("history", Some(query), &rows, selected, canvas);
}

/// Draws the field where there is one, and the rows around the chosen one.
fn draw(
    title: &str,
    query: Option<&str>,
    rows: &[Line<'static>],
    selected: usize,
    canvas: Canvas<'_>,
) {
    let Canvas {
        theme,
        screen,
        buffer,
        regions,
    } = canvas;
    let field = u16::from(query.is_some());
    let wanted = u16::try_from(rows.len().max(1)).unwrap_or(u16::MAX);
    let height = match query {
        // It does not jump while somebody types.
        Some(_) => screen.height.saturating_sub(6),
        None => wanted.saturating_add(2),
    };
    let mut inner = layer(title, (96, height), theme, screen, buffer, regions);
    if let Some(query) = query {
        let shown = tail(
            &visible_text(query),
            usize::from(inner.width.saturating_sub(3)),
        );
        let column = inner.x + 2 + u16::try_from(shown.width()).unwrap_or(0);
        let prompt = Span::styled(
            format!("{} ", theme.glyphs.folded),
            theme.style(Role::Marked),
        );
        let text = Span::styled(shown, theme.style(Role::Text));
        write(buffer, inner, Line::from(vec![prompt, text]));
        regions.cursor = Some(Position::new(
            column.min(inner.right().saturating_sub(1)),
            inner.y,
        ));
    }
    inner.y += field;
    inner.height = inner.height.saturating_sub(field);
    let viewport = Viewport {
        height: usize::from(inner.height),
        width: usize::from(inner.width),
        content: rows.len(),
    };
    regions.overlay = viewport;
    if rows.is_empty() {
        write(
            buffer,
            inner,
            Line::styled("nothing fits", theme.style(Role::Dim)),
        );
        return;
    }
    let offset = selected
        .saturating_sub(viewport.height / 2)
        .min(viewport.last_offset());
    for (place, (index, row)) in (inner.y..inner.bottom()).zip(rows.iter().enumerate().skip(offset))
    {
        let area = Rect {
            y: place,
            height: 1,
            width: inner.width.saturating_sub(1),
            ..inner
        };
        let mut style = theme.style(Role::Text);
        if index == selected {
            style = theme.selected(style);
        }
        let text: String = row.spans.iter().map(|span| span.content.as_ref()).collect();
        let own = row.style;
        let clipped = clip(&text, usize::from(area.width), theme.glyphs.ellipsis);
        write(
            buffer,
            area,
            Line::styled(
                clipped,
                if index == selected {
                    style
                } else {
                    style.patch(own)
                },
            ),
        );
        if index == selected {
            buffer.set_style(area, style);
        }
        regions.hit(area, Target::OverlayRow(index));
    }
    scrollbar(theme, viewport, offset, with_air(inner), buffer);
}

/// The end of a text, as much as fits.
fn tail(text: &str, width: usize) -> String {
    let mut kept = String::new();
    for character in text.chars().rev() {
        if kept.width() + character.to_string().width() > width {
            break;
        }
        kept.insert(0, character);
    }
    kept
}
