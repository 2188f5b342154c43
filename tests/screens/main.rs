//! Every screen and state, drawn from models made here, at five sizes in three themes, styles included.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail as tests do"
)]

mod cluster;
mod dump;
mod laboratory;
mod models;
mod random;

use citus_tour::{
    app::{Model, Settings, ThemeName},
    ui::{Theme, view},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Columns and rows: too small, the smallest, the classic, the usual, the projector.
const SIZES: [(u16, u16); 5] = [(40, 12), (60, 20), (80, 24), (120, 36), (200, 60)];

/// Draws a model at a size with the settings that it has, as the event loop does.
fn draw(model: &mut Model, (columns, rows): (u16, u16)) -> Buffer {
    let screen = Rect::new(0, 0, columns, rows);
    model.size = (columns, rows);
    let mut buffer = Buffer::empty(screen);
    // What the first frame measured decides what the second shows.
    for _ in 0..2 {
        buffer = Buffer::empty(screen);
        model.regions = view(model, &Theme::new(&model.settings), screen, &mut buffer);
    }
    buffer
}

fn snapshot(name: &str, make: impl Fn() -> Model) {
    for size in SIZES {
        let mut text = String::new();
        for theme in [ThemeName::Dark, ThemeName::Light, ThemeName::Mono] {
            let mut model = make();
            model.settings = Settings {
                theme,
                ..model.settings
            };
            let buffer = draw(&mut model, size);
            if text.is_empty() {
                text = dump::text(&buffer);
            }
            text.push_str(&[format!("--- {theme:?}\n"), dump::styles(&buffer)].concat());
        }
        let (columns, rows) = size;
        insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "snapshots" }, {
            insta::assert_snapshot!(format!("{name}@{columns}x{rows}"), text);
        });
    }
}

macro_rules! screens {
    ($from:ident: $($name:ident),* $(,)?) => {
        $(
            #[test]
            fn $name() {
                snapshot(stringify!($name), $from::$name);
            }
        )*
    };
}

screens!(
    models: home_before_the_survey,
    home,
    home_without_postgres,
    booting,
    boot_failed,
    rebuilding,
    lesson_begins,
    prediction,
    checks,
    distributed,
    moving,
    worker_down,
    worker_frozen,
    matrix,
    strip,
    rows,
    failure,
    running,
    nodes_panel,
    event_log,
    help,
    palette,
    contents,
    history,
    cell,
    details,
    node_log,
    before_a_kill,
    before_a_destruction,
    not_done,
    leaving,
    ending,
    attached_page,
    attached_lesson,
    attached_ending,
    attached_stays,
);

screens!(
    laboratory: laboratory_rests,
    laboratory_healthy,
    laboratory_broken,
    laboratory_frozen,
    laboratory_matrix,
    laboratory_differs,
    laboratory_outcome,
    laboratory_outcome_differs,
    laboratory_load,
    laboratory_load_over,
    plan_typed,
    before_a_plan,
    plan_runs,
    report,
    before_two_kills,
);

#[test]
fn ascii_screens_are_ascii() {
    for make in [
        models::home,
        models::moving,
        models::worker_down,
        models::checks,
        models::rows,
        models::nodes_panel,
        models::help,
        laboratory::laboratory_broken,
        laboratory::laboratory_matrix,
        laboratory::laboratory_outcome,
        laboratory::laboratory_load,
        laboratory::plan_runs,
        laboratory::report,
    ] {
        let mut model = make();
        model.settings.ascii = true;
        let buffer = draw(&mut model, (120, 36));
        let foreign: String = dump::text(&buffer)
            .chars()
            .filter(|character| !character.is_ascii())
            .collect();
        // What lessons and servers say is theirs.
        let ours: String = foreign
            .chars()
            .filter(|character| "■◆▪▶░▒▓█▞╳·●○◌✓›▾▌•…→↵┃│─▎▀┌┐└┘├┤┬┴┼━┏┓┗┛".contains(*character))
            .collect();
        assert_eq!(ours, "", "{}", dump::text(&buffer));
    }
}

#[test]
fn states_are_words_without_any_colour() {
    for (make, words) in [
        (
            models::worker_down as fn() -> Model,
            vec!["down", "worker1"],
        ),
        (models::worker_frozen, vec!["frozen", "worker2"]),
        (models::failure, vec!["ERROR", "CONTEXT"]),
        (
            laboratory::laboratory_broken,
            vec!["kill worker3", "08006", "not probed"],
        ),
        (laboratory::laboratory_differs, vec!["fails", "works"]),
    ] {
        let mut model = make();
        model.settings.theme = ThemeName::Mono;
        let text = dump::text(&draw(&mut model, (120, 36))).to_lowercase();
        for word in words {
            assert!(text.contains(&word.to_lowercase()), "{word}:\n{text}");
        }
    }
}

#[test]
fn the_engine_is_named_on_every_screen_of_a_tour() {
    for make in [
        models::lesson_begins,
        models::worker_down,
        models::rows,
        models::nodes_panel,
        models::event_log,
        laboratory::laboratory_broken,
    ] {
        for size in &SIZES[1..] {
            let text = dump::text(&draw(&mut make(), *size));
            assert!(
                text.lines()
                    .next()
                    .is_some_and(|line| line.contains("emulation")),
                "{text}"
            );
        }
    }
}
