//! `play`, `verify` and `lint`.

use crate::bench::{Answer, Bench, assert_plain};
use crate::machine::{citus_bindir, embedded_bindir};

const JOURNEY: [&str; 4] = [
    "Regular tables",
    "Distribution",
    "Resharding",
    "Undistribution",
];
const ACTIVE_ACTIVE: [&str; 4] = [
    "Two copies",
    "One worker gone",
    "More goes wrong",
    "What it is worth",
];

/// The whole journey went well, and nothing but text was printed.
fn assert_passed(answer: &Answer) {
    assert_phases_passed(answer, &JOURNEY);
}

/// A whole tour of these phases went well, and nothing but text was printed.
fn assert_phases_passed(answer: &Answer, phases: &[&str]) {
    assert_eq!(answer.code, Some(0), "{answer:#?}");
    let (passed, failed) = tally(answer);
    assert!(passed > 50, "{}", answer.last_line());
    assert_eq!(failed, 0, "{answer:#?}");
    assert_plain(&answer.out);
    assert_plain(&answer.err);
    for phase in phases {
        assert!(answer.out.contains(&format!("=== {phase} ===")), "{phase}");
    }
}

/// `N passed, N failed`, which is what the last line says.
fn tally(answer: &Answer) -> (usize, usize) {
    let counts = || {
        let (passed, rest) = answer.last_line().split_once(" passed, ")?;
        let failed = rest.strip_suffix(" failed")?;
        Some((passed.parse().ok()?, failed.parse().ok()?))
    };
    counts().unwrap_or_else(|| panic!("no tally: {answer:#?}"))
}

