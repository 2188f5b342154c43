//! A lesson's text becomes the model that is played, piece by piece; and no text makes the reader panic.

#![expect(clippy::expect_used, reason = "a test may fail where it stands")]

use std::time::Duration;

use citus_tour::lesson::{
    ActionKind, Block, Lesson, LessonSource, NodeAct, NodeReference, PredictOption, SqlStates,
    lint, load,
};
use proptest::prelude::*;

const LESSON: &str = r#"---
format: 1
id: a-worker-dies
title: "A worker dies: who notices?"
minutes: 9
topology: journey
engine: ">=12.1, <15"
---
# A worker dies: who notices?

Two paragraphs

of *introduction*.

<!-- note: Ask first. -->

## Pull the plug!

Shown only:

```sql
SELECT 'not run';
```

```text predict
Who still
answers?

- [ ] Everybody
- [x] Most,
  but not all
```

```console action=kill node=@tenant(orders,42)
$ citus-tour node kill '@tenant(orders,42)'
```

```sql run fails="08|57P01" on=worker2
SELECT 1;

SELECT 2;
```

```text expect rows=unordered
 one
…
```

<!-- map: focus=orders -->

```sql check="it's \"dark\"" within=500ms on=@tenant(42)
SELECT false,
       'not yet';
```

<details><summary>Hint</summary>

First *hint*.

</details>

<details><summary>Hint</summary>

Second:

- a list

</details>

<details>
<summary>Solution</summary>

Do this:

```sql run
SELECT 3;
```

```text expect
3
```

</details>
"#;

fn lesson() -> Lesson {
    let source = LessonSource::from_texts([
        (
            "SUMMARY.md",
            "# Summary\n\n# High availability\n\n- [Faults]()\n  - [A worker dies: who notices?](dies.md)\n",
        ),
        ("dies.md", LESSON),
    ]);
    let mut tours = load(&source).expect("a valid lesson");
    assert_eq!(tours[0].id, "high-availability");
    assert_eq!(tours[0].title, "High availability");
    assert_eq!(tours[0].phases[0].title, "Faults");
    tours.remove(0).phases.remove(0).lessons.remove(0)
}

#[test]
fn the_head_and_the_introduction() {
    let lesson = lesson();
    assert_eq!(lesson.id, "a-worker-dies");
    assert_eq!(lesson.title, "A worker dies: who notices?");
    assert_eq!((lesson.minutes, lesson.topology.as_str()), (9, "journey"));
    assert_eq!((lesson.start, lesson.file.as_str()), (None, "dies.md"));
    let engine = lesson.engine.expect("a requirement");
    assert!(
        engine.matches(&semver::Version::new(13, 2, 0))
            && !engine.matches(&semver::Version::new(12, 0, 3))
    );
    assert_eq!(
        lesson.introduction,
        [
            Block::Prose("Two paragraphs\n\nof *introduction*.".to_owned()),
            Block::Note("Ask first.".to_owned()),
        ]
    );
}

#[test]
fn the_blocks_of_a_step_in_their_order() {
    let lesson = lesson();
    let [step] = &lesson.steps[..] else {
        panic!("one step")
    };
    assert_eq!(
        (step.id.as_str(), step.title.as_str(), step.line),
        ("pull-the-plug", "Pull the plug!", 17)
    );
    let [prose, predict, action, run, ..] = &step.blocks[..] else {
        panic!("{:#?}", step.blocks)
    };
    assert_eq!(
        *prose,
        Block::Prose("Shown only:\n\n```sql\nSELECT 'not run';\n```".to_owned())
    );
    let Block::Predict(predict) = predict else {
        panic!("{predict:?}")
    };
    assert_eq!(predict.question, "Who still\nanswers?");
    assert_eq!(
        predict.options,
        [
            PredictOption {
                text: "Everybody".to_owned(),
                right: false
            },
            PredictOption {
                text: "Most, but not all".to_owned(),
                right: true
            },
        ]
    );
    let Block::Action(action) = action else {
        panic!("{action:?}")
    };
    let tenant = NodeReference::Tenant {
        table: Some("orders".to_owned()),
        value: "42".to_owned(),
    };
    assert_eq!(action.kind, ActionKind::Nodes(NodeAct::Kill, vec![tenant]));
    assert_eq!(
        (action.shown.as_str(), action.line),
        ("citus-tour node kill '@tenant(orders,42)'", 34)
    );
    let Block::Run(run) = run else {
        panic!("{run:?}")
    };
    assert_eq!(
        (run.sql.text.as_str(), run.sql.line),
        ("SELECT 1;\n\nSELECT 2;", 39)
    );
    assert_eq!(run.on, Some(NodeReference::Named("worker2".to_owned())));
    assert_eq!(
        run.fails,
        Some(SqlStates(vec!["08".to_owned(), "57P01".to_owned()]))
    );
    let expect = run.expect.as_ref().expect("an expectation");
    assert_eq!(
        (expect.text.as_str(), expect.unordered, expect.line),
        (" one\n…", true, 45)
    );
}

