//! What the learner does in a step: runs, acts, asks, chooses, unfolds.

use std::time::Instant;

use super::{
    Follow, Item, ItemId, ItemState, LessonTarget, going,
    items::{following, hindrance, items, marked, marked_item},
    prediction, record, scrolling,
};
use crate::{
    app::{Effect, Model, OpenTour, laboratory, log::LogKind, sql},
    lesson::{Action, ActionKind, Block, Predict, Run, in_words},
};

/// Does what is marked. What is out of sight is brought into sight first: nobody presses what they have not seen.
pub(super) fn do_marked(model: &mut Model, now: Instant) -> Vec<Effect> {
    if scrolling::approach(model) {
        return Vec::new();
    }
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    // The text is shared: holding on to it leaves the model free to change.
    let text = std::sync::Arc::clone(&tour.tour);
    let item = marked_item(tour);
    match item {
        Item::Run(id, _) | Item::Action(id, _) => match find(&text, id) {
            Some(Block::Run(found)) => run(model, id, found, now),
            Some(Block::Action(found)) => act(model, id, found, now),
            _ => Vec::new(),
        },
        Item::Check(..) => ask(model),
        Item::Option(id, _) if !is_aimed(tour) && !tour.lesson.predictions.contains_key(&id) => {
            // A mark that came by itself is no opinion.
            model.say(
                "what do you expect? Press its number, or choose with Up and Down and press Enter",
            );
            Vec::new()
        }
        Item::Option(id, option) => choose(model, id, option, now),
        Item::Hint(_) => {
            unfold_hint(model);
            Vec::new()
        }
        Item::Solution(_) => {
            unfold_solution(model);
            Vec::new()
        }
        Item::Next => going::next(model, now),
    }
}

/// The block of an item, also one inside a solution.
pub(super) fn find(tour: &crate::lesson::Tour, id: ItemId) -> Option<&Block> {
    let block = tour
        .lesson(id.lesson)?
        .steps
        .get(id.step)?
        .blocks
        .get(id.block)?;
    match (block, id.inner) {
        (Block::Solution(blocks), Some(inner)) => blocks.get(inner),
        (block, None) => Some(block),
        _ => None,
    }
}

/// A press of the mouse.
pub fn press(model: &mut Model, target: &LessonTarget, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let wanted = |item: &Item<'_>| match target {
        LessonTarget::Item(id) => !matches!(item, Item::Option(..)) && item.id() == Some(*id),
        LessonTarget::Option(id, option) => *item == Item::Option(*id, *option),
        LessonTarget::Hint => matches!(item, Item::Hint(_)),
        LessonTarget::Solution => matches!(item, Item::Solution(_)),
        LessonTarget::Next => *item == Item::Next,
        LessonTarget::Retry | LessonTarget::Step(_) => false,
    };
    match target {
        LessonTarget::Retry => return going::reset(model, false, now),
        LessonTarget::Step(place) => return going::look_at(model, *place, now),
        _ => {}
    }
    let Some(place) = items(tour).iter().position(wanted) else {
        return Vec::new();
    };
    if tour.lesson.reading.is_none() {
        mark(model, place);
        if let Some(tour) = model.tour.as_deref_mut() {
            tour.lesson.aimed = Some(place);
        }
    }
    // It was pressed where it was seen.
    model.regions.item_rows.clear();
    do_marked(model, now)
}

/// Marks an item and keeps it in sight.
pub(super) fn mark(model: &mut Model, place: usize) {
    scrolling::follow(model, Follow::Mark);
    if let Some(tour) = model.tour.as_deref_mut() {
        tour.lesson.marked = place;
        tour.lesson.aimed = None;
    }
}

/// Whether the mark stands where the learner put it.
fn is_aimed(tour: &OpenTour) -> bool {
    tour.lesson.aimed == Some(marked(tour))
}

/// Marks what comes after an item that is done, when that is the marked one.
pub(super) fn go_on_from(model: &mut Model, id: ItemId) {
    let Some(tour) = model.tour.as_deref() else {
        return;
    };
    let all = items(tour);
    let at = marked(tour);
    if tour.lesson.reading.is_none() && all.get(at).and_then(Item::id) == Some(id) {
        let next = following(tour, &all, at);
        mark(model, next);
    }
}

