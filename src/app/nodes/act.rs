//! Acts: asked for, confirmed, done.

use std::time::Instant;

use super::{
    offer::{Deed, refusal},
    state::{ActId, UnderWay, choose},
};
use crate::{
    app::{Effect, Model, OpenTour, laboratory, lesson, log::LogKind, overlay::Overlay},
    cluster::{Consequence, Fault, NodeRole, Reachability, consequences, losses},
    runtime::Act,
};

/// Asks for an act: at once where nothing depends on the node, after a question where something does.
pub fn ask(model: &mut Model, act: Act, node: &str, now: Instant) -> Vec<Effect> {
    if let Some(tour) = model.tour.as_deref_mut() {
        choose(tour, node);
    }
    ask_all(model, act, vec![node.to_owned()], now)
}

/// The same for several nodes at once. Those to which it cannot be done are left out, and said.
pub(super) fn ask_all(
    model: &mut Model,
    act: Act,
    nodes: Vec<String>,
    now: Instant,
) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let mut refused = None;
    let able = |name: &String| {
        let Some(known) = tour.view.node(name) else {
            return false;
        };
        let reason = refusal(tour, known, Deed::Act(act));
        let is_free = reason.is_none();
        refused = refused.take().or(reason.map(|it| format!("{name}: {it}")));
        is_free
    };
    let mut nodes: Vec<String> = nodes.into_iter().filter(able).collect();
    if act == Act::Destroy {
        // What cannot be taken back is asked for one by one.
        nodes.truncate(1);
    }
    let told = harm(tour, act, &nodes);
    let mut consequences: Vec<String> = told.iter().map(ToString::to_string).collect();
    if let Some(example) = example(tour, &told) {
        consequences.insert(1.min(consequences.len()), example);
    }
    if let Some(reason) = refused {
        model.warn(reason);
    }
    if nodes.is_empty() {
        return Vec::new();
    }
    if told.is_empty() && act != Act::Destroy {
        return confirmed_all(model, act, &nodes, now);
    }
    let breaks = matches!(act, Act::Stop | Act::Kill | Act::Freeze | Act::Destroy);
    let counted = match &model.tour {
        Some(tour) if breaks => laboratory::survived(&tour.view, nodes.len()),
        _ => None,
    };
    model.overlays.push(Overlay::ConfirmAct {
        act,
        nodes,
        consequences,
        counted,
        typed: String::new(),
        selected: 0,
    });
    Vec::new()
}

/// What stops working by an act.
fn harm(tour: &OpenTour, act: Act, nodes: &[String]) -> Vec<Consequence> {
    let all: Vec<&str> = nodes.iter().map(String::as_str).collect();
    match act {
        Act::Start | Act::Thaw | Act::Heal => Vec::new(),
        // Whoever is down comes back by it.
        Act::Restart => {
            let runs = |node: &&str| {
                let node = tour.view.node(node);
                node.is_some_and(|node| node.reachability.answers())
            };
            let running: Vec<&str> = all.into_iter().filter(runs).collect();
            consequences(&tour.view, &running, Fault::Dead)
        }
        // Whoever is cut off does not refuse: connections that stand wait for an answer that never comes.
        Act::Freeze | Act::Partition => consequences(&tour.view, &all, Fault::Frozen),
        Act::Stop | Act::Kill => consequences(&tour.view, &all, Fault::Dead),
        Act::Destroy => {
            let mut told: Vec<Consequence> = all
                .iter()
                .flat_map(|node| losses(&tour.view, node))
                .collect();
            told.extend(consequences(&tour.view, &all, Fault::Dead));
            told
        }
    }
}

/// Tenants that are known to live in a group that goes dark.
fn example(tour: &OpenTour, told: &[Consequence]) -> Option<String> {
    let facts = tour.map.facts.as_ref()?;
    let group = tour.view.group(facts.group)?;
    let table = &group.shards.first()?.table;
    let table = tour.view.tables.iter().find(|it| it.name == *table)?;
    let column = table.distribution_column.as_deref()?;
    let dark = told
        .iter()
        .any(|one| one.dark_groups().contains(&facts.group));
    let tenants: Vec<&str> = facts.tenants.iter().take(3).map(String::as_str).collect();
    (dark && !tenants.is_empty()).then(|| format!("{column} {} are among them", tenants.join(", ")))
}

