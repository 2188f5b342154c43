//! The pictures of the README, taken from the real program on a real cluster: `make screenshots`.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a picture that cannot be taken ends it, and which was taken is to be seen"
)]

#[expect(dead_code, reason = "the commands' tests use what pictures do not")]
#[path = "../cli/bench.rs"]
mod bench;
#[path = "../support/machine.rs"]
#[expect(dead_code, reason = "other tests use what pictures do not")]
mod machine;
#[expect(dead_code, reason = "the screen's tests use what pictures do not")]
#[path = "../screen/pty.rs"]
mod pty;

mod album;
mod svg;

use album::{Album, DARK, LIGHT};
use bench::Bench;
use nix::sys::signal::Signal;
use pty::{Start, Terminal};

const ENTER: &str = "\r";
const ESCAPE: &str = "\x1b";
const DOWN: &str = "\x1b[B";
const RUN: &str = "\x1b[15~";
const RUN_ALL: &str = "\x1ba";
const NEXT_NODE: &str = "\x1bn";
const NODES: &str = "\x1b[18~";
const LABORATORY: &str = "\x1bOR";
const LESSON: &str = "\x1b1";
const MAP: &str = "\x1b2";
const EDITOR: &str = "\x1b3";

fn main() {
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let album = Album::of_the_project();
    for (name, take) in [
        ("worker", a_worker_dies as fn(&Album)),
        ("rebalance", rebalance),
        ("sql", sql),
        ("home", home),
        ("laboratory", laboratory),
    ] {
        if wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str())) {
            take(&album);
        }
    }
}

/// The tour at a place, ready.
fn tour(bench: &Bench, place: &str, theme: &str) -> Terminal {
    tour_of(bench, "journey", place, theme)
}

fn tour_of(bench: &Bench, tour: &str, place: &str, theme: &str) -> Terminal {
    let terminal = Start::of(bench, &["tour", tour, "--at", place, "--theme", theme])
        .variable("COLORTERM", "truecolor")
        .open();
    terminal.wait_until("a lesson that can be done", |screen| {
        let text = screen.contents();
        text.contains("· live") && text.contains("[▶ ") && !text.contains("the cluster is starting")
    });
    terminal
}

/// Types into the editor, which a paste leaves as it is.
fn type_sql(terminal: &Terminal, statement: &str) {
    terminal.press(EDITOR);
    terminal.wait_for("┏ sql to ");
    terminal.press(&format!("\x1b[200~{statement}\x1b[201~"));
    let last = statement.lines().next_back().unwrap_or_default();
    terminal.wait_for(last);
}

/// Leaves the tour, and no cluster behind.
fn leave(mut terminal: Terminal) {
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.code(), Some(4));
}

fn a_worker_dies(album: &Album) {
    let bench = Bench::new();
    let terminal = tour(&bench, "a-worker-dies/pull-the-plug", "dark");
    terminal.press(NODES);
    terminal.wait_for("[destroy]");
    terminal.press(DOWN);
    terminal.wait_for("▌● worker1");
    terminal.press("k");
    album.take(&terminal, "before-a-kill", &DARK, |text| {
        text.contains("What stops working") && text.contains("worker1 :")
    });
    terminal.press(ESCAPE);
    terminal.wait_until("no question", |screen| {
        !screen.contents().contains("What stops working")
    });
    terminal.press(LESSON);
    terminal.wait_for("▌ [▶ kill the node of tenant 42]");
    terminal.press(ENTER);
    terminal.wait_for("▌ [▶ next: Tenant by tenant]");
    terminal.press(ENTER);
    terminal.wait_for("▾ Tenant by tenant");
    terminal.press(ENTER);
    terminal.wait_for("it failed, as it should");
    album.take(&terminal, "a-worker-dies", &DARK, |text| {
        text.contains("worker1 DOWN")
            && text.contains("worker1 (down)")
            && text.contains("! 1 failed")
            // The error has gone from the line of keys.
            && text.contains("Enter do it")
    });
    leave(terminal);
}

fn rebalance(album: &Album) {
    let bench = Bench::new();
    let terminal = tour(&bench, "add-a-worker/let-them-travel", "dark");
    // A shard is copied once nobody writes to it: with this writer there is time for a picture.
    terminal.press(EDITOR);
    terminal.wait_for("┏ sql to coordinator");
    terminal.press(NEXT_NODE);
    terminal.wait_for("sql to worker1");
    type_sql(
        &terminal,
        "BEGIN;\nLOCK TABLE orders_102018 IN ROW EXCLUSIVE MODE;",
    );
    terminal.press(RUN_ALL);
    terminal.wait_for("* in transaction");
    terminal.press(LESSON);
    terminal.press(ENTER);
    album.take(&terminal, "rebalance", &DARK, |text| {
        text.contains(" → worker3 ")
            && text.contains("Scheduled 2 moves")
            && text.contains("Enter do it")
    });
    leave(terminal);
}

fn sql(album: &Album) {
    let bench = Bench::new();
    for (theme, ground, name) in [("dark", &DARK, "sql"), ("light", &LIGHT, "hash-range")] {
        let terminal = tour(&bench, "questions-and-shards/one-user-one-shard", theme);
        type_sql(
            &terminal,
            "SELECT order_id, status, total, name\nFROM orders JOIN users USING (user_id)\nWHERE user_id = 42 ORDER BY order_id;",
        );
        terminal.press(RUN);
        terminal.wait_for("touched: 1 of 8");
        if theme == "light" {
            terminal.press(MAP);
            terminal.press("vv");
            terminal.wait_for("hash range");
        }
        album.take(&terminal, name, ground, |text| {
            text.contains("10 rows") && text.contains("touched: 1 of 8")
        });
        leave(terminal);
    }
}

/// A worker is killed while probes ask: two of four shard groups cannot be written any more, and all can be read.
fn laboratory(album: &Album) {
    let bench = Bench::new();
    let terminal = tour_of(&bench, "active-active", "one-of-four-dies", "dark");
    terminal.press(LABORATORY);
    terminal.wait_for("13 probes run");
    terminal.press(DOWN);
    terminal.press(ENTER);
    terminal.wait_for("04 tenant");
    terminal.wait_until("some time in which all works", |screen| {
        screen.contents().contains("■■■■■■■■")
    });
    terminal.press(NODES);
    terminal.wait_for("[destroy]");
    terminal.press(&DOWN.repeat(3));
    terminal.wait_for("▌● worker3");
    terminal.press("k");
    terminal.wait_for("[2 kill it]");
    terminal.press("2");
    terminal.wait_for("worker3 DOWN");
    terminal.press(LABORATORY);
    album.take(&terminal, "laboratory", &DARK, |text| {
        // On a machine that does something else statements come late.
        text.contains("╳╳╳╳╳╳")
            && text.contains("kill worker3")
            && text.contains("f plan")
            && text.matches('◆').count() < 12
    });
    leave(terminal);
}

fn home(album: &Album) {
    let bench = Bench::new();
    let mut terminal = Start::of(&bench, &["--theme", "dark"])
        .variable("COLORTERM", "truecolor")
        .open();
    album.take(&terminal, "home", &DARK, |text| text.contains("Runs on"));
    terminal.press("q");
    assert_eq!(terminal.code(), Some(0));
}
