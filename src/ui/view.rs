//! A whole frame.

use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};

use super::{
    chrome, home, laboratory,
    layout::{Size, areas},
    lesson, log, map, nodes, overlay, sql,
    theme::{Role, Theme},
};
use crate::app::{Hit, Model, Pane, Regions, Screen, Target};

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
            Pane::Laboratory => laboratory::draw(model, tour, theme, *area, buffer, regions),
        }
    }
    if !model.zoomed {
        // A pane reaches under its border, and buttons and titles in a border stay on top: the border takes what is between.
        let is_pane = |hit: &Hit| matches!(hit.target, Target::Pane(_));
        regions.hits.sort_by_key(|hit| !is_pane(hit));
        let above_panes = regions.hits.iter().filter(|hit| is_pane(hit)).count();
        for (border, area, shared) in areas.borders {
            let target = Target::Border(border);
            regions.hits.insert(above_panes, Hit { area, target });
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

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Instant};

    use super::*;
    use crate::{
        app::{Boot, OpenTour, Settings},
        lesson::{LessonSource, load},
        ui::highlight,
    };

    #[test]
    fn a_border_can_be_taken_by_the_mouse_where_it_is_drawn() {
        highlight::warm_up();
        let now = Instant::now();
        let mut model = Model::new(Settings::default(), (120, 36), now);
        let tour = load(&LessonSource::embedded()).unwrap().swap_remove(0);
        let mut open = OpenTour::new(1, Arc::new(tour), (0, 0), Vec::new(), now);
        open.boot = Boot::Ready;
        model.tour = Some(Box::new(open));
        model.screen = Screen::Tour;
        let screen = Rect::new(0, 0, 120, 36);
        let mut buffer = Buffer::empty(screen);
        let regions = view(&model, &Theme::new(&model.settings), screen, &mut buffer);
        let borders = areas(&model, screen).borders;
        assert_eq!(borders.len(), 3);
        for (border, area, _) in borders {
            let hit = regions.at(area.right() - 1, area.bottom() - 1);
            let target = hit.map(|hit| hit.target.clone());
            assert_eq!(target, Some(Target::Border(border)));
            let inside = regions.at(area.right(), area.bottom());
            let target = inside.map(|hit| hit.target.clone());
            assert_ne!(target, Some(Target::Border(border)));
        }
        let node = regions
            .hits
            .iter()
            .find(|hit| hit.target == Target::Sql(crate::app::sql::SqlTarget::Node))
            .unwrap();
        let on_top = regions.at(node.area.x, node.area.y).unwrap();
        assert_eq!(on_top.target, node.target, "what stands in a border");
    }
}
