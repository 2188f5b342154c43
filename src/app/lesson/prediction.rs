//! Predictions: chosen before, compared after, never scolding.

use super::{ItemId, LessonPane, Place};
use crate::{
    lesson::{Block, Lesson, Predict, Run, Tour},
    player::progress,
};

/// The run or action that shows whether a prediction came true: the one whose statement its question quotes, else the first behind it
/// in its step, else the first run of a later step, else any action there.
#[must_use]
pub fn shown_by(lesson: &Lesson, predict: ItemId) -> Option<ItemId> {
    let Some(Block::Predict(question)) = block(lesson, predict) else {
        return None;
    };
    let behind: Vec<(ItemId, &Block)> = lesson
        .steps
        .iter()
        .enumerate()
        .flat_map(|(step, it)| {
            let blocks = it.blocks.iter().enumerate();
            blocks.map(move |(block, it)| (ItemId::of_block((predict.lesson, step), block), it))
        })
        .filter(|(id, _)| (id.step, id.block) > (predict.step, predict.block))
        .collect();
    let first = |wanted: &dyn Fn(ItemId, &Block) -> bool| {
        let found = behind.iter().find(|(id, block)| wanted(*id, block));
        found.map(|(id, _)| *id)
    };
    let quoted = squeeze(&question.question);
    first(&|_, block| matches!(block, Block::Run(run) if quotes(&quoted, run)))
        .or_else(|| {
            first(&|id, block| {
                id.step == predict.step && matches!(block, Block::Run(_) | Block::Action(_))
            })
        })
        .or_else(|| first(&|_, block| matches!(block, Block::Run(_))))
        .or_else(|| first(&|_, block| matches!(block, Block::Action(_))))
}

fn block(lesson: &Lesson, id: ItemId) -> Option<&Block> {
    lesson.steps.get(id.step)?.blocks.get(id.block)
}

fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the statement stands in the question, and is not merely the beginning of another.
fn quotes(question: &str, run: &Run) -> bool {
    let statement = squeeze(run.sql.text.trim_end().trim_end_matches(';'));
    statement.contains(' ') && question.contains(&statement)
}

/// Whether it is known what came of a prediction.
#[must_use]
pub fn is_revealed(tour: &Tour, pane: &LessonPane, predict: ItemId) -> bool {
    let Some(lesson) = tour.lesson(predict.lesson) else {
        return false;
    };
    let Some(shown_by) = shown_by(lesson, predict) else {
        return pane
            .done
            .contains(&key(tour, predict.place()).unwrap_or_default());
    };
    let later = shown_by.place() < pane.place();
    pane.has_passed(shown_by)
        || (later && key(tour, shown_by.place()).is_some_and(|key| pane.done.contains(&key)))
}

/// Predictions of earlier steps of the lesson that an item shows, with their questions.
#[must_use]
pub fn shown_at(lesson: &Lesson, item: ItemId) -> Vec<(ItemId, &Predict)> {
    let mut found = Vec::new();
    for (step, it) in lesson.steps.iter().enumerate().take(item.step) {
        for (block, it) in it.blocks.iter().enumerate() {
            let id = ItemId::of_block((item.lesson, step), block);
            if let Block::Predict(predict) = it
                && shown_by(lesson, id) == Some(item)
            {
                found.push((id, predict));
            }
        }
    }
    found
}

/// `lesson/step` of a place.
#[must_use]
pub fn key(tour: &Tour, (lesson, step): Place) -> Option<String> {
    let lesson = tour.lesson(lesson)?;
    let step = lesson.steps.get(step)?;
    Some(progress::key(&lesson.id, &step.id))
}

/// What a prediction is stored under: `lesson/step` for the first of a step, `lesson/step#2` for the second.
pub(super) fn stored_under(tour: &Tour, id: ItemId) -> Option<String> {
    let step = tour.lesson(id.lesson)?.steps.get(id.step)?;
    let before = step.blocks.iter().take(id.block);
    let number = before
        .filter(|block| matches!(block, Block::Predict(_)))
        .count()
        + 1;
    let key = key(tour, id.place())?;
    Some(match number {
        1 => key,
        number => format!("{key}#{number}"),
    })
}

/// Every prediction of a tour, in order.
pub(super) fn all(tour: &Tour) -> Vec<(ItemId, &Predict)> {
    let mut found = Vec::new();
    for (lesson, (_, it)) in tour.lessons().enumerate() {
        for (step, it) in it.steps.iter().enumerate() {
            for (block, it) in it.blocks.iter().enumerate() {
                if let Block::Predict(predict) = it {
                    found.push((ItemId::of_block((lesson, step), block), predict));
                }
            }
        }
    }
    found
}

/// Whether a choice came true.
#[must_use]
pub fn is_right(predict: &Predict, chosen: &[usize]) -> bool {
    let option = |place: &usize| predict.options.get(*place);
    !chosen.is_empty()
        && chosen
            .iter()
            .all(|place| option(place).is_some_and(|option| option.right))
}
