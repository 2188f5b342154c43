//! Within a step.

use super::*;
use crate::{app::Pane, app::Viewport, lesson::Block, runtime::Act};

fn runs() -> (ItemId, ItemId) {
    let tour = tour();
    let mut runs = tour.lesson(0).unwrap().steps[0]
        .blocks
        .iter()
        .enumerate()
        .filter(|(_, block)| matches!(block, Block::Run(_)))
        .map(|(index, _)| id(0, index));
    (runs.next().unwrap(), runs.next().unwrap())
}

#[test]
fn the_first_open_thing_is_marked_and_its_checks_are_watched() {
    let mut model = at((0, 0));
    assert_eq!(marked_now(&model).id(), Some(runs().0));
    let now = model.now;
    let effects = ready(&mut model, now);
    assert!(matches!(
        effects.as_slice(),
        [Effect::WatchChecks { checks, .. }, Effect::SetUp { setups, .. }]
            if checks.is_empty() && setups.len() == 1
    ));
    let effects = set_up(&mut model, Ok(()), now);
    assert!(matches!(
        effects.as_slice(),
        [Effect::WatchChecks { checks, generation: 3 }] if checks.len() == 1 && checks[0].0 == check()
    ));
}

#[test]
fn a_setup_that_fails_is_said_and_the_lesson_goes_on() {
    let mut model = at((0, 0));
    let now = model.now;
    ready(&mut model, now);
    let effects = set_up(&mut model, Err("no room".to_owned()), now);
    assert!(model.notice.as_ref().unwrap().text.contains("no room"));
    assert!(matches!(effects.as_slice(), [Effect::WatchChecks { .. }]));
}

#[test]
fn while_the_cluster_starts_nothing_can_be_run() {
    let mut model = at((0, 0));
    model.tour.as_mut().unwrap().boot = Boot::Starting {
        what: None,
        nodes: Vec::new(),
    };
    for command in [
        LessonCommand::Do,
        LessonCommand::Next,
        LessonCommand::ShowMe,
    ] {
        model.notice = None;
        assert!(press_key(&mut model, command).is_empty());
        assert_eq!(
            model.notice.as_ref().unwrap().text,
            "the cluster is starting"
        );
    }
    assert!(model.overlays.is_empty());
}

#[test]
fn a_run_under_way_is_shown_as_such() {
    let mut model = at((0, 0));
    let effects = press_key(&mut model, LessonCommand::Do);
    let runs_now = effects
        .iter()
        .any(|effect| matches!(effect, Effect::Run(_)));
    let running = *pane(&mut model).state(runs().0) == ItemState::Running;
    assert_eq!(running, runs_now);
}

#[test]
fn one_key_leads_from_thing_to_thing() {
    let mut model = at((0, 0));
    let (first, second) = runs();
    let effects = goes(&mut model, first, Verdict::Passed);
    assert!(effects.iter().any(|it| matches!(it, Effect::AskChecks)));
    assert_eq!(marked_now(&model).id(), Some(second));
    says(&mut model, check(), CheckState::Holds);
    assert_eq!(
        marked_now(&model).id(),
        Some(second),
        "what was begun by buttons is finished by buttons"
    );
    goes(&mut model, second, Verdict::Passed);
    assert_eq!(marked_now(&model), Item::Next);
}

#[test]
fn a_run_that_went_otherwise_stays_marked() {
    let mut model = at((0, 0));
    let (first, _) = runs();
    goes(&mut model, first, Verdict::Failed("it is there".to_owned()));
    assert_eq!(marked_now(&model).id(), Some(first));
    assert_eq!(
        *pane(&mut model).state(first),
        ItemState::Differs("it is there".to_owned())
    );
    let now = model.now;
    pane(&mut model).items.insert(first, ItemState::Running);
    run_done(&mut model, first, None, now);
    assert_eq!(*pane(&mut model).state(first), ItemState::Open);
}

