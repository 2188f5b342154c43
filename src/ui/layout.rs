//! Where the panes are, at every size.

use ratatui::layout::{Constraint, Layout, Rect};

pub(super) use crate::app::SMALLEST;
pub use crate::app::Size;
use crate::app::{Border, Model, Pane};

/// Where everything is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Areas {
    /// The line of place and engine.
    pub header: Rect,
    /// The panes that are shown.
    pub panes: Vec<(Pane, Rect)>,
    /// The strip of nodes.
    pub strip: Rect,
    /// The line of keys.
    pub footer: Rect,
    /// Borders that can be dragged: which, where it is, and the area that both sides share.
    pub borders: Vec<(Border, Rect, Rect)>,
}

/// Where everything is on the tour's screen.
#[must_use]
pub fn areas(model: &Model, screen: Rect) -> Areas {
    let [header, body, strip, footer] = screen.layout(&Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
        Constraint::Length(1),
    ]));
    let mut areas = Areas {
        header,
        strip,
        footer,
        ..Areas::default()
    };
    let size = Size::of(screen.width, screen.height);
    if model.zoomed || matches!(size, Size::One | Size::TooSmall) {
        // Editor and results belong together where there is room for both.
        match model.focus {
            Pane::Editor | Pane::Results if !model.zoomed => sql(model, body, &mut areas),
            pane => areas.panes.push((pane, body)),
        }
        return areas;
    }
    let [reading, right] = body.layout(&Layout::horizontal([
        Constraint::Percentage(model.frames.lesson),
        Constraint::Fill(1),
    ]));
    areas.panes.push((Pane::Lesson, reading));
    areas.borders.push((
        Border::Lesson,
        Rect {
            x: right.x,
            width: 1,
            ..right
        },
        body,
    ));
    let [top, bottom] = right.layout(&Layout::vertical([
        Constraint::Percentage(model.frames.map),
        Constraint::Fill(1),
    ]));
    areas.borders.push((
        Border::Map,
        Rect {
            height: 1,
            ..bottom
        },
        right,
    ));
    if size == Size::Three {
        let [map, beside] = top.layout(&Layout::horizontal([
            Constraint::Fill(3),
            Constraint::Fill(2),
        ]));
        let [upper, lower] = beside.layout(&Layout::vertical([
            Constraint::Fill(1),
            Constraint::Fill(1),
        ]));
        areas
            .panes
            .extend([(Pane::Map, map), (Pane::Nodes, upper), (Pane::Log, lower)]);
    } else {
        let shown = match model.focus {
            Pane::Nodes => Pane::Nodes,
            Pane::Log => Pane::Log,
            _ => Pane::Map,
        };
        areas.panes.push((shown, top));
    }
    // Beside the statements where there is room, else in their place.
    match (size, laboratory(model)) {
        (_, false) => sql(model, bottom, &mut areas),
        (Size::Three, true) => {
            let [statements, laboratory] = bottom.layout(&Layout::horizontal([
                Constraint::Fill(2),
                Constraint::Fill(3),
            ]));
            sql(model, statements, &mut areas);
            areas.panes.push((Pane::Laboratory, laboratory));
        }
        (_, true) if matches!(model.focus, Pane::Editor | Pane::Results) => {
            sql(model, bottom, &mut areas);
        }
        (_, true) => areas.panes.push((Pane::Laboratory, bottom)),
    }
    areas
}

/// Whether the laboratory is shown beside other panes.
fn laboratory(model: &Model) -> bool {
    let pane = model.tour.as_deref().map(|tour| &tour.laboratory);
    model.focus == Pane::Laboratory || pane.is_some_and(|pane| pane.open && pane.in_front)
}

fn sql(model: &Model, area: Rect, areas: &mut Areas) {
    let [editor, results] = area.layout(&Layout::vertical([
        Constraint::Percentage(model.frames.editor),
        Constraint::Fill(1),
    ]));
    areas
        .panes
        .extend([(Pane::Editor, editor), (Pane::Results, results)]);
    areas.borders.push((
        Border::Editor,
        Rect {
            height: 1,
            ..results
        },
        area,
    ));
}
