use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::*;
use crate::{
    app::{
        Boot, Effect, Model, Msg, OpenTour, Pane, Screen, Settings, SqlEvent, Viewport,
        input::Chord, next_deadline as due, overlay::Overlay, update,
    },
    cluster::{Node, NodeRole, Reachability},
    lesson::{LessonSource, load},
    postgres::{Column, Report, Severity, TransactionStatus},
    xray::Touched,
};

fn column(name: &str) -> Column {
    Column {
        name: name.to_owned(),
        type_oid: 25,
    }
}

fn values(columns: &[&str], rows: usize) -> Vec<Vec<Option<String>>> {
    let row = |row: usize| {
        columns
            .iter()
            .map(|name| Some(format!("{name}{row}")))
            .collect()
    };
    (0..rows).map(row).collect()
}

/// An answer with so many columns and rows, whose values are the column's name and the row's number.
pub(super) fn answer_of(columns: &[&str], rows: usize) -> Answer {
    let mut grid = Grid::new(columns.iter().map(|name| column(name)).collect());
    grid.take(values(columns, rows));
    Answer {
        job: JobId(1),
        index: 0,
        node: "coordinator".to_owned(),
        statement: "SELECT * FROM t".to_owned(),
        of_lesson: false,
        pieces: vec![Piece::Grid(grid), Piece::Tag(format!("SELECT {rows}"))],
        started: Instant::now(),
        duration: Some(Duration::from_millis(1)),
        transaction: TransactionStatus::Idle,
        touched: None,
        bytes: 0,
    }
}

fn in_tour() -> Model {
    let mut model = Model::new(Settings::default(), (120, 36), Instant::now());
    let tour = load(&LessonSource::embedded()).unwrap().remove(0);
    let mut open = OpenTour::new(7, Arc::new(tour), (0, 0), Vec::new(), model.now);
    open.boot = Boot::Ready;
    model.screen = Screen::Tour;
    model.tour = Some(Box::new(open));
    model.focus = Pane::Editor;
    let seen = Viewport {
        height: 10,
        width: 40,
        content: 0,
    };
    model.regions.viewports.insert(Pane::Results, seen);
    model
}

fn pane(model: &mut Model) -> &mut SqlPane {
    &mut model.tour.as_mut().unwrap().sql
}

fn tell(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let now = model.now;
    update(model, msg, now)
}

fn press(model: &mut Model, keys: &[&str]) -> Vec<Effect> {
    keys.iter()
        .flat_map(|key| tell(model, Msg::Key(Chord::parse(key).unwrap())))
        .collect()
}

fn type_text(model: &mut Model, text: &str) {
    for character in text.chars() {
        tell(model, Msg::Key(Chord::character(character)));
    }
}

fn written(model: &mut Model, text: &str) {
    pane(model).replace(text).unwrap();
}

fn job(effects: &[Effect]) -> Option<&Job> {
    effects.iter().find_map(|effect| match effect {
        Effect::Run(job) => Some(job.as_ref()),
        _ => None,
    })
}

fn run(model: &mut Model, sql: &str) -> JobId {
    written(model, sql);
    let effects = press(model, &["F5"]);
    job(&effects).unwrap().id
}

fn started(index: usize, statement: &str) -> SqlEvent {
    SqlEvent::Started {
        index,
        node: "coordinator".to_owned(),
        statement: statement.to_owned(),
    }
}

fn finished(transaction: TransactionStatus) -> SqlEvent {
    SqlEvent::Finished {
        duration: Duration::from_millis(3),
        transaction,
        expired: false,
    }
}

fn events(model: &mut Model, job: JobId, events: Vec<SqlEvent>) -> Vec<Effect> {
    events
        .into_iter()
        .flat_map(|event| tell(model, Msg::Sql(job, event)))
        .collect()
}

fn answer(model: &mut Model, sql: &str, brought: Vec<SqlEvent>) {
    let id = run(model, sql);
    events(model, id, vec![started(0, sql)]);
    events(model, id, brought);
    events(
        model,
        id,
        vec![finished(TransactionStatus::Idle), SqlEvent::Done(None)],
    );
}

