//! What is wrong with a lesson is said with its file, its line and what to do.

#![expect(clippy::expect_used, reason = "a test may fail where it stands")]

use citus_tour::lesson::{LessonError, LessonSource, Problem, lint, load};
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

#[test]
fn a_good_lesson_has_no_problems() {
    reports(GOOD, &[]);
    reports(&GOOD.replace('\n', "\r\n"), &[]);
}

#[test]
fn heads() {
    spoilt("format: 1", "format: 2", &[(2, "format 2, newer")]);
    spoilt("format: 1", "format: one", &[(2, "`format: one` is not")]);
    spoilt("id: first\n", "", &[(1, "the head has no `id`")]);
    spoilt(
        "id: first",
        "id: First One",
        &[(3, "`id: First One` is no name")],
    );
    spoilt(
        "minutes: 10",
        "minutes: 45",
        &[(5, "45 minutes are no lesson")],
    );
    spoilt("minutes: 10", "minutes: ten", &[(5, "not a whole number")]);
    spoilt(
        "minutes: 10",
        "minutes: 10\nlevel: 3",
        &[(6, "unknown key `level`")],
    );
    spoilt(
        "topology: journey",
        "topology: moon",
        &[(6, "no topology `moon`")],
    );
    spoilt(
        "minutes: 10",
        "minutes: 10\nengine: new",
        &[(6, "no version requirement")],
    );
    spoilt("minutes: 10", "minutes: 10\nengine: '>=12.1'", &[]);
    spoilt("# First\n", "# Second\n", &[(4, "not the one in the text")]);
    spoilt(
        "minutes: 10",
        "minutes: 10\nminutes: 11",
        &[(6, "not valid YAML")],
    );
}

#[test]
fn a_lesson_without_a_head_or_with_a_broken_one() {
    let problems = lint_lesson("# First\n\n## Step\n\nText.\n");
    assert_eq!(
        (problems[0].line, problems[0].message.as_str()),
        (1, "the lesson has no head")
    );
    let problems = lint_lesson(&GOOD.replace("id: first", "id: [first"));
    assert!(
        problems
            .iter()
            .any(|problem| problem.message.contains("not valid YAML")),
        "{problems:?}"
    );
}

#[test]
fn attributes() {
    spoilt(
        "sql run",
        "sql run quickly",
        &[(14, "`sql run` has no attribute `quickly`")],
    );
    spoilt(
        "sql run",
        "sql runn",
        &[
            (14, "`sql runn` means nothing"),
            (18, "does not follow"),
            (23, "no way to it"),
        ],
    );
    spoilt("within=5s", "within=soon", &[(23, "`within=soon`")]);
    spoilt("within=5s", "within=1h", &[(23, "`within=1h`")]);
    spoilt("within=5s", "within", &[(23, "`within` has no value")]);
    spoilt(
        "check=\"it is there\"",
        "check",
        &[(23, "`check` says nothing")],
    );
    spoilt("there\"", "there", &[(23, "not closed")]);
    spoilt("text expect", "text expect rows=any", &[(18, "`rows=any`")]);
    spoilt("text expect", "text expect rows=unordered", &[]);
    spoilt(
        "sql run",
        "sql run fails=99",
        &[(14, "`99` is no SQLSTATE")],
    );
    spoilt("sql run", "sql run fails=\"08|57P01\"", &[]);
    spoilt(
        "sql run",
        "sql run on=worker9",
        &[(14, "no node `worker9`")],
    );
    spoilt(
        "sql run",
        "sql run on=worker3",
        &[(14, "`worker3` is not part of the cluster yet")],
    );
    spoilt("sql run", "sql run on=@tenant(42)", &[]);
    spoilt(
        "sql run",
        "sql run on=@customer(42)",
        &[(14, "names no node")],
    );
    spoilt("sql run", "sql run=now", &[(14, "`run` takes no value")]);
}

#[test]
fn sql() {
    let wide = format!("SELECT {};", "1".repeat(70));
    spoilt("SELECT true;", &wide, &[(24, "78 columns wide")]);
    spoilt("SELECT true;", "SELECT\n  true", &[(25, "semicolon")]);
    spoilt("SELECT true;", "", &[(23, "holds no SQL")]);
    spoilt("SELECT true;", "DELETE FROM users;", &[(24, "one query")]);
    spoilt(
        "SELECT true;",
        "SELECT 1; SELECT true;",
        &[(24, "one query")],
    );
    spoilt(
        "SELECT true;",
        "-- (true)\nWITH a AS (SELECT 1) SELECT true FROM a;",
        &[],
    );
}

