//! Draws the home screen.

use ratatui::{buffer::Buffer, layout::Rect};

use super::theme::Theme;
use crate::app::{Model, Regions};

/// Draws the screen.
pub(super) fn draw(
    _model: &Model,
    _theme: &Theme,
    _area: Rect,
    _buffer: &mut Buffer,
    _regions: &mut Regions,
) {
}
