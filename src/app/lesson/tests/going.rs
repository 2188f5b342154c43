//! From step to step and elsewhere.

use super::*;
use crate::app::{BootEvent, Msg, overlay::Overlay, update};

fn rebuilds(effects: &[Effect]) -> Option<Place> {
    effects.iter().find_map(|effect| match effect {
        Effect::Rebuild { place, .. } => Some(*place),
        _ => None,
    })
}

#[test]
fn next_asks_where_something_is_open() {
    let mut model = at((0, 0));
    assert!(press_key(&mut model, LessonCommand::Next).is_empty());
    assert!(matches!(
        model.overlays.as_slice(),
        [Overlay::NotDone { selected: 0 }]
    ));
    assert_eq!(pane(&mut model).place(), (0, 0));
}

#[test]
fn a_step_that_holds_leads_to_the_next_and_is_kept() {
    let mut model = at((0, 0));
    says(&mut model, check(), CheckState::Holds);
    let effects = press_key(&mut model, LessonCommand::Next);
    assert_eq!(pane(&mut model).place(), (0, 1));
    assert_eq!(pane(&mut model).follow, Follow::Step);
    let kept = saved(&effects).unwrap().tour("trial");
    assert_eq!(kept.current.as_deref(), Some("first/guess"));
    assert!(
        effects
            .iter()
            .any(|it| matches!(it, Effect::WatchChecks { checks, .. } if checks.is_empty()))
    );
}

#[test]
fn what_is_only_read_is_done_by_going_on() {
    let mut model = at((0, 4));
    assert!(pane(&mut model).done.is_empty());
    let effects = press_key(&mut model, LessonCommand::Next);
    assert!(pane(&mut model).done.contains("first/read"));
    assert_eq!(pane(&mut model).place(), (1, 0));
    assert_eq!(rebuilds(&effects), None, "the cluster is at its end");
}

#[test]
fn after_a_gap_the_next_lesson_begins_on_a_cluster_made_anew() {
    let mut model = at((0, 2));
    let now = model.now;
    assert_eq!(rebuilds(&skip(&mut model, now)), None);
    assert!(pane(&mut model).skipped);
    assert!(!pane(&mut model).done.contains("first/kill"));
    enter(&mut model, (0, 4), now);
    let effects = press_key(&mut model, LessonCommand::Next);
    assert_eq!(rebuilds(&effects), Some((1, 0)));
    assert!(matches!(
        model.tour.as_ref().unwrap().boot,
        Boot::Rebuilding { .. }
    ));
    assert!(!pane(&mut model).skipped);
    let ready = |number| Msg::Boot(number, BootEvent::Ready);
    let of_the_cluster_before = update(&mut model, ready(3), now);
    assert!(of_the_cluster_before.is_empty());
    let number = model.tour.as_ref().unwrap().generation;
    let effects = update(&mut model, ready(number), now);
    assert!(
        effects
            .iter()
            .any(|it| matches!(it, Effect::WatchChecks { .. }))
    );
}

#[test]
fn leaving_out_what_only_looks_leaves_no_gap() {
    let mut model = at((0, 3));
    let now = model.now;
    skip(&mut model, now);
    assert!(!pane(&mut model).skipped);
}

#[test]
fn a_lesson_that_begins_elsewhere_needs_its_own_cluster() {
    let mut model = at((1, 0));
    goes(&mut model, ItemId::of_block((1, 0), 0), Verdict::Passed);
    let effects = press_key(&mut model, LessonCommand::Next);
    assert_eq!(rebuilds(&effects), Some((2, 0)));
}

#[test]
fn the_end_is_said_with_what_was_done() {
    let mut model = at((2, 0));
    press_key(&mut model, LessonCommand::Next);
    let Some(Overlay::Message { title, text, .. }) = model.overlays.last() else {
        panic!("no message");
    };
    assert_eq!(title, "Trial: the end");
    assert!(text.contains("1 of 7 steps"), "{text}");
    assert!(text.contains("Third: 1 of 1 steps"), "{text}");
    assert_eq!(pane(&mut model).place(), (2, 0));
}

#[test]
fn reading_back_leaves_the_cluster_alone() {
    let mut model = at((1, 0));
    assert!(press_key(&mut model, LessonCommand::Previous).is_empty());
    assert_eq!(pane(&mut model).shown(), (0, 4));
    press_key(&mut model, LessonCommand::Previous);
    assert_eq!(pane(&mut model).shown(), (0, 3));
    assert_eq!(marked_now(&model), Item::Next);
    assert!(press_key(&mut model, LessonCommand::Do).is_empty());
    assert_eq!(pane(&mut model).shown(), (0, 4));
    assert!(press_key(&mut model, LessonCommand::Next).is_empty());
    assert_eq!(pane(&mut model).reading, None);
    assert_eq!(pane(&mut model).place(), (1, 0));
    for _ in 0..9 {
        press_key(&mut model, LessonCommand::Previous);
    }
    assert_eq!(pane(&mut model).shown(), (0, 0));
    assert!(model.notice.is_some());
}