#[test]
fn without_a_command_and_a_terminal_the_journey_is_played() {
    let bench = Bench::new();
    let answer = bench.run(&[]);
    assert_passed(&answer);
    assert!(
        answer.out.contains("emula"),
        "the engine is named: {}",
        answer.out
    );
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journey_passes_on_the_postgresql_that_npm_brings() {
    let Some(bindir) = embedded_bindir().await else {
        return;
    };
    let bench = Bench::on(bindir, "emulation");
    let answer = bench.run(&["play", "journey", "--read", "--ascii"]);
    assert_passed(&answer);
    assert!(
        answer.out.contains("PostgreSQL 18"),
        "{}",
        answer.out.lines().next().unwrap()
    );
    assert!(
        answer
            .out
            .contains("Every distributed database was a small one first.")
    );
    bench.assert_clean();
}

#[test]
fn the_journey_passes_on_citus() {
    let Some(bindir) = citus_bindir() else { return };
    let bench = Bench::on(bindir, "citus");
    let answer = bench.run(&["play", "journey"]);
    assert_passed(&answer);
    assert!(
        answer.out.contains("Citus 1"),
        "{}",
        answer.out.lines().next().unwrap()
    );
    bench.assert_clean();
}

#[test]
fn the_active_active_tour_passes_and_each_of_its_checks_is_false_before_its_step() {
    let bench = Bench::new();
    let answer = bench.run(&["verify", "active-active"]);
    assert_eq!(answer.code, Some(0), "{answer:#?}");
    assert_eq!(tally(&answer).1, 0, "{answer:#?}");
    bench.assert_clean();
}

#[test]
fn the_active_active_tour_passes_on_citus() {
    let Some(bindir) = citus_bindir() else { return };
    let bench = Bench::on(bindir, "citus");
    let answer = bench.run(&["play", "active-active"]);
    assert_phases_passed(&answer, &ACTIVE_ACTIVE);
    bench.assert_clean();
}

#[test]
fn every_check_of_the_journey_is_false_before_its_step_and_true_after_it() {
    let bench = Bench::new();
    let answer = bench.run(&["verify", "journey"]);
    assert_eq!(answer.code, Some(0), "{answer:#?}");
    assert!(
        answer.last_line().ends_with(" passed, 0 failed"),
        "{answer:#?}"
    );
    bench.assert_clean();
}

#[test]
fn the_last_step_stands_on_all_before_it() {
    let bench = Bench::new();
    let answer = bench.run(&[
        "play",
        "journey",
        "--at",
        "back-to-one-server/compare-with-the-receipt",
    ]);
    assert_eq!(answer.code, Some(0), "{answer:#?}");
    assert_eq!(answer.out.matches("\n## ").count(), 2, "{answer:#?}");
    assert_eq!(tally(&answer).1, 0);
    bench.assert_clean();
}

#[test]
fn a_check_that_does_not_hold_says_what_differs_and_fails_the_tour() {
    let bench = Bench::new();
    let lessons = bench.lessons(
        "## Look\n\n```sql run\nSELECT 1 AS one;\n```\n\n```text expect\n one\n-----\n 2\n(1 row)\n```\n\n\
         ```sql check=\"there are three\" within=100ms\nSELECT false, 'there are only two';\n```\n\n\
         <details><summary>Hint</summary>\n\nNone helps.\n\n</details>\n\n\
         ## Fail\n\n```sql run\nSELECT nothing;\n```\n\n```sql run fails=\"42\"\nSELECT 1;\n```\n\n\
         ```sql run fails=\"22012\"\nSELECT nothing;\n```\n\n```sql run fails=\"42703\"\nSELECT nothing;\n```\n",
    );
    let answer = bench.run(&["play", "try", "--lessons", &lessons]);
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert_eq!(answer.last_line(), "1 passed, 5 failed", "{answer:#?}");
    for words in [
        "expected `2`, found `1`",
        "there are three: there are only two",
        "column \"nothing\" does not exist",
        "it should have failed with SQLSTATE 42, and succeeded",
        "it should have failed with SQLSTATE 22012",
        "it failed, as it should",
    ] {
        assert!(
            answer.out.contains(words),
            "`{words}` is not in {answer:#?}"
        );
    }
    bench.assert_clean();

    let verified = bench.run(&["verify", "try", "--lessons", &lessons]);
    assert_eq!(verified.code, Some(1), "{verified:#?}");
    assert!(verified.out.contains("one.md"), "{verified:#?}");
    assert_eq!(verified.last_line(), "1 passed, 5 failed", "{verified:#?}");
    bench.assert_clean();
}

#[test]
fn verify_refuses_a_check_that_is_true_before_its_step() {
    let bench = Bench::new();
    let lessons = bench.lessons(
        "## Look\n\n```sql run\nSELECT 1;\n```\n\n```sql check=\"it is so\"\nSELECT true;\n```\n\n\
         <details><summary>Hint</summary>\n\nNone needed.\n\n</details>\n",
    );
    let answer = bench.run(&["verify", "--lessons", &lessons]);
    assert_eq!(answer.code, Some(1), "{answer:#?}");
    assert!(
        answer.out.contains("it is so: it is true before its step"),
        "{answer:#?}"
    );
    bench.assert_clean();
}

#[test]
fn nothing_that_a_server_sends_steers_the_terminal() {
    let bench = Bench::new();
    let lessons = bench.lessons(
        "## Say it\n\n```sql run\nSELECT chr(27) || '[2J' || chr(27) || ']0;title' || chr(7) AS value, E'a\\u009b31mb' AS other;\n```\n\n\
         ```sql run\nDO $$ BEGIN RAISE NOTICE '%', chr(27) || '[31mred' || chr(13); END $$;\n```\n\n\
         ```sql run fails=\"P0001\"\nDO $$ BEGIN RAISE '%', chr(27) || '[31mred' USING HINT = chr(8); END $$;\n```\n\n\
         ```sql run\nCOPY (SELECT chr(27) || '[3A') TO STDOUT;\n```\n\n\
         ```sql check=\"it says so\" within=100ms\nSELECT false, chr(27) || '[31mred';\n```\n\n\
         <details><summary>Hint</summary>\n\nNone.\n\n</details>\n",
    );
    let answer = bench.run(&["play", "try", "--lessons", &lessons]);
    assert_eq!(answer.last_line(), "4 passed, 1 failed", "{answer:#?}");
    assert_plain(&answer.out);
    assert_plain(&answer.err);
    bench.assert_clean();
}

#[test]
fn the_lessons_that_are_built_in_are_clean_and_others_are_told_by_line() {
    let bench = Bench::new();
    assert_eq!(bench.run(&["lint"]).code, Some(0));
    let lessons = bench.lessons("## Look\n\n```sql run on=nobody\nSELECT 1;\n```\n");
    let answer = bench.run(&["lint", "--lessons", &lessons]);
    assert_eq!(answer.code, Some(2), "{answer:#?}");
    assert!(answer.out.contains("one.md:"), "{answer:#?}");
    assert!(bench.clusters().is_empty());
}
