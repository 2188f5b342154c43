//! Draws the layers above the screen.

mod details;
mod frame;
mod help;
mod list;
mod question;
mod reading;

use ratatui::{buffer::Buffer, layout::Rect};

use super::theme::Theme;
use crate::app::{Model, Regions, overlay::Overlay};

/// Draws a layer.
pub(super) fn draw(
    model: &Model,
    layer: &Overlay,
    theme: &Theme,
    screen: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    match layer {
        Overlay::Help { offset } => help::draw(model, *offset, theme, screen, buffer, regions),
        Overlay::Palette { query, selected } => {
            list::palette(model, query, *selected, theme, screen, buffer, regions);
        }
        Overlay::Contents { selected } => {
            list::contents(model, *selected, theme, screen, buffer, regions);
        }
        Overlay::History { query, selected } => {
            list::history(model, query, *selected, theme, screen, buffer, regions);
        }
        Overlay::Cell {
            title,
            text,
            offset,
        }
        | Overlay::Message {
            title,
            text,
            offset,
        } => reading::draw(title, text, *offset, theme, screen, buffer, regions),
        Overlay::Report { offset } => {
            reading::report(model, *offset, theme, screen, buffer, regions);
        }
        Overlay::Details { offset } => {
            details::draw(model, *offset, theme, screen, buffer, regions);
        }
        Overlay::LogTail { node, up } => {
            details::log_tail(model, node, *up, theme, screen, buffer, regions);
        }
        Overlay::ConfirmAct { .. }
        | Overlay::ConfirmPlan { .. }
        | Overlay::NotDone { .. }
        | Overlay::ConfirmRebuild { .. }
        | Overlay::Leave { .. } => question::draw(model, layer, theme, screen, buffer, regions),
    }
}
