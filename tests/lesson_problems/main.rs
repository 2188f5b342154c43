//! What is wrong with a lesson is said with its file, its line and what to do.

#![expect(clippy::expect_used, reason = "a test may fail where it stands")]

mod actions;
mod attached;
mod several;
mod text;

use citus_tour::lesson::{LessonSource, Problem, lint};
use citus_tour::topology::{self, Topology};

/// A lesson without a mistake, to be spoilt. Its line numbers count in the tests.
const GOOD: &str = "\
---
format: 1
id: first
title: First
minutes: 10
topology: journey
---
# First

Why before how.

## Look at it

```sql run
SELECT citus_add_node('worker1', 5432);
```

```text expect
 citus_add_node
…
```

```sql check=\"it is there\" within=5s
SELECT true;
```

<details><summary>Hint</summary>

Press the button.

</details>
";

const SUMMARY: &str = "# Summary\n\n# Journey\n\n- [All]()\n  - [First](first.md)\n";

fn topologies() -> Vec<Topology> {
    topology::embedded().expect("the embedded topologies are valid")
}

fn lint_files(files: &[(&str, &str)]) -> Vec<Problem> {
    lint(
        &LessonSource::from_texts(files.iter().copied()),
        &topologies(),
    )
}

fn lint_lesson(lesson: &str) -> Vec<Problem> {
    lint_files(&[("SUMMARY.md", SUMMARY), ("first.md", lesson)])
}

/// The good lesson with something replaced has exactly these problems: a line, and words of the message.
#[track_caller]
fn spoilt(old: &str, new: &str, expected: &[(usize, &str)]) {
    assert_eq!(GOOD.matches(old).count(), 1, "`{old}` is not there once");
    reports(&GOOD.replace(old, new), expected);
}

/// The good lesson with something behind it.
#[track_caller]
fn continued(more: &str, expected: &[(usize, &str)]) {
    reports(&format!("{GOOD}{more}"), expected);
}

#[track_caller]
fn reports(lesson: &str, expected: &[(usize, &str)]) {
    let problems = lint_lesson(lesson);
    let shown: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let matches = problems.len() == expected.len()
        && problems
            .iter()
            .zip(expected)
            .all(|(problem, (line, words))| {
                problem.file == "first.md"
                    && problem.line == *line
                    && problem.message.contains(words)
            });
    assert!(
        matches,
        "expected {expected:?}, found:\n{}",
        shown.join("\n")
    );
    assert!(problems.iter().all(|problem| !problem.hint.is_empty()));
}

/// A button that does something to servers.
fn action(attributes: &str, body: &str) -> String {
    format!("\n```console action={attributes}\n{body}\n```\n")
}
