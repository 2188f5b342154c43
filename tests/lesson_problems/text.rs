//! One lesson's text: its head, fences, SQL, what unfolds, steps, comments, predictions.

use crate::{GOOD, continued, lint_lesson, reports, spoilt};

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
