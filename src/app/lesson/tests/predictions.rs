//! Predictions and what is kept of them.

use super::*;
use crate::{
    app::Pane,
    cluster::{Table, TableKind, TableName},
    lesson::Block,
};

fn both() -> (ItemId, ItemId) {
    let first = block(1, |block| matches!(block, Block::Predict(_)));
    let second = ItemId {
        block: first.block + 1,
        ..first
    };
    (first, second)
}

fn run_of_look(number: usize) -> ItemId {
    let tour = tour();
    let blocks = tour.lesson(0).unwrap().steps[3].blocks.iter().enumerate();
    blocks
        .filter(|(_, block)| matches!(block, Block::Run(_)))
        .map(|(index, _)| id(3, index))
        .nth(number)
        .unwrap()
}

#[test]
fn what_follows_a_prediction_waits_for_the_choice() {
    let mut model = at((0, 1));
    let (first, second) = both();
    let held = |model: &Model| held_back_from(model.tour.as_deref().unwrap());
    assert_eq!(marked_now(&model), Item::Option(first, 0));
    assert_eq!(held(&model), Some(first.block));
    press_key(&mut model, LessonCommand::Choose(2));
    assert_eq!(pane(&mut model).predictions[&first], [1]);
    assert_eq!(marked_now(&model), Item::Option(second, 0));
    assert_eq!(held(&model), Some(second.block));
    // The mark came here by itself: Enter alone is no opinion.
    press_key(&mut model, LessonCommand::Do);
    assert!(!pane(&mut model).predictions.contains_key(&second));
    press_key(&mut model, LessonCommand::Down);
    press_key(&mut model, LessonCommand::Do);
    assert_eq!(pane(&mut model).predictions[&second], [1]);
    assert_eq!(held(&model), None);
    assert_eq!(marked_now(&model), Item::Next);
}

#[test]
fn a_prediction_can_be_passed_over() {
    let mut model = at((0, 1));
    model.focus = Pane::Lesson;
    for _ in 0..4 {
        press_key(&mut model, LessonCommand::Down);
    }
    assert_eq!(marked_now(&model), Item::Next);
    assert_eq!(held_back_from(model.tour.as_deref().unwrap()), None);
    press_key(&mut model, LessonCommand::Do);
    assert_eq!(pane(&mut model).place(), (0, 2));
}

#[test]
fn choices_are_kept_each_under_its_own_key() {
    let mut model = at((0, 1));
    press_key(&mut model, LessonCommand::Choose(2));
    let effects = press_key(&mut model, LessonCommand::Choose(1));
    let kept = saved(&effects).unwrap().tour("trial");
    assert_eq!(kept.predictions["first/guess"], [1]);
    assert_eq!(kept.predictions["first/guess#2"], [0]);
    let mut fresh = LessonPane::default();
    recall(&mut fresh, &tour(), &kept);
    assert_eq!(fresh.predictions[&both().0], [1]);
    assert_eq!(fresh.predictions[&both().1], [0]);
}

#[test]
fn a_choice_that_is_no_option_is_not_recalled() {
    let mut model = at((0, 1));
    let effects = press_key(&mut model, LessonCommand::Choose(2));
    let mut kept = saved(&effects).unwrap().tour("trial");
    kept.predictions
        .insert("first/guess#2".to_owned(), vec![17]);
    let mut fresh = LessonPane::default();
    recall(&mut fresh, &tour(), &kept);
    assert!(!fresh.predictions.contains_key(&both().1));
    assert!(press_key(&mut model, LessonCommand::Choose(9)).is_empty());
}

#[test]
fn a_prediction_is_compared_with_what_it_asked_about() {
    let lesson = tour();
    let lesson = lesson.lesson(0).unwrap();
    let (first, second) = both();
    assert_eq!(prediction::shown_by(lesson, first), Some(run_of_look(0)));
    assert_eq!(
        prediction::shown_by(lesson, second),
        Some(run_of_look(1)),
        "the statement that the question quotes"
    );
    assert_eq!(
        prediction::shown_at(lesson, run_of_look(1))
            .iter()
            .map(|(id, _)| *id)
            .collect::<Vec<_>>(),
        [second]
    );
}

#[test]
fn it_is_revealed_when_it_has_happened_and_then_stays() {
    let mut model = at((0, 1));
    press_key(&mut model, LessonCommand::Choose(1));
    let now = model.now;
    enter(&mut model, (0, 3), now);
    let revealed = |model: &Model| {
        let tour = model.tour.as_deref().unwrap();
        prediction::is_revealed(&tour.tour, &tour.lesson, both().0)
    };
    assert!(!revealed(&model));
    goes(&mut model, run_of_look(0), Verdict::Passed);
    assert!(revealed(&model));
    enter(&mut model, (0, 1), now);
    press_key(&mut model, LessonCommand::Up);
    pane(&mut model).marked = 0;
    press_key(&mut model, LessonCommand::Do);
    assert_eq!(pane(&mut model).predictions[&both().0], [0]);
    assert!(model.notice.as_ref().unwrap().text.contains("happened"));
}

#[test]
fn every_prediction_of_the_tours_is_shown_by_something() {
    for tour in load(&LessonSource::embedded()).unwrap() {
        for (id, predict) in prediction::all(&tour) {
            let lesson = tour.lesson(id.lesson).unwrap();
            let shown = prediction::shown_by(lesson, id);
            assert!(shown.is_some(), "{}", predict.question);
        }
    }
}

#[test]
fn progress_that_could_not_be_read_is_never_written_over() {
    let mut model = at((0, 1));
    model.home.progress_problem = Some("format 9".to_owned());
    let effects = press_key(&mut model, LessonCommand::Choose(2));
    assert!(saved(&effects).is_none());
    assert_eq!(pane(&mut model).predictions[&both().0], [1]);
}

#[test]
fn the_map_pins_the_tenant_that_a_step_speaks_of() {
    let mut model = at((0, 0));
    let now = model.now;
    let tour = model.tour.as_mut().unwrap();
    tour.view.tables.push(Table {
        name: TableName::new("public", "orders"),
        kind: TableKind::Distributed,
        distribution_column: Some("user_id".to_owned()),
        colocation_id: Some(1),
        shard_count: 8,
        replication_factor: Some(1),
    });
    enter(&mut model, (0, 1), now);
    let pin = model.tour.as_ref().unwrap().map.pin.as_ref();
    assert_eq!(pin.unwrap().value, "42");
}
