//! Whatever ends the program, its servers end with it.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::bench::{Bench, Running};

/// Generous for a busy machine; what is promised is a second.
const SOON: Duration = Duration::from_secs(20);

/// A tour that is in the middle of a long statement, with all its servers up.
fn playing(bench: &Bench) -> Running {
    let lessons = bench.lessons("## Wait\n\n```sql run\nSELECT pg_sleep(3600);\n```\n");
    let mut running = bench.start(&["play", "try", "--lessons", &lessons]);
    running.wait_for("coordinator=> SELECT pg_sleep(3600);");
    let servers = bench.processes().len();
    assert!(servers > 3, "{:#?}", bench.processes());
    running
}

#[test]
fn a_signal_ends_the_tour_and_its_servers() {
    let bench = Bench::new();
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let running = playing(&bench);
        kill(Pid::from_raw(running.id()), signal).unwrap();
        let answer = running.answer();
        assert_eq!(answer.code, Some(4), "{signal}: {answer:#?}");
        assert!(answer.err.contains("interrupted"), "{signal}: {answer:#?}");
        assert!(bench.clusters().is_empty(), "{signal}: its data is left");
        bench.assert_clean();
    }
}

#[test]
fn servers_end_when_the_program_is_killed() {
    let bench = Bench::new();
    let mut running = playing(&bench);
    kill(Pid::from_raw(running.id()), Signal::SIGKILL).unwrap();
    let since = Instant::now();
    assert_eq!(running.end().code(), None);
    bench.assert_clean();
    assert!(since.elapsed() < SOON, "it took {:?}", since.elapsed());
}

#[test]
fn a_start_that_is_killed_leaves_nothing() {
    let bench = Bench::new();
    let mut running = bench.start(&["play"]);
    let deadline = Instant::now() + SOON;
    // The first server that it starts, wherever it is with it.
    while !bench
        .processes()
        .iter()
        .any(|process| process.contains("postgres"))
    {
        assert!(Instant::now() < deadline, "no server in time");
        std::thread::park_timeout(Duration::from_millis(5));
    }
    kill(Pid::from_raw(running.id()), Signal::SIGKILL).unwrap();
    running.end();
    bench.assert_clean();
}

#[test]
fn the_tour_ends_when_nobody_reads_it_any_more() {
    let bench = Bench::new();
    let mut running = bench.start(&["play"]);
    running.wait_for("citus-tour ");
    running.stop_reading();
    let status = running.end();
    assert_eq!(status.code(), Some(4));
    bench.assert_clean();
}
