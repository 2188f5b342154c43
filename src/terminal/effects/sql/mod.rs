//! Statements, one after the other, in sessions that last: a task of their own, so that a statement that hangs holds up only the next one.

mod actor;
mod control;
mod pieces;
mod statement;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::{context::Context, open::Running};
use crate::{
    app::sql::{Job, JobId},
    lesson::{Sql, Tour},
    player::Stage,
};
use control::Control;

/// What is asked of the task, in order.
enum Command {
    /// A cluster is there, at the beginning of a lesson or within it.
    Adopt {
        stage: Box<Stage>,
        running: Arc<Running>,
        lesson: usize,
    },
    /// The server of a node is gone or another one.
    Forget(String),
    /// The learner is in a lesson.
    Enter(usize),
    Run(Box<Job>),
    SetUp {
        generation: u64,
        setups: Vec<Sql>,
    },
    PlayStep {
        generation: u64,
        tour: Arc<Tour>,
        place: (usize, usize),
    },
}

/// The way to the task.
#[derive(Debug, Clone)]
pub(super) struct Statements {
    commands: UnboundedSender<(u64, Command)>,
    control: Arc<Control>,
}

impl Statements {
    /// Starts the task. It ends when nobody can ask it anything any more.
    pub(super) fn start(context: Context) -> Self {
        let (commands, asked) = unbounded_channel();
        let control = Arc::new(Control::default());
        tokio::spawn(actor::work(context, asked, Arc::clone(&control)));
        Self { commands, control }
    }

    fn ask(&self, command: Command) {
        // It lives as long as we do.
        let _ = self.commands.send((self.control.epoch(), command));
    }

    /// A cluster is there.
    pub(super) fn adopt(&self, stage: Stage, running: Arc<Running>, lesson: usize) {
        let stage = Box::new(stage);
        self.ask(Command::Adopt {
            stage,
            running,
            lesson,
        });
    }

    /// The server of a node is gone or another one: sessions on it are opened anew.
    pub(super) fn forget(&self, node: String) {
        self.ask(Command::Forget(node));
    }

    /// The learner is in a lesson.
    pub(super) fn enter(&self, lesson: usize) {
        self.ask(Command::Enter(lesson));
    }

    /// Runs a job after those before it.
    pub(super) fn run(&self, job: Box<Job>) {
        self.ask(Command::Run(job));
    }

    /// Cancels a job. Asked again, it gives up a server that does not react.
    pub(super) fn cancel(&self, job: JobId) {
        self.control.cancel(job);
    }

    /// Does setups of a lesson.
    pub(super) fn set_up(&self, generation: u64, setups: Vec<Sql>) {
        self.ask(Command::SetUp { generation, setups });
    }

    /// Does a step for the learner.
    pub(super) fn play_step(&self, generation: u64, tour: Arc<Tour>, place: (usize, usize)) {
        self.ask(Command::PlayStep {
            generation,
            tour,
            place,
        });
    }

    /// Gives up whatever runs or waits: the cluster goes or is made anew.
    pub(super) fn abandon(&self) {
        self.control.abandon();
    }

    /// Has the server stop what it does for us, before we leave it running.
    pub(super) async fn cancel_on_server(&self) {
        let patience = Duration::from_secs(1);
        if let Some(current) = self.control.current()
            && let Err(error) = current.cancel(patience).await
        {
            tracing::debug!(%error, "what runs could not be cancelled");
        }
    }
}

/// The nodes on which there was a session before.
type Known = BTreeSet<String>;
