//! Whatever size the terminal has or gets.

use crate::{bench::Bench, pty::Start};

#[test]
fn tiny_terminals_are_told_how_large_they_must_be() {
    let bench = Bench::new();
    for (columns, rows) in [(1, 1), (5, 3), (59, 19), (40, 60)] {
        let mut terminal = Start::of(&bench, &[]).size(columns, rows).open();
        terminal.wait_until("the screen", vt100::Screen::alternate_screen);
        terminal.press("q");
        assert_eq!(terminal.code(), Some(0), "{columns}x{rows}");
        terminal.assert_restored();
    }
}

#[test]
fn a_storm_of_sizes_ends_in_the_last_one() {
    let bench = Bench::new();
    let mut terminal = Start::of(&bench, &[]).open();
    terminal.wait_for("citus-tour");
    for (columns, rows) in [(5, 3), (200, 60), (1, 1), (80, 24), (300, 10), (61, 21)] {
        terminal.resize(columns, rows);
    }
    terminal.resize(100, 30);
    terminal.wait_until("the screen at its size", |screen| {
        screen.alternate_screen() && screen.contents().contains("citus-tour")
    });
    terminal.resize(30, 8);
    terminal.wait_until("what is said to small ones", |screen| {
        screen.contents().contains("60")
    });
    terminal.resize(120, 36);
    terminal.wait_for("citus-tour");
    terminal.press("q");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
}

#[test]
fn what_is_pasted_presses_no_keys() {
    let bench = Bench::new();
    let mut terminal = Start::of(&bench, &[]).open();
    terminal.wait_for_screen();
    // A `q` in it would leave.
    terminal.press("\x1b[200~quit\rq\x1b[201~");
    terminal.press("?");
    terminal.wait_until("help", |screen| {
        screen.contents().to_lowercase().contains("everywhere")
    });
    terminal.press("q");
    terminal.wait_until("the end of help", |screen| {
        !screen.contents().to_lowercase().contains("everywhere")
    });
    terminal.press("q");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
}
