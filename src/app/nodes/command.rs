//! Keys and presses of the nodes panel.

use std::time::Instant;

use super::{
    act::{add_next, ask, ask_all, put_back},
    offer::{Deed, deeds, refusal},
    state::{choose, chosen},
};
use crate::{
    app::{
        Effect, Model, Pane,
        keys::{Binding, Command, Context},
        overlay::Overlay,
    },
    runtime::Act,
};

/// A command of the nodes panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NodesCommand {
    /// Choose the node before.
    Previous,
    /// Choose the node after.
    Next,
    /// Choose the button before.
    PreviousButton,
    /// Choose the button after.
    NextButton,
    /// Press the chosen button.
    Press,
    /// Mark the chosen node, or take the mark away.
    Mark,
    /// Go to the nodes to break one.
    Break,
    /// Stop the chosen node.
    Stop,
    /// Kill it.
    Kill,
    /// Freeze it.
    Freeze,
    /// Thaw it.
    Thaw,
    /// Restart it, or start it.
    Restart,
    /// Destroy it.
    Destroy,
    /// Take it out of the network.
    CutOff,
    /// Put it back into the network.
    Heal,
    /// Start the next node that is not started.
    Add,
    /// Show its log.
    Log,
    /// Put everything back: thaw what is frozen, start what is down.
    PutBack,
}

/// Something of the nodes that the mouse can press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodesTarget {
    /// A node.
    Node(String),
    /// A button.
    Act(Act, String),
    /// Its log.
    Log(String),
    /// Everything back.
    PutBack,
}

const fn bind(
    command: NodesCommand,
    name: &'static str,
    title: &'static str,
    says: &'static str,
) -> Binding {
    Binding::new(Command::Nodes(command), name, title, says)
}

/// Its keys. The letters work in the panel only: nowhere near text or movement.
pub const KEYS: &[Binding] = &[
    bind(
        NodesCommand::Press,
        "press-button",
        "press",
        "Press the chosen button of the chosen node",
    )
    .on(Context::Nodes, &["Enter"])
    .movement()
    .footer(1),
    bind(
        NodesCommand::Mark,
        "mark-node",
        "mark",
        "Mark the chosen node, or take the mark away: an act goes to all that are marked",
    )
    .on(Context::Nodes, &["Space"])
    .footer(9),
    bind(
        NodesCommand::Stop,
        "stop",
        "stop",
        "Stop the chosen node in an orderly way",
    )
    .on(Context::Nodes, &["s"])
    .footer(2),
    bind(
        NodesCommand::Kill,
        "kill",
        "kill",
        "Kill the chosen node, as a power cut would",
    )
    .on(Context::Nodes, &["k"])
    .footer(3),
    bind(
        NodesCommand::Freeze,
        "freeze",
        "freeze",
        "Freeze the chosen node: it never answers",
    )
    .on(Context::Nodes, &["f"])
    .footer(4),
    bind(NodesCommand::Thaw, "thaw", "thaw", "Thaw the chosen node")
        .on(Context::Nodes, &["t"])
        .footer(5),
    bind(
        NodesCommand::Restart,
        "restart",
        "restart",
        "Start the chosen node again",
    )
    .on(Context::Nodes, &["r"])
    .footer(6),
    bind(
        NodesCommand::Destroy,
        "destroy",
        "destroy",
        "Destroy the chosen node and its data; asks for its name",
    )
    .on(Context::Nodes, &["d"])
    .footer(7),
    bind(
        NodesCommand::CutOff,
        "cut-off",
        "cut off",
        "Take the chosen node out of the network, where it is a container",
    )
    .on(Context::Nodes, &["c"]),
    bind(
        NodesCommand::Heal,
        "heal",
        "heal",
        "Put the chosen node back into the network",
    )
    .on(Context::Nodes, &["h"]),
    bind(
        NodesCommand::Add,
        "add-node",
        "add",
        "Start the next node that was never started",
    )
    .on(Context::Nodes, &["a"])
    .footer(8),
    bind(
        NodesCommand::Log,
        "node-log",
        "log",
        "Show the end of the chosen node's log",
    )
    .on(Context::Nodes, &["l"])
    .footer(10),
    bind(
        NodesCommand::Previous,
        "previous-node",
        "node before",
        "Choose the node before",
    )
    .on(Context::Nodes, &["Up"])
    .movement(),
    bind(
        NodesCommand::Next,
        "next-node",
        "node after",
        "Choose the node after",
    )
    .on(Context::Nodes, &["Down"])
    .movement(),
    bind(
        NodesCommand::PreviousButton,
        "previous-button",
        "button before",
        "Choose the button before",
    )
    .on(Context::Nodes, &["Left"])
    .movement(),
    bind(
        NodesCommand::NextButton,
        "next-button",
        "button after",
        "Choose the button after",
    )
    .on(Context::Nodes, &["Right"])
    .movement(),
    bind(
        NodesCommand::Break,
        "break-a-node",
        "kill...",
        "Go to the nodes, to stop, kill or freeze one",
    )
    .on(Context::Lesson, &["k"])
    .footer(30),
    bind(
        NodesCommand::Break,
        "break-a-node",
        "kill...",
        "Go to the nodes, to stop, kill or freeze one",
    )
    .on(Context::Map, &["k"])
    .footer(30),
    bind(
        NodesCommand::PutBack,
        "put-everything-back",
        "all back",
        "Thaw, start or heal whatever was broken",
    )
    .on(Context::Tour, &["F8"])
    .footer(40),
];

