//! A key is pressed, and its frame is there.

use std::time::{Duration, Instant};

use super::{CLEAR, DOWN, EDITOR, NODES, percentile};
use crate::figure::{Bar, Figure};
use crate::pty::Terminal;

/// Keys pressed in a round.
const KEYS: usize = 400;
/// Forty keys a second: faster than anybody types.
const BETWEEN: Duration = Duration::from_millis(25);

/// Letters come and go in the editor; the terminal's own cursor says when.
pub(super) fn measure(terminal: &Terminal, when: &str, rounds: usize) -> [Figure; 2] {
    terminal.press(EDITOR);
    terminal.wait_for("┏ sql to coordinator");
    terminal.press(CLEAR);
    terminal.wait_for("Type SQL here");
    let (mut slowest, mut middle) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let mut times: Vec<Duration> = ["S", "\x7f"]
            .iter()
            .cycle()
            .take(KEYS)
            .map(|key| press(terminal, key))
            .collect();
        slowest.push(percentile(&mut times, 99));
        middle.push(percentile(&mut times, 50));
    }
    let name = format!("a key to its frame in the program, {when}, 99th percentile of {KEYS}");
    [
        Figure::times(name, &slowest, Bar::Value(16.0)),
        Figure::times("… median", &middle, Bar::None),
    ]
}

fn press(terminal: &Terminal, key: &str) -> Duration {
    std::thread::sleep(BETWEEN);
    let mut before = None;
    terminal.wait_until("a cursor", |screen| {
        before = Some(screen.cursor_position());
        !screen.hide_cursor()
    });
    let since = Instant::now();
    terminal.press(key);
    terminal.wait_until("the key's frame", |screen| {
        !screen.hide_cursor() && Some(screen.cursor_position()) != before
    });
    since.elapsed()
}

/// Freezes a worker, as somebody does at the screen.
pub(super) fn freeze(terminal: &Terminal) {
    terminal.press(NODES);
    terminal.wait_for("[destroy]");
    for node in ["▌● worker1", "▌● worker2"] {
        terminal.press(DOWN);
        terminal.wait_for(node);
    }
    terminal.press("f");
    terminal.wait_for("[2 freeze it]");
    terminal.press("2");
    terminal.wait_for("worker2 FROZEN");
}
