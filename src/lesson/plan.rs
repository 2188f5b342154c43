//! Fault plans: what is done to which nodes, and when. `kill worker2 in 5 s, freeze worker3 at 10 s, back at 30 s`.
//!
//! Every time counts from the beginning of the plan. `back` puts back what the plan broke: what is down is started, what is frozen is
//! thawed; what was destroyed stays so.

mod possible;
mod read;

use std::{fmt, str::FromStr, time::Duration};

use super::{NodeAct, NodeReference, duration::Short};

/// Acts at their times, in the order of those.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultPlan {
    steps: Vec<PlanStep>,
    due: Vec<DueAct>,
}

/// What is done, with `back` spelled out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueAct {
    /// How long after the plan's beginning.
    pub at: Duration,
    /// What is done.
    pub act: NodeAct,
    /// To which nodes, at once.
    pub nodes: Vec<NodeReference>,
}

/// One act of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanStep {
    /// How long after the plan's beginning.
    pub at: Duration,
    /// What is done.
    pub act: PlannedAct,
    /// To which nodes, at once. Empty only with [`PlannedAct::Back`]: to everything that the plan broke before.
    pub nodes: Vec<NodeReference>,
}

/// What a plan can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlannedAct {
    /// A fault, or what ends one.
    Do(NodeAct),
    /// Whatever ends the fault that the plan brought about.
    Back,
}

impl PlannedAct {
    /// The word in a plan.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Do(act) => act.verb(),
            Self::Back => "back",
        }
    }
}

/// A plan could not be read. What, where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (character {column} of the plan). {remedy}")]
pub struct PlanError {
    /// Where, in characters from one.
    pub column: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl FaultPlan {
    /// The acts, in the order of their times.
    #[must_use]
    pub fn steps(&self) -> &[PlanStep] {
        &self.steps
    }

    /// What is done, in the order of the times: `back` is the restart of what is down and the thaw of what is frozen.
    #[must_use]
    pub fn due(&self) -> &[DueAct] {
        &self.due
    }

    /// When the last act is due.
    #[must_use]
    pub fn length(&self) -> Duration {
        self.steps.last().map_or(Duration::ZERO, |step| step.at)
    }

    /// Every node that it names, once each, in order.
    #[must_use]
    pub fn nodes(&self) -> Vec<&NodeReference> {
        let mut nodes: Vec<&NodeReference> = Vec::new();
        for node in self.steps.iter().flat_map(|step| &step.nodes) {
            if !nodes.contains(&node) {
                nodes.push(node);
            }
        }
        nodes
    }
}

impl FromStr for FaultPlan {
    type Err = PlanError;

    fn from_str(text: &str) -> Result<Self, PlanError> {
        read::plan(text)
    }
}

impl fmt::Display for FaultPlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.steps.iter().enumerate() {
            let before = if index == 0 { "" } else { ", " };
            write!(formatter, "{before}{step}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PlanStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.act.verb())?;
        if !self.nodes.is_empty() {
            write!(formatter, " {}", in_words(&self.nodes))?;
        }
        write!(formatter, " at {}", Short(self.at))
    }
}

/// `worker1, worker2 and worker3`.
#[must_use]
pub fn in_words<Name: fmt::Display>(names: &[Name]) -> String {
    let mut words = String::new();
    for (index, name) in names.iter().enumerate() {
        words.push_str(match index {
            0 => "",
            _ if index + 1 == names.len() => " and ",
            _ => ", ",
        });
        words.push_str(&name.to_string());
    }
    words
}

#[cfg(test)]
mod tests;
