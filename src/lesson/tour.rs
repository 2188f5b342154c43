//! Tours, phases, lessons and steps.

use super::Block;

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
    /// The id of an earlier lesson, when this one leaves the cluster as it was at the end of that one.
    pub end: Option<String>,
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