#[test]
fn addresses_hold_on_every_runtime() {
    spoilt("'worker1', 5432", "'worker1', 5441", &[(15, "port 5441")]);
    spoilt(
        "'worker1', 5432",
        "'127.0.0.1', 5432",
        &[(15, "`127.0.0.1`")],
    );
    spoilt(
        "'worker1', 5432",
        "\n  'worker9', 5432",
        &[(16, "no node `worker9`")],
    );
    spoilt("SELECT true;", "SELECT f('users', 42);", &[]);
}

#[test]
fn expectations_follow_a_run() {
    continued(
        "\n```text expect\n 1\n```\n",
        &[(33, "does not follow a `sql run`")],
    );
    spoilt(
        "\n```text expect",
        "\nAnd then:\n\n```text expect",
        &[(20, "does not follow")],
    );
}

#[test]
fn checks_have_hints_and_a_way() {
    let check = "\n## Two\n\n```sql check=\"so\"\nSELECT true;\n```\n";
    continued(
        check,
        &[(35, "check and no hint"), (35, "check and no way to it")],
    );
    let hint = "\n<details><summary>Hint</summary>\n\nThink.\n\n</details>\n";
    let solution =
        "\n<details><summary>Solution</summary>\n\n```sql run\nSELECT 1;\n```\n\n</details>\n";
    continued(&format!("{check}{hint}{solution}"), &[]);
}

#[test]
fn what_unfolds() {
    spoilt(
        "Press the button.\n",
        "",
        &[(23, "check and no hint"), (27, "hint is empty")],
    );
    spoilt(
        ">Hint<",
        ">Tip<",
        &[
            (23, "check and no hint"),
            (27, "nothing unfolds under `Tip`"),
        ],
    );
    spoilt("\n</details>\n", "", &[(27, "not closed")]);
    continued("\n</details>\n", &[(33, "closes nothing")]);
    spoilt(
        "</summary>\n\nPress",
        "</summary>\nPress",
        &[(28, "directly under a summary")],
    );
    spoilt(
        "Press the button.",
        "```sql run\nSELECT 1;\n```",
        &[
            (23, "check and no hint"),
            (27, "hint is empty"),
            (29, "a run stands in a hint"),
        ],
    );
    continued(
        "\n```sql setup\nSELECT 1;\n```\n",
        &[(33, "a setup stands outside")],
    );
    let setup =
        "\n<details><summary>Setup</summary>\n\n```sql setup\nSELECT 1;\n```\n\n</details>\n";
    continued(setup, &[]);
    spoilt(
        "Why before how.\n",
        &format!("Why before how.\n{setup}"),
        &[],
    );
}

#[test]
fn steps_and_headings() {
    continued("\n## \n\nText.\n", &[(33, "a heading has no text")]);
    continued(
        "\n## Look at it!\n\nText.\n",
        &[(33, "`look-at-it` is there already, on line 12")],
    );
    continued("\n## Nothing\n", &[(33, "the step `nothing` is empty")]);
    continued("\n# Again\n", &[(33, "second title")]);
    reports(
        GOOD.split("## Look").next().expect("a beginning"),
        &[(1, "no steps")],
    );
    spoilt("# First\n", "", &[(4, "shows no title")]);
    spoilt(
        "Why before how.",
        "```sql run\nSELECT 1;\n```",
        &[(10, "a run stands before the first step")],
    );
}

#[test]
fn comments_html_and_links() {
    continued(
        "\n<!-- note: slowly -->\n\n<!-- map: focus=orders -->\n",
        &[],
    );
    continued(
        "\n<!-- todo: more -->\n",
        &[(33, "neither a note nor for the map")],
    );
    continued("\n<!-- note: -->\n", &[(33, "says nothing")]);
    continued("\n<!-- note: open\n", &[(33, "not closed")]);
    continued(
        "\nText <!-- note: x --> text.\n",
        &[(33, "stands inside a text")],
    );
    continued("\n<div>x</div>\n", &[(33, "HTML that lessons do not know")]);
    continued(
        "\nSee [that](second.md#x), [this](first.md#a), [it](https://a.example).\n",
        &[(33, "`second.md#x` leads nowhere")],
    );
    continued("\n![map](map.png)\n", &[(33, "no pictures")]);
    continued(
        "\n- a\n\n  ```sql run\n  SELECT 1;\n  ```\n",
        &[(35, "inside a list")],
    );
    continued("\n```sql\nSELECT 1\n", &[(33, "not closed")]);
    continued(
        "\n```sql\nSELECT 1\n```\n\n````text\n```\n",
        &[(37, "not closed")],
    );
    continued("\n  ```sql run\n  SELECT 1;\n  ```\n", &[]);
    continued(
        "\n> [!NOTE]\n> A callout.\n\n| a |\n|---|\n| 1 |\n\n~~~sql run\nSELECT 1;\n~~~\n",
        &[],
    );
}

