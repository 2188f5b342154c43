mod attached;
mod losing;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ratatui::layout::Rect;

use super::*;
use crate::{
    app::{
        Boot, BootEvent, Border, ClusterFacts, Leave, OpenTour, Regions, Settings, Target,
        Viewport,
        input::{Pointer, PointerKind},
        next_deadline,
        overlay::Overlay,
    },
    lesson::{LessonSource, load},
};

fn press(model: &mut Model, text: &str) -> Vec<Effect> {
    let now = model.now;
    update(model, Msg::Key(Chord::parse(text).unwrap()), now)
}

fn facts(kept: Option<&str>) -> ClusterFacts {
    ClusterFacts {
        engine: "emulation on PostgreSQL 15.20".to_owned(),
        real: false,
        runtime: "local".to_owned(),
        id: "abcd".to_owned(),
        read_only: false,
        schema: None,
        kept: kept.map(ToOwned::to_owned),
        acts: Vec::new(),
        nodes: Vec::new(),
    }
}

fn home() -> Model {
    Model::new(Settings::default(), (120, 36), Instant::now())
}

fn in_tour(kept: Option<&str>) -> Model {
    let mut model = home();
    let tours = load(&LessonSource::embedded()).unwrap();
    let tour = Arc::new(tours.into_iter().next().unwrap());
    let mut open = OpenTour::new(7, tour, (0, 0), vec!["coordinator".to_owned()], model.now);
    open.boot = Boot::Ready;
    open.facts = Some(facts(kept));
    model.screen = Screen::Tour;
    model.tour = Some(Box::new(open));
    model
}

fn open(model: &mut Model) -> &mut OpenTour {
    model.tour.as_mut().unwrap()
}

#[test]
fn at_rest_nothing_is_due() {
    assert_eq!(next_deadline(&home(), Instant::now()), None);
    let model = in_tour(None);
    assert_eq!(next_deadline(&model, model.now), None);
}

#[test]
fn a_notice_goes_by_itself() {
    let mut model = home();
    model.say("hello");
    let due = next_deadline(&model, model.now).unwrap();
    update(&mut model, Msg::Tick, due);
    assert_eq!(model.notice, None);
    assert_eq!(next_deadline(&model, due), None);
}

#[test]
fn leaving_the_home_screen_asks_nothing() {
    let mut model = home();
    assert!(matches!(press(&mut model, "q").as_slice(), [Effect::Quit]));
    assert!(model.overlays.is_empty() && model.leaving);
}

#[test]
fn leaving_a_running_cluster_asks_what_becomes_of_it() {
    let mut model = in_tour(None);
    assert!(press(&mut model, "q").is_empty());
    assert!(matches!(
        model.overlays.as_slice(),
        [Overlay::Leave { selected: 0, .. }]
    ));
    assert!(
        press(&mut model, "Enter").is_empty(),
        "staying is what Enter does first"
    );
    assert!(model.overlays.is_empty() && open(&mut model).is_ready());

    press(&mut model, "q");
    let effects = press(&mut model, "2");
    assert!(
        effects
            .iter()
            .any(|effect| matches!(effect, Effect::Leave(Leave::End)))
    );
    press(&mut model, "Esc");
    assert_eq!(
        model.overlays.len(),
        1,
        "what is being done cannot be called off"
    );
    let now = model.now;
    let effects = update(&mut model, Msg::Left(Ok(())), now);
    assert!(matches!(effects.as_slice(), [Effect::Quit]));
}

#[test]
fn a_cluster_can_be_kept_and_going_home_looks_again() {
    let mut model = in_tour(None);
    let now = model.now;
    execute(&mut model, Command::Global(GlobalCommand::GoHome), now);
    let effects = press(&mut model, "3");
    let keeps =
        |effect: &Effect| matches!(effect, Effect::Leave(Leave::Keep(name)) if name == "journey");
    assert!(effects.iter().any(keeps));
    let effects = update(&mut model, Msg::Left(Ok(())), now);
    assert!(matches!(effects.as_slice(), [Effect::Survey]));
    assert!(model.screen == Screen::Home && model.tour.is_none() && !model.leaving);
}

#[test]
fn a_kept_cluster_is_left_without_a_question() {
    let mut model = in_tour(Some("mine"));
    let effects = press(&mut model, "q");
    let keeps =
        |effect: &Effect| matches!(effect, Effect::Leave(Leave::Keep(name)) if name == "mine");
    assert!(effects.iter().any(keeps));
}

#[test]
fn an_open_transaction_is_named_before_it_is_lost() {
    let mut model = in_tour(Some("mine"));
    open(&mut model).sql.transaction = crate::postgres::TransactionStatus::Open;
    press(&mut model, "q");
    let Some(Overlay::Leave { losses, .. }) = model.overlays.last() else {
        panic!("{:?}", model.overlays);
    };
    assert!(losses[0].contains("transaction"), "{losses:?}");
}

#[test]
fn what_could_not_be_ended_is_said() {
    let mut model = in_tour(None);
    press(&mut model, "q");
    press(&mut model, "2");
    let now = model.now;
    let effects = update(&mut model, Msg::Left(Err("no".to_owned())), now);
    assert!(effects.is_empty() && !model.leaving);
    assert_eq!(open(&mut model).boot, Boot::Failed("no".to_owned()));
}

#[test]
fn the_system_is_obeyed_without_a_question() {
    let mut model = in_tour(None);
    let now = model.now;
    let effects = update(&mut model, Msg::Terminate, now);
    assert!(matches!(effects.as_slice(), [Effect::Leave(Leave::End)]));
    assert!(matches!(
        update(&mut model, Msg::Left(Ok(())), now).as_slice(),
        [Effect::Quit]
    ));
    assert!(matches!(
        update(&mut home(), Msg::Terminate, now).as_slice(),
        [Effect::Quit]
    ));
}

