//! What a tour is: tours, lessons, steps, checks. In: Markdown and `SUMMARY.md`. Out: the model below, or problems with file and line.
//! Pure, but for [`LessonSource::directory`], which reads a folder.

mod action;
mod attributes;
mod block;
mod duration;
mod fence;
mod front_matter;
mod html;
mod lint;
mod load;
mod markdown;
mod outline;
mod plan;
mod problem;
mod source;
mod sql;
mod summary;
mod tour;
mod walk;

pub use action::{Action, ActionKind, Experiment, Load, NodeAct, NodeReference};
pub use block::{Block, Check, Expect, Predict, PredictOption, Run, Sql, SqlStates};
pub use duration::{Short, parse_duration};
pub use lint::lint;
pub use load::load;
pub use plan::{DueAct, FaultPlan, PlanError, PlanStep, PlannedAct, in_words};
pub use problem::{LessonError, Problem};
pub use source::LessonSource;
pub use tour::{ATTACHED_TOPOLOGY, Lesson, Phase, Step, Tour};

/// Whether `text` can name a lesson, a topology or a node: lower-case letters, digits and hyphens, beginning with a letter.
fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|character| {
            character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-'
        })
}

/// The id that GitHub gives a heading: lower case, spaces to hyphens, punctuation gone.
fn slug(heading: &str) -> String {
    heading
        .trim()
        .chars()
        .flat_map(char::to_lowercase)
        .filter_map(|character| match character {
            ' ' => Some('-'),
            '-' | '_' => Some(character),
            _ => character.is_alphanumeric().then_some(character),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_follow_github() {
        assert_eq!(
            slug("Kill a worker, and see who notices!"),
            "kill-a-worker-and-see-who-notices"
        );
        assert_eq!(slug("  What's `citus_add_node`? "), "whats-citus_add_node");
        assert_eq!(slug("Größe - und Maß"), "größe---und-maß");
    }

    #[test]
    fn names_are_lower_case() {
        assert!(is_name("worker2") && is_name("kill-a-worker"));
        assert!(!is_name("") && !is_name("2nd") && !is_name("Worker") && !is_name("a b"));
    }
}
