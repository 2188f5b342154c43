use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use ratatui::{buffer::Buffer, layout::Rect, style::Modifier};

use super::*;
use crate::{
    app::{
        Boot, Model, OpenTour, Pane, Regions, Screen, Settings, Target,
        sql::{Answer, Grid, JobId, Piece, SqlTarget},
    },
    lesson::{LessonSource, Tour, load},
    postgres::{Column, Report, Severity, TransactionStatus},
    ui::Theme,
};

fn tour() -> Arc<Tour> {
    static TOUR: std::sync::LazyLock<Arc<Tour>> =
        std::sync::LazyLock::new(|| Arc::new(load(&LessonSource::embedded()).unwrap().remove(0)));
    Arc::clone(&TOUR)
}

fn model() -> Model {
    let mut model = Model::new(Settings::default(), (120, 36), Instant::now());
    let mut open = OpenTour::new(7, tour(), (0, 0), Vec::new(), model.now);
    open.boot = Boot::Ready;
    model.screen = Screen::Tour;
    model.tour = Some(Box::new(open));
    model.focus = Pane::Results;
    model
}

fn answer(pieces: Vec<Piece>) -> Answer {
    Answer {
        job: JobId(1),
        index: 0,
        node: "coordinator".to_owned(),
        statement: "SELECT 1".to_owned(),
        of_lesson: false,
        pieces,
        started: Instant::now(),
        duration: Some(Duration::from_micros(1240)),
        transaction: TransactionStatus::Idle,
        touched: None,
        bytes: 0,
    }
}

fn grid(columns: &[(&str, u32)], rows: Vec<Vec<Option<String>>>) -> Grid {
    let columns = columns.iter().map(|(name, type_oid)| Column {
        name: (*name).to_owned(),
        type_oid: *type_oid,
    });
    let mut grid = Grid::new(columns.collect());
    let widths: Vec<Vec<usize>> = rows
        .iter()
        .map(|row| {
            let width = |value: &Option<String>| {
                value.as_deref().map_or(6, crate::app::sql::measure::width)
            };
            row.iter().map(width).collect()
        })
        .collect();
    for row in widths {
        for (widest, width) in grid.widths.iter_mut().zip(row) {
            *widest = (*widest).max(width);
        }
    }
    grid.rows = rows;
    grid
}

fn draw(model: &Model, width: u16, height: u16, editor: bool) -> (Buffer, Regions) {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    let mut regions = Regions::default();
    let theme = Theme::new(&model.settings);
    let open = model.tour.as_deref().unwrap();
    let draw = if editor { draw_editor } else { draw_results };
    draw(model, open, &theme, area, &mut buffer, &mut regions);
    (buffer, regions)
}

fn text(buffer: &Buffer) -> String {
    let rows = buffer.content().chunks(usize::from(buffer.area.width));
    let line = |row: &[ratatui::buffer::Cell]| {
        let line: String = row.iter().map(ratatui::buffer::Cell::symbol).collect();
        line.trim_end().to_owned()
    };
    rows.map(line).collect::<Vec<_>>().join("\n")
}

fn show(model: &mut Model, it: Answer) {
    model.tour.as_mut().unwrap().sql.answers.push(it);
}

#[test]
fn a_grid_is_aligned_and_shows_what_is_in_it() {
    let mut model = model();
    let cell = |text: &str| Some(text.to_owned());
    let mut rows = grid(
        &[("id", 20), ("note", 25)],
        vec![
            vec![cell("7"), cell("a\nb\u{1b}[31m")],
            vec![cell("1234"), None],
            vec![cell("12"), cell("日本")],
        ],
    );
    rows.beyond = 9_997;
    show(
        &mut model,
        answer(vec![
            Piece::Grid(rows),
            Piece::Tag("SELECT 10000".to_owned()),
        ]),
    );
    let (buffer, regions) = draw(&model, 60, 12, false);
    let text = text(&buffer);
    for line in [
        "  id │ note",
        "   7 │ a↵b\\x1B[31m",
        "1234 │ (null)",
        "  12 │ 日 本",
        "first 3 of 10,000 rows",
        "coordinator · 1.24 ms",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains('\u{1b}') && !text.contains("SELECT 10000"));
    let hit = regions.at(8, 3).unwrap();
    assert_eq!(hit.target, Target::Sql(SqlTarget::Cell(0, 1)));
    let chosen = &buffer[(4, 3)];
    assert!(chosen.modifier.contains(Modifier::REVERSED));
}

