//! Ways through a tour: its lessons in order, what comes before a lesson, and places by name.

use super::{Block, Check, Lesson, Phase, Predict, Step, Tour};

impl Tour {
    /// Every lesson in order, with its phase.
    pub fn lessons(&self) -> impl Iterator<Item = (&Phase, &Lesson)> {
        self.phases
            .iter()
            .flat_map(|phase| phase.lessons.iter().map(move |lesson| (phase, lesson)))
    }

    /// The lesson at a place in that order.
    #[must_use]
    pub fn lesson(&self, index: usize) -> Option<&Lesson> {
        self.lessons().nth(index).map(|(_, lesson)| lesson)
    }

    /// The lessons whose ends lead to the beginning of `lesson`, the first one first. Empty: it begins on a fresh cluster.
    #[must_use]
    pub fn chain_before<'tour>(&'tour self, lesson: &Lesson) -> Vec<&'tour Lesson> {
        let by_id = |id: &str| {
            self.lessons()
                .map(|(_, lesson)| lesson)
                .find(|lesson| lesson.id == id)
        };
        let mut chain: Vec<&Lesson> = Vec::new();
        let mut start = lesson.start.as_deref();
        // A circle is a lint problem; here it must not hang.
        while let Some(before) = start
            .and_then(by_id)
            .filter(|before| !chain.contains(before))
        {
            chain.push(before);
            start = before.start.as_deref();
        }
        chain.reverse();
        chain
    }

    /// The indices of `lesson` or `lesson/step`, by their ids.
    #[must_use]
    pub fn place(&self, name: &str) -> Option<(usize, usize)> {
        let (lesson_id, step_id) = match name.split_once('/') {
            Some((lesson, step)) => (lesson, Some(step)),
            None => (name, None),
        };
        let index = self
            .lessons()
            .position(|(_, lesson)| lesson.id == lesson_id)?;
        let step = match step_id {
            Some(id) => self
                .lesson(index)?
                .steps
                .iter()
                .position(|step| step.id == id)?,
            None => 0,
        };
        Some((index, step))
    }
}

impl Lesson {
    /// The lesson whose end the cluster is at when this one is over: its own, or the one that it puts back.
    #[must_use]
    pub fn ends_at(&self) -> &str {
        self.end.as_deref().unwrap_or(&self.id)
    }
}

impl Step {
    /// Its checks, in order.
    pub fn checks(&self) -> impl Iterator<Item = &Check> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Check(check) => Some(check),
            _ => None,
        })
    }

    /// Its hints, in order.
    pub fn hints(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Hint(hint) => Some(hint.as_str()),
            _ => None,
        })
    }

    /// What its solutions are made of, in order.
    pub fn solutions(&self) -> impl Iterator<Item = &[Block]> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Solution(blocks) => Some(blocks.as_slice()),
            _ => None,
        })
    }
}

impl Predict {
    /// The numbers of the answers that come true, counted from one.
    pub fn right(&self) -> impl Iterator<Item = usize> {
        let numbered = self.options.iter().zip(1..);
        numbered.filter_map(|(option, number)| option.right.then_some(number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(id: &str, start: Option<&str>) -> Lesson {
        let step = Step {
            id: "first".to_owned(),
            title: String::new(),
            line: 1,
            blocks: Vec::new(),
        };
        Lesson {
            id: id.to_owned(),
            title: String::new(),
            minutes: 10,
            topology: "journey".to_owned(),
            engine: None,
            start: start.map(ToOwned::to_owned),
            end: None,
            file: String::new(),
            introduction: Vec::new(),
            steps: vec![
                step.clone(),
                Step {
                    id: "second".to_owned(),
                    ..step
                },
            ],
        }
    }

    fn tour(lessons: Vec<Lesson>) -> Tour {
        let phase = Phase {
            title: "One".to_owned(),
            lessons,
        };
        Tour {
            id: "t".to_owned(),
            title: "T".to_owned(),
            phases: vec![phase],
        }
    }

    fn ids<'a>(lessons: &[&'a Lesson]) -> Vec<&'a str> {
        lessons.iter().map(|lesson| lesson.id.as_str()).collect()
    }

    #[test]
    fn the_chain_leads_from_a_fresh_cluster() {
        let tour = tour(vec![
            lesson("a", None),
            lesson("b", Some("a")),
            lesson("c", Some("b")),
        ]);
        assert_eq!(ids(&tour.chain_before(tour.lesson(2).unwrap())), ["a", "b"]);
        assert!(tour.chain_before(tour.lesson(0).unwrap()).is_empty());
    }

    #[test]
    fn a_circle_ends() {
        let tour = tour(vec![lesson("a", Some("b")), lesson("b", Some("a"))]);
        assert!(tour.chain_before(tour.lesson(0).unwrap()).len() <= 2);
    }

    #[test]
    fn places_have_names() {
        let tour = tour(vec![lesson("a", None), lesson("b", Some("a"))]);
        assert_eq!(tour.place("b"), Some((1, 0)));
        assert_eq!(tour.place("b/second"), Some((1, 1)));
        assert_eq!(tour.place("b/third"), None);
        assert_eq!(tour.place("z"), None);
    }
}
