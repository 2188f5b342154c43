//! Draws editor and results.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};

use super::{text, theme::Theme};
use crate::app::{Model, OpenTour, Pane, Regions};

/// Draws the editor.
pub(super) fn draw_editor(
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
        Pane::Editor,
        Line::raw(" sql "),
        area,
        buffer,
        regions,
    );
}

/// Draws the results.
pub(super) fn draw_results(
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
        Pane::Results,
        Line::raw(" results "),
        area,
        buffer,
        regions,
    );
}