/// Whether something keeps the learner from acting; says so.
fn hindered(model: &mut Model) -> bool {
    match model.tour.as_deref().and_then(hindrance) {
        Some(words) => {
            model.say(words);
            true
        }
        None => false,
    }
}

fn open(model: &mut Model) -> Option<&mut OpenTour> {
    model.tour.as_deref_mut()
}

fn run(model: &mut Model, id: ItemId, run: &Run, now: Instant) -> Vec<Effect> {
    if hindered(model) || is_running(model, id) {
        return Vec::new();
    }
    let before = set(model, id, ItemState::Running);
    let effects = sql::run_for_lesson(model, id, run, now);
    if effects
        .iter()
        .any(|effect| matches!(effect, Effect::Run(_)))
    {
        let first = run.sql.text.lines().next().unwrap_or_default().to_owned();
        log(model, now, format!("ran {first}"));
    } else if let Some(tour) = open(model)
        && *tour.lesson.state(id) == ItemState::Running
    {
        // The pane could not take it now; it has said why.
        tour.lesson.items.insert(id, before);
    }
    effects
}

fn act(model: &mut Model, id: ItemId, action: &Action, now: Instant) -> Vec<Effect> {
    if hindered(model) || is_running(model, id) {
        return Vec::new();
    }
    let kind = &action.kind;
    let of_laboratory = matches!(kind, ActionKind::Experiment(_) | ActionKind::Load(_));
    if of_laboratory && laboratory::refuse(model) {
        return Vec::new();
    }
    set(model, id, ItemState::Running);
    let words = match &action.kind {
        ActionKind::Nodes(act, nodes) => format!("{act} {}", in_words(nodes)),
        ActionKind::Seed(_) => action.kind.verb().to_owned(),
        ActionKind::Experiment(experiment) => experiment.plan.to_string(),
        ActionKind::Load(load) => format!("load of {}", load.tour),
    };
    log(model, now, format!("asked for: {words}"));
    if let ActionKind::Experiment(experiment) = &action.kind {
        laboratory::begin_experiment(model, &experiment.plan, experiment.lasts, true, now);
    }
    if let ActionKind::Load(_) = &action.kind {
        laboratory::begin_load(model);
    }
    if of_laboratory {
        laboratory::come_to_front(model);
    }
    let Some(tour) = open(model) else {
        return Vec::new();
    };
    vec![Effect::Do {
        generation: tour.generation,
        item: id,
        action: action.clone(),
    }]
}

fn set(model: &mut Model, id: ItemId, state: ItemState) -> ItemState {
    let Some(tour) = open(model) else {
        return ItemState::Open;
    };
    let before = tour.lesson.items.insert(id, state);
    before.unwrap_or_default()
}

fn log(model: &mut Model, now: Instant, text: String) {
    if let Some(tour) = open(model) {
        tour.log.add(tour.opened, now, LogKind::Learner, text);
    }
}

fn is_running(model: &mut Model, id: ItemId) -> bool {
    let running = open(model).is_some_and(|tour| *tour.lesson.state(id) == ItemState::Running);
    if running {
        model.say("it is under way");
    }
    running
}

