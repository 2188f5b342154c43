//! A tour that is open: its text, its cluster, its panes.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    laboratory::LaboratoryPane, lesson::LessonPane, log::EventLog, map::MapPane,
    message::ClusterFacts, nodes::NodesPane, sql::SqlPane,
};
use crate::{
    cluster::View,
    lesson::{Lesson, Step, Tour},
};

/// How far a node's start is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeBoot {
    /// Its data directory is copied.
    Copied,
    /// Its process is started.
    Starting,
    /// It answers, after so long.
    Ready(Duration),
}

/// How far the cluster is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Boot {
    /// It comes up.
    Starting {
        /// What is being done for all nodes, when something is.
        what: Option<String>,
        /// By node, in the order of the topology.
        nodes: Vec<(String, Option<NodeBoot>)>,
    },
    /// It runs; everything before the learner's place is being done.
    Rebuilding {
        /// What is being done, such as a lesson's title.
        what: String,
    },
    /// It answers and is where the lesson needs it.
    Ready,
    /// It could not be started, or was lost.
    Failed(String),
    /// The learner leaves: it is being ended, or goes on without us.
    Leaving,
}

/// A tour that is open.
#[derive(Debug)]
pub struct OpenTour {
    /// Tells messages of this opening from those of an earlier one.
    pub generation: u64,
    /// Its text.
    pub tour: Arc<Tour>,
    /// How far the cluster is.
    pub boot: Boot,
    /// What the cluster is, once it runs.
    pub facts: Option<ClusterFacts>,
    /// When it was opened: the zero of the log's times.
    pub opened: Instant,
    /// What the cluster looks like.
    pub view: View,
    /// When that was last seen to change.
    pub view_at: Option<Instant>,
    /// Since when the coordinator's catalogs could not be read.
    pub outdated_since: Option<Instant>,
    /// The lesson.
    pub lesson: LessonPane,
    /// The map.
    pub map: MapPane,
    /// Editor and results.
    pub sql: SqlPane,
    /// Nodes and what can be done to them.
    pub nodes: NodesPane,
    /// What happened.
    pub log: EventLog,
    /// Probes, plans and load.
    pub laboratory: LaboratoryPane,
    /// Leaving somebody's own cluster has failed once for what lessons made there: asked again, that is left behind.
    pub could_not_be_dropped: bool,
}

impl OpenTour {
    /// Opens a tour at a lesson and a step, before its cluster runs.
    #[must_use]
    pub fn new(
        generation: u64,
        tour: Arc<Tour>,
        (lesson, step): (usize, usize),
        nodes: Vec<String>,
        now: Instant,
    ) -> Self {
        let lesson = LessonPane::new(&tour, lesson, step);
        Self {
            generation,
            tour,
            boot: Boot::Starting {
                what: None,
                nodes: nodes.into_iter().map(|node| (node, None)).collect(),
            },
            facts: None,
            opened: now,
            view: View::default(),
            view_at: None,
            outdated_since: None,
            lesson,
            map: MapPane::default(),
            sql: SqlPane::default(),
            nodes: NodesPane::default(),
            log: EventLog::default(),
            laboratory: LaboratoryPane::default(),
            could_not_be_dropped: false,
        }
    }

    /// Whether statements and acts may be asked for.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.boot == Boot::Ready
    }

    /// The lesson that is open.
    #[must_use]
    pub fn current_lesson(&self) -> Option<&Lesson> {
        self.tour.lesson(self.lesson.lesson)
    }

    /// The step that the learner is at.
    #[must_use]
    pub fn current_step(&self) -> Option<&Step> {
        self.current_lesson()?.steps.get(self.lesson.step)
    }
}
