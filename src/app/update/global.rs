//! Commands of the program as a whole.

use std::time::Instant;

use crate::app::{
    Boot, Copied, Effect, Frames, Leave, Model, Pane, Screen, ThemeName, keys::GlobalCommand,
    laboratory, lesson, overlay::Overlay,
};
use crate::{cluster::View, postgres::TransactionStatus};

/// Percent by which a border moves at a key.
const STEP: u16 = 5;

/// Does a command of the program as a whole.
pub(super) fn command(model: &mut Model, command: GlobalCommand, now: Instant) -> Vec<Effect> {
    match command {
        GlobalCommand::Help => model.overlays.push(Overlay::Help { offset: 0 }),
        GlobalCommand::Palette => model.overlays.push(Overlay::Palette {
            query: String::new(),
            selected: 0,
        }),
        GlobalCommand::Quit => return leave(model, false),
        GlobalCommand::GoHome => return leave(model, true),
        GlobalCommand::NextPane => focus(model, 1),
        GlobalCommand::PreviousPane => focus(model, Pane::ALL.len() - 1),
        GlobalCommand::FocusLesson => model.focus = Pane::Lesson,
        GlobalCommand::FocusMap => model.focus = Pane::Map,
        GlobalCommand::FocusEditor => model.focus = Pane::Editor,
        GlobalCommand::FocusResults => model.focus = Pane::Results,
        GlobalCommand::FocusNodes => model.focus = Pane::Nodes,
        GlobalCommand::FocusLog => model.focus = Pane::Log,
        GlobalCommand::FocusLaboratory => return laboratory::open(model, now),
        GlobalCommand::Zoom => model.zoomed = !model.zoomed,
        GlobalCommand::Grow => resize(model, true),
        GlobalCommand::Shrink => resize(model, false),
        GlobalCommand::Theme => {
            model.settings.theme = match model.settings.theme {
                ThemeName::Dark => ThemeName::Light,
                ThemeName::Light => ThemeName::Mono,
                ThemeName::Mono => ThemeName::Dark,
            };
        }
        GlobalCommand::Mouse => {
            model.settings.mouse = !model.settings.mouse;
            model.say(if model.settings.mouse {
                "the mouse presses buttons again"
            } else {
                "the terminal has the mouse: select text as usual, the same key takes it back"
            });
            return vec![Effect::Mouse(model.settings.mouse)];
        }
        GlobalCommand::Redraw => return vec![Effect::Redraw],
        GlobalCommand::Suspend => return vec![Effect::Suspend],
        GlobalCommand::Back => back(model),
        GlobalCommand::LogUp => scroll_log(model, -1),
        GlobalCommand::LogDown => scroll_log(model, 1),
    }
    Vec::new()
}

fn back(model: &mut Model) {
    if model.overlays.pop().is_some() {
        return;
    }
    if model.zoomed {
        model.zoomed = false;
    } else {
        model.focus = Pane::Lesson;
    }
}

fn focus(model: &mut Model, steps: usize) {
    let place = Pane::ALL
        .iter()
        .position(|pane| *pane == model.focus)
        .unwrap_or(0);
    model.focus = Pane::ALL[(place + steps) % Pane::ALL.len()];
}

fn resize(model: &mut Model, grow: bool) {
    let Frames {
        lesson,
        map,
        editor,
    } = &mut model.frames;
    let (share, growing) = match model.focus {
        Pane::Lesson => (lesson, grow),
        Pane::Map | Pane::Nodes | Pane::Log => (map, grow),
        Pane::Laboratory => (map, !grow),
        Pane::Editor => (editor, grow),
        Pane::Results => (editor, !grow),
    };
    *share = if growing {
        *share + STEP
    } else {
        share.saturating_sub(STEP)
    }
    .clamp(15, 85);
}

/// Scrolls the event log.
pub(super) fn scroll_log(model: &mut Model, rows: isize) {
    let last = model.regions.viewport(Pane::Log).last_offset();
    if let Some(tour) = &mut model.tour {
        tour.log.up = tour.log.up.saturating_add_signed(-rows).min(last);
    }
}

/// The tour or the program is to be left: asks when something would be lost.
fn leave(model: &mut Model, home: bool) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref() else {
        model.leaving = true;
        return vec![Effect::Quit];
    };
    let runs = tour.facts.is_some()
        || matches!(tour.boot, Boot::Starting { .. } | Boot::Rebuilding { .. });
    let in_transaction = matches!(
        tour.sql.transaction,
        TransactionStatus::Open | TransactionStatus::Failed
    );
    let mut losses = Vec::new();
    if in_transaction {
        losses.push("a transaction is open: what it did would be rolled back".to_owned());
    }
    if tour.sql.running.is_some() {
        losses.push("a statement is running: it would be cancelled".to_owned());
    }
    if laboratory::busy(tour).is_some() {
        losses.push("an experiment or a load is running: it would be called off".to_owned());
    }
    if !runs {
        return decided(model, home, Leave::End);
    }
    // Of somebody's own cluster nobody here decides: what runs there for us is called off, what lessons made is dropped.
    if model.home.attached {
        return decided(model, home, Leave::End);
    }
    // A cluster that is kept goes on by itself: nothing is lost by leaving it.
    if let Some(name) = tour.facts.as_ref().and_then(|facts| facts.kept.clone())
        && losses.is_empty()
    {
        return decided(model, home, Leave::Keep(name));
    }
    model.overlays.push(Overlay::Leave {
        home,
        losses,
        selected: 0,
        decided: None,
    });
    Vec::new()
}