#[test]
fn predictions_ask_and_offer() {
    let predict = |body: &str| format!("\n```text predict\n{body}\n```\n");
    continued(
        &predict("What now?\n\n- [ ] All\n  of it\n- [x] Nothing"),
        &[],
    );
    continued(&predict("What now?"), &[(33, "no choice")]);
    continued(&predict("- [ ] A\n- [x] B"), &[(33, "asks nothing")]);
    continued(&predict("What?\n- [ ] A\n- [ ] B"), &[(33, "no answer")]);
}

fn action(attributes: &str, body: &str) -> String {
    format!("\n```console action={attributes}\n{body}\n```\n")
}

#[test]
fn actions_say_what_they_do() {
    continued(
        &action("kill node=worker2", "$ citus-tour node kill worker2"),
        &[],
    );
    continued(
        &action(
            "kill node=@tenant(42)",
            "$ citus-tour node kill '@tenant(42)'",
        ),
        &[],
    );
    continued(
        &action("seed tour=journey", "$ citus-tour seed journey"),
        &[],
    );
    continued(
        &action("kill node=worker2", "$ citus-tour node kill worker1"),
        &[(34, "not what it does")],
    );
    continued(
        &action("kill node=worker2", "citus-tour node kill worker2"),
        &[(34, "not what it does")],
    );
    continued(
        &action("explode node=worker2", "$ x"),
        &[(33, "no action `explode`")],
    );
    continued(&action("kill", "$ x"), &[(33, "needs `node=`")]);
    continued(
        &action("seed tour=moon", "$ citus-tour seed moon"),
        &[(33, "no tour `moon`")],
    );
    continued(
        &action(
            "kill node=worker2 tour=journey",
            "$ citus-tour node kill worker2",
        ),
        &[(33, "takes no `tour=`")],
    );
}

/// As a shell takes it.
fn quoted(node: &str) -> String {
    if node.starts_with('@') {
        format!("'{node}'")
    } else {
        node.to_owned()
    }
}

#[test]
fn experiments_and_load_say_what_they_do() {
    let experiment = |attributes: &str, command: &str| {
        action(
            &format!("experiment {attributes}"),
            &format!("$ citus-tour experiment {command}"),
        )
    };
    for (attributes, command) in [
        (
            "plan=\"kill worker2 at 2 s, back at 8 s\" for=12s",
            "\"kill worker2 at 2s, back at 8s\" --for 12s",
        ),
        (
            "plan=\"kill worker1 and worker2 at 2s\" for=5s load=journey",
            "\"kill worker1 and worker2 at 2s\" --for 5s --with-load journey",
        ),
    ] {
        continued(&experiment(attributes, command), &[]);
    }
    let killing = "\"kill worker2 at 2s, back at 8s\" --for 12s";
    for (attributes, command, problem) in [
        (
            "plan=\"kill worker2 at 3s, back at 8s\" for=12s",
            killing,
            (34, "which is not what it does"),
        ),
        (
            "plan=\"kil worker2 at 2s\" for=12s",
            killing,
            (33, "there is no act `kil` (character 1"),
        ),
        (
            "plan=\"kill worker2 at 2s, back at 8s\"",
            killing,
            (33, "needs `for=`"),
        ),
        ("for=12s", killing, (33, "needs `plan=`")),
        (
            "plan=\"kill worker2 at 2s, back at 12s\" for=12s",
            "\"kill worker2 at 2s, back at 12s\" --for 12s",
            (33, "comes when the experiment is over"),
        ),
        (
            "plan=\"kill worker9 at 2s, back at 8s\" for=12s",
            "\"kill worker9 at 2s, back at 8s\" --for 12s",
            (33, "has no node `worker9`"),
        ),
        (
            "plan=\"kill worker3 at 2s, back at 8s\" for=12s",
            "\"kill worker3 at 2s, back at 8s\" --for 12s",
            (33, "not part of the cluster yet"),
        ),
        (
            "plan=\"kill worker2 at 2s\" for=1h",
            killing,
            (33, "no time that somebody watches"),
        ),
        (
            "plan=\"kill worker2 at 2s\" for=5s load=moon",
            "\"kill worker2 at 2s\" --for 5s --with-load moon",
            (33, "no tour `moon`"),
        ),
        (
            "plan=\"kill worker2 at 2s\" for=5s node=worker2",
            "\"kill worker2 at 2s\" --for 5s",
            (33, "takes no `node=`"),
        ),
    ] {
        let found = experiment(attributes, command);
        continued(&found, &[problem]);
    }
    continued(
        &action(
            "load tour=journey for=5s mix=writes rate=200 clients=8 closed",
            "$ citus-tour load journey --for 5s --mix writes --rate 200 --clients 8 --closed",
        ),
        &[],
    );
    continued(
        &action(
            "load tour=journey for=5s rate=0",
            "$ citus-tour load journey --for 5s",
        ),
        &[(33, "`rate=0` is no number")],
    );
    continued(
        &action("load tour=moon for=5s", "$ citus-tour load moon --for 5s"),
        &[(33, "no tour `moon`")],
    );
}

