//! Tours, phases, lessons and steps.

use super::Block;

/// The topology of lessons that run on whatever cluster somebody has of their own, in a schema of theirs.
pub const ATTACHED_TOPOLOGY: &str = "attached";

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

impl Tour {
    /// Whether it runs on somebody's own cluster, in a schema of its own, and on no other.
    #[must_use]
    pub fn is_for_attached(&self) -> bool {
        let mut lessons = self.phases.iter().flat_map(|phase| &phase.lessons);
        lessons.next().is_some_and(Lesson::is_for_attached)
    }
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
    /// The id of an earlier lesson, when this one leaves the cluster as it was at the end of that one.
    pub end: Option<String>,
    /// The file, relative to the lessons' directory.
    pub file: String,
    /// What stands before the first step.
    pub introduction: Vec<Block>,
    /// In order.
    pub steps: Vec<Step>,
}

impl Lesson {
    /// Whether it runs on somebody's own cluster, in a schema of its own, and on no other.
    #[must_use]
    pub fn is_for_attached(&self) -> bool {
        self.topology == ATTACHED_TOPOLOGY
    }
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
