//! What the laboratory remembers.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use super::{IncidentReport, LoadPane, PlanPane, Trial};
use crate::{
    cluster::{GroupKey, Outcome, Prediction, StatementKind, Subject},
    workload::Availability,
};

/// Whether probes are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Probing {
    /// None is.
    #[default]
    Resting,
    /// They are about to be.
    Starting,
    /// They are.
    Running,
    /// They could not be.
    Failed(String),
}

impl Probing {
    /// Whether they are sent, or about to be.
    #[must_use]
    pub fn is_on(&self) -> bool {
        matches!(self, Self::Starting | Self::Running)
    }
}

/// Which picture.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Picture {
    /// What works, over time: a row a subject.
    #[default]
    Strips,
    /// Kinds of statements by shard groups, predicted and observed.
    Matrix,
    /// What came of the last fault: predicted beside observed, differences first.
    Outcome,
    /// The load.
    Load,
}

impl Picture {
    /// All, in the order of their key.
    pub const ALL: [Self; 4] = [Self::Strips, Self::Matrix, Self::Outcome, Self::Load];

    /// One word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Strips => "strips",
            Self::Matrix => "matrix",
            Self::Outcome => "outcome",
            Self::Load => "load",
        }
    }

    /// The one after it.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Strips => Self::Matrix,
            Self::Matrix => Self::Outcome,
            Self::Outcome => Self::Load,
            Self::Load => Self::Strips,
        }
    }
}

/// How much time a cell of a strip stands for, to choose from.
pub const SPANS: [Duration; 5] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
];

/// The one that it begins with.
const USUAL_SPAN: usize = 1;

/// The laboratory.
#[derive(Debug)]
pub struct LaboratoryPane {
    /// It was opened, and stands where statements are typed until it is closed.
    pub open: bool,
    /// It was used later than the statements in whose place it stands.
    pub in_front: bool,
    /// A lesson has brought the learner here.
    pub called: bool,
    /// Whether probes are sent.
    pub probing: Probing,
    /// Which picture.
    pub picture: Picture,
    /// What the probes saw; `None` before the first time.
    pub availability: Option<Availability>,
    /// The tenants that are asked for, by group.
    pub tenants: BTreeMap<GroupKey, String>,
    /// How the cluster as it looks now should answer. Made anew with every view.
    pub expected: Vec<Prediction>,
    /// How each subject ended lately, as far as it is known.
    pub observed: BTreeMap<Subject, Outcome>,
    /// Kinds whose shard groups have rows of their own.
    pub unfolded: BTreeSet<StatementKind>,
    /// The chosen row.
    pub chosen: usize,
    /// First row shown.
    pub offset: usize,
    /// Which of [`SPANS`] a cell stands for.
    pub span: usize,
    /// The last fault: what was predicted, and since when it is to be seen.
    pub trial: Option<Trial>,
    /// Faults by plan.
    pub plan: PlanPane,
    /// The load.
    pub load: LoadPane,
    /// The report of the last experiment.
    pub incident: Option<Box<IncidentReport>>,
    /// When the strips look different by themselves: the moment of the last news.
    pub told: Option<Instant>,
}

impl Default for LaboratoryPane {
    fn default() -> Self {
        Self {
            open: false,
            in_front: false,
            called: false,
            probing: Probing::Resting,
            picture: Picture::Strips,
            availability: None,
            tenants: BTreeMap::new(),
            expected: Vec::new(),
            observed: BTreeMap::new(),
            unfolded: BTreeSet::new(),
            chosen: 0,
            offset: 0,
            span: USUAL_SPAN,
            trial: None,
            plan: PlanPane::default(),
            load: LoadPane::default(),
            incident: None,
            told: None,
        }
    }
}

impl LaboratoryPane {
    /// How much time a cell stands for.
    #[must_use]
    pub fn span(&self) -> Duration {
        SPANS[self.span.min(SPANS.len() - 1)]
    }

    /// Whether something is under way in it.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.probing.is_on() || self.plan.running.is_some() || self.load.is_running()
    }

    /// How a subject should end, as the cluster looks now.
    #[must_use]
    pub fn expected(&self, subject: Subject) -> Option<&Prediction> {
        let found = self
            .expected
            .binary_search_by_key(&subject, |prediction| prediction.subject);
        found.ok().and_then(|place| self.expected.get(place))
    }
}
