//! Whatever a person presses and whatever size the window has, something is drawn and nothing panics.

use std::time::Duration;

use citus_tour::{
    app::{
        BootEvent, Model, Msg, SqlEvent,
        input::{Chord, Key, Pointer, PointerKind},
        laboratory::{ExperimentNews, LoadNews, ProbeNews},
        next_deadline,
        sql::JobId,
        update,
    },
    cluster::{Reachability, View},
    runtime::Exit,
    ui::{Theme, view},
};
use proptest::prelude::*;
use ratatui::{buffer::Buffer, layout::Rect};

use super::{cluster, laboratory, models};

fn draw(model: &mut Model, columns: u16, rows: u16) {
    let screen = Rect::new(0, 0, columns, rows);
    let mut buffer = Buffer::empty(screen);
    model.regions = view(model, &Theme::new(&model.settings), screen, &mut buffer);
    for hit in &model.regions.hits {
        assert_eq!(
            hit.area.intersection(screen),
            hit.area,
            "{hit:?} leaves a screen of {columns}x{rows}"
        );
    }
    if let Some(cursor) = model.regions.cursor {
        assert!(
            screen.contains(cursor),
            "the cursor at {cursor:?} leaves a screen of {columns}x{rows}"
        );
    }
}

#[test]
fn every_size_is_drawn() {
    let sizes = (1..=24).flat_map(|columns| (1..=8).map(move |rows| (columns, rows)));
    let larger = [
        (59, 20),
        (60, 19),
        (60, 20),
        (61, 21),
        (79, 24),
        (109, 30),
        (110, 29),
        (110, 30),
        (111, 31),
        (179, 50),
        (180, 50),
        (240, 67),
        (500, 200),
        (500, 20),
        (60, 200),
    ];
    let sizes: Vec<(u16, u16)> = sizes.chain(larger).collect();
    for (index, mut model) in models::all().enumerate() {
        for (place, (columns, rows)) in sizes.iter().enumerate() {
            model.settings.ascii = (index + place) % 2 == 0;
            model.size = (*columns, *rows);
            draw(&mut model, *columns, *rows);
        }
    }
}

#[test]
fn every_pane_is_drawn_zoomed_and_small() {
    for mut model in models::all() {
        for pane in models::PANES {
            model.focus = pane;
            for (zoomed, columns, rows) in [
                (true, 60, 20),
                (true, 200, 60),
                (false, 60, 20),
                (false, 110, 30),
            ] {
                model.zoomed = zoomed;
                draw(&mut model, columns, rows);
            }
        }
    }
}

fn chord() -> impl Strategy<Value = Chord> {
    let key = prop_oneof![
        4 => any::<char>().prop_map(Key::Char),
        8 => proptest::char::range(' ', '~').prop_map(Key::Char),
        2 => (1_u8..13).prop_map(Key::F),
        8 => proptest::sample::select(vec![
            Key::Enter, Key::Esc, Key::Tab, Key::BackTab, Key::Backspace, Key::Delete, Key::Up, Key::Down, Key::Left, Key::Right, Key::Home, Key::End,
            Key::PageUp, Key::PageDown, Key::Insert,
        ]),
    ];
    (
        key,
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.05),
    )
        .prop_map(|(key, control, alt, shift)| Chord {
            key,
            control,
            alt,
            shift,
        })
}

fn pointer() -> impl Strategy<Value = Pointer> {
    let kinds = vec![
        PointerKind::Press,
        PointerKind::Release,
        PointerKind::Drag,
        PointerKind::Move,
        PointerKind::ScrollUp,
        PointerKind::ScrollDown,
        PointerKind::ScrollLeft,
        PointerKind::ScrollRight,
    ];
    (proptest::sample::select(kinds), 0_u16..200, 0_u16..70)
        .prop_map(|(kind, column, row)| Pointer { kind, column, row })
}

#[derive(Debug, Clone)]
enum Deed {
    Key(Chord),
    Pointer(Pointer),
    Paste(String),
    Resize(u16, u16),
    Wait(u64),
    News(usize),
}

