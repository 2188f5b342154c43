//! What can be done to a node now, and why the rest cannot.

use super::command::NodesCommand;
use crate::{
    app::OpenTour,
    cluster::{Node, Reachability},
    runtime::Act,
};

/// What a button does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// An act to the server.
    Act(Act),
    /// Show the server's log.
    Log,
}

impl NodesCommand {
    /// Whether it has to do with breaking and mending nodes.
    #[must_use]
    pub fn breaks(self) -> bool {
        !matches!(
            self,
            Self::Previous
                | Self::Next
                | Self::PreviousButton
                | Self::NextButton
                | Self::Press
                | Self::Log
        )
    }
}

impl Deed {
    /// All, in the order of the buttons.
    pub const ALL: [Self; 10] = [
        Self::Act(Act::Stop),
        Self::Act(Act::Kill),
        Self::Act(Act::Freeze),
        Self::Act(Act::Thaw),
        Self::Act(Act::Partition),
        Self::Act(Act::Heal),
        Self::Act(Act::Restart),
        Self::Act(Act::Destroy),
        Self::Act(Act::Start),
        Self::Log,
    ];

    /// The word on the button.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Act(Act::Start) => "add",
            Self::Act(Act::Stop) => "stop",
            Self::Act(Act::Kill) => "kill",
            Self::Act(Act::Freeze) => "freeze",
            Self::Act(Act::Thaw) => "thaw",
            Self::Act(Act::Restart) => "restart",
            Self::Act(Act::Destroy) => "destroy",
            Self::Act(Act::Partition) => "cut off",
            Self::Act(Act::Heal) => "heal",
            Self::Log => "log",
        }
    }

    /// What people will see of it, in plain words.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Act(Act::Start) => "starts a server of its own; it joins the cluster by SQL",
            Self::Act(Act::Stop) => "ends it in an orderly way: sessions are told, nothing is lost",
            Self::Act(Act::Kill) => "SIGKILL, as a power cut: connections break, then are refused",
            Self::Act(Act::Freeze) => {
                "SIGSTOP, as a hung machine: it never answers, whoever asks waits"
            }
            Self::Act(Act::Thaw) => "SIGCONT: it goes on where it was",
            Self::Act(Act::Restart) => "stops it if it runs, and starts it: its data is kept",
            Self::Act(Act::Destroy) => "ends it and removes its data for ever",
            Self::Act(Act::Partition) => {
                "takes it out of the network: it runs, and nobody reaches it nor it them"
            }
            Self::Act(Act::Heal) => "puts it back into the network, with what it missed missing",
            Self::Log => "the last lines that its server wrote",
        }
    }
}

/// A button of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// What it does.
    pub deed: Deed,
    /// Why it cannot be pressed now.
    pub refused: Option<String>,
}

/// The buttons of a node, those that cannot be pressed now with the reason.
#[must_use]
pub fn offers(tour: &OpenTour, node: &Node) -> Vec<Offer> {
    deeds(tour)
        .into_iter()
        .map(|deed| Offer {
            deed,
            refused: refusal(tour, node, deed),
        })
        .collect()
}

/// The buttons that nodes of this cluster have, in their order.
#[must_use]
pub fn deeds(tour: &OpenTour) -> Vec<Deed> {
    let acts = tour.facts.as_ref().map(|facts| facts.acts.as_slice());
    let has = |act| acts.is_some_and(|acts| acts.contains(&act));
    Deed::ALL
        .into_iter()
        .filter(|deed| match deed {
            // A network of its own has only a container: elsewhere these would never serve.
            Deed::Act(Act::Partition | Act::Heal) => has(Act::Partition),
            // Somebody's own servers are not ours to touch, nor to look into.
            _ => acts.is_none_or(|acts| !acts.is_empty()),
        })
        .collect()
}

/// Why something cannot be done to a node now; `None`: it can.
#[must_use]
pub fn refusal(tour: &OpenTour, node: &Node, deed: Deed) -> Option<String> {
    let absent = node.reachability == Reachability::Absent;
    let Deed::Act(act) = deed else {
        return absent.then(|| "it was never started".to_owned());
    };
    if !tour.is_ready() {
        return Some("the cluster is not ready yet".to_owned());
    }
    let facts = tour.facts.as_ref()?;
    if !facts.acts.contains(&act) {
        return Some(format!(
            "a cluster of runtime {} is not ours to {act}",
            facts.runtime
        ));
    }
    if let Some(under_way) = tour.nodes.under_way.get(&node.name) {
        return Some(format!("{} is under way", under_way.act));
    }
    by_state(act, node.reachability).map(ToOwned::to_owned)
}

fn by_state(act: Act, reachability: Reachability) -> Option<&'static str> {
    let gone = matches!(
        reachability,
        Reachability::Down | Reachability::Stopped | Reachability::Absent
    );
    let cut_off = reachability == Reachability::CutOff;
    let frozen = reachability == Reachability::Frozen;
    let absent = reachability == Reachability::Absent;
    match act {
        Act::Stop | Act::Kill | Act::Freeze | Act::Partition if gone => Some("it is not running"),
        Act::Stop if frozen => Some("it is frozen and would never hear of it: thaw it, or kill it"),
        Act::Freeze if frozen => Some("it is frozen already"),
        Act::Partition if frozen => Some("it is frozen: thaw it first"),
        Act::Partition if cut_off => Some("it is cut off already"),
        Act::Heal if !cut_off => Some("it is not cut off"),
        Act::Thaw if !frozen => Some("it is not frozen"),
        Act::Restart if absent => Some("it was never started: add it"),
        Act::Destroy if absent => Some("there is nothing to destroy"),
        Act::Start if !absent => Some("it was started already"),
        _ => None,
    }
}
