//! What a tour is: tours, lessons, steps, checks. In: Markdown and `SUMMARY.md`. Out: the model below, or problems with file and line. Pure.

use std::time::Duration;

/// One tour: phases with lessons, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Tour {
    /// The slug of its heading in `SUMMARY.md`, such as `journey`.
    pub id: String,
    /// As written.
    pub title: String,
    /// In order.
    pub phases: Vec<Phase>,
}

/// A group of lessons under one heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Phase {
    /// As written.
    pub title: String,
    /// In order.
    pub lessons: Vec<Lesson>,
}

/// One lesson: ten minutes, one idea, one Markdown file.
#[derive(Debug, Clone, PartialEq)]
pub struct Lesson {
    /// Unique over all tours, kept stable: progress is stored under it.
    pub id: String,
    /// As written.
    pub title: String,
    /// How long it takes a learner.
    pub minutes: u16,
    /// The name of its Compose file.
    pub topology: String,
    /// The engine versions it needs, where it needs any; see [`semver::VersionReq`].
    pub engine: Option<semver::VersionReq>,
    /// The id of the lesson whose end it begins from; `None`: a fresh cluster.
    pub start: Option<String>,
    /// The file, relative to the lessons' directory.
    pub file: String,
    /// What stands before the first step.
    pub introduction: Vec<Block>,
    /// In order.
    pub steps: Vec<Step>,
}

/// One step: a level-two heading and what stands under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The slug of its heading.
    pub id: String,
    /// As written.
    pub title: String,
    /// One-based, of the heading in the lesson's file.
    pub line: usize,
    /// In order.
    pub blocks: Vec<Block>,
}

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
    /// Markdown that unfolds, with the way to the goal.
    Solution(String),
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

/// A `console action` fence.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// From the closed list.
    pub kind: ActionKind,
    /// The shell command that a person would type: shown, never executed.
    pub shown: String,
    /// One-based.
    pub line: usize,
}

/// The closed list of what a lesson may do beyond SQL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionKind {
    /// Ends a node in an orderly way.
    Stop(NodeReference),
    /// SIGKILL to the whole server.
    Kill(NodeReference),
    /// SIGSTOP to the whole server.
    Freeze(NodeReference),
    /// SIGCONT to the whole server.
    Thaw(NodeReference),
    /// Starts a node that is down; stops and starts one that is up.
    Restart(NodeReference),
    /// Ends a node and removes its data.
    Destroy(NodeReference),
    /// Starts a node of the topology that is under a profile (`action=add node=worker3`).
    Add(NodeReference),
    /// Fills the tour's tables by COPY (`action=seed tour=journey`).
    Seed(String),
}

/// Which node an action or a run means.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum NodeReference {
    /// By name.
    Named(String),
    /// `@tenant(42)`: the node that holds this tenant (of the table that the lesson distributes first, or `@tenant(orders,42)`).
    Tenant {
        /// The distributed table; `None`: any table of the first colocation group.
        table: Option<String>,
        /// The tenant's value.
        value: String,
    },
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