#[test]
fn the_statement_under_the_cursor_or_the_selection_runs() {
    let mut model = in_tour();
    written(&mut model, "SELECT 1;\nSELECT 2;\nSELECT 3;");
    press(&mut model, &["Up"]);
    let effects = press(&mut model, &["F5"]);
    let sent = job(&effects).unwrap();
    assert_eq!((sent.text.as_str(), sent.limit), ("SELECT 2", LIMIT));
    let id = sent.id;
    events(&mut model, id, vec![SqlEvent::Done(None)]);

    press(&mut model, &["Ctrl+Home", "Shift+Down", "Shift+End"]);
    let effects = press(&mut model, &["Alt+Enter"]);
    assert_eq!(job(&effects).unwrap().text, "SELECT 1;\nSELECT 2;");
    let id = job(&effects).unwrap().id;
    events(&mut model, id, vec![SqlEvent::Done(None)]);
    let effects = press(&mut model, &["Alt+a"]);
    assert_eq!(
        job(&effects).unwrap().text,
        "SELECT 1;\nSELECT 2;\nSELECT 3;"
    );
}

#[test]
fn nothing_runs_beside_another_statement_or_without_a_cluster() {
    let mut model = in_tour();
    assert!(press(&mut model, &["F5"]).is_empty(), "nothing is written");
    run(&mut model, "SELECT 1;");
    assert!(job(&press(&mut model, &["F5"])).is_none());
    let notice = model.notice.take().unwrap();
    assert!(notice.alarming && notice.text.contains("Ctrl+C"));

    let mut model = in_tour();
    model.tour.as_mut().unwrap().boot = Boot::Ending;
    written(&mut model, "SELECT 1;");
    assert!(job(&press(&mut model, &["F5"])).is_none());
    assert!(model.notice.is_some());
}

#[test]
fn cancelling_never_leaves_the_program() {
    let mut model = in_tour();
    assert!(press(&mut model, &["Ctrl+C"]).is_empty());
    assert!(
        !model.leaving
            && model
                .notice
                .take()
                .unwrap()
                .text
                .contains("nothing is running")
    );
    let id = run(&mut model, "SELECT pg_sleep(100);");
    let effects = press(&mut model, &["Ctrl+C"]);
    assert!(matches!(effects.as_slice(), [Effect::Cancel(job)] if *job == id));
    assert!(pane(&mut model).cancelling);
    events(&mut model, id, vec![SqlEvent::Done(None)]);
    assert!(!pane(&mut model).cancelling);
    press(&mut model, &["Alt+s"]);
    let effects = press(&mut model, &["Ctrl+C"]);
    assert!(matches!(effects.as_slice(), [Effect::Copy(text)] if text.starts_with("SELECT pg")));
}

#[test]
fn what_a_job_brings_is_kept_in_order() {
    let mut model = in_tour();
    let id = run(&mut model, "SELECT 1;");
    let effects = events(&mut model, id, vec![started(0, "SELECT 1")]);
    assert!(matches!(
        effects.as_slice(),
        [Effect::Xray { index: 0, .. }]
    ));
    let notice = Report::new(Severity::Notice, "00000", "hello");
    let effects = events(
        &mut model,
        id,
        vec![
            SqlEvent::Columns(vec![column("a")]),
            SqlEvent::Rows(values(&["a"], 1)),
            SqlEvent::Notice(notice),
            SqlEvent::Rows(values(&["a"], 1)),
            SqlEvent::Beyond(7),
            SqlEvent::Complete("SELECT 9".to_owned()),
            finished(TransactionStatus::Open),
            SqlEvent::Done(None),
        ],
    );
    assert!(matches!(effects.as_slice(), [Effect::AskChecks]));
    let sql = pane(&mut model);
    assert_eq!(
        (sql.running, sql.transaction),
        (None, TransactionStatus::Open)
    );
    let answer = sql.answer().unwrap();
    let grid = answer.grid().unwrap();
    assert_eq!(
        (grid.rows.len(), grid.beyond, answer.pieces.len()),
        (2, 7, 3)
    );

    // What comes after the end, or from another cluster, is nobody's.
    events(&mut model, id, vec![SqlEvent::Complete("late".to_owned())]);
    events(&mut model, JobId(1), vec![started(0, "stale")]);
    assert_eq!(pane(&mut model).answers.len(), 1);
    assert_eq!(pane(&mut model).answer().unwrap().pieces.len(), 3);
}

