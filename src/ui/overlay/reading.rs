//! Something to read: a message, a value in full.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};
use unicode_width::UnicodeWidthStr;

use super::{
    super::{
        text::{scrollbar, typeset, wrap, write},
        theme::{Role, Theme},
    },
    frame::{layer, with_air},
};
use crate::{
    app::{Model, Regions, Viewport},
    postgres::visible_text,
};

/// Columns beyond which lines are hard to read.
const WIDEST: u16 = 100;

/// The report of the last experiment, with where it is kept.
pub(super) fn report(
    model: &Model,
    offset: usize,
    theme: &Theme,
    screen: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let tour = model.tour.as_deref();
    let Some(report) = tour.and_then(|tour| tour.laboratory.incident.as_ref()) else {
        return;
    };
    let kept = match &report.saved {
        Some(path) => format!("saved as {}", path.display()),
        None => "s saves it as Markdown".to_owned(),
    };
    let text = format!("({kept})\n\n{}", report.text.trim_end());
    let text = typeset(text, theme);
    draw(&report.title, &text, offset, theme, screen, buffer, regions);
}

/// Draws a text that scrolls.
pub(super) fn draw(
    title: &str,
    text: &str,
    offset: usize,
    theme: &Theme,
    screen: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let widest = usize::from(WIDEST.min(screen.width.saturating_sub(6)));
    let longest = text.lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
    let width = longest.max(title.width() + 2).clamp(24, widest.max(24));
    let lines: Vec<String> = text
        .lines()
        .flat_map(|line| wrap(&visible_text(line), width))
        .collect();
    let size = (
        u16::try_from(width + 4).unwrap_or(u16::MAX),
        u16::try_from(lines.len() + 2).unwrap_or(u16::MAX),
    );
    let inner = layer(title, size, theme, screen, buffer, regions);
    let height = usize::from(inner.height);
    let viewport = Viewport {
        height,
        width,
        content: lines.len(),
    };
    let offset = offset.min(viewport.last_offset());
    for (row, line) in (inner.y..inner.bottom()).zip(lines.into_iter().skip(offset)) {
        let place = Rect {
            y: row,
            height: 1,
            ..inner
        };
        write(buffer, place, Line::styled(line, theme.style(Role::Text)));
    }
    scrollbar(theme, viewport, offset, with_air(inner), buffer);
    regions.overlay = viewport;
}
