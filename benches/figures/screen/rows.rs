//! A statement with a million rows in the SQL pane.

use std::time::Instant;

use anyhow::Result;

use super::{CLEAR, EDITOR, RUN, process::Process, settle};
use crate::figure::{Bar, Figure, Unit};
use crate::pty::Terminal;

pub(super) fn measure(terminal: &Terminal, rounds: usize) -> Result<Vec<Figure>> {
    let process = Process::of(terminal);
    let (mut first, mut all, mut growth) = (Vec::new(), Vec::new(), Vec::new());
    terminal.press(EDITOR);
    terminal.wait_for("┏ sql to coordinator");
    for round in 0..rounds {
        terminal.press(CLEAR);
        terminal.wait_for("Type SQL here");
        // A series in FROM would be computed as a whole before its first row is sent.
        let statement = format!("SELECT generate_series(1, 1000000) || ' of {round} million';");
        terminal.press(&format!("\x1b[200~{statement}\x1b[201~"));
        terminal.wait_for(&statement);
        settle(terminal);
        let before = process.resident()?;
        process.forget_peak()?;
        let since = Instant::now();
        terminal.press(RUN);
        terminal.wait_for(&format!("1 of {round} million"));
        first.push(since.elapsed());
        terminal.wait_for("of 1,000,000 rows");
        all.push(since.elapsed());
        growth.push(process.peak()? - before);
        // The next one's rows are not to be taken for these.
        terminal.press(CLEAR);
        terminal.wait_for("Type SQL here");
        terminal.press("SELECT 'in between';");
        terminal.press(RUN);
        terminal.wait_until("the next statement's row", |screen| {
            !screen.contents().contains("of 1,000,000 rows")
        });
    }
    Ok(vec![
        Figure::times(
            "a million rows in the SQL pane: its key to the first rows shown",
            &first,
            Bar::Value(100.0),
        ),
        Figure::times("… to the last row taken in", &all, Bar::None),
        Figure {
            name: "… growth of the program's memory, at its most".to_owned(),
            measured: growth,
            against: Vec::new(),
            unit: Unit::Megabytes,
            bar: Bar::Value(64.0),
        },
    ])
}
