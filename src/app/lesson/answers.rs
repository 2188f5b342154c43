//! What comes back from the cluster.

use std::time::Instant;

use super::{
    Follow, Item, ItemId, ItemState, Place,
    acting::{go_on_from, mark},
    arriving::watch,
    items::{items, marked, step_holds},
    record, scrolling,
};
use crate::{
    app::{Effect, Model, laboratory, log::LogKind},
    lesson::{ActionKind, Block, NodeAct, NodeReference, in_words},
    player::{CheckState, Verdict, runtime_act},
    runtime::Act,
};

/// Takes in how an item went, if it was under way. What was reset meanwhile stays open.
fn conclude(model: &mut Model, id: ItemId, state: ItemState) -> bool {
    let Some(tour) = model.tour.as_deref_mut() else {
        return false;
    };
    if *tour.lesson.state(id) != ItemState::Running {
        return false;
    }
    let passed = state == ItemState::Passed;
    tour.lesson.items.insert(id, state);
    if passed {
        go_on_from(model, id);
    } else if is_marked(model, id) {
        // What differs stands below it and is to be seen.
        scrolling::follow(model, Follow::Mark);
    }
    true
}

fn is_marked(model: &Model, id: ItemId) -> bool {
    let Some(tour) = model.tour.as_deref() else {
        return false;
    };
    items(tour).get(marked(tour)).and_then(Item::id) == Some(id)
}

/// Notes the step as done where it is.
fn note_if_done(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        return Vec::new();
    };
    let Some(step) = tour.current_step() else {
        return Vec::new();
    };
    // What is only read is done by going on.
    if super::is_prose(step) || !step_holds(tour) {
        return Vec::new();
    }
    let place = tour.lesson.place();
    record::finish(model, place, now)
}

fn state_of(verdict: Verdict) -> ItemState {
    match verdict {
        Verdict::Passed => ItemState::Passed,
        Verdict::Failed(difference) => ItemState::Differs(difference),
    }
}

/// A job of the lesson is over.
pub fn run_done(
    model: &mut Model,
    item: ItemId,
    verdict: Option<Verdict>,
    now: Instant,
) -> Vec<Effect> {
    let state = verdict.map_or(ItemState::Open, state_of);
    if !conclude(model, item, state) {
        return Vec::new();
    }
    let mut effects = note_if_done(model, now);
    effects.push(Effect::AskChecks);
    effects
}

/// An action of the lesson is over.
pub fn action_done(
    model: &mut Model,
    item: ItemId,
    nodes: &[String],
    report: Option<&str>,
    verdict: Verdict,
    now: Instant,
) -> Vec<Effect> {
    let state = state_of(verdict);
    if !conclude(model, item, state.clone()) {
        return Vec::new();
    }
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if let Some(report) = report {
        let lines = report.lines().map(str::to_owned).collect();
        tour.lesson.brought.insert(item, lines);
    }
    let text = std::sync::Arc::clone(&tour.tour);
    if let Some(Block::Action(action)) = super::acting::find(&text, item) {
        let what = format!("{} {}", action.kind.verb(), in_words(nodes));
        let (kind, words) = match &state {
            ItemState::Differs(difference) => (
                LogKind::Failure,
                format!("{}: {difference}", what.trim_end()),
            ),
            _ => (LogKind::Learner, format!("{}: done", what.trim_end())),
        };
        tour.log.add(tour.opened, now, kind, words);
    }
    if is_of_laboratory(model, item) {
        laboratory::go_back(model);
    }
    let mut effects = note_if_done(model, now);
    effects.push(Effect::AskChecks);
    effects
}

/// Whether an action happens in the laboratory.
fn is_of_laboratory(model: &Model, item: ItemId) -> bool {
    let found = model
        .tour
        .as_deref()
        .and_then(|tour| super::acting::find(&tour.tour, item));
    let of_laboratory =
        |kind: &ActionKind| matches!(kind, ActionKind::Experiment(_) | ActionKind::Load(_));
    matches!(found, Some(Block::Action(action)) if of_laboratory(&action.kind))
}

/// The learner did an act by a button of the nodes: it may be what an action of the step asks for.
pub fn act_done(model: &mut Model, act: Act, node: &str, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let place = tour.lesson.place();
    let asked = tour.current_step().and_then(|step| {
        let mut blocks = step.blocks.iter().enumerate();
        blocks.find_map(|(index, block)| {
            let id = ItemId::of_block(place, index);
            match block {
                Block::Action(action)
                    if !tour.lesson.has_passed(id) && is_same(&action.kind, act, node) =>
                {
                    Some(id)
                }
                _ => None,
            }
        })
    });
    let mut effects = Vec::new();
    if let Some(id) = asked {
        tour.lesson.items.insert(id, ItemState::Running);
        conclude(model, id, ItemState::Passed);
        effects = note_if_done(model, now);
    }
    effects.push(Effect::AskChecks);
    effects
}

