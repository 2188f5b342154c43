//! The end of a tour.

use std::fmt::Write;

use super::prediction;
use crate::app::{Model, overlay::Overlay};

/// The end of the tour: what was done, in figures that are the learner's own.
pub(super) fn congratulate(model: &mut Model) {
    let Some(tour) = model.tour.as_deref() else {
        return;
    };
    let steps: usize = tour
        .tour
        .lessons()
        .map(|(_, lesson)| lesson.steps.len())
        .sum();
    let ids: Vec<_> = tour
        .tour
        .lessons()
        .flat_map(|(_, lesson)| {
            let of =
                |step: &crate::lesson::Step| crate::player::progress::key(&lesson.id, &step.id);
            lesson.steps.iter().map(of).collect::<Vec<_>>()
        })
        .collect();
    let done = ids
        .iter()
        .filter(|id| tour.lesson.done.contains(*id))
        .count();
    let predictions = prediction::all(&tour.tour);
    let answered: Vec<bool> = predictions
        .iter()
        .filter_map(|(id, predict)| {
            let chosen = tour.lesson.predictions.get(id)?;
            Some(prediction::is_right(predict, chosen))
        })
        .collect();
    let right = answered.iter().filter(|right| **right).count();
    let mut text = if done == steps {
        format!("You have done all {steps} steps of this tour, on servers that really ran.\n")
    } else {
        format!(
            "This is the end of the tour. You have done {done} of {steps} steps; the table of contents (c) leads to the others.\n"
        )
    };
    if !answered.is_empty() {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\nOf {} predictions {right} came true. The others are the ones that you will remember.\n",
            answered.len()
        );
    }
    text += "\nWhat you did:\n";
    for phase in &tour.tour.phases {
        let _ = write!(text, "\n{}\n", phase.title);
        for lesson in &phase.lessons {
            let of_lesson = lesson.steps.len();
            let done = lesson
                .steps
                .iter()
                .filter(|step| {
                    let key = crate::player::progress::key(&lesson.id, &step.id);
                    tour.lesson.done.contains(&key)
                })
                .count();
            let _ = writeln!(text, "  {}: {done} of {of_lesson} steps", lesson.title);
        }
    }
    text += if model.home.attached {
        "\nThe schema of the lessons is still there to try things in. q leaves and drops it; your cluster is then as it was.\n"
    } else {
        "\nThe cluster is still yours: type what you like, break what you like. q leaves; it can be kept for later.\n"
    };
    model.overlays.push(Overlay::Message {
        title: if done == steps {
            format!("{}: done", tour.tour.title)
        } else {
            format!("{}: the end", tour.tour.title)
        },
        text,
        offset: 0,
    });
}
