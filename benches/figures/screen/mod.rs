//! The screen as somebody at a terminal has it: the release program in a pseudo-terminal, its screen read as a terminal would show it.

mod keys;
mod kills;
mod opening;
mod process;
mod rest;
mod rows;

use std::time::Duration;

use anyhow::{Result, ensure};
use nix::sys::signal::Signal;

use crate::bench::Bench;
use crate::figure::Figure;
use crate::pty::{Start, Terminal};

const NODES: &str = "\x1b[18~";
const EDITOR: &str = "\x1b3";
const CLEAR: &str = "\x1bk";
const RUN: &str = "\x1b[15~";
const ALL_BACK: &str = "\x1b[19~";
const DOWN: &str = "\x1b[B";

/// From the start of the process to a screen that can be used.
pub(crate) fn measure_opening(rounds: usize) -> Result<Vec<Figure>> {
    Ok(vec![opening::measure(&Bench::new()?, rounds)?])
}

/// A tour that is open while nobody does anything.
pub(crate) fn measure_rest(rounds: usize) -> Result<Vec<Figure>> {
    in_a_tour(|bench, terminal| rest::measure(bench, terminal, rounds))
}

/// A key is pressed, and its frame is there.
pub(crate) fn measure_keys(rounds: usize) -> Result<Vec<Figure>> {
    in_a_tour(|_, terminal| {
        let mut figures = Vec::from(keys::measure(terminal, "all nodes up", rounds));
        keys::freeze(terminal);
        figures.extend(keys::measure(terminal, "one worker frozen", rounds));
        Ok(figures)
    })
}

/// A server dies, and the map says so.
pub(crate) fn measure_kills() -> Result<Vec<Figure>> {
    in_a_tour(kills::measure)
}

/// A statement with a million rows in the SQL pane.
pub(crate) fn measure_rows(rounds: usize) -> Result<Vec<Figure>> {
    in_a_tour(|_, terminal| rows::measure(terminal, rounds))
}

/// In a home of its own, and with no servers left at the end.
fn in_a_tour(
    measure: impl FnOnce(&Bench, &Terminal) -> Result<Vec<Figure>>,
) -> Result<Vec<Figure>> {
    let bench = Bench::new()?;
    let mut terminal = open(&bench);
    let figures = measure(&bench, &terminal)?;
    terminal.signal(Signal::SIGTERM);
    ensure!(terminal.code() == Some(4), "it did not end as it should");
    Ok(figures)
}

/// A tour whose tables are distributed, ready.
fn open(bench: &Bench) -> Terminal {
    let place = ["tour", "journey", "--at", "a-worker-dies/pull-the-plug"];
    let terminal = Start::of(bench, &place)
        .variable("COLORTERM", "truecolor")
        .open();
    terminal.wait_until("a lesson that can be done", |screen| {
        let text = screen.contents();
        text.contains("· live") && !text.contains("the cluster is starting")
    });
    settle(&terminal);
    terminal
}

/// Waits until nothing was drawn for a while.
fn settle(terminal: &Terminal) {
    const QUIET: Duration = Duration::from_secs(3);
    let mut before = usize::MAX;
    loop {
        let now = terminal.raw().len();
        if now == before {
            return;
        }
        before = now;
        std::thread::sleep(QUIET);
    }
}

/// What only one in so many exceeds.
fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    let index = (times.len() * percent).div_ceil(100);
    times
        .get(index.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}
