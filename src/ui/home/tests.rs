use std::{sync::Arc, time::Instant};

use super::*;
use crate::app::home::{KeptCluster, Survey};
use crate::{
    app::{Settings, home::TourCard},
    lesson::{LessonSource, load},
};

fn home() -> Model {
    let mut model = Model::new(Settings::default(), (120, 36), Instant::now());
    let tours = load(&LessonSource::embedded()).unwrap();
    let tours = tours.into_iter().filter(|tour| !tour.is_for_attached());
    model.home.tours = tours.map(Arc::new).collect();
    model
}

fn surveyed() -> Model {
    let mut model = home();
    model.home.survey = Some(Survey {
        choice: Some(Ok("local, emulation on PostgreSQL 15.20".to_owned())),
        real: false,
        reasons: vec!["PostgreSQL 15.20 was found in /usr/lib/postgresql/15/bin".to_owned()],
        alternatives: vec!["Citus itself: install the package postgresql-15-citus".to_owned()],
        cards: vec![TourCard {
            tour: "journey".to_owned(),
            nodes: vec!["coordinator".to_owned(), "worker1".to_owned()],
        }],
        kept: vec![KeptCluster {
            name: "mine".to_owned(),
            tour: "journey".to_owned(),
            engine: "emulation".to_owned(),
        }],
        leftovers: vec!["the run 4711 of yesterday".to_owned()],
    });
    model
}

fn drawn(model: &Model, (width, height): (u16, u16)) -> (String, Regions) {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    let mut regions = Regions::default();
    let theme = Theme::new(&model.settings);
    draw(model, &theme, area, &mut buffer, &mut regions);
    let rows = (0..height).map(|y| {
        let row: String = (0..width).map(|x| buffer[(x, y)].symbol()).collect();
        row.trim_end().to_owned() + "\n"
    });
    (rows.collect(), regions)
}

#[test]
fn before_the_survey_everything_but_the_machine_is_there() {
    let (text, _) = drawn(&home(), (80, 24));
    assert!(text.contains("looking at this machine…"), "{text}");
    assert!(text.contains("Journey · 10 lessons · "), "{text}");
    assert!(text.contains("Enter starts it"), "{text}");
}

#[test]
fn the_survey_says_what_runs_and_what_could() {
    let (text, _) = drawn(&surveyed(), (100, 40));
    for words in [
        "Runs on local, emulation on PostgreSQL 15.20 (this is not Citus itself)",
        "PostgreSQL 15.20 was found",
        "What else could be chosen",
        "• Citus itself: install",
        "mine · kept cluster of Journey",
        "x removes it",
        "the run 4711",
        "it starts coordinator, worker1",
        "○ Regular tables · 0 of ",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn progress_is_a_bar_and_figures_and_a_place() {
    let mut model = surveyed();
    let kept = model.home.progress.tour_mut("journey");
    kept.finish("one-server", "create-the-tables");
    kept.finish("one-server", "a-step-of-another-version");
    kept.current = Some("one-server/fill-them".to_owned());
    let (text, _) = drawn(&model, (100, 40));
    assert!(text.contains("█··················· 1 of "), "{text}");
    assert!(
        text.contains("Enter goes on at: One server, four tables, Fill them"),
        "{text}"
    );
    assert!(text.contains("r starts from the beginning"), "{text}");
}

#[test]
fn problems_are_said() {
    let mut model = home();
    model.home.progress_problem = Some("format 9\u{1b}[31m".to_owned());
    model.home.survey = Some(Survey {
        choice: Some(Err("no PostgreSQL was found".to_owned())),
        alternatives: vec!["install PostgreSQL".to_owned()],
        ..Survey::default()
    });
    let (text, _) = drawn(&model, (80, 30));
    assert!(
        text.contains("No cluster can be started on this machine"),
        "{text}"
    );
    assert!(text.contains("What would help"), "{text}");
    assert!(text.contains("Progress is not kept"), "{text}");
    assert!(text.contains("format 9\\x1B[31m"), "{text}");
}

#[test]
fn cards_are_pressed_where_they_are_seen() {
    let model = surveyed();
    let (text, regions) = drawn(&model, (80, 40));
    let cards = model.home.cards().len();
    for card in 0..cards {
        let hit = regions
            .hits
            .iter()
            .find(|hit| hit.target == Target::Home(HomeTarget::Card(card)))
            .unwrap();
        let row = text.lines().nth(usize::from(hit.area.y)).unwrap();
        assert!(row.contains("lessons") || row.contains("kept"), "{row}");
    }
}

#[test]
fn the_chosen_card_is_in_sight_on_a_small_screen() {
    let mut model = surveyed();
    for selected in 0..model.home.cards().len() {
        model.home.selected = selected;
        for height in [6, 10, 20] {
            let (text, _) = drawn(&model, (60, height));
            assert!(text.contains('▌'), "{text}");
        }
    }
}
