use std::{sync::Arc, time::Instant};

use super::*;
use crate::{
    app::{
        Boot, Effect, Model, Msg, OpenTour, Pane, Screen, Settings, input::Chord, overlay::Overlay,
        update,
    },
    cluster::{GroupKind, TableName, View, sample},
    lesson::{LessonSource, load},
    xray::{Access, Touched, TouchedShard},
};

const GENERATION: u64 = 5;

fn model(view: View) -> Model {
    let now = Instant::now();
    let mut model = Model::new(Settings::default(), (120, 36), now);
    let tour = load(&LessonSource::embedded()).unwrap().remove(0);
    let mut open = OpenTour::new(GENERATION, Arc::new(tour), (0, 0), Vec::new(), now);
    open.boot = Boot::Ready;
    model.screen = Screen::Tour;
    model.tour = Some(Box::new(open));
    tell(&mut model, Msg::View(GENERATION, Box::new(view)));
    model.focus = Pane::Map;
    model
}

fn tell(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let now = model.now;
    update(model, msg, now)
}

fn press(model: &mut Model, chords: &[&str]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for chord in chords {
        effects.extend(tell(model, Msg::Key(Chord::parse(chord).unwrap())));
    }
    effects
}

fn map(model: &Model) -> &MapPane {
    &model.tour.as_deref().unwrap().map
}

fn ordinal(model: &Model) -> Option<usize> {
    let view = &model.tour.as_deref().unwrap().view;
    let group = view.group(map(model).group?)?;
    matches!(group.key.kind, GroupKind::Hash { .. }).then_some(group.ordinal)
}

#[test]
fn arrows_walk_the_tiles_of_a_lane() {
    let mut model = model(sample::journey());
    press(&mut model, &["Right"]);
    assert_eq!(ordinal(&model), Some(1));
    assert_eq!(map(&model).lane.as_deref(), Some("worker1"));
    press(&mut model, &["Right"]);
    assert_eq!(ordinal(&model), Some(3));
    press(&mut model, &["Down"]);
    assert_eq!(map(&model).lane.as_deref(), Some("worker2"));
    press(&mut model, &["Right"]);
    assert_eq!(ordinal(&model), Some(4));
    press(&mut model, &["Left", "Left", "Left"]);
    assert_eq!(ordinal(&model), Some(2));
}

#[test]
fn details_ask_for_rows_and_tenants() {
    let mut model = model(sample::journey());
    let effects = press(&mut model, &["Right", "Enter"]);
    let [Effect::AskGroup { group, .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(Some(*group), map(&model).group);
    assert!(matches!(
        model.overlays.last(),
        Some(Overlay::Details { offset: 0 })
    ));
    let facts = GroupFacts {
        group: *group,
        rows: vec![("users".to_owned(), Ok(7))],
        tenants: vec!["42".to_owned()],
    };
    let msg = Msg::GroupFacts(GENERATION, Box::new(facts.clone()));
    tell(&mut model, msg);
    assert_eq!(map(&model).facts, Some(facts));
}

#[test]
fn a_typed_value_is_asked_for_and_chosen() {
    let mut model = model(sample::journey());
    // Letters are text now: q does not quit, k kills nothing.
    let effects = press(
        &mut model,
        &["/", "q", "k", "Backspace", "Backspace", "4", "2", "Enter"],
    );
    let [Effect::AskTenant { table, value, .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!((table.name.as_str(), value.as_str()), ("orders", "42"));
    assert!(!model.leaving && map(&model).input.is_none());
    let answer = TenantAnswer {
        table: table.clone(),
        value: value.clone(),
        shard: Ok(102_011),
    };
    tell(&mut model, Msg::TenantPlace(GENERATION, Box::new(answer)));
    assert_eq!(ordinal(&model), Some(3));
    assert_eq!(map(&model).lane.as_deref(), Some("worker1"));
    // Typing nothing takes the pin away.
    press(&mut model, &["/", "Ctrl+U", "Enter"]);
    assert_eq!(map(&model).pin, None);
}

#[test]
fn escape_and_plain_tables_end_the_typing() {
    let mut with_shards = model(sample::journey());
    press(&mut with_shards, &["/", "7", "Esc"]);
    assert!(map(&with_shards).input.is_none() && map(&with_shards).pin.is_none());
    assert_eq!(with_shards.focus, Pane::Map);
    let mut without = model(sample::plain());
    press(&mut without, &["/"]);
    assert!(map(&without).input.is_none());
    assert!(without.notice.unwrap().alarming);
}

#[test]
fn a_pin_from_before_the_distribution_is_asked_for_after_it() {
    let mut model = model(sample::plain());
    let tour = model.tour.as_deref_mut().unwrap();
    assert!(pin(tour, Some("orders"), "42").is_empty());
    let effects = tell(
        &mut model,
        Msg::View(GENERATION, Box::new(sample::journey())),
    );
    let asked = |effect: &Effect| matches!(effect, Effect::AskTenant { .. });
    assert!(effects.iter().any(asked), "{effects:?}");
}

#[test]
fn a_split_group_hands_its_choice_on() {
    let mut model = model(sample::journey());
    press(&mut model, &["Right"]);
    let view = sample::split(&sample::journey(), 1);
    tell(&mut model, Msg::View(GENERATION, Box::new(view)));
    assert_eq!(ordinal(&model), Some(1));
}

#[test]
fn marks_are_one_a_group_and_node() {
    let view = sample::journey();
    let group = view.groups[1].key;
    let shard = |id, table: &str, access| TouchedShard {
        id,
        group,
        table: TableName::new("public", table),
        nodes: vec!["worker1".to_owned()],
        access,
    };
    let touched = Touched {
        shards: vec![
            shard(1, "orders", Access::Read),
            shard(2, "users", Access::Write),
        ],
        access: Access::Write,
        ..Touched::default()
    };
    let mut pane = MapPane::default();
    touch(&mut pane, &touched, Instant::now());
    assert_eq!(pane.touched.len(), 1);
    assert!(pane.touched[0].written && !pane.touched[0].failed);
    fail(&mut pane, &["worker2".to_owned()]);
    assert!(!pane.touched[0].failed);
    fail(&mut pane, &[]);
    assert!(pane.touched[0].failed);
    untouch(&mut pane);
    assert!(pane.touched.is_empty());
}

#[test]
fn levels_are_steps_from_what_was_drawn() {
    let mut model = model(sample::journey());
    model.regions.map_detail = 1;
    press(&mut model, &["-"]);
    assert_eq!(map(&model).detail, Some(2));
    model.regions.map_detail = 4;
    press(&mut model, &["-"]);
    assert_eq!(map(&model).detail, Some(4));
    press(&mut model, &["+"]);
    assert_eq!(map(&model).detail, Some(3));
}