#[test]
fn several_nodes_at_once() {
    continued(
        &action(
            "kill node=worker1,worker2",
            "$ citus-tour node kill worker1 worker2",
        ),
        &[],
    );
    continued(
        &action(
            "kill node=worker1,worker1",
            "$ citus-tour node kill worker1 worker1",
        ),
        &[(33, "twice"), (33, "`worker1` is down here")],
    );
    continued(
        &action("kill node=worker1,", "$ citus-tour node kill worker1"),
        &[(33, "names no node")],
    );
    // What an experiment leaves broken is broken after it.
    let experiment = action(
        "experiment plan=\"kill worker1 and worker2 at 1s, back worker1 at 2s\" for=5s",
        "$ citus-tour experiment \"kill worker1 and worker2 at 1s, back worker1 at 2s\" --for 5s",
    );
    let freeze = action(
        "freeze node=worker1,worker2",
        "$ citus-tour node freeze worker1 worker2",
    );
    continued(
        &format!("{experiment}{freeze}"),
        &[(37, "`worker2` is down here")],
    );
}

#[test]
fn actions_are_possible_where_they_stand() {
    let act = |verb: &str, node: &str| {
        action(
            &format!("{verb} node={node}"),
            &format!("$ citus-tour node {verb} {}", quoted(node)),
        )
    };
    let all = |acts: &[(&str, &str)]| -> String {
        acts.iter().map(|(verb, node)| act(verb, node)).collect()
    };
    continued(&all(&[("kill", "worker2"), ("restart", "worker2")]), &[]);
    continued(
        &all(&[
            ("freeze", "worker2"),
            ("thaw", "worker2"),
            ("stop", "worker2"),
        ]),
        &[],
    );
    continued(&all(&[("destroy", "worker2"), ("add", "worker2")]), &[]);
    continued(
        &all(&[("kill", "@tenant(42)"), ("restart", "@tenant(42)")]),
        &[],
    );
    continued(
        &all(&[("kill", "@tenant(42)"), ("kill", "@tenant(42)")]),
        &[(37, "is down here")],
    );
    // Whether it was worker1 that died is known only when the lesson is played.
    continued(
        &all(&[("kill", "@tenant(42)"), ("restart", "worker1")]),
        &[],
    );
    continued(
        &all(&[("kill", "worker2"), ("kill", "worker2")]),
        &[(37, "`worker2` is down here")],
    );
    continued(
        &all(&[("thaw", "worker2")]),
        &[(33, "`worker2` is up here")],
    );
    continued(
        &all(&[("kill", "worker3")]),
        &[(33, "not part of the cluster yet")],
    );
    continued(&all(&[("add", "worker3"), ("kill", "worker3")]), &[]);
    continued(&all(&[("add", "worker2")]), &[(33, "`worker2` is up here")]);
    continued(&all(&[("stop", "worker7")]), &[(33, "no node `worker7`")]);
}

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

