//! The SQL pane, as somebody uses it for an evening: in one cluster that is kept at the end and found again.

use crate::{
    bench::Bench,
    hands::{DOWN, EMPTY, RUN, RUN_ALL, TO_EDITOR, TO_LESSON, TO_RESULTS, UP, pasted},
    pty::{Start, Terminal},
};

const LINE_START: &str = "\x1b[H";
const SELECT_RIGHT: &str = "\x1b[1;2C";
const TO_NEXT_NODE: &str = "\x1bn";
const HISTORY: &str = "\x12";
const LAST_ROW: &str = "G";

/// The number of answers that the results' border tells.
fn answers(terminal: &Terminal) -> String {
    let pane = terminal.sees("results", "the results", |_| true);
    let number = pane
        .title
        .split_whitespace()
        .find(|word| word.contains('/'));
    number.unwrap_or_default().to_owned()
}

fn runs_what_is_under_the_cursor_or_selected(terminal: &Terminal) {
    terminal.write_sql("SELECT 'first' AS a;\nSELECT 'second' AS b;\nSELECT 'third' AS c;");
    terminal.press(RUN);
    terminal.reads("results", "c third");
    terminal.press(UP);
    terminal.press(RUN);
    terminal.reads("results", "b second");
    terminal.press(RUN_ALL);
    terminal.sees("results", "all three", |pane| {
        pane.title.contains(" 5/5 ") && pane.says("c third")
    });
    terminal.go_to(TO_RESULTS, "results");
    terminal.press("[[");
    terminal.reads("results", "a first");

    terminal.write_sql("SELECT 40 + 2 AS whole");
    terminal.press(LINE_START);
    terminal.press(&SELECT_RIGHT.repeat("SELECT 40".len()));
    terminal.press(RUN);
    let part = terminal.sees("results", "the selection", |pane| {
        pane.title.contains(" 6/6 ") && pane.says("1 row")
    });
    assert!(part.says("?column? 40") && !part.says("whole"), "{part:#?}");
}

fn points_at_the_place_of_an_error(terminal: &Terminal) {
    terminal.write_sql("SELECT 1;\nSELECT * FORM orders");
    terminal.press(RUN);
    let answer = terminal.reads("results", "syntax error at or near \"FORM\"");
    let line = answer
        .rows
        .iter()
        .position(|row| row.starts_with("LINE 1: SELECT * FORM"))
        .unwrap();
    let place = answer.rows[line].find("FORM").unwrap();
    assert_eq!(answer.rows[line + 1].find('^'), Some(place), "{answer:#?}");
    terminal.sees("sql", "the mark at the line", |pane| {
        pane.rows
            .iter()
            .any(|row| row.starts_with("!SELECT * FORM"))
    });
}

fn says_how_many_rows_it_keeps(terminal: &Terminal) {
    let sql = "SELECT g, repeat('x', 20) AS x FROM generate_series(1, 100000) AS g";
    let answer = terminal.ask(sql);
    assert!(answer.says("first 1,000 of 100,000 rows"), "{answer:#?}");
    terminal.go_to(TO_RESULTS, "results");
    terminal.press(LAST_ROW);
    terminal.sees("results", "the last row that is kept", |pane| {
        pane.rows
            .iter()
            .any(|row| row.trim_start().starts_with("1000 "))
    });
}

fn shows_what_would_steer_the_terminal(terminal: &Terminal) {
    let sql = "SELECT chr(27) || ']0;owned' || chr(7) || chr(27) || '[2Jgone' AS evil";
    let answer = terminal.ask(sql);
    assert!(answer.says("\\x1B]0;owned\\x07\\x1B[2Jgone"), "{answer:#?}");
    let raised =
        "DO $$BEGIN RAISE NOTICE E'\\x1b]0;owned\\x07'; RAISE EXCEPTION E'\\x1b[2Jgone'; END$$";
    let answer = terminal.ask(raised);
    assert!(answer.says("\\x1B[2Jgone"), "{answer:#?}");
    let raw = terminal.raw();
    assert!(!raw.contains("\x1b]0;owned") && !raw.contains("\x1b[2Jgone"));
}

fn shows_a_long_value_in_full(terminal: &Terminal) {
    let answer = terminal.ask("SELECT repeat('0123456789', 60) || reverse('DNE') AS wide");
    assert!(!answer.says("END"), "{answer:#?}");
    terminal.go_to(TO_RESULTS, "results");
    terminal.press("\r");
    let layer = terminal.reads("wide", "END");
    let text: String = layer.rows.iter().map(|row| row.trim()).collect();
    assert!(text.contains(&"0123456789".repeat(60)), "{layer:#?}");
    terminal.press("q");
    terminal.sees_no("wide");
}