#[test]
fn checks_and_what_unfolds() {
    let lesson = lesson();
    let [.., map, check, first, second, solution] = &lesson.steps[0].blocks[..] else {
        panic!("{:#?}", lesson.steps)
    };
    assert_eq!(*map, Block::Map("focus=orders".to_owned()));
    let Block::Check(check) = check else {
        panic!("{check:?}")
    };
    assert_eq!(
        (check.sentence.as_str(), check.within),
        ("it's \"dark\"", Duration::from_millis(500))
    );
    assert_eq!(
        (check.sql.text.as_str(), check.sql.line),
        ("SELECT false,\n       'not yet';", 52)
    );
    assert_eq!(
        check.on,
        Some(NodeReference::Tenant {
            table: None,
            value: "42".to_owned()
        })
    );
    assert_eq!(*first, Block::Hint("First *hint*.".to_owned()));
    assert_eq!(*second, Block::Hint("Second:\n\n- a list".to_owned()));
    let Block::Solution(solution) = solution else {
        panic!("{solution:?}")
    };
    let [Block::Prose(prose), Block::Run(run)] = &solution[..] else {
        panic!("{solution:?}")
    };
    assert_eq!(
        (prose.as_str(), run.sql.text.as_str(), run.sql.line),
        ("Do this:", "SELECT 3;", 76)
    );
    assert_eq!(
        run.expect.as_ref().map(|expect| expect.text.as_str()),
        Some("3")
    );
}

/// Pieces that meet in lessons, to be put together at random.
fn pieces() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "---\n",
        "format: 1\n",
        "id: a\n",
        "start: a\n",
        "title: T\n",
        "minutes: 5\n",
        "topology: journey\n",
        "# T\n",
        "## Step\n",
        "### Small\n",
        "\n",
        "Text ",
        "é…",
        "```sql run\n",
        "```sql check=\"x\"\n",
        "```\n",
        "```sql setup\n",
        "```text expect\n",
        "```text predict\n",
        "- [ ] a\n",
        "- [x] b\n",
        "SELECT '1', 5432;\n",
        "```console action=kill node=@tenant(1)\n",
        "$ citus-tour node kill worker1\n",
        "<details>",
        "</details>\n",
        "<summary>Hint</summary>\n",
        "<summary>Solution</summary>\n",
        "<!-- note: x -->\n",
        "<!--",
        "-->",
        "> ",
        "    ",
        "\r\n",
        "\t",
        "[a](b.md)",
        "![a](b)",
        "<",
        "\u{feff}",
        "`",
        "~~~~ sql run\n",
        "\"",
        "\\",
    ]);
    prop::collection::vec(
        prop_oneof![9 => known.prop_map(str::to_owned), 1 => "\\PC{0,6}"],
        0..60,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_lesson_makes_the_reader_panic(text in pieces(), head in any::<bool>()) {
        let head = if head { &LESSON[..LESSON.find("# A worker").unwrap_or(0)] } else { "" };
        let lesson = format!("{head}{text}");
        let lines = lesson.lines().count() + 1;
        let source = LessonSource::from_texts([
            ("SUMMARY.md", "# Summary\n\n# A\n\n- [P]()\n  - [T](a.md)\n"),
            ("a.md", lesson.as_str()),
        ]);
        for problem in lint(&source, &[]) {
            prop_assert!(problem.line >= 1 && problem.line <= lines.max(6), "{}", problem);
            prop_assert!(!problem.message.is_empty() && !problem.hint.is_empty());
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(summary in "\\PC{0,200}", lesson in "(\\PC|\n){0,300}") {
        let source = LessonSource::from_texts([("SUMMARY.md", summary.as_str()), ("a.md", lesson.as_str())]);
        prop_assert!(!lint(&source, &[]).is_empty());
    }

    #[test]
    fn no_summary_makes_the_reader_panic(summary in "(# Summary\n|# A\n|- \\[A\\]\\(\\)\n|  - \\[T\\]\\(a.md\\)\n|\n|## B\n|\\[|text|<!-- |\\PC){0,30}") {
        let source = LessonSource::from_texts([("SUMMARY.md", summary.as_str()), ("a.md", LESSON)]);
        let _ = lint(&source, &[]);
    }
}
