//! To the background and back, as shells do it.

use crate::{bench::Bench, machine::skipped, pty::Start};

#[test]
fn a_shell_gets_its_terminal_back_and_gives_it_again() {
    if std::process::Command::new("setsid")
        .arg("--version")
        .output()
        .is_err()
    {
        skipped("there is no `setsid` here to give a shell a terminal of its own");
        return;
    }
    let bench = Bench::new();
    let mut terminal = Start::of(&bench, &[])
        .within(&["setsid", "--ctty", "bash", "--norc", "--noprofile", "-i"])
        .variable("PS1", "shell> ")
        .open();
    terminal.wait_for("shell> ");
    terminal.press(&format!("{}\r", env!("CARGO_BIN_EXE_citus-tour")));
    terminal.wait_for_screen();
    terminal.press("\x1a");
    terminal.wait_until("the shell", |screen| {
        !screen.alternate_screen() && screen.contents().contains("Stopped")
    });
    assert!(!terminal.raw().contains("no shell here"));
    terminal.press("echo in between\r");
    terminal.wait_for("in between");
    terminal.press("fg\r");
    terminal.wait_for_screen();
    terminal.press("q");
    // What is typed before the prompt comes is still the program's.
    terminal.wait_until("the shell again", |screen| {
        let (row, _) = screen.cursor_position();
        let line = screen.rows(0, 120).nth(usize::from(row));
        !screen.alternate_screen() && line.is_some_and(|line| line.starts_with("shell>"))
    });
    terminal.press("exit\r");
    assert_eq!(terminal.code(), Some(0));
}

#[test]
fn without_a_shell_there_is_no_background() {
    let bench = Bench::new();
    let mut terminal = Start::of(&bench, &[]).open();
    terminal.wait_for_screen();
    if std::process::Command::new("setsid")
        .arg("--version")
        .output()
        .is_ok()
    {
        drop(terminal);
        terminal = Start::of(&bench, &[])
            .within(&["setsid", "--ctty", env!("CARGO_BIN_EXE_citus-tour")])
            .open();
        terminal.wait_for_screen();
        terminal.press("\x1a");
        terminal.wait_for("no shell here");
    }
    terminal.press("q");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
}