/// Whether an act is what an action asks for. Who holds a tenant is not known here: the step's checks tell whether it was the right node.
fn is_same(kind: &ActionKind, act: Act, node: &str) -> bool {
    let ActionKind::Nodes(asked, nodes) = kind else {
        return false;
    };
    let same_act = match asked {
        NodeAct::Restart | NodeAct::Add => matches!(act, Act::Restart | Act::Start),
        other => runtime_act(*other) == act,
    };
    // Several at once are another thing than one of them.
    same_act
        && match nodes.as_slice() {
            [NodeReference::Named(name)] => name == node,
            [NodeReference::Tenant { .. }] => true,
            _ => false,
        }
}

/// A check says something new.
pub fn check_said(model: &mut Model, item: ItemId, state: CheckState, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if item.place() != tour.lesson.place() || !tour.is_ready() || tour.lesson.setting_up {
        return Vec::new();
    }
    let before = tour.lesson.has_passed(item);
    let state = match state {
        CheckState::Holds => ItemState::Passed,
        CheckState::Differs(difference) => ItemState::Differs(difference),
    };
    let holds = state == ItemState::Passed;
    tour.lesson.items.insert(item, state);
    if !holds || before {
        return Vec::new();
    }
    pass_by(model, item);
    note_if_done(model, now)
}

/// A check became true: where it was waited for, or where its buttons were left alone because the learner found another way, the mark
/// goes on.
fn pass_by(model: &mut Model, check: ItemId) {
    let Some(tour) = model.tour.as_deref() else {
        return;
    };
    if tour.lesson.reading.is_some() {
        return;
    }
    let all = items(tour);
    let Some(at) = all.iter().position(|item| item.id() == Some(check)) else {
        return;
    };
    let here = marked(tour);
    let begin = all[..at]
        .iter()
        .rposition(|item| matches!(item, Item::Check(..)))
        .map_or(0, |before| before + 1);
    let end = all[at + 1..]
        .iter()
        .position(|item| matches!(item, Item::Check(..)) || *item == Item::Next)
        .map_or(all.len(), |next| at + 1 + next);
    let untouched = all[begin..at].iter().all(|item| match item {
        Item::Run(id, _) | Item::Action(id, _) => *tour.lesson.state(*id) == ItemState::Open,
        Item::Option(..) => false,
        _ => true,
    });
    let is_helping = |item: &Item<'_>| {
        matches!(item, Item::Hint(_) | Item::Solution(_))
            || item.id().is_some_and(|id| id.inner.is_some())
    };
    let waits_here = here == at || (here > at && here < end && is_helping(&all[here]));
    if waits_here || (here >= begin && here < at && untouched) {
        let next = super::items::following(tour, &all, at);
        mark(model, next);
    }
}

/// The program did a step for the learner.
pub fn step_played(
    model: &mut Model,
    place: Place,
    failures: Vec<String>,
    now: Instant,
) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if !tour.lesson.playing || place != tour.lesson.place() {
        return Vec::new();
    }
    tour.lesson.playing = false;
    if let Some(first) = failures.first().cloned() {
        for failure in failures {
            tour.log.add(tour.opened, now, LogKind::Failure, failure);
        }
        model.warn(format!("not all went as the lesson says: {first}"));
        return vec![Effect::AskChecks];
    }
    let Some(step) = tour.current_step() else {
        return Vec::new();
    };
    let mut done = Vec::new();
    for (index, block) in step.blocks.iter().enumerate() {
        let id = ItemId::of_block(place, index);
        match block {
            // The player ends a step only when its checks hold.
            Block::Run(_) | Block::Action(_) | Block::Check(_) => done.push(id),
            Block::Solution(blocks) => done.extend((0..blocks.len()).map(|inner| ItemId {
                inner: Some(inner),
                ..id
            })),
            _ => {}
        }
    }
    for id in done {
        tour.lesson.items.insert(id, ItemState::Passed);
    }
    let next = items(tour).len() - 1;
    mark(model, next);
    let mut effects = record::finish(model, place, now);
    model.say("done; read what happened, then go on");
    effects.push(Effect::AskChecks);
    effects
}

/// A setup is done.
pub fn set_up(model: &mut Model, result: Result<(), String>, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if !tour.lesson.setting_up {
        return Vec::new();
    }
    tour.lesson.setting_up = false;
    let watch = watch(tour);
    if let Err(problem) = result {
        let words = format!("the lesson could not be prepared: {problem}");
        tour.log
            .add(tour.opened, now, LogKind::Failure, words.clone());
        model.warn(words);
    }
    vec![watch]
}
