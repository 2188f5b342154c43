//! A whole frame.

use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};

use super::{
    chrome, home,
    layout::{Size, areas},
    lesson, log, map, nodes, overlay, sql,
    theme::{Role, Theme},
};
use crate::app::{Model, Pane, Regions, Screen, Target};

/// Draws the model into a buffer of the screen's size and says what lies where.
#[must_use]
pub fn view(model: &Model, theme: &Theme, screen: Rect, buffer: &mut Buffer) -> Regions {
    let mut regions = Regions::default();
    buffer.set_style(screen, theme.style(Role::Text));
    if Size::of(screen.width, screen.height) == Size::TooSmall {
        chrome::too_small(theme, screen, buffer);
        return regions;
    }
    match model.screen {
        Screen::Home => home::draw(model, theme, screen, buffer, &mut regions),
        Screen::Tour => tour(model, theme, screen, buffer, &mut regions),
    }
    if !model.overlays.is_empty() {
        // What lies below the layer has no cursor.
        regions.cursor = None;
    }
    for layer in &model.overlays {
        overlay::draw(model, layer, theme, screen, buffer, &mut regions);
    }
    regions
}

fn tour(model: &Model, theme: &Theme, screen: Rect, buffer: &mut Buffer, regions: &mut Regions) {
    let Some(tour) = model.tour.as_deref() else {
        return;
    };
    let areas = areas(model, screen);
    chrome::header(model, tour, theme, areas.header, buffer, regions);
    for (pane, area) in &areas.panes {
        match pane {
            Pane::Lesson => lesson::draw(model, tour, theme, *area, buffer, regions),
            Pane::Map => map::draw(model, tour, theme, *area, buffer, regions),
            Pane::Editor => sql::draw_editor(model, tour, theme, *area, buffer, regions),
            Pane::Results => sql::draw_results(model, tour, theme, *area, buffer, regions),
            Pane::Nodes => nodes::draw(model, tour, theme, *area, buffer, regions),
            Pane::Log => log::draw(model, tour, theme, *area, buffer, regions),
        }
    }
    if !model.zoomed {
        for (border, area, shared) in areas.borders {
            // Buttons and titles in a border stay on top: the border takes what they leave.
            regions.hits.insert(
                0,
                crate::app::Hit {
                    area,
                    target: Target::Border(border),
                },
            );
            regions.borders.push((border, shared));
        }
    }
    nodes::draw_strip(model, tour, theme, areas.strip, buffer, regions);
    chrome::footer(model, theme, areas.footer, buffer, regions);
}

/// A model as a widget, for whoever does not need the regions.
#[derive(Debug)]
pub struct Whole<'model>(pub &'model Model);

impl Widget for &Whole<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let _ = view(self.0, &Theme::new(&self.0.settings), area, buffer);
    }
}