#[test]
fn errors_are_told_in_full() {
    let mut model = model();
    let mut error = Report::new(Severity::Error, "42703", "column \"a\" does not exist");
    error.position = Some(8);
    error.detail = Some("the detail".to_owned());
    error.hint = Some("the hint".to_owned());
    error.context = Some("while executing command on 127.0.0.1:5441".to_owned());
    show(&mut model, answer(vec![Piece::Error(error)]));
    let text = text(&draw(&model, 70, 14, false).0);
    for part in [
        "ERROR:  42703: column \"a\" does not exist",
        "LINE 1: SELECT 1",
        "DETAIL:  the detail",
        "HINT:  the hint",
        "CONTEXT:  while executing command on 127.0.0.1:5441",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
}

#[test]
fn only_what_is_in_sight_is_drawn_and_the_head_stays() {
    let mut model = model();
    let names: Vec<String> = (0..100).map(|index| format!("column{index}")).collect();
    let columns: Vec<(&str, u32)> = names.iter().map(|name| (name.as_str(), 23)).collect();
    let rows = (0..1000)
        .map(|row| {
            (0..100)
                .map(|column| Some((row * column).to_string()))
                .collect()
        })
        .collect();
    show(&mut model, answer(vec![Piece::Grid(grid(&columns, rows))]));
    let sql = &mut model.tour.as_mut().unwrap().sql;
    sql.expanded = Some(false);
    sql.offset = (500, 40);
    sql.cell = (510, 41);
    let (buffer, regions) = draw(&model, 80, 20, false);
    let text = text(&buffer);
    assert!(
        text.contains("column40") && !text.contains("column39"),
        "{text}"
    );
    let cells = regions
        .hits
        .iter()
        .filter(|hit| matches!(hit.target, Target::Sql(SqlTarget::Cell(..))));
    assert!(cells.count() < 200);
}

#[test]
fn the_editor_has_the_terminals_cursor_and_marks_what_runs() {
    let mut model = model();
    model.focus = Pane::Editor;
    let (buffer, regions) = draw(&model, 60, 6, true);
    assert!(text(&buffer).contains("Type SQL here; F5 runs it."));
    assert_eq!(regions.cursor.unwrap().x, 2);
    assert!(text(&buffer).contains("sql to coordinator · idle"));
    crate::app::sql::put(&mut model, "SELECT 1;\nSELECT '日本' FORM t;");
    let sql = &mut model.tour.as_mut().unwrap().sql;
    sql.mark = Some((1, 12));
    sql.transaction = TransactionStatus::Failed;
    let (buffer, regions) = draw(&model, 60, 6, true);
    let shown = text(&buffer);
    assert!(shown.contains("! transaction failed"), "{shown}");
    let cursor = regions.cursor.unwrap();
    assert_eq!((cursor.x, cursor.y), (2 + 21, 2));
    assert_eq!(buffer[(1, 1)].symbol(), " ");
    assert_eq!(buffer[(1, 2)].symbol(), "!");
    assert!(buffer[(2 + 14, 2)].modifier.contains(Modifier::REVERSED));
    let hit = regions.at(20, 2).unwrap();
    assert_eq!(hit.target, Target::Sql(SqlTarget::Editor));
    assert_eq!(
        regions.at(10, 0).unwrap().target,
        Target::Sql(SqlTarget::Node)
    );
}

fn cells() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        "[ -~]{0,12}".prop_map(Some),
        any::<String>().prop_map(Some),
        Just(Some("wide ".repeat(90))),
        Just(Some("日本\n\u{1b}[2J\u{202e}".to_owned())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_rows_are_drawn_at_any_size(
        rows in (0_usize..8).prop_flat_map(|columns| prop::collection::vec(prop::collection::vec(cells(), columns), 0..20)),
        size in (1_u16..130, 1_u16..40),
        offset in (0_usize..30, 0_usize..9),
        cell in (0_usize..30, 0_usize..9),
        expanded in any::<Option<bool>>(),
        ascii in any::<bool>(),
    ) {
        let mut model = model();
        model.settings.ascii = ascii;
        let count = rows.first().map_or(3, Vec::len);
        let names: Vec<(&str, u32)> = vec![("name", 23); count];
        let notice = Report::new(Severity::Warning, "01000", "words ".repeat(30));
        show(&mut model, answer(vec![
            Piece::Notice(notice),
            Piece::Grid(grid(&names, rows)),
            Piece::CopyOut("a\tb\n\n\u{7}".to_owned()),
            Piece::Remark("a remark".to_owned()),
        ]));
        let sql = &mut model.tour.as_mut().unwrap().sql;
        (sql.offset, sql.cell, sql.expanded) = (offset, cell, expanded);
        let (buffer, _) = draw(&model, size.0, size.1, false);
        prop_assert!(!text(&buffer).chars().any(|character| character.is_control() && character != '\n'));
    }

    #[test]
    fn any_text_is_drawn_at_any_size(
        text in "[a-zA-Z'$;\\-\\n\\t 日é]{0,200}",
        size in (1_u16..90, 1_u16..12),
        mark in (0_usize..6, 0_usize..40),
    ) {
        let mut model = model();
        crate::app::sql::put(&mut model, &text);
        model.tour.as_mut().unwrap().sql.mark = Some(mark);
        for _ in 0..2 {
            let (_, regions) = draw(&model, size.0, size.1, true);
            if let Some(cursor) = regions.cursor {
                prop_assert!(cursor.x < size.0 && cursor.y < size.1);
            }
        }
    }
}
