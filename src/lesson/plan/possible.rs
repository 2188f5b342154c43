//! Whether a plan can be carried out, as far as it can be told without its cluster.

use super::{DueAct, PlanError, PlanStep, PlannedAct};
use crate::lesson::{NodeAct, NodeReference};

/// What a node is by what the plan did to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Become {
    Up,
    Down,
    Frozen,
    CutOff,
    Destroyed,
}

impl Become {
    fn is_broken(self) -> bool {
        matches!(self, Self::Down | Self::Frozen | Self::CutOff)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Frozen => "frozen",
            Self::CutOff => "cut off",
            Self::Destroyed => "destroyed",
        }
    }

    /// What it is after an act, when the act can be done to it.
    fn after(self, act: NodeAct) -> Option<Self> {
        match (act, self) {
            (NodeAct::Stop, Self::Up) | (NodeAct::Kill, Self::Up | Self::Frozen | Self::CutOff) => {
                Some(Self::Down)
            }
            (NodeAct::Freeze, Self::Up) => Some(Self::Frozen),
            (NodeAct::Partition, Self::Up) => Some(Self::CutOff),
            (NodeAct::Thaw, Self::Frozen)
            | (NodeAct::Heal, Self::CutOff)
            | (NodeAct::Restart, Self::Up | Self::Down) => Some(Self::Up),
            (NodeAct::Destroy, Self::Up | Self::Down | Self::Frozen | Self::CutOff) => {
                Some(Self::Destroyed)
            }
            _ => None,
        }
    }
}

/// What an act leaves behind, of a node that nothing is known of.
fn outcome(act: NodeAct) -> Become {
    match act {
        NodeAct::Stop | NodeAct::Kill => Become::Down,
        NodeAct::Freeze => Become::Frozen,
        NodeAct::Partition => Become::CutOff,
        NodeAct::Thaw | NodeAct::Heal | NodeAct::Restart | NodeAct::Add => Become::Up,
        NodeAct::Destroy => Become::Destroyed,
    }
}

/// Holds each act to what the acts before it leave, and says what is done. Steps come with their columns, in the order of their times.
pub(super) fn walk(steps: &[(usize, PlanStep)]) -> Result<Vec<DueAct>, PlanError> {
    let mut known: Vec<(&NodeReference, Become)> = Vec::new();
    let mut due = Vec::new();
    for (column, step) in steps {
        match step.act {
            PlannedAct::Back => back(*column, step, &mut known, &mut due)?,
            PlannedAct::Do(act) => {
                for node in &step.nodes {
                    let Some((_, state)) = known.iter_mut().find(|(other, _)| *other == node)
                    else {
                        known.push((node, outcome(act)));
                        continue;
                    };
                    *state = state.after(act).ok_or_else(|| PlanError {
                        column: *column,
                        message: format!("`{step}` cannot be done: {node} is {} by then", state.word()),
                        remedy: "`back` or `restart` brings a node back that is down, `thaw` one that is frozen, `heal` one that is cut off".to_owned(),
                    })?;
                }
                due.push(DueAct {
                    at: step.at,
                    act,
                    nodes: step.nodes.clone(),
                });
            }
        }
    }
    Ok(due)
}

/// What is down is started, what is frozen is thawed, what is cut off is healed.
fn back(
    column: usize,
    step: &PlanStep,
    known: &mut [(&NodeReference, Become)],
    due: &mut Vec<DueAct>,
) -> Result<(), PlanError> {
    let refused = |of: &str| {
        PlanError {
        column,
        message: format!("`{step}` finds nothing to put back{of}"),
        remedy: "`back` undoes what this plan did before: kill, stop, freeze or partition. What is destroyed stays so".to_owned(),
    }
    };
    for node in &step.nodes {
        let broken = known
            .iter()
            .any(|(other, state)| *other == node && state.is_broken());
        if !broken {
            return Err(refused(&format!(" of {node}")));
        }
    }
    let meant = |node: &NodeReference| step.nodes.is_empty() || step.nodes.contains(node);
    let mut any = false;
    for (broken, act) in [
        (Become::Down, NodeAct::Restart),
        (Become::Frozen, NodeAct::Thaw),
        (Become::CutOff, NodeAct::Heal),
    ] {
        let mut nodes = Vec::new();
        for (node, state) in known.iter_mut() {
            if *state == broken && meant(node) {
                *state = Become::Up;
                nodes.push((*node).clone());
            }
        }
        if !nodes.is_empty() {
            any = true;
            due.push(DueAct {
                at: step.at,
                act,
                nodes,
            });
        }
    }
    if any { Ok(()) } else { Err(refused("")) }
}
