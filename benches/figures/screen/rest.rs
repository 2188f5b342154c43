//! A tour that is open while nobody does anything.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::process::{Process, servers};
use crate::bench::Bench;
use crate::figure::{Bar, Figure, Unit};
use crate::pty::Terminal;

/// How long nobody does anything.
const WATCHED: Duration = Duration::from_secs(20);
const MOST_ROUNDS: usize = 3;

pub(super) fn measure(bench: &Bench, terminal: &Terminal, rounds: usize) -> Result<Vec<Figure>> {
    let process = Process::of(terminal);
    let (resident, peak) = (process.resident()?, process.peak()?);
    let (mut bytes, mut own, mut theirs, mut switches) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds.min(MOST_ROUNDS) {
        let since = Instant::now();
        let before = (
            terminal.raw().len(),
            process.processor()?,
            servers(bench.home())?,
            process.switches()?,
        );
        std::thread::sleep(WATCHED);
        let seconds = since.elapsed().as_secs_f64();
        let share = |now: Duration, before: Duration| {
            now.saturating_sub(before).as_secs_f64() / seconds * 100.0
        };
        own.push(share(process.processor()?, before.1));
        theirs.push(share(servers(bench.home())?, before.2));
        switches.push((process.switches()? - before.3) / seconds);
        let written = terminal.raw().len() - before.0;
        bytes.push(f64::from(u32::try_from(written)?));
    }
    let figure = |name: &str, measured, unit, bar| Figure {
        name: name.to_owned(),
        measured,
        against: Vec::new(),
        unit,
        bar,
    };
    Ok(vec![
        figure(
            "memory of the program with a tour open",
            vec![resident],
            Unit::Megabytes,
            Bar::Value(60.0),
        ),
        figure(
            "… at its most, the cluster's start included",
            vec![peak],
            Unit::Megabytes,
            Bar::None,
        ),
        figure(
            "written to the terminal in 20 s at rest, a tour open",
            bytes,
            Unit::Bytes,
            Bar::Value(0.0),
        ),
        figure(
            "… share of a core, observation included",
            own,
            Unit::Percent,
            Bar::Value(1.0),
        ),
        figure(
            "… share of a core that the three servers take",
            theirs,
            Unit::Percent,
            Bar::None,
        ),
        figure(
            "… context switches a second",
            switches,
            Unit::Count,
            Bar::None,
        ),
    ])
}
