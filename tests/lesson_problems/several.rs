//! Several lessons: how they follow one another, the summary that lists them, the directory that holds them.

use citus_tour::lesson::{LessonError, LessonSource, load};

use crate::{GOOD, SUMMARY, action, lint_files};

/// Another lesson behind the good one.
fn second(start: &str, id: &str, body: &str) -> String {
    format!(
        "---\nformat: 1\nid: {id}\ntitle: Second\nminutes: 5\ntopology: journey\n{start}---\n# Second\n\n## Go\n\n{body}\n"
    )
}

const TWO: &str =
    "# Summary\n\n# Journey\n\n- [All]()\n  - [First](first.md)\n  - [Second](more/second.md)\n";

#[track_caller]
fn two(first: &str, second: &str, expected: &[(&str, usize, &str)]) {
    files(
        &[
            ("SUMMARY.md", TWO),
            ("first.md", first),
            ("more/second.md", second),
        ],
        expected,
    );
}

#[track_caller]
fn files(files: &[(&str, &str)], expected: &[(&str, usize, &str)]) {
    let problems = lint_files(files);
    let shown: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let matches = problems.len() == expected.len()
        && problems
            .iter()
            .zip(expected)
            .all(|(problem, (file, line, words))| {
                problem.file == *file && problem.line == *line && problem.message.contains(words)
            });
    assert!(
        matches,
        "expected {expected:?}, found:\n{}",
        shown.join("\n")
    );
}

#[test]
fn lessons_continue_others() {
    let kill = action("kill node=worker3", "$ citus-tour node kill worker3");
    let add = action("add node=worker3", "$ citus-tour node add worker3");
    let first = format!("{GOOD}{add}");
    two(&first, &second("start: first\n", "second", &kill), &[]);
    two(
        &first,
        &second("", "second", &kill),
        &[("more/second.md", 13, "not part of the cluster")],
    );
    two(
        GOOD,
        &second("start: third\n", "second", "Text."),
        &[("more/second.md", 7, "no lesson `third`")],
    );
    two(
        GOOD,
        &second("", "first", "Text."),
        &[("more/second.md", 3, "belongs to first.md")],
    );
    let round = GOOD.replace("minutes: 10", "minutes: 10\nstart: second");
    two(
        &round,
        &second("start: first\n", "second", "Text."),
        &[
            ("first.md", 6, "its own end"),
            ("more/second.md", 7, "its own end"),
        ],
    );
}

#[test]
fn lessons_that_put_everything_back_end_where_they_began() {
    let end = "start: first\nend: first\n";
    let kill = action("kill node=worker2", "$ citus-tour node kill worker2");
    let restart = action("restart node=worker2", "$ citus-tour node restart worker2");
    let there_and_back = format!("{kill}{restart}");
    two(GOOD, &second(end, "second", &there_and_back), &[]);
    two(
        GOOD,
        &second(end, "second", &kill),
        &[(
            "more/second.md",
            8,
            "`worker2` is down when this lesson is over",
        )],
    );
    two(
        GOOD,
        &second("end: first\n", "second", "Text."),
        &[("more/second.md", 7, "does not begin from `first`")],
    );
}

#[test]
fn summaries() {
    let summary = |text: &str, expected: &[(&str, usize, &str)]| {
        files(&[("SUMMARY.md", text), ("first.md", GOOD)], expected);
    };
    summary(
        "# Summary\n\n# Journey\n\n- [All]()\n  - [Other](first.md)\n",
        &[("SUMMARY.md", 6, "is called `First`")],
    );
    summary(
        &format!("{SUMMARY}  - [Gone](gone.md)\n"),
        &[("SUMMARY.md", 7, "no file `gone.md`")],
    );
    summary(
        &format!("{SUMMARY}  - [First](first.md)\n"),
        &[("SUMMARY.md", 7, "already, on line 6")],
    );
    summary(
        &format!("{SUMMARY}\n# Journey\n\n- [All]()\n"),
        &[
            ("SUMMARY.md", 8, "the tour `journey` is there already"),
            ("SUMMARY.md", 10, "the phase `All` has no lessons"),
        ],
    );
    summary(
        "# Summary\n\n# Journey\n\n## All\n\n- [First](first.md)\n",
        &[
            ("SUMMARY.md", 3, "has no lessons"),
            ("SUMMARY.md", 5, "a heading of a lower level"),
            ("SUMMARY.md", 7, "neither a phase nor a lesson"),
            ("first.md", 1, "not in SUMMARY.md"),
        ],
    );
    files(
        &[("first.md", GOOD)],
        &[("SUMMARY.md", 1, "there is no SUMMARY.md")],
    );
    files(
        &[
            ("SUMMARY.md", SUMMARY),
            ("first.md", GOOD),
            ("README.md", "x"),
            ("a/b.md", "x"),
        ],
        &[("a/b.md", 1, "not in SUMMARY.md")],
    );
}

#[test]
fn everything_is_collected_and_keeps_the_lessons_from_playing() {
    let bad = GOOD
        .replace("format: 1", "format: 9")
        .replace("sql run", "sql runn");
    let source = LessonSource::from_texts([("SUMMARY.md", SUMMARY), ("first.md", &bad)]);
    let Err(error @ LessonError::Problems(_)) = load(&source) else {
        panic!("a lesson with mistakes was loaded");
    };
    let text = error.to_string();
    for part in [
        "3 problems",
        "first.md:2: ",
        "first.md:14: ",
        "first.md:18: ",
        "; put it directly behind",
    ] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn a_directory_that_is_not_there_is_named() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let missing = home.path().join("missing");
    let error = LessonSource::directory(&missing).expect_err("nothing is there");
    assert!(error.to_string().contains("missing"), "{error}");
    std::fs::write(home.path().join("SUMMARY.md"), SUMMARY).expect("written");
    std::fs::write(home.path().join("first.md"), GOOD).expect("written");
    let source = LessonSource::directory(home.path()).expect("it is there");
    assert_eq!(
        load(&source).expect("valid")[0].phases[0].lessons[0].id,
        "first"
    );
}
