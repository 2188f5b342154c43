use proptest::prelude::*;

use super::*;

fn read(text: &str) -> FaultPlan {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> PlanError {
    text.parse::<FaultPlan>().expect_err(text)
}

#[test]
fn a_plan_is_read_as_people_write_it() {
    for (written, canonical) in [
        (
            "kill worker2 in 5 s, freeze worker3 at 10 s, back at 30 s",
            "kill worker2 at 5s, freeze worker3 at 10s, back at 30s",
        ),
        (
            "kill worker1 and worker2 at 2 s",
            "kill worker1 and worker2 at 2s",
        ),
        (
            "Stop worker1, worker2, and worker3 at 1.5 seconds; worker1 back",
            "",
        ),
        (
            "freeze @tenant(messages,42) now; back at 1m",
            "freeze @tenant(messages,42) at 0s, back at 60s",
        ),
        (
            "back at 8s, kill worker3 at 2s",
            "kill worker3 at 2s, back at 8s",
        ),
        (
            "kill a, b & c at 500ms, back b at 2s, then back at 3s,",
            "kill a, b and c at 500ms, back b at 2s, back at 3s",
        ),
        ("destroy worker4 at 1s", "destroy worker4 at 1s"),
    ] {
        match written.parse::<FaultPlan>() {
            Ok(plan) => assert_eq!(plan.to_string(), canonical, "{written}"),
            Err(error) => assert!(canonical.is_empty(), "{written}: {error}"),
        }
    }
}

#[test]
fn times_and_nodes_are_known() {
    let plan = read("kill worker1 and worker2 at 2s, freeze worker3 at 4s, back worker1 at 5s");
    assert_eq!(plan.length(), Duration::from_secs(5));
    let nodes: Vec<String> = plan.nodes().iter().map(ToString::to_string).collect();
    assert_eq!(nodes, ["worker1", "worker2", "worker3"]);
    assert_eq!(plan.steps()[0].act, PlannedAct::Do(NodeAct::Kill));
    assert_eq!(plan.steps()[2].act, PlannedAct::Back);
}

#[test]
fn back_is_a_restart_or_a_thaw() {
    let plan = read(
        "kill worker1 and worker2 at 2s, freeze worker3 at 4s, destroy worker2 at 5s, back at 6s",
    );
    let last: Vec<String> = plan.due()[3..]
        .iter()
        .map(|due| format!("{} {}", due.act, in_words(&due.nodes)))
        .collect();
    assert_eq!(last, ["restart worker1", "thaw worker3"]);
}

#[test]
fn what_cannot_be_read_is_named_with_its_place() {
    for (text, column, message) in [
        ("", 1, "the plan does nothing"),
        (" , ", 1, "the plan does nothing"),
        ("freez worker1 at 2 s", 1, "there is no act `freez`"),
        (
            "kill worker1 at 2 s, add worker3 at 4s",
            22,
            "there is no act `add`",
        ),
        ("kill at 2 s", 6, "stands where `kill` needs a node"),
        ("kill", 5, "nothing stands where `kill` needs a node"),
        ("kill Worker1 at 2 s", 6, "`Worker1` stands where"),
        ("kill worker1 and at 2 s", 18, "stands where"),
        ("kill worker1, worker1 at 2 s", 15, "twice"),
        ("kill worker1", 13, "`kill worker1` does not say when"),
        (
            "kill worker1, back at 8 s",
            13,
            "`kill worker1` does not say when",
        ),
        ("kill worker1 at", 16, "`` is no time"),
        ("kill worker1 at 5", 17, "`5` is no time"),
        (
            "kill worker1 at soon, back at 3s",
            17,
            "`soon ,` is no time",
        ),
        ("kill worker1 at 11 m", 17, "`11 m` is too long"),
        (
            "kill worker1 at 2 s back at 3 s",
            21,
            "`back` is too much here",
        ),
        ("kill @tenant(42 at 2 s", 6, "not closed"),
        ("back at 3 s", 1, "finds nothing to put back"),
        (
            "kill worker1 at 2s, back worker2 at 3s",
            21,
            "nothing to put back of worker2",
        ),
        (
            "kill worker1 at 2s, freeze worker1 at 3s",
            21,
            "worker1 is down by then",
        ),
        (
            "destroy worker1 at 2s, back at 3s",
            24,
            "finds nothing to put back",
        ),
        ("größe at 2s", 1, "there is no act `größe`"),
    ] {
        let error = refused(text);
        assert!(error.message.contains(message), "{text}: {error}");
        assert_eq!(error.column, column, "{text}: {error}");
        assert!(!error.remedy.is_empty());
    }
}

fn node() -> impl Strategy<Value = NodeReference> {
    prop_oneof![
        "(worker[1-9]|node-[a-z]{1,3})".prop_map(NodeReference::Named),
        ("[a-z]{1,8}", "[a-z0-9 -]{0,3}[a-z0-9]").prop_map(|(table, value)| {
            NodeReference::Tenant {
                table: (table.len() > 3).then_some(table),
                value: value.trim().to_owned(),
            }
        }),
    ]
}

fn act() -> impl Strategy<Value = NodeAct> {
    prop::sample::select(vec![
        NodeAct::Stop,
        NodeAct::Kill,
        NodeAct::Freeze,
        NodeAct::Thaw,
        NodeAct::Restart,
        NodeAct::Destroy,
        NodeAct::Partition,
        NodeAct::Heal,
    ])
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        steps in prop::collection::vec((0_u64..600_000, act(), prop::collection::vec(node(), 1..4)), 1..5),
        back in prop::option::of(0_u64..600_000),
    ) {
        let mut steps: Vec<(usize, PlanStep)> = steps
            .into_iter()
            .map(|(at, act, mut nodes)| {
                let mut seen = Vec::new();
                nodes.retain(|node| !seen.contains(node) && { seen.push(node.clone()); true });
                (1, PlanStep { at: Duration::from_millis(at), act: PlannedAct::Do(act), nodes })
            })
            .collect();
        if let Some(at) = back {
            steps.push((1, PlanStep { at: Duration::from_millis(at), act: PlannedAct::Back, nodes: Vec::new() }));
        }
        steps.sort_by_key(|(_, step)| step.at);
        let due = possible::walk(&steps);
        let possible = due.is_ok();
        let plan = FaultPlan { steps: steps.into_iter().map(|(_, step)| step).collect(), due: due.unwrap_or_default() };
        let again = plan.to_string().parse::<FaultPlan>();
        prop_assert_eq!(again.is_ok(), possible);
        if possible {
            prop_assert_eq!(again.unwrap(), plan);
        }
    }

    #[test]
    fn no_text_is_too_much(text in "\\PC{0,60}") {
        if let Err(error) = text.parse::<FaultPlan>() {
            prop_assert!(error.column >= 1 && error.column <= text.chars().count() + 1);
        }
    }

    #[test]
    fn words_in_any_order_are_no_danger(words in prop::collection::vec(
        prop::sample::select(vec!["kill", "back", "at", "in", "5", "s", "5s", ",", "and", "worker1", "@tenant(1)", "now"]), 0..12,
    )) {
        let text = words.join(" ");
        if let Ok(plan) = text.parse::<FaultPlan>() {
            prop_assert_eq!(plan.to_string().parse::<FaultPlan>().unwrap(), plan);
        }
    }
}
