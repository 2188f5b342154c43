//! The command line itself: help, completions, and what it refuses.

use crate::bench::Bench;

const COMMANDS: [&str; 17] = [
    "attach",
    "play",
    "up",
    "down",
    "status",
    "psql",
    "logs",
    "node",
    "survival",
    "load",
    "experiment",
    "seed",
    "doctor",
    "setup",
    "lint",
    "verify",
    "completions",
];

/// The options of each command that are its own.
const OPTIONS: [(&str, &[&str]); 17] = [
    (
        "attach",
        &["[URL]", "--allow-writes", "--json", "CITUS_TOUR_URL"],
    ),
    (
        "play",
        &["[TOUR]", "--at", "--read", "--interactive", "--ascii"],
    ),
    ("up", &["[TOUR]", "--cluster", "--at"]),
    ("down", &["--cluster", "--all"]),
    ("status", &["--cluster", "--url", "--json", "--ascii"]),
    ("psql", &["[NODE]", "--cluster", "[ARGUMENTS]"]),
    ("logs", &["[NODE]", "--cluster", "--lines"]),
    (
        "node",
        &[
            "<ACT>",
            "<NODE>",
            "--cluster",
            "freeze",
            "destroy",
            "@tenant(VALUE)",
        ],
    ),
    ("survival", &["--cluster", "--fail", "--freeze", "--json"]),
    (
        "load",
        &[
            "--cluster",
            "--for",
            "--rate",
            "--closed",
            "--mix",
            "--json",
        ],
    ),
    (
        "experiment",
        &[
            "<PLAN>",
            "--cluster",
            "--for",
            "--with-load",
            "--json",
            "--markdown",
            "--leave",
            "--demand",
        ],
    ),
    ("seed", &["[TOUR]", "--cluster"]),
    ("doctor", &["--json"]),
    ("setup", &["--yes"]),
    ("lint", &[]),
    ("verify", &["[TOUR]"]),
    ("completions", &["<SHELL>"]),
];

#[test]
fn help_names_every_command_and_says_what_exit_codes_mean() {
    let help = Bench::new().well(&["--help"]);
    for command in COMMANDS {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command}: {help}"
        );
    }
    for words in [
        "Exit codes: 0",
        "1 something",
        "2 the command line",
        "no cluster could be started",
        "interrupted",
    ] {
        assert!(help.contains(words), "{words}: {help}");
    }
}

#[test]
fn the_help_of_each_command_names_its_options_and_those_of_all() {
    let bench = Bench::new();
    for (command, options) in OPTIONS {
        let help = bench.well(&[command, "--help"]);
        for option in options
            .iter()
            .chain(&["--runtime", "--engine", "--pg-bindir", "--lessons"])
        {
            assert!(help.contains(option), "{command} {option}: {help}");
        }
    }
}

#[test]
fn completions_are_printed_for_each_shell() {
    let bench = Bench::new();
    for (shell, beginning) in [
        ("bash", "_citus__tour()"),
        ("zsh", "#compdef citus-tour"),
        ("fish", "# Print"),
    ] {
        let script = bench.well(&["completions", shell]);
        assert!(script.starts_with(beginning), "{shell}: {}", &script[..200]);
        for command in COMMANDS {
            assert!(script.contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn what_nobody_knows_is_refused_with_what_there_is() {
    let bench = Bench::new();
    let refusals: [(&[&str], &[&str]); 12] = [
        (
            &["play", "nowhere"],
            &["there is no tour `nowhere`", "journey"],
        ),
        (
            &["up", "nowhere"],
            &["there is no tour `nowhere`", "journey"],
        ),
        (
            &["verify", "nowhere"],
            &["there is no tour `nowhere`", "journey"],
        ),
        (
            &["play", "--at", "nowhere"],
            &["no place `nowhere`", "one-server", "back-to-one-server"],
        ),
        (
            &["play", "--at", "one-server/nowhere"],
            &["no place `one-server/nowhere`", "one-server/fill-them"],
        ),
        (
            &["up", "--at", "nowhere"],
            &["no place `nowhere`", "one-server"],
        ),
        (
            &["play", "--lessons", "/nonexistent"],
            &["/nonexistent", "SUMMARY.md"],
        ),
        (
            &["lint", "--lessons", "/nonexistent"],
            &["/nonexistent", "SUMMARY.md"],
        ),
        (
            &["play", "--engine", "other"],
            &["'other'", "citus, emulation"],
        ),
        (&["play", "--runtime", "moon"], &["'moon'", "auto, local"]),
        (&["up", "--cluster", "../x"], &["'../x'", "letters, digits"]),
        (&["frobnicate"], &["frobnicate", "--help"]),
    ];
    for (arguments, words) in refusals {
        bench.run(arguments).assert_refused(2, words);
    }
    assert!(bench.clusters().is_empty());
}

#[test]
fn an_error_is_told_once() {
    let answer = Bench::new().run(&["lint", "--lessons", "/nonexistent"]);
    assert_eq!(
        answer.err.matches("No such file or directory").count(),
        1,
        "{answer:#?}"
    );
}

#[test]
fn doctor_says_what_would_run_and_where_files_are() {
    let bench = Bench::new();
    let text = bench.well(&["doctor"]);
    for words in [
        "A tour would run on the",
        "PostgreSQL on this machine",
        "Other ways",
        "Where files are",
        "servers run as",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let json: serde_json::Value = serde_json::from_str(&bench.well(&["doctor", "--json"])).unwrap();
    assert_eq!(json["runtime"], "local");
    assert_eq!(json["engine"], "emulation");
    assert!(
        json["candidates"]
            .as_array()
            .is_some_and(|list| !list.is_empty()),
        "{json}"
    );
}

#[test]
fn setup_asks_nobody_where_nobody_is() {
    let bench = Bench::new();
    bench.run(&["setup"]).assert_refused(2, &["--yes"]);
}
