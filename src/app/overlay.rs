//! Layers above the screen. The top one takes keys first; Esc closes it.

use crate::{lesson::FaultPlan, runtime::Act};

use super::effect::Leave;

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overlay {
    /// The keys that work here.
    Help {
        /// First row shown.
        offset: usize,
    },
    /// Every command, by name.
    Palette {
        /// What is typed.
        query: String,
        /// The chosen row of those that match.
        selected: usize,
    },
    /// The tour's table of contents.
    Contents {
        /// The chosen row.
        selected: usize,
    },
    /// Statements that were run, to choose from.
    History {
        /// What is typed.
        query: String,
        /// The chosen row of those that match.
        selected: usize,
    },
    /// A value of a result in full.
    Cell {
        /// Its column.
        title: String,
        /// In full.
        text: String,
        /// First row shown.
        offset: usize,
    },
    /// All about the chosen shard group.
    Details {
        /// First row shown.
        offset: usize,
    },
    /// The end of a node's log.
    LogTail {
        /// Whose.
        node: String,
        /// Rows scrolled up from the end.
        up: usize,
    },
    /// Before an act that makes something stop working.
    ConfirmAct {
        /// What is to be done.
        act: Act,
        /// To which nodes: one, or those that are marked.
        nodes: Vec<String>,
        /// What will stop working.
        consequences: Vec<String>,
        /// How many failures of as many nodes the cluster survives, where that is cheap to count.
        counted: Option<String>,
        /// What is typed, where the node's name is asked for.
        typed: String,
        /// The chosen button: 0 is to leave it.
        selected: usize,
    },
    /// Before a plan of faults.
    ConfirmPlan {
        /// What is to be done, and when.
        plan: FaultPlan,
        /// What will stop working, act by act.
        consequences: Vec<String>,
        /// The chosen button: 0 is to leave it.
        selected: usize,
    },
    /// The report of the last experiment.
    Report {
        /// First row shown.
        offset: usize,
    },
    /// The learner goes on before the step is done.
    NotDone {
        /// The chosen button.
        selected: usize,
    },
    /// A lesson or a step begins again, or another place is jumped to: the cluster is made anew.
    ConfirmRebuild {
        /// Lesson and step.
        place: (usize, usize),
        /// Why it is asked.
        words: String,
        /// The chosen button.
        selected: usize,
    },
    /// The tour or the program is left while a cluster runs.
    Leave {
        /// To the home screen instead of the shell.
        home: bool,
        /// What would be lost besides the cluster, such as an open transaction.
        losses: Vec<String>,
        /// The chosen button.
        selected: usize,
        /// What was decided and is being done.
        decided: Option<Leave>,
    },
    /// Something to read.
    Message {
        /// What it is about.
        title: String,
        /// In full.
        text: String,
        /// First row shown.
        offset: usize,
    },
}