#[test]
fn jumping_asks_where_work_would_be_lost() {
    let mut model = at((0, 0));
    let now = model.now;
    assert_eq!(rebuilds(&jump(&mut model, (2, 0), now)), Some((2, 0)));
    let mut model = at((0, 0));
    says(&mut model, check(), CheckState::Holds);
    assert!(jump(&mut model, (2, 0), now).is_empty());
    assert!(matches!(
        model.overlays.as_slice(),
        [Overlay::ConfirmRebuild {
            place: (2, 0),
            selected: 0,
            ..
        }]
    ));
    model.overlays.clear();
    jump(&mut model, (0, 1), now);
    assert_eq!(pane(&mut model).place(), (0, 1), "the natural next");
    assert!(model.overlays.is_empty());
}

#[test]
fn a_press_on_a_heading_reads_back_or_jumps() {
    let mut model = at((0, 3));
    let now = model.now;
    press(&mut model, &LessonTarget::Step((0, 1)), now);
    assert_eq!(pane(&mut model).reading, Some((0, 1)));
    let effects = press(&mut model, &LessonTarget::Step((0, 4)), now);
    assert_eq!(rebuilds(&effects), Some((0, 4)));
}

#[test]
fn a_reset_asks_and_opens_the_steps_again() {
    let mut model = at((0, 0));
    let now = model.now;
    says(&mut model, check(), CheckState::Holds);
    press_key(&mut model, LessonCommand::Next);
    press_key(&mut model, LessonCommand::Choose(1));
    press_key(&mut model, LessonCommand::ResetLesson);
    assert!(matches!(
        model.overlays.as_slice(),
        [Overlay::ConfirmRebuild { place: (0, 0), .. }]
    ));
    let effects = rebuild(&mut model, (0, 0), now);
    assert_eq!(rebuilds(&effects), Some((0, 0)));
    assert!(pane(&mut model).done.is_empty());
    assert!(pane(&mut model).items.is_empty());
    assert!(pane(&mut model).predictions.is_empty());
    let kept = model.home.progress.tour("trial");
    assert!(kept.done.is_empty() && kept.predictions.is_empty());
    assert_eq!(kept.current.as_deref(), Some("first/do-things"));
}

#[test]
fn a_cluster_that_never_ran_is_started_again() {
    let mut model = at((0, 1));
    let now = model.now;
    let tour = model.tour.as_mut().unwrap();
    tour.facts = None;
    tour.boot = Boot::Failed("no port".to_owned());
    model.home.generation = 3;
    let effects = press(&mut model, &LessonTarget::Retry, now);
    assert!(effects.iter().any(|effect| matches!(
        effect,
        Effect::Boot {
            generation: 4,
            place: (0, 1),
            kept: None,
            ..
        }
    )));
    let tour = model.tour.as_ref().unwrap();
    assert_eq!(tour.generation, 4);
    assert!(matches!(tour.boot, Boot::Starting { .. }));
}

#[test]
fn the_program_does_a_step_when_asked() {
    let mut model = at((0, 0));
    let now = model.now;
    let effects = show_me(&mut model, now);
    assert!(matches!(
        effects.as_slice(),
        [Effect::PlayStep { place: (0, 0), .. }]
    ));
    assert!(press_key(&mut model, LessonCommand::Do).is_empty());
    let effects = step_played(&mut model, (0, 0), Vec::new(), now);
    assert!(saved(&effects).is_some());
    assert_eq!(marked_now(&model), Item::Next);
    press_key(&mut model, LessonCommand::Next);
    assert_eq!(pane(&mut model).place(), (0, 1));
    assert!(!pane(&mut model).skipped);
}

#[test]
fn a_step_that_the_program_could_not_do_stays_open() {
    let mut model = at((0, 0));
    let now = model.now;
    show_me(&mut model, now);
    step_played(&mut model, (0, 0), vec!["no disk".to_owned()], now);
    assert!(!step_holds(model.tour.as_deref().unwrap()));
    assert!(model.notice.as_ref().unwrap().text.contains("no disk"));
}

#[test]
fn the_table_of_contents_opens_where_the_learner_is() {
    let mut model = at((0, 1));
    press_key(&mut model, LessonCommand::Contents);
    assert!(matches!(
        model.overlays.as_slice(),
        [Overlay::Contents { selected: 3 }]
    ));
}
