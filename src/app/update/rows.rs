//! The rows of layers that are lists.

use crate::app::OpenTour;

/// A row of the table of contents: a phase's title, or a lesson's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentsRow<'tour> {
    /// The title of a phase: it cannot be chosen.
    Phase(&'tour str),
    /// A lesson.
    Lesson(usize, &'tour str),
    /// A step of the open lesson.
    Step(usize, usize, &'tour str),
}

impl ContentsRow<'_> {
    /// Where choosing it leads.
    #[must_use]
    pub fn place(self) -> Option<(usize, usize)> {
        match self {
            Self::Phase(_) => None,
            Self::Lesson(lesson, _) => Some((lesson, 0)),
            Self::Step(lesson, step, _) => Some((lesson, step)),
        }
    }
}

/// The table of contents: phases, lessons, and the steps of the open lesson.
#[must_use]
pub fn contents(tour: &OpenTour) -> Vec<ContentsRow<'_>> {
    let mut rows = Vec::new();
    let mut index = 0;
    for phase in &tour.tour.phases {
        rows.push(ContentsRow::Phase(&phase.title));
        for lesson in &phase.lessons {
            rows.push(ContentsRow::Lesson(index, &lesson.title));
            if index == tour.lesson.lesson {
                let steps = lesson.steps.iter().enumerate();
                rows.extend(steps.map(|(step, it)| ContentsRow::Step(index, step, &it.title)));
            }
            index += 1;
        }
    }
    rows
}

/// The statements of the history in which every word typed occurs, the last one first.
#[must_use]
pub fn recalled<'tour>(tour: &'tour OpenTour, query: &str) -> Vec<&'tour str> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let fits = |statement: &&String| {
        let text = statement.to_lowercase();
        words.iter().all(|word| text.contains(word.as_str()))
    };
    tour.sql
        .history
        .iter()
        .rev()
        .filter(fits)
        .map(String::as_str)
        .collect()
}