/// The learner has said what becomes of the cluster.
pub(super) fn decided(model: &mut Model, home: bool, leave: Leave) -> Vec<Effect> {
    if let Some(tour) = &mut model.tour {
        tour.boot = Boot::Leaving;
    }
    model
        .overlays
        .retain(|overlay| !matches!(overlay, Overlay::Leave { .. }));
    model.overlays.push(Overlay::Leave {
        home,
        losses: Vec::new(),
        selected: 0,
        decided: Some(leave.clone()),
    });
    vec![
        Effect::WatchChecks {
            generation: 0,
            checks: Vec::new(),
        },
        Effect::FollowLog(None),
        Effect::StopProbes,
        Effect::StopLoad,
        Effect::Leave(leave),
    ]
}

/// The cluster is ended, or goes on without us.
pub(super) fn left(model: &mut Model, result: Result<(), String>) -> Vec<Effect> {
    if model.leaving {
        return vec![Effect::Quit];
    }
    let asked = model
        .overlays
        .iter()
        .rev()
        .find_map(|overlay| match overlay {
            Overlay::Leave { home, decided, .. } => Some((*home, decided.clone())),
            _ => None,
        });
    let home = asked.as_ref().map(|(home, _)| *home);
    model.overlays.clear();
    if let Err(problem) = result {
        if model.home.attached {
            return not_dropped(model, home.unwrap_or_default(), problem);
        }
        return not_left(
            model,
            asked.and_then(|(_, decided)| decided).as_ref(),
            problem,
        );
    }
    model.tour = None;
    model.zoomed = false;
    model.screen = Screen::Home;
    if home == Some(true) {
        return vec![Effect::Survey];
    }
    model.leaving = true;
    vec![Effect::Quit]
}

/// What lessons made on somebody's own cluster is still there: the tour goes on, so that its reader can mend what hinders. Asked again
/// in vain, it is left behind.
fn not_dropped(model: &mut Model, home: bool, problem: String) -> Vec<Effect> {
    let Some(tour) = &mut model.tour else {
        model.warn(problem);
        return Vec::new();
    };
    tour.boot = Boot::Ready;
    if std::mem::replace(&mut tour.could_not_be_dropped, true) {
        let name = tour.facts.as_ref().map(|facts| facts.id.clone());
        return decided(model, home, Leave::Keep(name.unwrap_or_default()));
    }
    model.overlays.push(Overlay::Message {
        title: "What the lessons made is still there".to_owned(),
        text: format!("{problem}.\n\nMend that and leave again. If it still cannot be dropped then, it is left behind.\n"),
        offset: 0,
    });
    lesson::watch_again(model)
}

/// What was decided could not be done: a cluster that could not be kept goes on as it was, one that could not be ended is no use any more.
fn not_left(model: &mut Model, decided: Option<&Leave>, problem: String) -> Vec<Effect> {
    let Some(tour) = &mut model.tour else {
        model.warn(problem);
        return Vec::new();
    };
    if matches!(decided, Some(Leave::Keep(_))) && tour.facts.is_some() {
        tour.boot = Boot::Ready;
        model.warn(format!(
            "not kept, the cluster goes on as it was: {problem}"
        ));
        return lesson::watch_again(model);
    }
    tour.boot = Boot::Failed(problem.clone());
    tour.facts = None;
    tour.view = View::default();
    model.warn(problem);
    Vec::new()
}

/// The system asks the program to end.
pub(super) fn terminate(model: &mut Model) -> Vec<Effect> {
    if model.leaving {
        return vec![Effect::Quit];
    }
    model.leaving = true;
    let Some(tour) = &model.tour else {
        return vec![Effect::Quit];
    };
    let kept = tour.facts.as_ref().and_then(|facts| facts.kept.clone());
    vec![Effect::Leave(kept.map_or(Leave::End, Leave::Keep))]
}

/// Says how text was copied.
pub(super) fn copied(model: &mut Model, result: Result<Copied, String>) {
    match result {
        Ok(Copied::Terminal) => model.say("copied through the terminal (OSC 52); if nothing arrives, your terminal does not allow it: F9 lets you select with the mouse"),
        Ok(Copied::Clipboard | Copied::Both) => model.say("copied"),
        Err(problem) => model.warn(problem),
    }
}
