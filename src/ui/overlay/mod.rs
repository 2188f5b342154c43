//! Draws the layers above the screen.

use ratatui::{buffer::Buffer, layout::Rect};

use super::theme::Theme;
use crate::app::{Model, Regions, overlay::Overlay};

/// Draws a layer.
pub(super) fn draw(
    _model: &Model,
    _layer: &Overlay,
    _theme: &Theme,
    _screen: Rect,
    _buffer: &mut Buffer,
    _regions: &mut Regions,
) {
}
