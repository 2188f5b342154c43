use std::{sync::Arc, time::Instant};

use super::*;
use crate::{
    app::{
        Boot, Screen, Settings, Target,
        lesson::{ItemId, ItemState, LessonTarget, enter, items},
    },
    lesson::{LessonSource, load},
    ui::highlight,
};

fn model(place: (usize, usize), (width, height): (u16, u16)) -> Model {
    highlight::warm_up();
    let now = Instant::now();
    let mut model = Model::new(Settings::default(), (width, height), now);
    let tour = load(&LessonSource::embedded()).unwrap().swap_remove(0);
    let mut open = OpenTour::new(1, Arc::new(tour), place, Vec::new(), now);
    open.boot = Boot::Ready;
    model.tour = Some(Box::new(open));
    model.screen = Screen::Tour;
    enter(&mut model, place, now);
    model
}

fn draw_pane(model: &mut Model) -> (Buffer, Regions) {
    let theme = Theme::new(&model.settings);
    let area = Rect::new(0, 0, model.size.0, model.size.1);
    let mut buffer = Buffer::empty(area);
    let mut regions = Regions::default();
    let tour = model.tour.as_deref().unwrap();
    draw(model, tour, &theme, area, &mut buffer, &mut regions);
    model.regions = regions.clone();
    (buffer, regions)
}

fn text(buffer: &Buffer) -> String {
    let rows = (0..buffer.area.height).map(|y| {
        let row: String = (0..buffer.area.width)
            .map(|x| buffer[(x, y)].symbol())
            .collect();
        row.trim_end().to_owned()
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[test]
fn shows() {
    for place in [(0, 0), (5, 0), (5, 1), (3, 4)] {
        let mut model = model(place, (60, 40));
        let (buffer, regions) = draw_pane(&mut model);
        println!("{}\n{:?}", text(&buffer), regions.item_rows);
    }
}
