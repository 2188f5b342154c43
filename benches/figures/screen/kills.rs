//! A server dies, and the map says so.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::{ALL_BACK, percentile};
use crate::bench::Bench;
use crate::figure::{Bar, Figure, Unit, milliseconds};
use crate::pty::Terminal;

const KILLS: usize = 24;

pub(super) fn measure(bench: &Bench, terminal: &Terminal) -> Result<Vec<Figure>> {
    let mut times = Vec::new();
    for _ in 0..KILLS {
        let id = server(bench.home(), "worker1")?;
        let since = Instant::now();
        kill(id, Signal::SIGKILL)?;
        terminal.wait_until("a map that says it", |screen| {
            screen.contents().contains("╳ worker1 DOWN")
        });
        times.push(since.elapsed());
        terminal.wait_for("[all back F8]");
        terminal.press(ALL_BACK);
        terminal.wait_until("the worker again", |screen| {
            let text = screen.contents();
            !text.contains("[all back F8]") && text.contains("● worker1")
        });
    }
    let slow = milliseconds(percentile(&mut times.clone(), 95));
    let name = format!("a server's process dies to the map saying so, 95th percentile of {KILLS}");
    Ok(vec![
        Figure::number(name, slow, Unit::Milliseconds, Bar::Value(250.0)),
        Figure::times("… each of them", &times, Bar::None),
    ])
}

/// The process of a node's server.
fn server(home: &Path, node: &str) -> Result<Pid> {
    let file = found(&home.join("run"), node).with_context(|| format!("{node} does not run"))?;
    let text = fs::read_to_string(file)?;
    let id = text.lines().next().context("an empty file")?;
    Ok(Pid::from_raw(id.trim().parse()?))
}

fn found(run: &Path, node: &str) -> Option<PathBuf> {
    let clusters = fs::read_dir(run).ok()?.flatten();
    clusters
        .map(|cluster| {
            let nodes = cluster.path().join("nodes");
            nodes.join(node).join("data").join("postmaster.pid")
        })
        .find(|file| file.exists())
}
