//! Draws the lesson pane.

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
        Pane::Lesson,
        Line::raw(" lesson "),
        area,
        buffer,
        regions,
    );
}