/// News of the cluster, that can come at any time and in any order.
fn news(number: usize) -> Msg {
    let view = |view| Msg::View(models::GENERATION, Box::new(view));
    match number {
        0 => view(cluster::plain()),
        1 => view(cluster::distributed(8)),
        2 => view(cluster::moving()),
        3 => view(cluster::without(1, Reachability::Down)),
        4 => view(cluster::without(2, Reachability::Frozen)),
        5 => view(View::default()),
        6 => Msg::Boot(models::GENERATION, BootEvent::Ready),
        7 => Msg::Boot(models::GENERATION, BootEvent::Failed("no".to_owned())),
        8 => Msg::Boot(
            models::GENERATION,
            BootEvent::Rebuilding("again".to_owned()),
        ),
        9 => Msg::Left(Err("no".to_owned())),
        10 => Msg::Left(Ok(())),
        11 => Msg::SetUp(models::GENERATION, Err("no".to_owned())),
        12 => Msg::Resumed,
        13 => Msg::History(vec!["SELECT 1".to_owned()]),
        14 => Msg::Sql(
            JobId(1),
            SqlEvent::Rows(vec![vec![None, Some("x".to_owned())]]),
        ),
        15 => Msg::Sql(JobId(1), SqlEvent::Columns(Vec::new())),
        16 => Msg::Sql(JobId(1), SqlEvent::Done(None)),
        17 => Msg::StepPlayed {
            generation: models::GENERATION,
            place: (5, 1),
            failures: vec!["no".to_owned()],
        },
        18 => Msg::Exit(
            models::GENERATION,
            Exit {
                node: "worker1".to_owned(),
                ordered: None,
                status: "signal 9".to_owned(),
            },
        ),
        19 => view(cluster::chat()),
        20 => view(cluster::chat_without(&[
            (1, Reachability::Down),
            (3, Reachability::Frozen),
        ])),
        21 => Msg::Probed(models::GENERATION, ProbeNews::Began(Vec::new())),
        22 => Msg::Probed(models::GENERATION, ProbeNews::Failed("no".to_owned())),
        23 => Msg::Probed(
            models::GENERATION,
            ProbeNews::Saw(Box::new(laboratory::news())),
        ),
        24 => Msg::Load(models::GENERATION, 1, LoadNews::Began),
        25 => Msg::Load(models::GENERATION, 0, LoadNews::Began),
        26 => Msg::Load(models::GENERATION, 1, LoadNews::Failed("no".to_owned())),
        27 => Msg::Load(models::GENERATION, 1, LoadNews::Ended(Box::default())),
        28 => Msg::Experiment(models::GENERATION, ExperimentNews::Began),
        29 => Msg::Experiment(models::GENERATION, ExperimentNews::CalledOff),
        30 => Msg::Experiment(models::GENERATION, ExperimentNews::Failed("no".to_owned())),
        31 => Msg::Experiment(models::GENERATION, ExperimentNews::Ended(Box::default())),
        32 => Msg::ReportSaved(models::GENERATION, Err("no".to_owned())),
        _ => Msg::Boot(0, BootEvent::Failed("of an earlier cluster".to_owned())),
    }
}

/// How many kinds of news there are.
const NEWS: usize = 34;

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        12 => chord().prop_map(Deed::Key),
        6 => pointer().prop_map(Deed::Pointer),
        1 => any::<String>().prop_map(Deed::Paste),
        1 => (0_u16..220, 0_u16..80).prop_map(|(columns, rows)| Deed::Resize(columns, rows)),
        1 => (0_u64..5000).prop_map(Deed::Wait),
        4 => (0..NEWS).prop_map(Deed::News),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_a_person_does_panics(start in 0_usize..64, deeds in prop::collection::vec(deed(), 1..60)) {
        let makers = models::makers();
        let mut model = makers[start % makers.len()]();
        for deed in deeds {
            let now = model.now + Duration::from_millis(5);
            let msg = match deed {
                Deed::Key(chord) => Msg::Key(chord),
                Deed::Pointer(pointer) => Msg::Pointer(pointer),
                Deed::Paste(text) => Msg::Paste(text),
                Deed::Resize(columns, rows) => Msg::Resize(columns, rows),
                Deed::News(number) => news(number),
                Deed::Wait(milliseconds) => {
                    let then = now + Duration::from_millis(milliseconds);
                    update(&mut model, Msg::Tick, then);
                    continue;
                }
            };
            update(&mut model, msg, now);
            let (columns, rows) = model.size;
            draw(&mut model, columns, rows);
            // What came due meanwhile is done, as the loop does it.
            update(&mut model, Msg::Tick, now);
            let due = next_deadline(&model, now);
            prop_assert!(due.is_none_or(|due| due > now), "a deadline that is over would spin");
        }
    }
}