#[test]
fn news_of_an_earlier_cluster_is_dropped() {
    let mut model = in_tour(None);
    let now = model.now;
    update(
        &mut model,
        Msg::Boot(6, BootEvent::Failed("old".to_owned())),
        now,
    );
    assert!(open(&mut model).is_ready());
    update(
        &mut model,
        Msg::Boot(7, BootEvent::Failed("new".to_owned())),
        now,
    );
    assert_eq!(open(&mut model).boot, Boot::Failed("new".to_owned()));
}

#[test]
fn tab_goes_round_and_escape_goes_back_to_the_lesson() {
    let mut model = in_tour(None);
    for pane in Pane::ALL.into_iter().skip(1).chain([Pane::Lesson]) {
        press(&mut model, "Tab");
        assert_eq!(model.focus, pane);
    }
    press(&mut model, "Shift+Tab");
    assert_eq!(model.focus, Pane::Laboratory);
    press(&mut model, "F11");
    assert!(model.zoomed);
    press(&mut model, "Esc");
    assert!(!model.zoomed && model.focus == Pane::Laboratory);
    press(&mut model, "Esc");
    assert_eq!(model.focus, Pane::Lesson);
}

#[test]
fn the_palette_runs_what_is_found() {
    let mut model = in_tour(None);
    press(&mut model, ":");
    for character in ["t", "h", "e", "m", "e"] {
        press(&mut model, character);
    }
    assert!(
        matches!(model.overlays.as_slice(), [Overlay::Palette { query, .. }] if query == "theme")
    );
    press(&mut model, "Enter");
    assert!(model.overlays.is_empty());
    assert_eq!(model.settings.theme, crate::app::ThemeName::Light);
}

#[test]
fn a_pasted_text_is_no_key() {
    let mut model = in_tour(None);
    let now = model.now;
    assert!(update(&mut model, Msg::Paste("q\nk\n".to_owned()), now).is_empty());
    assert_eq!(model.focus, Pane::Editor);
    assert!(model.overlays.is_empty());
    press(&mut model, "Ctrl+P");
    update(&mut model, Msg::Paste("zo\nom\u{1b}".to_owned()), now);
    assert!(
        matches!(model.overlays.last(), Some(Overlay::Palette { query, .. }) if query == "zoom")
    );
}

#[test]
fn a_destruction_needs_the_name() {
    let mut model = in_tour(None);
    model.overlays.push(Overlay::ConfirmAct {
        act: crate::runtime::Act::Destroy,
        nodes: vec!["worker1".to_owned()],
        consequences: Vec::new(),
        counted: None,
        typed: String::new(),
        selected: 1,
    });
    press(&mut model, "Enter");
    assert_eq!(model.overlays.len(), 1, "nothing was typed");
    for character in "worker1".chars() {
        press(&mut model, &character.to_string());
    }
    press(&mut model, "Enter");
    assert!(model.overlays.is_empty());
}

#[test]
fn a_border_follows_the_mouse() {
    let mut model = in_tour(None);
    model
        .regions
        .hit(Rect::new(48, 1, 1, 30), Target::Border(Border::Lesson));
    model
        .regions
        .borders
        .push((Border::Lesson, Rect::new(0, 1, 120, 30)));
    let now = model.now;
    let mouse = |model: &mut Model, kind, column| {
        update(
            model,
            Msg::Pointer(Pointer {
                kind,
                column,
                row: 5,
            }),
            now,
        )
    };
    mouse(&mut model, PointerKind::Press, 48);
    mouse(&mut model, PointerKind::Drag, 60);
    assert_eq!(model.frames.lesson, 50);
    mouse(&mut model, PointerKind::Drag, 119);
    assert_eq!(model.frames.lesson, 85, "no pane disappears");
    mouse(&mut model, PointerKind::Release, 119);
    mouse(&mut model, PointerKind::Drag, 30);
    assert_eq!(model.frames.lesson, 85);
}

#[test]
fn the_wheel_scrolls_what_is_under_the_pointer() {
    let mut model = in_tour(None);
    model.regions = Regions::default();
    model
        .regions
        .hit(Rect::new(0, 0, 10, 10), Target::Pane(Pane::Log));
    model.regions.viewports.insert(
        Pane::Log,
        Viewport {
            height: 5,
            width: 10,
            content: 50,
        },
    );
    assert_eq!(model.focus, Pane::Lesson);
    let now = model.now;
    update(
        &mut model,
        Msg::Pointer(Pointer {
            kind: PointerKind::ScrollUp,
            column: 2,
            row: 2,
        }),
        now,
    );
    assert_eq!(open(&mut model).log.up, 3);
    assert_eq!(model.focus, Pane::Lesson);
}

#[test]
fn behind_a_layer_nothing_can_be_pressed() {
    let mut model = in_tour(None);
    model.regions.hit(
        Rect::new(0, 0, 10, 1),
        Target::Press(Command::Global(GlobalCommand::Quit)),
    );
    press(&mut model, "F1");
    let now = model.now;
    update(
        &mut model,
        Msg::Pointer(Pointer {
            kind: PointerKind::Press,
            column: 2,
            row: 0,
        }),
        now,
    );
    assert!(matches!(model.overlays.as_slice(), [Overlay::Help { .. }]));
}

#[test]
fn moving_the_mouse_draws_nothing() {
    let mut model = in_tour(None);
    let now = model.now + Duration::from_secs(1);
    update(
        &mut model,
        Msg::Pointer(Pointer {
            kind: PointerKind::Move,
            column: 2,
            row: 0,
        }),
        now,
    );
    assert!(!model.dirty);
}
