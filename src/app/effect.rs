//! What is to be done outside.

use std::{sync::Arc, time::Duration};

use super::{
    lesson::ItemId,
    nodes::ActId,
    sql::{Job, JobId},
};
use crate::{
    cluster::{GroupKey, TableName, View},
    lesson::{Action, Check, FaultPlan, Sql, Tour},
    player::progress::Progress,
    runtime::Act,
    workload::LoadPlan,
};

/// How text was copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Copied {
    /// By the terminal (OSC 52), which does not say whether it did.
    Terminal,
    /// Into this machine's clipboard.
    Clipboard,
    /// By both.
    Both,
}

/// What becomes of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leave {
    /// It ends, with its data.
    End,
    /// It goes on running under this name.
    Keep(String),
}

/// What is to be done outside. Its answer comes back as a [`Msg`](super::Msg).
#[derive(Debug)]
pub enum Effect {
    /// Look what this machine offers, what is kept and what was left behind.
    Survey,
    /// Remove what crashed runs left behind.
    RemoveLeftovers,
    /// Write the progress file.
    SaveProgress(Box<Progress>),
    /// Add a statement to the history file.
    Remember(String),
    /// Start a cluster and bring it to a place.
    Boot {
        /// Goes back in every message about it.
        generation: u64,
        /// The tour.
        tour: Arc<Tour>,
        /// Lesson and step.
        place: (usize, usize),
        /// Go on with the cluster that is kept under this name, as it is.
        kept: Option<String>,
    },
    /// Make the cluster what it is at a place, from nothing.
    Rebuild {
        /// The cluster.
        generation: u64,
        /// Lesson and step.
        place: (usize, usize),
    },
    /// Do the setups of a lesson or a step, silently.
    SetUp {
        /// The cluster.
        generation: u64,
        /// In order.
        setups: Vec<Sql>,
    },
    /// Do a step for the learner, as the plain mode does.
    PlayStep {
        /// The cluster.
        generation: u64,
        /// Lesson and step.
        place: (usize, usize),
    },
    /// Do a lesson's action.
    Do {
        /// The cluster.
        generation: u64,
        /// Which item it is.
        item: ItemId,
        /// What.
        action: Action,
    },
    /// From now on watch these checks; earlier ones no longer. None: watch nothing.
    WatchChecks {
        /// The cluster.
        generation: u64,
        /// Each with the item that it is.
        checks: Vec<(ItemId, Check)>,
    },
    /// Ask the watched checks at once: something happened.
    AskChecks,
    /// Run a job.
    Run(Box<Job>),
    /// Cancel what a job runs, and what it would still run.
    Cancel(JobId),
    /// Find out what a statement touches.
    Xray {
        /// The job.
        job: JobId,
        /// The statement's place in it.
        index: usize,
        /// As it is sent.
        statement: String,
        /// What the cluster looks like.
        view: Box<View>,
    },
    /// Do an act to a node.
    Act {
        /// Goes back in the answer.
        id: ActId,
        /// What.
        act: Act,
        /// To which node.
        node: String,
    },
    /// Read the end of a node's log, again and again until another one or none is asked for.
    FollowLog(Option<String>),
    /// Find out rows and sample tenants of a shard group.
    AskGroup {
        /// The cluster.
        generation: u64,
        /// Which.
        group: GroupKey,
        /// What the cluster looks like.
        view: Box<View>,
    },
    /// Find out where a value of a distribution column lives.
    AskTenant {
        /// The cluster.
        generation: u64,
        /// Of which table.
        table: TableName,
        /// The value.
        value: String,
    },
    /// Send probes, in place of those that are sent.
    Probe {
        /// The cluster.
        generation: u64,
        /// What it looks like.
        view: Box<View>,
    },
    /// Send none any more.
    StopProbes,
    /// Start a load, in place of the one that runs.
    StartLoad {
        /// The cluster.
        generation: u64,
        /// Goes back in its news.
        number: u64,
        /// Which.
        plan: LoadPlan,
        /// What the cluster looks like.
        view: Box<View>,
    },
    /// End the load.
    StopLoad,
    /// Carry a plan of faults out, with probes, and report.
    Experiment {
        /// The cluster.
        generation: u64,
        /// What is done, and when.
        plan: FaultPlan,
        /// How long it is watched.
        lasts: Duration,
    },
    /// Call the plan off that is carried out.
    CancelExperiment,
    /// Keep the report of an experiment as a file.
    SaveReport {
        /// The cluster.
        generation: u64,
        /// The tour's name.
        tour: String,
        /// The report.
        markdown: String,
    },
    /// Copy text.
    Copy(String),
    /// Take the mouse, or let the terminal have it.
    Mouse(bool),
    /// Stop until the shell brings the program back.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// End the cluster or let it go on.
    Leave(Leave),
    /// End the program.
    Quit,
}
