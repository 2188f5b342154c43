//! From the start of the process to a screen that can be used.

use std::time::Instant;

use anyhow::{Result, ensure};

use crate::bench::Bench;
use crate::figure::{Bar, Figure};
use crate::pty::Start;

/// Below this a start more or less costs nothing.
const LEAST: usize = 15;

pub(super) fn measure(bench: &Bench, rounds: usize) -> Result<Figure> {
    let mut times = Vec::new();
    for _ in 0..rounds.max(LEAST) {
        let since = Instant::now();
        let mut terminal = Start::of(bench, &[]).open();
        // The tour can be chosen, and the line of keys is the last thing that a frame draws.
        terminal.wait_until("the home screen", |screen| {
            let text = screen.contents();
            text.contains("Journey") && text.contains("quit")
        });
        times.push(since.elapsed());
        terminal.press("q");
        ensure!(terminal.code() == Some(0), "it did not end as it should");
    }
    Ok(Figure::times(
        "start of the program to its first usable frame",
        &times,
        Bar::Value(50.0),
    ))
}
