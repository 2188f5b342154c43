//! Draws what a lesson does to servers: the command, its button, and the report of it.

use ratatui::text::Line;

use super::{
    page::Page,
    step::{code, node_words, outcome},
};
use crate::{
    app::lesson::{ItemId, ItemState, LessonTarget},
    lesson::{Action, ActionKind, NodeAct, Short, in_words},
    postgres::visible_text,
    ui::{highlight::Language, text::wrap, theme::Role},
};

pub(super) fn action(page: &mut Page<'_>, id: ItemId, action: &Action, reading: bool) {
    page.gap();
    let from = page.rows.len();
    let shown = action.shown.trim();
    let prompt = if shown.starts_with('$') { "" } else { "$ " };
    code(page, Language::Console, &format!("{prompt}{shown}"));
    if reading {
        return;
    }
    let state = page.tour.lesson.state(id).clone();
    let is_marked = page.item();
    let danger = match &action.kind {
        ActionKind::Nodes(act, _) => act.harms(),
        ActionKind::Experiment(_) => true,
        ActionKind::Seed(_) | ActionKind::Load(_) => false,
    };
    let behind = page.state(&state, passed(&action.kind));
    page.button(
        &action_words(&action.kind),
        is_marked,
        danger,
        LessonTarget::Item(id),
        behind,
    );
    outcome(page, id, &state, is_marked.then_some(from));
    if state != ItemState::Running {
        report(page, id);
    }
}

/// What is said of an action that went well.
fn passed(kind: &ActionKind) -> &'static str {
    match kind {
        ActionKind::Experiment(_) => "as predicted",
        _ => "done",
    }
}

/// The report of an experiment or a load, whole: lines that are too long go on below their beginning.
fn report(page: &mut Page<'_>, id: ItemId) {
    let Some(lines) = page.tour.lesson.brought.get(&id) else {
        return;
    };
    let style = page.theme.style(Role::Code);
    let width = page.width.saturating_sub(2).max(1);
    let mut rows = vec![Line::default()];
    for line in lines {
        for part in wrap(&visible_text(line), width) {
            rows.push(Line::styled(format!("  {part}"), style));
        }
    }
    page.rows.extend(rows);
}

/// What an action's button says.
fn action_words(kind: &ActionKind) -> String {
    match kind {
        ActionKind::Seed(tour) => format!("fill the tables of {tour}"),
        ActionKind::Nodes(act, nodes) => {
            let nodes: Vec<String> = nodes.iter().map(node_words).collect();
            let verb = match act {
                NodeAct::Add => "start",
                other => other.verb(),
            };
            format!("{verb} {}", in_words(&nodes))
        }
        ActionKind::Experiment(experiment) => {
            format!("break it and see, {}", Short(experiment.lasts))
        }
        ActionKind::Load(load) => format!("put load on it, {}", Short(load.lasts)),
    }
}