/// Does an act to several nodes without asking. The marks have served.
pub fn confirmed_all(model: &mut Model, act: Act, nodes: &[String], now: Instant) -> Vec<Effect> {
    if let Some(tour) = model.tour.as_deref_mut() {
        tour.nodes.marked.clear();
    }
    let effects = nodes
        .iter()
        .flat_map(|node| confirmed(model, act, node, now));
    effects.collect()
}

/// Does an act without asking.
pub fn confirmed(model: &mut Model, act: Act, node: &str, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    // Between the question and its answer the node may have changed.
    let refused = tour
        .view
        .node(node)
        .and_then(|known| refusal(tour, known, Deed::Act(act)));
    if let Some(reason) = refused {
        model.warn(format!("{node}: {reason}"));
        return Vec::new();
    }
    let id = ActId(tour.nodes.last_act.0 + 1);
    tour.nodes.last_act = id;
    tour.nodes.under_way.insert(
        node.to_owned(),
        UnderWay {
            id,
            act,
            since: now,
        },
    );
    if matches!(
        act,
        Act::Stop | Act::Kill | Act::Freeze | Act::Restart | Act::Destroy
    ) {
        tour.nodes.ordered.insert(node.to_owned(), act);
    }
    let said = format!("{} {node}", Deed::Act(act).word());
    tour.log.add(tour.opened, now, LogKind::Learner, said);
    let node = node.to_owned();
    vec![Effect::Act { id, act, node }]
}

/// An act is over.
pub fn acted(
    model: &mut Model,
    id: ActId,
    act: Act,
    node: &str,
    result: Result<(), String>,
    now: Instant,
) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    // An answer that nobody waits for belongs to a cluster that is gone.
    if tour
        .nodes
        .under_way
        .get(node)
        .is_none_or(|under_way| under_way.id != id)
    {
        return Vec::new();
    }
    tour.nodes.under_way.remove(node);
    match result {
        Ok(()) => {
            let text = format!("{node} {}", done(act));
            tour.log.add(tour.opened, now, LogKind::Node, text.clone());
            laboratory::acted(tour, act, node, now);
            model.say(text);
            let mut effects = lesson::act_done(model, act, node, now);
            effects.push(Effect::AskChecks);
            effects
        }
        Err(problem) => {
            tour.nodes.ordered.remove(node);
            let text = format!("{} {node}: {problem}", Deed::Act(act).word());
            tour.log
                .add(tour.opened, now, LogKind::Failure, text.clone());
            model.warn(text);
            Vec::new()
        }
    }
}

/// A plan did an act to a node: what ends by it is no crash.
pub fn planned(tour: &mut OpenTour, act: Act, node: &str) {
    if matches!(act, Act::Start | Act::Thaw | Act::Heal) {
        tour.nodes.ordered.remove(node);
    } else {
        tour.nodes.ordered.insert(node.to_owned(), act);
    }
}

fn done(act: Act) -> &'static str {
    match act {
        Act::Start => "was started",
        Act::Stop => "was stopped",
        Act::Kill => "was killed",
        Act::Freeze => "is frozen now",
        Act::Thaw => "goes on",
        Act::Restart => "was started again",
        Act::Destroy => "was destroyed",
        Act::Partition => "is cut off now",
        Act::Heal => "is back in the network",
    }
}

/// Thaws what is frozen and starts what is down. Nodes that were never started stay so, and so do those that were stopped
/// when they were no part of the cluster any more.
pub(super) fn put_back(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let acts: Vec<(Act, String)> = tour
        .view
        .nodes
        .iter()
        .filter_map(|node| {
            let belongs = node.membership.is_some() || node.role == NodeRole::Coordinator;
            let act = match node.reachability {
                Reachability::Frozen => Act::Thaw,
                Reachability::CutOff => Act::Heal,
                Reachability::Down => Act::Restart,
                Reachability::Stopped if belongs => Act::Restart,
                _ => return None,
            };
            refusal(tour, node, Deed::Act(act))
                .is_none()
                .then(|| (act, node.name.clone()))
        })
        .collect();
    if acts.is_empty() {
        model.say("everything is in its place: no node is frozen or down");
        return Vec::new();
    }
    let effects = acts
        .iter()
        .flat_map(|(act, node)| confirmed(model, *act, node, now));
    effects.collect()
}

/// Starts the next node of the topology that was never started.
pub(super) fn add_next(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let next = tour
        .view
        .nodes
        .iter()
        .find(|node| node.reachability == Reachability::Absent)
        .map(|node| node.name.clone());
    if let Some(node) = next {
        return ask(model, Act::Start, &node, now);
    }
    model.warn("every node of this tour was started already");
    Vec::new()
}
