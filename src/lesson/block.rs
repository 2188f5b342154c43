//! What a step is made of.

use std::time::Duration;

use super::{Action, NodeReference};

/// A piece of a lesson.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Markdown to read (paragraphs, lists, tables, callouts, code that is only shown).
    Prose(String),
    /// SQL to run at the press of a button.
    Run(Run),
    /// A condition that must become true.
    Check(Check),
    /// A fault or runtime action.
    Action(Action),
    /// A question before an act.
    Predict(Predict),
    /// Markdown that unfolds; hints keep their order.
    Hint(String),
    /// What unfolds as the way to the goal: prose, runs and actions only. Whoever plays without a learner plays these.
    Solution(Vec<Block>),
    /// SQL that brings a checkpoint about, silently.
    Setup(Sql),
    /// For the presenter only.
    Note(String),
    /// What to show on the map: the comment's text after `map:`.
    Map(String),
}

/// SQL text and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sql {
    /// One or more statements.
    pub text: String,
    /// One-based line of the first line of `text` in the lesson's file.
    pub line: usize,
}

/// A `sql run` fence, with the `text expect` that follows it.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// What to run, statement by statement, in the lesson's session.
    pub sql: Sql,
    /// On which node, when not in the lesson's session on the coordinator.
    pub on: Option<NodeReference>,
    /// When set, the last statement must fail with such an SQLSTATE.
    pub fails: Option<SqlStates>,
    /// What it prints, when the lesson says so.
    pub expect: Option<Expect>,
}

/// Alternatives of SQLSTATE codes or of their beginnings (`08|57P01`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlStates(pub Vec<String>);

/// A `text expect` fence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expect {
    /// As written; `…` elides lines or the rest of a line.
    pub text: String,
    /// Rows may come in any order.
    pub unordered: bool,
    /// One-based.
    pub line: usize,
}

/// A `sql check` fence.
#[derive(Debug, Clone, PartialEq)]
pub struct Check {
    /// The sentence that is shown with ✓ or ○.
    pub sentence: String,
    /// Returns one boolean and, optionally, a text that says what differs.
    pub sql: Sql,
    /// How long it may take to become true.
    pub within: Duration,
    /// On which node, when not on the coordinator.
    pub on: Option<NodeReference>,
}

/// A `text predict` fence with a task list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predict {
    /// Text before the list.
    pub question: String,
    /// The list's items; `[x]` marks what will happen.
    pub options: Vec<PredictOption>,
    /// One-based.
    pub line: usize,
}

/// One answer of a prediction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PredictOption {
    /// As written.
    pub text: String,
    /// Marked `[x]` in the file: it is what happens.
    pub right: bool,
}
