//! Every way of leaving gives the terminal back and leaves nothing behind.

use citus_tour::terminal::Guard;
use nix::sys::signal::Signal;

use crate::{
    bench::Bench,
    pty::{Start, Terminal},
};

/// A tour whose cluster runs.
fn in_a_tour(bench: &Bench) -> Terminal {
    let terminal = Start::of(bench, &["tour"]).open();
    terminal.wait_for_screen();
    terminal
}

/// Waits for the servers, however the screen tells of them.
#[track_caller]
fn wait_for_servers(bench: &Bench) {
    let deadline = std::time::Instant::now() + crate::bench::DEADLINE;
    let servers = || {
        let processes = bench.processes();
        let is_server = |line: &&String| line.contains("postgres") && line.contains("worker2");
        processes.iter().filter(is_server).count()
    };
    while servers() == 0 {
        assert!(std::time::Instant::now() < deadline, "no servers came");
        std::thread::park_timeout(std::time::Duration::from_millis(50));
    }
}

#[test]
fn the_home_screen_is_left_by_a_key() {
    let bench = Bench::new();
    let mut terminal = Start::of(&bench, &[]).open();
    terminal.wait_for_screen();
    terminal.press("q");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
    bench.assert_clean();
}

#[test]
fn a_tour_is_left_with_its_cluster_ended() {
    let bench = Bench::new();
    let mut terminal = in_a_tour(&bench);
    wait_for_servers(&bench);
    terminal.press("q");
    terminal.wait_for("end the cluster");
    terminal.press("2");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
    assert_eq!(bench.clusters().len(), 0);
    bench.assert_clean();
}

#[test]
fn a_tour_is_left_with_its_cluster_kept() {
    let bench = Bench::new();
    let mut terminal = in_a_tour(&bench);
    terminal.wait_for("live");
    terminal.press("q");
    terminal.wait_for("keep it for later");
    terminal.press("3");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
    terminal.wait_for("goes on as `journey`");
    let status = bench.well(&["status", "--cluster", "journey"]);
    assert!(status.contains("worker2"), "{status}");

    // Another tour goes on with it, from the home screen, and leaves it as it is.
    let mut terminal = Start::of(&bench, &[]).open();
    terminal.wait_for("kept cluster of");
    terminal.press("\x1b[B");
    terminal.press("\r");
    terminal.wait_for("live");
    terminal.press("q");
    assert_eq!(terminal.code(), Some(0));
    terminal.assert_restored();
    bench.well(&["down", "--cluster", "journey"]);
    bench.assert_clean();
}

#[test]
fn signals_end_the_home_screen() {
    for signal in [
        Signal::SIGTERM,
        Signal::SIGINT,
        Signal::SIGHUP,
        Signal::SIGQUIT,
    ] {
        let bench = Bench::new();
        let mut terminal = Start::of(&bench, &[]).open();
        terminal.wait_for_screen();
        terminal.signal(signal);
        assert_eq!(terminal.code(), Some(4), "{signal}");
        terminal.assert_restored();
    }
}

#[test]
fn signals_end_a_tour_and_its_servers() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let bench = Bench::new();
        let mut terminal = in_a_tour(&bench);
        wait_for_servers(&bench);
        terminal.signal(signal);
        assert_eq!(terminal.code(), Some(4), "{signal}");
        terminal.assert_restored();
        bench.assert_clean();
    }
}

#[test]
fn whoever_asks_twice_waits_no_longer_and_nothing_is_left_either() {
    let bench = Bench::new();
    let mut terminal = in_a_tour(&bench);
    wait_for_servers(&bench);
    terminal.signal(Signal::SIGTERM);
    terminal.signal(Signal::SIGINT);
    assert_eq!(terminal.code(), Some(4));
    terminal.assert_restored();
    bench.assert_clean();
}

#[test]
fn a_closed_terminal_ends_a_tour_without_any_signal() {
    let bench = Bench::new();
    // Nobody's session has this terminal, so no SIGHUP is sent: only a look at it tells.
    let mut terminal = in_a_tour(&bench);
    wait_for_servers(&bench);
    terminal.close();
    assert_eq!(terminal.code(), Some(4));
    bench.assert_clean();
}

#[test]
fn a_panic_gives_the_terminal_back_before_it_is_told() {
    let bench = Bench::new();
    let this = std::env::current_exe().unwrap();
    let words = [
        this.to_str().unwrap(),
        "--exact",
        "leaving::the_program_that_panics",
        "--ignored",
        "--nocapture",
    ];
    let mut terminal = Start::of(&bench, &[]).within(&words).open();
    assert_ne!(terminal.code(), Some(0));
    terminal.assert_restored();
    let raw = terminal.raw();
    let (screen, after) = raw.rsplit_once("\x1b[?1049l").unwrap();
    assert!(!screen.contains("something is wrong"), "{raw:?}");
    assert!(after.contains("something is wrong"), "{raw:?}");
}

#[test]
#[ignore = "the other half of a test: it takes the terminal and panics"]
fn the_program_that_panics() {
    let _guard = Guard::take(true).unwrap();
    panic!("something is wrong");
}
