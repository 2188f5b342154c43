//! What a player tells while it plays.

use std::fmt;

use super::{experiment::ExperimentEvent, perform::Performed};
use crate::{
    cluster::{Change, View},
    lesson::{Action, Block, Check, Lesson, Run, Step},
    postgres::{Outcome, PostgresError},
};

/// Something happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// A lesson begins.
    Lesson {
        /// The title of its phase.
        phase: &'a str,
        /// The lesson.
        lesson: &'a Lesson,
    },
    /// A step begins.
    Step(&'a Step),
    /// A block that is read, not done.
    Shown(&'a Block),
    /// A statement is sent.
    Statement {
        /// To which node.
        node: &'a str,
        /// As it is sent.
        sql: &'a str,
    },
    /// What the statement brought.
    Outcome(&'a Outcome),
    /// The server could not be reached or was lost.
    Unreachable(&'a PostgresError),
    /// A fault or runtime action begins.
    Action(&'a Action),
    /// Something of an experiment or a load.
    Trial(&'a ExperimentEvent),
    /// An action is over, with the report that it may have.
    Performed(&'a Performed),
    /// The cluster is no longer what it was.
    Changed {
        /// What it is now.
        view: &'a View,
        /// What is different.
        changes: &'a [Change],
    },
    /// An item is over.
    Verdict {
        /// Which.
        item: Item<'a>,
        /// How it went.
        verdict: Verdict,
    },
}

/// What a verdict is about.
#[derive(Debug, Clone, Copy)]
pub enum Item<'a> {
    /// A button's statements.
    Run(&'a Run),
    /// A condition.
    Check(&'a Check),
    /// A fault or runtime action.
    Action(&'a Action),
}

/// How an item went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// As the lesson says.
    Passed,
    /// Otherwise, with what differs.
    Failed(String),
}

impl fmt::Display for Item<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(run) => {
                let first = run.sql.text.lines().next().unwrap_or_default();
                write!(formatter, "line {}, `{first}`", run.sql.line)
            }
            Self::Check(check) => write!(formatter, "line {}, {}", check.sql.line, check.sentence),
            Self::Action(action) => {
                write!(formatter, "line {}, {}", action.line, action.shown.trim())
            }
        }
    }
}
