//! The frame of a layer.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::Line,
    widgets::{Block, Borders, Clear, Padding, Widget},
};

use super::super::{
    text::clip,
    theme::{Role, Theme},
};
use crate::{
    app::{Regions, Target},
    postgres::visible_text,
};

/// Clears a place in the middle of the screen, draws a border with a title around it, and gives the area inside.
pub(in crate::ui) fn layer(
    title: &str,
    (width, height): (u16, u16),
    theme: &Theme,
    screen: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) -> Rect {
    let width = width.min(screen.width.saturating_sub(2));
    let height = height.min(screen.height.saturating_sub(2));
    let area = Rect {
        x: screen.x + (screen.width - width) / 2,
        y: screen.y + (screen.height - height) / 2,
        width,
        height,
    };
    Clear.render(area, buffer);
    regions.hit(area, Target::Overlay);
    let title = clip(
        &visible_text(title),
        usize::from(width.saturating_sub(6)),
        theme.glyphs.ellipsis,
    );
    let block = Block::new()
        .borders(Borders::ALL)
        .border_set(theme.glyphs.border_focused)
        .border_style(theme.style(Role::BorderFocused))
        .style(theme.style(Role::Overlay))
        .title(Line::styled(format!(" {title} "), theme.style(Role::Title)))
        .padding(Padding::horizontal(1));
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

/// A layer's inside with the column of air at its right, where a scrollbar hides nothing.
pub(in crate::ui) fn with_air(inner: Rect) -> Rect {
    Rect {
        width: if inner.width == 0 { 0 } else { inner.width + 1 },
        ..inner
    }
}