#[test]
fn an_answer_to_something_that_was_reset_is_dropped() {
    let mut model = at((0, 0));
    let now = model.now;
    assert!(run_done(&mut model, runs().0, Some(Verdict::Passed), now).is_empty());
    assert_eq!(*pane(&mut model).state(runs().0), ItemState::Open);
}

#[test]
fn any_way_to_the_goal_counts() {
    let mut model = at((0, 0));
    says(
        &mut model,
        check(),
        CheckState::Differs("0 of 1".to_owned()),
    );
    assert_eq!(marked_now(&model).id(), Some(runs().0));
    let effects = says(&mut model, check(), CheckState::Holds);
    assert!(
        saved(&effects)
            .unwrap()
            .tour("trial")
            .done
            .contains("first/do-things")
    );
    assert!(
        !matches!(marked_now(&model), Item::Run(..)),
        "buttons that are not needed any more are passed by"
    );
    let log = &model.tour.as_ref().unwrap().log.entries;
    assert!(log.back().unwrap().text.contains("Do things"));
}

#[test]
fn checks_of_another_step_or_of_a_cluster_on_its_way_are_not_heard() {
    let mut model = at((0, 1));
    says(&mut model, check(), CheckState::Holds);
    assert_eq!(*pane(&mut model).state(check()), ItemState::Open);
    let mut model = at((0, 0));
    model.tour.as_mut().unwrap().boot = Boot::Rebuilding {
        what: String::new(),
    };
    says(&mut model, check(), CheckState::Holds);
    assert_eq!(*pane(&mut model).state(check()), ItemState::Open);
}

#[test]
fn asking_a_check_looks_at_once() {
    let mut model = at((0, 0));
    let tour = model.tour.as_deref().unwrap();
    let place = items(tour)
        .iter()
        .position(|item| item.id() == Some(check()))
        .unwrap();
    pane(&mut model).marked = place;
    let effects = press_key(&mut model, LessonCommand::Do);
    assert!(matches!(effects.as_slice(), [Effect::AskChecks]));
}

#[test]
fn hints_unfold_in_order_and_the_mark_stays() {
    let mut model = at((0, 0));
    let before = marked_now(&model).id();
    press_key(&mut model, LessonCommand::Hint);
    assert_eq!(pane(&mut model).opened((0, 0)).hints, 1);
    assert_eq!(marked_now(&model).id(), before);
    press_key(&mut model, LessonCommand::Hint);
    press_key(&mut model, LessonCommand::Hint);
    assert_eq!(pane(&mut model).opened((0, 0)).hints, 2);
    assert!(model.notice.as_ref().unwrap().text.contains("no further"));
}

#[test]
fn the_solution_can_be_run_and_leads_back_to_the_check() {
    let mut model = at((0, 0));
    press_key(&mut model, LessonCommand::Solution);
    let first = marked_now(&model).id().unwrap();
    assert_eq!(first.inner, Some(0));
    goes(&mut model, first, Verdict::Passed);
    let second = marked_now(&model).id().unwrap();
    assert_eq!(second.inner, Some(1));
    goes(&mut model, second, Verdict::Passed);
    assert_eq!(marked_now(&model).id(), Some(runs().0));
}

#[test]
fn an_action_of_the_lesson_is_not_asked_about() {
    let mut model = at((0, 2));
    let effects = press_key(&mut model, LessonCommand::Do);
    assert!(matches!(
        effects.as_slice(),
        [Effect::Do { generation: 3, item, .. }] if item.step == 2
    ));
    assert!(model.overlays.is_empty());
    assert!(press_key(&mut model, LessonCommand::Do).is_empty());
    let now = model.now;
    let item = marked_now(&model).id().unwrap();
    let effects = action_done(
        &mut model,
        item,
        &["worker1".to_owned()],
        Some("All 3 predictions came true.\nWhat happened"),
        Verdict::Passed,
        now,
    );
    let brought = &model.tour.as_deref().unwrap().lesson.brought[&item];
    assert_eq!(brought.last().unwrap(), "What happened");
    assert!(
        saved(&effects).is_some(),
        "without checks the act is the step"
    );
    assert_eq!(marked_now(&model), Item::Next);
}

