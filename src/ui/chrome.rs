//! The lines at the top and at the bottom, and what is said to a screen that is too small.

use ratatui::{buffer::Buffer, layout::Rect};

use super::theme::Theme;
use crate::app::{Model, OpenTour, Regions};

/// The line of place and engine.
pub(super) fn header(
    _model: &Model,
    _tour: &OpenTour,
    _theme: &Theme,
    _area: Rect,
    _buffer: &mut Buffer,
    _regions: &mut Regions,
) {
}

/// The line of keys.
pub(super) fn footer(
    _model: &Model,
    _theme: &Theme,
    _area: Rect,
    _buffer: &mut Buffer,
    _regions: &mut Regions,
) {
}

/// Says how large the screen must be.
pub(super) fn too_small(_theme: &Theme, _screen: Rect, _buffer: &mut Buffer) {}