/// Asks the checks at once, and says what can be done meanwhile.
fn ask(model: &mut Model) -> Vec<Effect> {
    if hindered(model) {
        return Vec::new();
    }
    let Some(tour) = open(model) else {
        return Vec::new();
    };
    let can_unfold = |wanted: fn(&Item<'_>) -> bool| items(tour).iter().any(wanted);
    let hint = can_unfold(|item| matches!(item, Item::Hint(_)));
    let solution = can_unfold(|item| matches!(item, Item::Solution(_)));
    model.say(match (hint, solution) {
        (true, _) => "looking again; any way there counts, F4 goes to the editor, h shows a hint",
        (false, true) => {
            "looking again; any way there counts, F4 goes to the editor, x shows the solution"
        }
        (false, false) => "looking again; any way there counts, F4 goes to the editor",
    });
    vec![Effect::AskChecks]
}

/// Unfolds the next hint.
pub(super) fn unfold_hint(model: &mut Model) {
    unfold(
        model,
        |item| matches!(item, Item::Hint(_)),
        "there is no further hint",
    );
}

/// Unfolds the solution and marks what can be run of it.
pub(super) fn unfold_solution(model: &mut Model) {
    unfold(
        model,
        |item| matches!(item, Item::Solution(_)),
        "this step has no solution that is folded",
    );
}

fn unfold(model: &mut Model, wanted: fn(&Item<'_>) -> bool, none: &str) {
    let Some(tour) = open(model) else {
        return;
    };
    let found = if tour.lesson.reading.is_none() {
        items(tour).into_iter().find(|item| wanted(item))
    } else {
        None
    };
    let marked_now = marked_item(tour);
    let Some(item) = found else {
        model.say(none);
        return;
    };
    let (unfolded, keep) = (item.id(), (marked_now.id(), option_of(&marked_now)));
    let was_marked = item == marked_now;
    let is_hint = matches!(item, Item::Hint(_));
    let place = tour.lesson.place();
    let opened = tour.lesson.opened.entry(place).or_default();
    if is_hint {
        opened.hints += 1;
    } else {
        opened.solution = true;
    }
    let all = items(tour);
    let next = if is_hint && !was_marked {
        all.iter()
            .position(|item| (item.id(), option_of(item)) == keep)
    } else {
        // The first thing of the solution, or the next hint.
        all.iter().position(|item| {
            item.id().is_some_and(|id| {
                unfolded.is_some_and(|unfolded| {
                    (id.block, id.inner) >= (unfolded.block, unfolded.inner)
                })
            })
        })
    };
    let next = next.unwrap_or(all.len() - 1);
    mark(model, next);
}

fn option_of(item: &Item<'_>) -> Option<usize> {
    match item {
        Item::Option(_, option) => Some(*option),
        _ => None,
    }
}

/// Chooses by number: in the marked prediction, else in the first that is unanswered, else in the last one answered.
pub(super) fn choose_number(model: &mut Model, number: u8, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let option = usize::from(number).saturating_sub(1);
    let chosen = &tour.lesson.predictions;
    let all = items(tour);
    let predictions: Vec<ItemId> = all
        .iter()
        .filter_map(|item| match item {
            Item::Option(id, 0) => Some(*id),
            _ => None,
        })
        .collect();
    let marked = match marked_item(tour) {
        Item::Option(id, _) => Some(id),
        _ => None,
    };
    let unanswered = predictions.iter().find(|id| !chosen.contains_key(id));
    let Some(id) = marked
        .or(unanswered.copied())
        .or(predictions.last().copied())
    else {
        return Vec::new();
    };
    let place = all
        .iter()
        .position(|item| *item == Item::Option(id, option));
    let Some(place) = place else {
        return Vec::new();
    };
    mark(model, place);
    choose(model, id, option, now)
}

fn choose(model: &mut Model, id: ItemId, option: usize, now: Instant) -> Vec<Effect> {
    let Some(tour) = open(model) else {
        return Vec::new();
    };
    if prediction::is_revealed(&tour.tour, &tour.lesson, id) {
        model.say("it has happened already; the choice stays as it was");
        return Vec::new();
    }
    tour.lesson.predictions.insert(id, vec![option]);
    let text = std::sync::Arc::clone(&tour.tour);
    let all = items(tour);
    let last = all
        .iter()
        .rposition(|item| item.id() == Some(id))
        .unwrap_or(0);
    let next = following(tour, &all, last);
    mark(model, next);
    if let Some(Block::Predict(predict)) = find(&text, id) {
        log(model, now, format!("predicted: {}", words(predict, option)));
    }
    record::predicted(model, id, &[option])
}

fn words(predict: &Predict, option: usize) -> &str {
    predict
        .options
        .get(option)
        .map_or("", |option| option.text.as_str())
}

/// Does the step for the learner.
pub fn show_me(model: &mut Model, now: Instant) -> Vec<Effect> {
    if hindered(model) {
        return Vec::new();
    }
    let Some(tour) = open(model) else {
        return Vec::new();
    };
    tour.lesson.playing = true;
    tour.lesson.reading = None;
    let effect = Effect::PlayStep {
        generation: tour.generation,
        place: tour.lesson.place(),
    };
    log(model, now, "asked the program to do the step".to_owned());
    vec![effect]
}