/// Does a command.
pub fn command(model: &mut Model, command: NodesCommand, now: Instant) -> Vec<Effect> {
    let act = match command {
        NodesCommand::Previous => {
            step(model, -1);
            return Vec::new();
        }
        NodesCommand::Next => {
            step(model, 1);
            return Vec::new();
        }
        NodesCommand::PreviousButton => {
            step_button(model, -1);
            return Vec::new();
        }
        NodesCommand::NextButton => {
            step_button(model, 1);
            return Vec::new();
        }
        NodesCommand::Break => {
            model.focus = Pane::Nodes;
            return Vec::new();
        }
        NodesCommand::Press => return press_chosen(model, now),
        NodesCommand::Mark => {
            mark(model);
            return Vec::new();
        }
        NodesCommand::Log => return show_log(model, None),
        NodesCommand::Add => return add(model, now),
        NodesCommand::PutBack => return put_back(model, now),
        NodesCommand::Stop => Act::Stop,
        NodesCommand::Kill => Act::Kill,
        NodesCommand::Freeze => Act::Freeze,
        NodesCommand::Thaw => Act::Thaw,
        NodesCommand::Restart => Act::Restart,
        NodesCommand::Destroy => Act::Destroy,
        NodesCommand::CutOff => Act::Partition,
        NodesCommand::Heal => Act::Heal,
    };
    ask_chosen(model, act, now)
}

/// To the marked nodes, where there are some, else to the chosen one.
fn ask_chosen(model: &mut Model, act: Act, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let nodes = match chosen(tour) {
        _ if !tour.nodes.marked.is_empty() => tour.nodes.marked.iter().cloned().collect(),
        Some(node) => vec![node.name.clone()],
        None => Vec::new(),
    };
    ask_all(model, act, nodes, now)
}

/// Marks the chosen node, or takes its mark away.
fn mark(model: &mut Model) {
    let Some(name) = chosen_name(model) else {
        return;
    };
    if let Some(tour) = model.tour.as_deref_mut()
        && !tour.nodes.marked.remove(&name)
    {
        tour.nodes.marked.insert(name);
    }
}

fn chosen_name(model: &Model) -> Option<String> {
    let tour = model.tour.as_deref()?;
    Some(chosen(tour)?.name.clone())
}

/// The chosen node where it waits to be started, else the next one that does.
fn add(model: &mut Model, now: Instant) -> Vec<Effect> {
    let tour = model.tour.as_deref();
    let here = tour.and_then(|tour| {
        let node = chosen(tour)?;
        let free = refusal(tour, node, Deed::Act(Act::Start)).is_none();
        free.then(|| node.name.clone())
    });
    match here {
        Some(node) => ask(model, Act::Start, &node, now),
        None => add_next(model, now),
    }
}

fn step(model: &mut Model, by: isize) {
    if let Some(tour) = model.tour.as_deref_mut() {
        let last = tour.view.nodes.len().saturating_sub(1);
        let now = tour.nodes.selected.min(last);
        tour.nodes.selected = now.saturating_add_signed(by).min(last);
    }
}

fn step_button(model: &mut Model, by: isize) {
    if let Some(tour) = model.tour.as_deref_mut() {
        let last = deeds(tour).len().saturating_sub(1);
        tour.nodes.button = tour.nodes.button.saturating_add_signed(by).min(last);
    }
}

fn press_chosen(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(node) = chosen_name(model) else {
        return Vec::new();
    };
    let tour = model.tour.as_deref();
    let deed = tour.and_then(|tour| deeds(tour).get(tour.nodes.button).copied());
    match deed {
        Some(Deed::Act(act)) => ask_chosen(model, act, now),
        Some(Deed::Log) => show_log(model, Some(&node)),
        None => Vec::new(),
    }
}

/// Opens the end of a node's log, and follows it.
fn show_log(model: &mut Model, node: Option<&str>) -> Vec<Effect> {
    let Some(node) = node.map(ToOwned::to_owned).or_else(|| chosen_name(model)) else {
        return Vec::new();
    };
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let known = tour.view.node(&node);
    if let Some(reason) = known.and_then(|known| refusal(tour, known, Deed::Log)) {
        model.warn(format!("{node}: {reason}"));
        return Vec::new();
    }
    tour.nodes.log_tail = None;
    model.overlays.push(Overlay::LogTail {
        node: node.clone(),
        up: 0,
    });
    vec![Effect::FollowLog(Some(node))]
}

/// A press of the mouse.
pub fn press(model: &mut Model, target: &NodesTarget, now: Instant) -> Vec<Effect> {
    match target {
        NodesTarget::Node(node) => {
            model.focus = Pane::Nodes;
            if let Some(tour) = model.tour.as_deref_mut() {
                choose(tour, node);
            }
            Vec::new()
        }
        NodesTarget::Act(act, node) => ask(model, *act, node, now),
        NodesTarget::Log(node) => show_log(model, Some(node)),
        NodesTarget::PutBack => put_back(model, now),
    }
}

/// The wheel above the panel.
pub fn scroll(model: &mut Model, rows: isize) {
    step(model, rows.signum());
}
