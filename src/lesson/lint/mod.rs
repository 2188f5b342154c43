//! What makes a lesson wrong or poor before any cluster has seen it.

mod attached;
mod nodes;
mod server;
mod style;

use super::load;
use super::{LessonSource, Problem};
use crate::topology::Topology;

/// Every problem of a set of lessons, in the order of files and lines.
#[must_use]
pub fn lint(source: &LessonSource, topologies: &[Topology]) -> Vec<Problem> {
    let loaded = load::read(source);
    let mut found = loaded.problems.clone();
    for parsed in &loaded.lessons {
        found.extend(style::problems(parsed, source));
        if parsed.lesson.is_for_attached() {
            found.extend(attached::problems(parsed));
        } else {
            found.extend(nodes::problems(parsed, &loaded, topologies));
        }
    }
    found.sort();
    found.dedup();
    found
}
