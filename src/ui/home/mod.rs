//! Draws the home screen: tours and kept clusters as cards, what a cluster would run on, what was left behind.

mod page;

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use super::{
    chrome,
    text::{self, write},
    theme::{Role, Theme},
};
use crate::app::{Model, Regions, Target, Viewport, home::HomeTarget};
use page::{Page, compose};

/// Columns beyond which lines are hard to read.
const WIDEST: u16 = 100;

/// Draws the screen.
pub(super) fn draw(
    model: &Model,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let footer = Rect {
        y: area.bottom().saturating_sub(1),
        height: area.height.min(1),
        ..area
    };
    let width = area.width.saturating_sub(4).min(WIDEST);
    let inner = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + 1,
        width,
        height: area.height.saturating_sub(3),
    };
    let page = compose(model, theme, usize::from(width.saturating_sub(2)));
    show(&page, model, theme, inner, buffer, regions);
    chrome::footer(model, theme, footer, buffer, regions);
}

fn show(
    page: &Page<'_>,
    model: &Model,
    theme: &Theme,
    inner: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let height = usize::from(inner.height);
    let viewport = Viewport {
        height,
        width: page.width,
        content: page.rows.len(),
    };
    let selected = model.home.selected.min(page.cards.len().saturating_sub(1));
    let (first, end) = page.cards.get(selected).copied().unwrap_or_default();
    // The last card brings what stands below it: there is nothing else to scroll to it.
    let end = if selected + 1 == page.cards.len() && page.rows.len() - first <= height {
        page.rows.len()
    } else {
        end
    };
    let offset = if end <= height {
        0
    } else {
        (end - height).min(first)
    };
    for (y, line) in (inner.y..inner.bottom()).zip(page.rows.iter().skip(offset)) {
        let row = offset + usize::from(y - inner.y);
        if (first..end.min(page.cards.get(selected).map_or(0, |card| card.1))).contains(&row) {
            let mark = Span::styled(theme.glyphs.marker, theme.style(Role::Marked));
            write(
                buffer,
                Rect {
                    y,
                    height: 1,
                    ..inner
                },
                mark,
            );
        }
        let x = (inner.x + 2).min(inner.right());
        let width = inner.width.saturating_sub(2);
        buffer.set_line(x, y, line, width);
    }
    for (index, (first, end)) in page.cards.iter().enumerate() {
        let from = first.saturating_sub(offset).min(height);
        let to = end.saturating_sub(offset).min(height);
        let rows = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX);
        let card = Rect {
            y: inner.y + rows(from),
            height: rows(to - from),
            ..inner
        };
        regions.hit(card, Target::Home(HomeTarget::Card(index)));
    }
    let beside = Rect {
        width: (inner.width + 1).min(buffer.area.right().saturating_sub(inner.x)),
        ..inner
    };
    text::scrollbar(theme, viewport, offset, beside, buffer);
}

#[cfg(test)]
mod tests;
