//! What a lesson does to servers, as experiments and as load.

use crate::{action, continued};

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