/// Statements that reach beyond a lesson's schema, with words of what is said of them.
const REACHING_BEYOND: &[(&str, &str)] = &[
    (
        "SELECT create_distributed_table('t', 'a');",
        "without `colocate_with`",
    ),
    (
        "SELECT create_distributed_table('t', 'a', colocate_with => 'default');",
        "by `colocate_with`",
    ),
    (
        "SELECT create_distributed_table('t', 'a', colocate_with => 'app.mine');",
        "a table of `app`",
    ),
    ("SELECT citus_add_node('w', 5432);", "reaches beyond"),
    ("SELECT \"citus_remove_node\"('w', 5432);", "reaches beyond"),
    ("SELECT master_remove_node('w', 5432);", "reaches beyond"),
    ("SELECT rebalance_table_shards();", "reaches beyond"),
    (
        "SELECT update_distributed_table_colocation('t', 'none');",
        "reaches beyond",
    ),
    (
        "SELECT run_command_on_placements('t', 'x');",
        "reaches beyond",
    ),
    (
        "SELECT run_command_on_shards('app.t', 'x');",
        "a table of `app`",
    ),
    ("SELECT pg_terminate_backend(1);", "reaches beyond"),
    (
        "SELECT set_config('search_' || 'path', 'a', false);",
        "reaches beyond",
    ),
    ("SELECT 1 FROM public.users;", "a table of `public`"),
    ("DROP TABLE app.mine;", "a table of `app`"),
    ("TRUNCATE app.mine;", "a table of `app`"),
    ("SET search_path = public;", "not the lesson's"),
    ("SET SCHEMA 'app';", "not the lesson's"),
    ("SET ROLE boss;", "not the lesson's"),
    ("CREATE EXTENSION citus;", "would outlive"),
    ("CREATE OR REPLACE LANGUAGE c;", "would outlive"),
    ("DROP SCHEMA other CASCADE;", "would outlive"),
    ("DROP OWNED BY me;", "would outlive"),
    ("ALTER SYSTEM SET wal_level = logical;", "would outlive"),
    (
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO x;",
        "would outlive",
    ),
    ("DO $$ BEGIN END $$;", "`do` may reach"),
    ("GRANT SELECT ON t TO x;", "`grant` may reach"),
    ("VACUUM FULL;", "`vacuum` may reach"),
    ("COPY t TO PROGRAM 'x';", "`copy` may reach"),
    ("DELETE FROM pg_dist_node;", "of a catalog"),
    ("ALTER TABLE users SET SCHEMA public;", "not the lesson's"),
    (
        "SET citus.enable_ddl_propagation = off;",
        "not the lesson's",
    ),
    (
        "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql RETURN 1;",
        "a table of `public`",
    ),
    ("PREPARE TRANSACTION 'x';", "`prepare` may reach"),
];

#[test]
fn lessons_for_somebodys_own_cluster_keep_to_their_schema() {
    let attached = GOOD
        .replace("topology: journey", "topology: attached")
        .replace(
            "SELECT citus_add_node('worker1', 5432);",
            "SELECT create_distributed_table('t', 'a', colocate_with => 'none');",
        );
    reports(&attached, &[]);
    let with = |sql: &str| {
        attached.replace(
            "SELECT create_distributed_table('t', 'a', colocate_with => 'none');",
            sql,
        )
    };
    for (sql, words) in REACHING_BEYOND {
        let problems = lint_lesson(&with(sql));
        assert!(
            problems
                .iter()
                .any(|problem| problem.line == 15 && problem.message.contains(words)),
            "{sql}: {problems:?}"
        );
    }
    for sql in [
        "SET citus.shard_count = 11;",
        "SELECT t.a FROM t JOIN u ON t.a = u.a WHERE t.b LIKE 'a.b.c';",
        "CREATE UNIQUE INDEX i ON t (a);",
        "SELECT pg_size_pretty(sum(1)) FROM pg_catalog.pg_class;",
    ] {
        reports(&with(sql), &[]);
    }
    let on = attached.replace("```sql run\n", "```sql run on=worker1\n");
    reports(&on, &[(14, "is not known")]);
    let action = format!(
        "{attached}\n```console action=kill node=worker1\n$ citus-tour node kill worker1\n```\n"
    );
    let problems = lint_lesson(&action);
    assert!(
        problems
            .iter()
            .any(|problem| problem.message.contains("nothing is done to the servers")),
        "{problems:?}"
    );
}
