use std::{sync::Arc, time::Instant};

use super::*;
use crate::{
    app::{Boot, Effect, Model, Msg, Screen, Settings, overlay::Overlay, update},
    lesson::{LessonSource, load},
};

fn home(survey: Option<Survey>) -> Model {
    let mut model = Model::new(Settings::default(), (120, 36), Instant::now());
    let tours = load(&LessonSource::embedded()).unwrap();
    let tours = tours.into_iter().filter(|tour| !tour.is_for_attached());
    model.home.tours = tours.map(Arc::new).collect();
    model.home.survey = survey;
    model
}

fn survey() -> Survey {
    Survey {
        choice: Some(Ok("local, emulation".to_owned())),
        cards: vec![TourCard {
            tour: "journey".to_owned(),
            nodes: vec!["coordinator".to_owned(), "worker1".to_owned()],
        }],
        kept: vec![KeptCluster {
            name: "mine".to_owned(),
            tour: "journey".to_owned(),
            engine: "emulation".to_owned(),
        }],
        leftovers: vec!["run 12".to_owned()],
        ..Survey::default()
    }
}

fn press_key(model: &mut Model, it: HomeCommand) -> Vec<Effect> {
    let now = model.now;
    command(model, it, now)
}

fn with_progress(mut model: Model, current: Option<&str>) -> Model {
    let mut progress = Progress::default();
    let kept = progress.tour_mut("journey");
    kept.current = current.map(ToOwned::to_owned);
    kept.done.insert("one-server/create-the-tables".to_owned());
    let now = model.now;
    update(&mut model, Msg::Progress(Ok(Box::new(progress))), now);
    model
}

#[test]
fn a_tour_opens_where_it_was_left() {
    let mut model = with_progress(home(Some(survey())), Some("distribute/now-you-the-items"));
    let effects = press_key(&mut model, HomeCommand::Open);
    assert!(matches!(
        effects.as_slice(),
        [Effect::Boot {
            generation: 1,
            place: (3, 4),
            kept: None,
            ..
        }]
    ));
    assert_eq!(model.screen, Screen::Tour);
    let tour = model.tour.as_ref().unwrap();
    assert_eq!((tour.lesson.lesson, tour.lesson.step), (3, 4));
    assert!(tour.lesson.done.contains("one-server/create-the-tables"));
    assert!(matches!(&tour.boot, Boot::Starting { nodes, .. } if nodes.len() == 2));
}

#[test]
fn a_place_that_is_gone_leads_to_its_lesson_or_to_the_beginning() {
    for (name, place) in [("distribute/gone", (3, 0)), ("gone/gone", (0, 0))] {
        let mut model = with_progress(home(None), Some(name));
        press_key(&mut model, HomeCommand::Open);
        assert_eq!(model.tour.as_ref().unwrap().lesson.place(), place);
    }
}

#[test]
fn a_place_that_was_asked_for_comes_first_and_once() {
    let mut model = with_progress(home(None), Some("distribute"));
    model.home.wanted = Some((2, 1));
    press_key(&mut model, HomeCommand::Open);
    assert_eq!(model.tour.as_ref().unwrap().lesson.place(), (2, 1));
    assert_eq!(model.home.wanted, None);
}

#[test]
fn a_tour_can_begin_at_its_beginning() {
    let mut model = with_progress(home(Some(survey())), Some("distribute"));
    press_key(&mut model, HomeCommand::Restart);
    assert_eq!(model.tour.as_ref().unwrap().lesson.place(), (0, 0));
}

#[test]
fn nothing_is_opened_before_it_is_known_what_would_be_written_over() {
    let mut model = home(None);
    assert!(press_key(&mut model, HomeCommand::Open).is_empty());
    assert_eq!(model.screen, Screen::Home);
    let model = with_progress(model, Some("distribute"));
    assert_eq!(model.screen, Screen::Tour);
    assert_eq!(model.tour.as_ref().unwrap().lesson.place(), (3, 0));
}

#[test]
fn progress_that_cannot_be_read_does_not_keep_anybody_out() {
    let mut model = home(None);
    let now = model.now;
    update(&mut model, Msg::Progress(Err("format 9".to_owned())), now);
    assert_eq!(press_key(&mut model, HomeCommand::Open).len(), 1);
    assert_eq!(model.home.progress_problem.as_deref(), Some("format 9"));
}

#[test]
fn a_kept_cluster_goes_on_as_it_is() {
    let mut model = with_progress(home(Some(survey())), None);
    press_key(&mut model, HomeCommand::Down);
    press_key(&mut model, HomeCommand::Down);
    assert_eq!(model.home.selected, model.home.cards().len() - 1);
    assert!(press_key(&mut model, HomeCommand::Restart).is_empty());
    let effects = press_key(&mut model, HomeCommand::Open);
    assert!(matches!(
        effects.as_slice(),
        [Effect::Boot { kept: Some(name), .. }] if name == "mine"
    ));
}

#[test]
fn without_a_way_to_run_it_is_said_what_would_help() {
    let mut model = with_progress(
        home(Some(Survey {
            choice: Some(Err("no PostgreSQL was found".to_owned())),
            alternatives: vec!["install postgresql-15".to_owned()],
            ..Survey::default()
        })),
        None,
    );
    assert!(press_key(&mut model, HomeCommand::Open).is_empty());
    assert!(matches!(
        model.overlays.as_slice(),
        [Overlay::Message { text, .. }]
            if text.contains("no PostgreSQL") && text.contains("postgresql-15")
    ));
}

#[test]
fn leftovers_are_removed_when_there_are_any() {
    let mut model = home(Some(survey()));
    assert!(matches!(
        press_key(&mut model, HomeCommand::RemoveLeftovers).as_slice(),
        [Effect::RemoveLeftovers]
    ));
    let mut model = home(None);
    assert!(press_key(&mut model, HomeCommand::RemoveLeftovers).is_empty());
}

#[test]
fn the_mouse_chooses_and_then_opens() {
    let mut model = with_progress(home(Some(survey())), None);
    let now = model.now;
    assert!(press(&mut model, &HomeTarget::Card(1), now).is_empty());
    assert_eq!(model.home.selected, 1);
    assert_eq!(press(&mut model, &HomeTarget::Card(1), now).len(), 1);
}
