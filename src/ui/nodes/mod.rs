//! Draws the nodes pane.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{text, theme::Theme};
use crate::app::{Model, OpenTour, Pane, Regions};

/// Draws the pane.
pub(super) fn draw(
    model: &Model,
    _tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let _inner = text::pane(
        model,
        theme,
        Pane::Nodes,
        Line::raw(" nodes "),
        area,
        buffer,
        regions,
    );
}

/// Draws the strip of nodes that is always visible.
pub(super) fn draw_strip(
    _model: &Model,
    _tour: &OpenTour,
    _theme: &Theme,
    _area: Rect,
    _buffer: &mut Buffer,
    _regions: &mut Regions,
) {
}