fn copies_through_the_terminal(terminal: &Terminal) {
    terminal.ask("SELECT 'copied' AS word");
    terminal.go_to(TO_RESULTS, "results");
    terminal.press("y");
    terminal.wait_for("copied through the terminal");
    assert!(terminal.raw().contains("\x1b]52;c;Y29waWVk\x1b\\"));
}

fn takes_a_long_text_and_does_not_run_it(terminal: &Terminal) {
    let before = answers(terminal);
    terminal.go_to(TO_EDITOR, "sql");
    terminal.press(EMPTY);
    let lines: Vec<String> = (1..=10_000).map(|line| format!("SELECT {line};")).collect();
    terminal.press(&pasted(&lines.join("\n")));
    terminal.reads("sql", "SELECT 10000;");
    assert_eq!(answers(terminal), before);
    terminal.press(UP);
    terminal.press(RUN);
    terminal.sees("results", "one of them", |pane| {
        pane.rows
            .first()
            .is_some_and(|row| row.starts_with("SELECT 9999 "))
            && pane.says("1 row")
    });
    assert_ne!(answers(terminal), before);
}

fn talks_to_another_node(terminal: &Terminal) {
    terminal.press(TO_NEXT_NODE);
    terminal.sees("sql", "the other node", |pane| {
        pane.title.starts_with(" sql to worker1 ")
    });
    let answer = terminal.ask("SELECT current_setting('port') AS port");
    let port = answer.rows[2].trim().to_owned();
    let map = terminal.sees("shards", "the map", |_| true);
    let lane = map.rows.iter().find(|row| row.contains("worker1")).unwrap();
    assert!(lane.contains(&format!(":{port}")), "{port} {map:#?}");
    assert!(answer.rows[0].contains("worker1"), "{answer:#?}");
    terminal.press(TO_NEXT_NODE);
    terminal.sees("sql", "the next node", |pane| {
        pane.title.starts_with(" sql to worker2 ")
    });
    terminal.press(TO_NEXT_NODE);
    terminal.sees("sql", "the coordinator again", |pane| {
        pane.title.starts_with(" sql to coordinator ")
    });
}

/// A transaction is open, and the learner is asked about it; the cluster is to be kept.
fn keeps_the_cluster(mut terminal: Terminal) {
    terminal.ask("CREATE TABLE souvenir AS SELECT 'from before' AS words");
    terminal.ask("BEGIN");
    terminal.sees("sql", "the transaction", |pane| {
        pane.title.contains("* in transaction")
    });
    terminal.ask("DELETE FROM souvenir");
    terminal.go_to(TO_LESSON, "lesson");
    terminal.press("q");
    let layer = terminal.reads("Leave citus-tour?", "[3 keep it for later]");
    assert!(
        layer.says("a transaction is open: what it did would be rolled back"),
        "{layer:#?}"
    );
    terminal.press("3");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
}

fn goes_on_with_it(bench: &Bench) {
    let mut terminal = Start::of(bench, &[]).open();
    terminal.wait_for("kept cluster of Journey");
    terminal.press(DOWN);
    terminal.press("\r");
    terminal.reads("sql", "Type SQL here");
    terminal.sees_the_cluster();
    let answer = terminal.ask("SELECT words FROM souvenir");
    assert!(answer.says("words from before"), "{answer:#?}");
    terminal.go_to(TO_EDITOR, "sql");
    terminal.press(HISTORY);
    terminal.reads("history", "SELECT words FROM souvenir");
    terminal.press("40");
    terminal.sees("history", "what fits", |layer| {
        layer.says("SELECT 40") && !layer.says("souvenir")
    });
    terminal.press("\r");
    terminal.sees_no("history");
    terminal.reads("sql", "SELECT 40");
    terminal.go_to(TO_LESSON, "lesson");
    // Nothing would be lost, so nothing is asked.
    terminal.press("q");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
}

#[test]
fn an_evening_in_the_editor() {
    let bench = Bench::new();
    let terminal = Start::of(&bench, &["tour", "journey"]).open();
    terminal.sees_the_cluster();
    runs_what_is_under_the_cursor_or_selected(&terminal);
    points_at_the_place_of_an_error(&terminal);
    says_how_many_rows_it_keeps(&terminal);
    shows_what_would_steer_the_terminal(&terminal);
    shows_a_long_value_in_full(&terminal);
    copies_through_the_terminal(&terminal);
    takes_a_long_text_and_does_not_run_it(&terminal);
    talks_to_another_node(&terminal);
    keeps_the_cluster(terminal);
    assert_eq!(bench.clusters().len(), 1);
    goes_on_with_it(&bench);
    assert_eq!(bench.clusters().len(), 1);
    bench.well(&["down", "--all"]);
    bench.assert_clean();
}