#[test]
fn the_x_ray_is_kept_with_its_statement() {
    let mut model = in_tour();
    answer(&mut model, "SELECT 1;", Vec::new());
    let job = pane(&mut model).answers[0].job;
    let touched = Touched {
        words: "1 of 8 shards, worker1".to_owned(),
        ..Touched::default()
    };
    tell(
        &mut model,
        Msg::Touched {
            job,
            index: 0,
            touched: Ok(Some(touched)),
        },
    );
    let told = pane(&mut model).answers[0].touched.clone().unwrap();
    assert_eq!(told.unwrap().words, "1 of 8 shards, worker1");
    tell(
        &mut model,
        Msg::Touched {
            job,
            index: 9,
            touched: Err("lost".to_owned()),
        },
    );
    assert!(matches!(pane(&mut model).answers[0].touched, Some(Ok(_))));
}

#[test]
fn utility_statements_are_not_explained() {
    let mut model = in_tour();
    let id = run(&mut model, "BEGIN;");
    assert!(events(&mut model, id, vec![started(0, "BEGIN")]).is_empty());
}

#[test]
fn an_error_is_marked_at_its_place_until_the_text_changes() {
    let mut model = in_tour();
    let sql = "SELECT 1;\n-- 日本\nSELECT '日' FORM t;";
    let id = run(&mut model, sql);
    let mut error = Report::new(Severity::Error, "42601", "syntax error");
    error.position = Some(12);
    events(
        &mut model,
        id,
        vec![started(0, "SELECT '日' FORM t"), SqlEvent::Error(error)],
    );
    assert_eq!(pane(&mut model).mark, Some((2, 11)));
    let log = &model.tour.as_ref().unwrap().log;
    assert!(log.entries.back().unwrap().text.contains("42601"));
    type_text(&mut model, " ");
    assert_eq!(pane(&mut model).mark, None);
}

#[test]
fn what_was_not_run_is_told() {
    let mut model = in_tour();
    written(&mut model, "SELECT 1; SELECT 2; SELECT 3;");
    let effects = press(&mut model, &["Alt+a"]);
    let id = job(&effects).unwrap().id;
    let error = Report::new(Severity::Error, "57014", "cancelled");
    events(
        &mut model,
        id,
        vec![
            started(0, "SELECT 1"),
            SqlEvent::Columns(vec![column("a")]),
            SqlEvent::Error(error),
            SqlEvent::Done(None),
        ],
    );
    let answer = pane(&mut model).answer().unwrap();
    assert!(
        matches!(answer.pieces.last(), Some(Piece::Remark(words)) if words.contains("2 statements"))
    );
    assert_eq!(layout::height(&layout::place(answer, false, 80)), 2);
}

#[test]
fn a_lost_session_is_told_with_the_statement_that_notices() {
    let mut model = in_tour();
    let id = run(&mut model, "SELECT 1;");
    let effects = vec![started(0, "SELECT 1"), SqlEvent::Reconnected];
    events(&mut model, id, effects);
    let pieces = &pane(&mut model).answers[0].pieces;
    assert!(matches!(&pieces[0], Piece::Remark(words) if words.contains("new session")));
}

#[test]
fn what_is_kept_is_bounded() {
    let mut model = in_tour();
    let id = run(&mut model, "SELECT 1;");
    for index in 0..300 {
        events(&mut model, id, vec![started(index, "SELECT 1")]);
    }
    assert_eq!(pane(&mut model).answers.len(), 200);
    assert_eq!(pane(&mut model).shown, 199);
    for _ in 0..600 {
        let notice = Report::new(Severity::Notice, "00000", "again");
        events(&mut model, id, vec![SqlEvent::Notice(notice)]);
    }
    assert_eq!(pane(&mut model).answers[199].pieces.len(), 501);
    for _ in 0..3 {
        let text = "日".repeat(300_000);
        events(&mut model, id, vec![SqlEvent::CopyOut(text)]);
    }
    let Some(Piece::CopyOut(text)) = pane(&mut model).answers[199].pieces.last() else {
        panic!("copied text");
    };
    assert!(text.len() < (1 << 20) + 100 && text.ends_with("is kept"));
    let large = vec![vec![Some("x".repeat(40 << 20))]];
    events(
        &mut model,
        id,
        vec![SqlEvent::Columns(vec![column("a")]), SqlEvent::Rows(large)],
    );
    assert_eq!(pane(&mut model).answers.len(), 1, "the last one is kept");
}

