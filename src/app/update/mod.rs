//! From a message to a changed model and effects.

mod boot;
mod global;
mod overlay;
mod palette;
mod pointer;
mod rows;
#[cfg(test)]
mod tests;

use std::time::Instant;

pub(super) use boot::boot_deadline;
pub use overlay::{buttons, can_keep};
pub use palette::matching;
pub use rows::{ContentsRow, contents, recalled};

use super::{
    Effect, Model, Msg, Pane, Screen, home,
    input::{Chord, Key},
    keys::{self, Command, GlobalCommand},
    laboratory, lesson, map, nodes, sql,
};

/// Takes in what happened. The effects are to be done in order.
pub fn update(model: &mut Model, msg: Msg, now: Instant) -> Vec<Effect> {
    model.now = now;
    model.dirty = true;
    if model.leaving && !matches!(msg, Msg::Left(_) | Msg::Resize(..) | Msg::Terminate) {
        return Vec::new();
    }
    match msg {
        Msg::Key(chord) => key(model, chord, now),
        Msg::Paste(text) => paste(model, &text, now),
        Msg::Pointer(pointer) => pointer::pointer(model, pointer, now),
        Msg::Resize(columns, rows) => {
            model.size = (columns, rows);
            Vec::new()
        }
        Msg::Tick => {
            tick(model, now);
            Vec::new()
        }
        Msg::Resumed => vec![Effect::Redraw],
        Msg::Terminate => global::terminate(model),
        Msg::Surveyed(survey) => {
            home::surveyed(model, *survey);
            Vec::new()
        }
        Msg::Progress(result) => home::progress(model, result, now),
        Msg::ProgressLost(problem) => {
            model.warn(problem);
            Vec::new()
        }
        Msg::History(statements) => {
            sql::history(model, statements);
            Vec::new()
        }
        Msg::LeftoversRemoved(result) => {
            match result {
                Ok(count) => model.say(format!("{count} removed")),
                Err(problem) => model.warn(problem),
            }
            vec![Effect::Survey]
        }
        Msg::Copied(result) => {
            global::copied(model, result);
            Vec::new()
        }
        Msg::Left(result) => global::left(model, result),
        of_tour => of_a_tour(model, of_tour, now),
    }
}

/// Messages about the cluster of a tour; those of an earlier one are dropped.
fn of_a_tour(model: &mut Model, msg: Msg, now: Instant) -> Vec<Effect> {
    let current = model.tour.as_ref().map(|tour| tour.generation);
    let is_current = |generation: u64| current == Some(generation);
    match msg {
        Msg::Boot(generation, event) if is_current(generation) => boot::event(model, event, now),
        Msg::View(generation, view) if is_current(generation) => boot::view(model, *view, now),
        Msg::Exit(generation, exit) if is_current(generation) => {
            nodes::exited(model, &exit, now);
            Vec::new()
        }
        Msg::Acted {
            id,
            act,
            node,
            result,
        } => nodes::acted(model, id, act, &node, result, now),
        Msg::ActionDone {
            generation,
            item,
            nodes,
            report,
            verdict,
        } if is_current(generation) => {
            lesson::action_done(model, item, &nodes, report.as_deref(), verdict, now)
        }
        Msg::Check {
            generation,
            item,
            state,
        } if is_current(generation) => lesson::check_said(model, item, state, now),
        Msg::StepPlayed {
            generation,
            place,
            failures,
        } if is_current(generation) => lesson::step_played(model, place, failures, now),
        Msg::SetUp(generation, result) if is_current(generation) => {
            lesson::set_up(model, result, now)
        }
        Msg::Sql(job, event) => sql::came(model, job, event, now),
        Msg::Touched {
            job,
            index,
            touched,
        } => {
            sql::touched(model, job, index, touched, now);
            Vec::new()
        }
        Msg::LogTail { node, lines } => {
            nodes::log_tail(model, node, lines);
            Vec::new()
        }
        Msg::GroupFacts(generation, facts) if is_current(generation) => {
            map::group_facts(model, *facts);
            Vec::new()
        }
        Msg::TenantPlace(generation, answer) if is_current(generation) => {
            map::tenant_place(model, *answer);
            Vec::new()
        }
        Msg::Probed(generation, news) if is_current(generation) => {
            laboratory::came(model, news, now);
            Vec::new()
        }
        Msg::Load(generation, number, news) if is_current(generation) => {
            laboratory::load_came(model, number, news, now);
            Vec::new()
        }
        Msg::Experiment(generation, news) if is_current(generation) => {
            laboratory::experiment_came(model, news, now)
        }
        Msg::ReportSaved(generation, result) if is_current(generation) => {
            laboratory::saved(model, result);
            Vec::new()
        }
        _ => Vec::new(),
    }
}

fn key(model: &mut Model, chord: Chord, now: Instant) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        // These must work whatever lies on top.
        return match keys::resolve(&[keys::Context::Global], chord) {
            Some(Command::Global(
                command @ (GlobalCommand::Redraw | GlobalCommand::Suspend | GlobalCommand::Mouse),
            )) => global::command(model, command, now),
            _ => overlay::key(model, chord, now),
        };
    }
    if let Some(effects) = map::type_chord(model, chord, now) {
        return effects;
    }
    if let Some(effects) = laboratory::type_chord(model, chord, now) {
        return effects;
    }
    let contexts = keys::contexts(model);
    if let Some(command) = keys::resolve(&contexts, chord) {
        return execute(model, command, now);
    }
    if model.screen == Screen::Tour && model.focus == Pane::Editor {
        sql::type_chord(model, chord, now);
    } else if chord == Chord::plain(Key::Esc) {
        return global::command(model, GlobalCommand::Back, now);
    }
    Vec::new()
}

fn paste(model: &mut Model, text: &str, now: Instant) -> Vec<Effect> {
    if !model.overlays.is_empty() {
        overlay::paste(model, text);
    } else if map::paste(model, text) || laboratory::paste(model, text) {
        // It is the value, or the plan, that is being typed.
    } else if model.screen == Screen::Tour {
        // Pasted text is never taken for keys, whatever has the focus.
        model.focus = Pane::Editor;
        sql::paste(model, text, now);
    }
    Vec::new()
}

fn tick(model: &mut Model, now: Instant) {
    if model
        .notice
        .as_ref()
        .is_some_and(|notice| notice.until <= now)
    {
        model.notice = None;
    }
}

/// Does a command, whoever asks for it: a key, a button, the palette.
pub fn execute(model: &mut Model, command: Command, now: Instant) -> Vec<Effect> {
    model.dirty = true;
    match command {
        Command::Global(command) => global::command(model, command, now),
        Command::Home(command) if model.screen == Screen::Home => {
            home::command(model, command, now)
        }
        Command::Home(_) => Vec::new(),
        _ if model.tour.is_none() => Vec::new(),
        Command::Lesson(command) => lesson::command(model, command, now),
        Command::Map(command) => map::command(model, command, now),
        Command::Sql(command) => sql::command(model, command, now),
        Command::Nodes(command) => nodes::command(model, command, now),
        Command::Laboratory(command) => laboratory::command(model, command, now),
    }
}