#[test]
fn the_same_act_by_the_button_of_a_node_counts() {
    let mut model = at((0, 2));
    let now = model.now;
    act_done(&mut model, Act::Kill, "worker2", now);
    act_done(&mut model, Act::Stop, "worker1", now);
    assert!(!step_holds(model.tour.as_deref().unwrap()));
    let effects = act_done(&mut model, Act::Kill, "worker1", now);
    assert!(saved(&effects).is_some());
    assert_eq!(marked_now(&model), Item::Next);
}

#[test]
fn nothing_is_pressed_that_is_out_of_sight() {
    let mut model = at((0, 2));
    model.regions.viewports.insert(
        Pane::Lesson,
        Viewport {
            height: 10,
            width: 40,
            content: 60,
        },
    );
    model.regions.item_rows = vec![40, 42];
    assert!(press_key(&mut model, LessonCommand::Do).is_empty());
    assert_eq!(pane(&mut model).offset, 9, "a page first");
    model.regions.lesson_offset = 30;
    assert!(press_key(&mut model, LessonCommand::Do).is_empty());
    assert_eq!(pane(&mut model).follow, Follow::Mark);
    model.regions.lesson_offset = 32;
    assert_eq!(press_key(&mut model, LessonCommand::Do).len(), 1);
}

#[test]
fn up_and_down_mark_what_is_in_sight_and_scroll_to_what_is_not() {
    let mut model = at((0, 0));
    model.regions.viewports.insert(
        Pane::Lesson,
        Viewport {
            height: 10,
            width: 40,
            content: 60,
        },
    );
    model.regions.item_rows = vec![2, 6, 20, 22, 24, 26];
    press_key(&mut model, LessonCommand::Down);
    assert_eq!(pane(&mut model).marked, 1);
    press_key(&mut model, LessonCommand::Down);
    assert_eq!((pane(&mut model).marked, pane(&mut model).offset), (1, 1));
    press_key(&mut model, LessonCommand::Up);
    assert_eq!(pane(&mut model).marked, 0);
    press_key(&mut model, LessonCommand::Bottom);
    assert_eq!(pane(&mut model).offset, 50);
    press_key(&mut model, LessonCommand::Top);
    assert_eq!(pane(&mut model).offset, 0);
    press_key(&mut model, LessonCommand::PageDown);
    assert_eq!(pane(&mut model).offset, 9);
    scroll(&mut model, 3);
    assert_eq!(
        pane(&mut model).offset,
        3,
        "from what the last frame showed"
    );
}

#[test]
fn the_mouse_presses_what_it_points_at() {
    let mut model = at((0, 0));
    let now = model.now;
    press(&mut model, &LessonTarget::Hint, now);
    assert_eq!(pane(&mut model).opened((0, 0)).hints, 1);
    press(&mut model, &LessonTarget::Solution, now);
    assert!(pane(&mut model).opened((0, 0)).solution);
    assert!(matches!(
        press(&mut model, &LessonTarget::Item(check()), now).as_slice(),
        [Effect::AskChecks]
    ));
    press(&mut model, &LessonTarget::Next, now);
    assert_eq!(model.overlays.len(), 1);
}

#[test]
fn the_sign_of_something_under_way_moves_and_nothing_else_does() {
    let mut model = at((0, 2));
    let now = model.now;
    assert_eq!(next_deadline(pane(&mut model), true, now), None);
    press_key(&mut model, LessonCommand::Do);
    assert!(next_deadline(pane(&mut model), true, now).is_some());
    assert_eq!(next_deadline(pane(&mut model), false, now), None);
}
