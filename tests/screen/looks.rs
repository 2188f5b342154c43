//! Colours, characters, the mouse: as the terminal and its owner want them.

use crate::{bench::Bench, pty::Start};

fn frames(arguments: &[&str], variables: &[(&'static str, &'static str)]) -> String {
    let bench = Bench::new();
    let mut start = Start::of(&bench, arguments);
    for (name, value) in variables {
        start = start.variable(name, value);
    }
    let mut terminal = start.open();
    terminal.wait_for_screen();
    terminal.wait_for("citus-tour");
    terminal.press("q");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
    terminal.raw()
}

fn has_colours(frames: &str) -> bool {
    ["\x1b[38;", "\x1b[48;", ";38;", ";48;"]
        .iter()
        .any(|sequence| frames.contains(sequence))
}

#[test]
fn without_colours_there_are_other_marks() {
    let frames = frames(&[], &[("NO_COLOR", "1")]);
    assert!(!has_colours(&frames), "{frames:?}");
    assert!(
        frames.contains("\x1b[7m") || frames.contains("\x1b[1m"),
        "{frames:?}"
    );
}

#[test]
fn colours_are_as_many_as_the_terminal_has() {
    let many = frames(&[], &[("COLORTERM", "truecolor")]);
    assert!(many.contains("8;2;"), "{many:?}");
    let indexed = frames(&[], &[]);
    assert!(!indexed.contains("8;2;") && indexed.contains("8;5;"));
}

#[test]
fn ascii_is_all_that_is_sent_where_it_is_wanted() {
    for (arguments, variables) in [
        (vec!["--ascii"], vec![]),
        (vec![], vec![("LANG", "C")]),
        (vec![], vec![("CITUS_TOUR_ASCII", "1")]),
    ] {
        let frames = frames(&arguments, &variables);
        assert!(frames.is_ascii(), "{arguments:?} {variables:?}");
    }
}

#[test]
fn the_mouse_is_asked_for_unless_it_is_not_wanted() {
    assert!(frames(&[], &[]).contains("\x1b[?1000h"));
    assert!(!frames(&["--no-mouse"], &[]).contains("\x1b[?1000h"));
}

#[test]
fn a_terminal_of_lines_is_told_what_works_there() {
    let bench = Bench::new();
    let mut terminal = Start::of(&bench, &[]).variable("TERM", "dumb").open();
    assert_eq!(terminal.code(), Some(2));
    terminal.wait_for("--plain");
    assert!(!terminal.raw().contains('\x1b'));
}

#[test]
fn without_a_terminal_there_is_no_screen() {
    let bench = Bench::new();
    let answer = bench.run(&["tour"]);
    answer.assert_refused(2, &["needs a terminal", "citus-tour play"]);
}