#[test]
fn history_keeps_what_ran_once_and_no_secrets() {
    let mut model = in_tour();
    tell(&mut model, Msg::History(vec!["SELECT 0".to_owned()]));
    answer(&mut model, "SELECT 1;", Vec::new());
    answer(&mut model, "SELECT 1;", Vec::new());
    answer(&mut model, " SELECT 'secret';", Vec::new());
    answer(&mut model, "SELECT\n  2;", Vec::new());
    assert_eq!(
        pane(&mut model).history,
        ["SELECT 0", "SELECT 1", "SELECT\n  2"]
    );
    written(&mut model, "draft");
    press(&mut model, &["Ctrl+Up"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT\n  2;");
    press(&mut model, &["Alt+Up", "Alt+Up", "Alt+Up"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT 0;");
    press(&mut model, &["Alt+Down", "Ctrl+Down"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT\n  2;");
    press(&mut model, &["Ctrl+Down", "Ctrl+Down"]);
    assert_eq!(pane(&mut model).written.text(), "draft");
    press(&mut model, &["Ctrl+R"]);
    assert!(matches!(
        model.overlays.as_slice(),
        [Overlay::History { .. }]
    ));
    press(&mut model, &["0", "Enter"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT 0;");
}

#[test]
fn statements_go_to_the_chosen_node() {
    let mut model = in_tour();
    let node = |name: &str, role| Node {
        name: name.to_owned(),
        host: "127.0.0.1".to_owned(),
        port: 5440,
        role,
        reachability: Reachability::Up,
        membership: None,
        missed_writes: false,
    };
    model.tour.as_mut().unwrap().view.nodes = vec![
        node("coordinator", NodeRole::Coordinator),
        node("worker1", NodeRole::Worker),
    ];
    press(&mut model, &["Alt+n"]);
    assert_eq!(node_name(model.tour.as_ref().unwrap()), "worker1");
    written(&mut model, "BEGIN;");
    let effects = press(&mut model, &["F5"]);
    let sent = job(&effects).unwrap();
    assert_eq!(sent.node.as_ref().unwrap().to_string(), "worker1");
    let id = sent.id;
    events(
        &mut model,
        id,
        vec![
            started(0, "BEGIN"),
            finished(TransactionStatus::Open),
            SqlEvent::Done(None),
        ],
    );
    press(&mut model, &["Alt+n"]);
    assert_eq!(pane(&mut model).node.as_deref(), Some("worker1"));
    assert!(model.notice.as_ref().unwrap().text.contains("transaction"));
    pane(&mut model).transaction = TransactionStatus::Idle;
    press(&mut model, &["Alt+n"]);
    assert_eq!(pane(&mut model).node, None);
}

#[test]
fn a_sweeping_statement_runs_and_says_the_way_back() {
    let mut model = in_tour();
    written(&mut model, "DELETE FROM orders;");
    assert!(job(&press(&mut model, &["F5"])).is_some());
    assert!(model.notice.as_ref().unwrap().text.contains("back"));
}

#[test]
fn the_clock_ticks_while_something_runs() {
    let mut model = in_tour();
    let at = model.now;
    assert_eq!(due(&model, at), None);
    run(&mut model, "SELECT pg_sleep(100);");
    model.notice = None;
    assert_eq!(due(&model, at), Some(at + PATIENCE));
    let second = at + Duration::from_millis(1050);
    assert_eq!(due(&model, second), Some(at + Duration::from_millis(1200)));
    model.settings.motion = false;
    assert_eq!(due(&model, second), Some(at + Duration::from_secs(2)));
    let tour = model.tour.as_mut().unwrap();
    assert_eq!(waiting(tour, true, at), None);
    assert_eq!(waiting(tour, true, second).unwrap(), "1.1 s");
    tour.view.nodes = vec![Node {
        name: "worker2".to_owned(),
        host: String::new(),
        port: 0,
        role: NodeRole::Worker,
        reachability: Reachability::Frozen,
        membership: None,
        missed_writes: false,
    }];
    let later = at + Duration::from_secs(12);
    assert_eq!(
        waiting(tour, false, later).unwrap(),
        "waiting for worker2 (frozen), 12 s"
    );
}

#[test]
fn the_editor_edits() {
    let mut model = in_tour();
    type_text(&mut model, "SELECT foo");
    press(&mut model, &["Alt+u"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT ");
    press(&mut model, &["Ctrl+Y"]);
    assert_eq!(pane(&mut model).written.text(), "SELECT foo");
    press(
        &mut model,
        &["Ctrl+Shift+Left", "Ctrl+X", "Ctrl+V", "Ctrl+V"],
    );
    assert_eq!(pane(&mut model).written.text(), "SELECT foofoo");
    press(&mut model, &["Ctrl+W", "Ctrl+A", "Alt+d", "Ctrl+K"]);
    assert_eq!(pane(&mut model).written.text(), "");
    type_text(&mut model, "  a");
    press(&mut model, &["Enter"]);
    type_text(&mut model, "b");
    assert_eq!(pane(&mut model).written.text(), "  a\n  b");
    press(&mut model, &["Backspace", "Ctrl+Home", "Delete", "Alt+k"]);
    assert_eq!(pane(&mut model).written.text(), "");
}

#[test]
fn a_paste_is_one_change_and_runs_nothing() {
    let mut model = in_tour();
    let lines = "SELECT 1;\r\n".repeat(10_000);
    assert!(tell(&mut model, Msg::Paste(lines)).is_empty());
    let sql = pane(&mut model);
    assert_eq!((sql.editor.lines().len(), sql.running), (10_001, None));
    press(&mut model, &["Alt+u"]);
    assert_eq!(pane(&mut model).written.text(), "");
    tell(
        &mut model,
        Msg::Paste("a\u{a0}b\u{1b}[31m\u{200b}\tc\rd".to_owned()),
    );
    assert_eq!(pane(&mut model).written.text(), "a b[31m\tc\nd");
    tell(&mut model, Msg::Paste("\n".repeat(60_000)));
    assert_eq!(pane(&mut model).editor.lines().len(), 2);
    assert!(model.notice.as_ref().unwrap().alarming);
}

#[test]
fn results_are_walked_through() {
    let mut model = in_tour();
    let columns = ["a", "b"];
    let brought = vec![
        SqlEvent::Columns(columns.iter().map(|name| column(name)).collect()),
        SqlEvent::Rows(values(&columns, 100)),
        SqlEvent::Complete("SELECT 100".to_owned()),
    ];
    answer(&mut model, "SELECT 1;", Vec::new());
    answer(&mut model, "SELECT 2;", brought);
    model.focus = Pane::Results;
    press(&mut model, &["Right", "Down", "Down"]);
    assert_eq!(pane(&mut model).cell, (2, 1));
    let effects = press(&mut model, &["y", "Y", "s"]);
    let copied: Vec<&str> = effects
        .iter()
        .map(|effect| match effect {
            Effect::Copy(text) => text.as_str(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(copied, ["b2", "a2\tb2", "SELECT 2;"]);
    press(&mut model, &["Ctrl+End"]);
    assert_eq!(
        (pane(&mut model).cell, pane(&mut model).offset),
        ((99, 1), (91, 0))
    );
    press(&mut model, &["x", "Ctrl+Home"]);
    assert_eq!(pane(&mut model).expanded, Some(true));
    press(&mut model, &["Down", "Down"]);
    assert_eq!(pane(&mut model).cell, (1, 1));
    press(&mut model, &["Enter"]);
    assert!(matches!(
        model.overlays.pop(),
        Some(Overlay::Cell { title, text, .. }) if title == "b of row 2 of 100" && text == "b1"
    ));
    press(&mut model, &["["]);
    assert_eq!((pane(&mut model).shown, pane(&mut model).cell), (0, (0, 0)));
    press(&mut model, &["[", "]", "]"]);
    assert_eq!(pane(&mut model).shown, 1);
    press(&mut model, &["e"]);
    assert_eq!(model.focus, Pane::Editor);
    assert_eq!(pane(&mut model).written.text(), "SELECT 2;");
}

#[test]
fn psql_habits_run_as_statements() {
    let mut model = in_tour();
    written(&mut model, "\\dt");
    let effects = press(&mut model, &["F5"]);
    assert!(job(&effects).unwrap().text.contains("pg_class"));
    assert_eq!(pane(&mut model).history, ["\\dt"]);
}

#[test]
fn a_short_line_after_a_long_one_is_seen_from_its_beginning() {
    use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget};
    let mut model = in_tour();
    let seen = Viewport {
        height: 3,
        width: 20,
        content: 1,
    };
    model.regions.viewports.insert(Pane::Editor, seen);
    let draw = |model: &mut Model| {
        let area = Rect::new(0, 0, 20, 3);
        (&pane(model).editor).render(area, &mut Buffer::empty(area));
        pane(model).editor.scroll_offset().1
    };
    written(&mut model, &"long ".repeat(20));
    assert!(draw(&mut model) > 0);
    press(&mut model, &["Alt+k"]);
    type_text(&mut model, "SELECT 1");
    assert_eq!(draw(&mut model), 0);
    assert_eq!(pane(&mut model).editor.cursor(), (0, 8));
}
