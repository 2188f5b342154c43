//! What a person or the cluster did.

use std::{path::PathBuf, time::Duration};

use super::{
    effect::Copied,
    home::Survey,
    input::{Chord, Pointer},
    laboratory::{ExperimentNews, LoadNews, ProbeNews},
    nodes::ActId,
    sql::JobId,
};
use crate::{
    cluster::View,
    player::{CheckState, Verdict, progress::Progress},
    postgres::{Column, Report, TransactionStatus},
    runtime::{Act, Exit},
    xray::Touched,
};

/// What is known of a cluster that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterFacts {
    /// What makes the servers one database: `Citus 13.2 on PostgreSQL 15.20`, `emulation on …`.
    pub engine: String,
    /// It is Citus itself.
    pub real: bool,
    /// `local`, …
    pub runtime: String,
    /// The id by which other commands reach it.
    pub id: String,
    /// Nothing there may be changed.
    pub read_only: bool,
    /// The schema that lessons run in, where the cluster is somebody's own.
    pub schema: Option<String>,
    /// The name under which it is kept, when it is.
    pub kept: Option<String>,
    /// The acts that its runtime can do.
    pub acts: Vec<Act>,
    /// Its nodes, those not started yet too, in the order of the topology.
    pub nodes: Vec<NodeFacts>,
}

/// What is known of a node, whatever its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFacts {
    /// Its name.
    pub name: String,
    /// The port at which it listens, when it has one.
    pub port: Option<u16>,
    /// For each act the shell command that would do the same.
    pub commands: Vec<(Act, String)>,
}

/// How a cluster comes up.
#[derive(Debug, Clone, PartialEq)]
pub enum BootEvent {
    /// One more step of a start.
    Progress(crate::runtime::Event),
    /// What is being done before the learner's place, such as a lesson's title.
    Rebuilding(String),
    /// It runs. May come again, when something about it changed (a node got a port, it is kept).
    Facts(ClusterFacts),
    /// It is where the learner's place needs it.
    Ready,
    /// It could not be brought there.
    Failed(String),
}

/// What a job brings, in order. `index` is the statement's place in the job.
#[derive(Debug, Clone, PartialEq)]
pub enum SqlEvent {
    /// The session had to be opened anew: settings and an open transaction are gone.
    Reconnected,
    /// A statement is sent.
    Started {
        /// Its place.
        index: usize,
        /// To which node.
        node: String,
        /// As it is sent.
        statement: String,
    },
    /// How long a statement of this session waits for a new connection to a node, where the engine says it.
    Patience(Option<Duration>),
    /// A result begins.
    Columns(Vec<Column>),
    /// Rows of it, up to the job's limit.
    Rows(Vec<Vec<Option<String>>>),
    /// How many rows came that were not kept.
    Beyond(u64),
    /// A notice, at its place.
    Notice(Report),
    /// Text of a COPY.
    CopyOut(String),
    /// A command is complete, with its tag.
    Complete(String),
    /// There was no command.
    Empty,
    /// The statement failed.
    Error(Report),
    /// The server could not be reached or was lost.
    Unreachable {
        /// In words.
        message: String,
        /// The SQLSTATE that stands for it.
        code: String,
    },
    /// The statement is over.
    Finished {
        /// How long it took.
        duration: Duration,
        /// Where it left the session.
        transaction: TransactionStatus,
        /// It ran into its deadline and was cancelled.
        expired: bool,
    },
    /// The job is over. A lesson's job has a verdict.
    Done(Option<Verdict>),
}

/// What a person or the cluster did.
#[derive(Debug)]
pub enum Msg {
    /// A key.
    Key(Chord),
    /// Text was pasted.
    Paste(String),
    /// The mouse.
    Pointer(Pointer),
    /// The screen's size.
    Resize(u16, u16),
    /// A deadline of [`next_deadline`](super::next_deadline) came.
    Tick,
    /// The program is in the foreground again: everything must be drawn.
    Resumed,
    /// The system asks the program to end: nothing may ask.
    Terminate,
    /// What this machine offers, what is kept, what was left behind.
    Surveyed(Box<Survey>),
    /// The learner's progress, or why it cannot be read.
    Progress(Result<Box<Progress>, String>),
    /// Progress could not be written.
    ProgressLost(String),
    /// The statements of earlier runs, the last one last.
    History(Vec<String>),
    /// The cluster of that generation comes up.
    Boot(u64, BootEvent),
    /// What it looks like.
    View(u64, Box<View>),
    /// A server process of it ended.
    Exit(u64, Exit),
    /// An act is over.
    Acted {
        /// Which.
        id: ActId,
        /// What was done.
        act: Act,
        /// To which node.
        node: String,
        /// How it went.
        result: Result<(), String>,
    },
    /// A lesson's action is over.
    ActionDone {
        /// The cluster's generation.
        generation: u64,
        /// Which item.
        item: super::lesson::ItemId,
        /// The nodes that it was done to.
        nodes: Vec<String>,
        /// The report of it, where it has one.
        report: Option<String>,
        /// How it went.
        verdict: Verdict,
    },
    /// What a check of a step says now.
    Check {
        /// The cluster's generation.
        generation: u64,
        /// Which.
        item: super::lesson::ItemId,
        /// What it says.
        state: CheckState,
    },
    /// The program did a step for the learner.
    StepPlayed {
        /// The cluster's generation.
        generation: u64,
        /// Lesson and step.
        place: (usize, usize),
        /// What did not go as the lesson says.
        failures: Vec<String>,
    },
    /// A setup of the lesson is done, or failed.
    SetUp(u64, Result<(), String>),
    /// A job brought something.
    Sql(JobId, SqlEvent),
    /// Which shards a statement of a job touches; `None`: none, or it cannot be known.
    Touched {
        /// The job.
        job: JobId,
        /// The statement's place in it.
        index: usize,
        /// What it touches, or why it cannot be known.
        touched: Result<Option<Touched>, String>,
    },
    /// The last lines of a node's log.
    LogTail {
        /// Whose.
        node: String,
        /// The lines, or why there are none.
        lines: Result<Vec<String>, String>,
    },
    /// What the map asked about a shard group: sample tenants and rows.
    GroupFacts(u64, Box<super::map::GroupFacts>),
    /// Where a value of a distribution column lives.
    TenantPlace(u64, Box<super::map::TenantAnswer>),
    /// Probes brought something.
    Probed(u64, ProbeNews),
    /// The load of that number brought something.
    Load(u64, u64, LoadNews),
    /// An experiment brought something.
    Experiment(u64, ExperimentNews),
    /// The report of an experiment is kept as this file, or not.
    ReportSaved(u64, Result<PathBuf, String>),
    /// Text was copied, or not.
    Copied(Result<Copied, String>),
    /// Leftovers were removed.
    LeftoversRemoved(Result<usize, String>),
    /// The cluster is ended or let go.
    Left(Result<(), String>),
}
