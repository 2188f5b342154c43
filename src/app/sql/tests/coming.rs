use super::*;

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
