//! Sending statements, and calling them off.

use std::{ops::Range, time::Instant};

use super::{
    Job, JobId, Origin,
    meta::{self, Meaning},
    state::Running,
    sweeping,
};
use crate::{
    app::{
        Effect, Model, OpenTour, Pane,
        keys::{Command, chords_of},
        lesson::{ItemId, LessonCommand},
    },
    lesson::{NodeReference, Run},
    postgres::{TransactionStatus, split},
};

/// Rows of a result that are kept.
pub const LIMIT: usize = 1000;

/// Statements of one run that go into the history.
const REMEMBERED_OF_A_RUN: usize = 50;

/// Bytes of a statement that goes into the history.
const REMEMBERED_BYTES: usize = 16 << 10;

/// Entries of the history.
const REMEMBERED: usize = 2000;

/// Runs the selection, or the statement under the cursor.
pub(super) fn run(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(pane) = model.tour.as_deref().map(|tour| &tour.sql) else {
        return Vec::new();
    };
    if let Some(range) = pane.selected().or_else(|| pane.current()) {
        return run_range(model, range, now);
    }
    model.focus = Pane::Editor;
    model.say("there is no statement in the editor: type one, then run it");
    Vec::new()
}

/// Runs all that is in the editor.
pub(super) fn run_all(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(pane) = model.tour.as_deref().map(|tour| &tour.sql) else {
        return Vec::new();
    };
    let all = 0..pane.written.text().len();
    if pane.current().is_none() {
        return run(model, now);
    }
    run_range(model, all, now)
}

/// Why nothing can run now, if so.
fn hindrance(tour: &OpenTour) -> Option<String> {
    if tour.sql.running.is_some() {
        let chord = key_of(Command::Sql(super::SqlCommand::Cancel));
        return Some(format!("a statement is running: {chord} cancels it"));
    }
    (!tour.is_ready()).then(|| "the cluster is not ready yet".to_owned())
}

fn key_of(command: Command) -> &'static str {
    chords_of(command).first().copied().unwrap_or_default()
}

fn run_range(model: &mut Model, range: Range<usize>, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let pane = &mut tour.sql;
    let typed = pane
        .written
        .text()
        .get(range.clone())
        .unwrap_or_default()
        .to_owned();
    let mut text = typed.clone();
    match meta::meaning(&typed) {
        Some(Meaning::Statement(statement)) => text = statement,
        Some(Meaning::Expanded) => return super::browse::browse(model, super::Browse::Expand),
        Some(Meaning::Words(words)) => {
            model.say(words);
            return Vec::new();
        }
        None => {}
    }
    let statements = split(&text);
    if statements.is_empty() {
        model.say("there is no statement in what is selected");
        return Vec::new();
    }
    if let Some(words) = hindrance(tour) {
        model.warn(words);
        return Vec::new();
    }
    let swept = statements
        .iter()
        .find_map(|statement| sweeping::what(statement));
    if let Some(what) = swept.filter(|_| asks_before(tour, model.home.attached, &typed)) {
        tour.sql.asked = Some(typed);
        model.warn(format!(
            "{what}, on your own cluster, where nothing brings it back. {} again runs it",
            key_of(Command::Sql(super::SqlCommand::Run))
        ));
        return Vec::new();
    }
    tour.sql.asked = None;
    let spans = statements
        .iter()
        .map(|statement| statement.range.start + range.start..statement.range.end + range.start)
        .collect();
    let source = (text == typed).then(|| (tour.sql.written.version(), spans));
    let effects = remember(tour, &typed, range.start);
    let node = tour.sql.node.clone().map(NodeReference::Named);
    let mut all = start(tour, Origin::Editor, node, text, source, now);
    all.extend(effects);
    if let Some(what) = swept.filter(|_| !model.home.attached) {
        let reset = Command::Lesson(LessonCommand::ResetStep);
        let way = match key_of(reset) {
            "" => "resetting the step".to_owned(),
            chord => format!("{chord} in the lesson"),
        };
        model.say(format!(
            "{what}. Nothing is lost for good: {way} brings the step's data back"
        ));
    }
    all
}

/// Whether a statement that takes everything away has to be asked for a second time: on somebody's own cluster nothing is put back.
fn asks_before(tour: &OpenTour, attached: bool, typed: &str) -> bool {
    let writes = tour.facts.as_ref().is_some_and(|facts| !facts.read_only);
    attached && writes && tour.sql.asked.as_deref() != Some(typed)
}

/// Runs what a button of the lesson says.
pub fn run_for_lesson(model: &mut Model, item: ItemId, run: &Run, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if let Some(words) = hindrance(tour) {
        model.warn(words);
        return Vec::new();
    }
    let origin = Origin::Lesson(item, Box::new(run.clone()));
    start(
        tour,
        origin,
        run.on.clone(),
        run.sql.text.clone(),
        None,
        now,
    )
}

fn start(
    tour: &mut OpenTour,
    origin: Origin,
    node: Option<NodeReference>,
    text: String,
    source: Option<(u64, Vec<Range<usize>>)>,
    now: Instant,
) -> Vec<Effect> {
    let generation = tour.generation;
    let pane = &mut tour.sql;
    // Numbers of another opening of the tour must never fit: what is still on its way from there would be taken for ours.
    let first = generation.wrapping_shl(32);
    let id = JobId(pane.last_job.0.max(first) + 1);
    pane.last_job = id;
    pane.running = Some(id);
    // What it brings is to be seen.
    tour.laboratory.in_front = false;
    pane.cancelling = false;
    pane.mark = None;
    pane.job = Some(Running {
        origin: origin.clone(),
        node: node.clone(),
        since: now,
        source,
        remark: None,
        statements: split(&text).len(),
    });
    vec![Effect::Run(Box::new(Job {
        id,
        generation,
        origin,
        node,
        text,
        limit: LIMIT,
    }))]
}

/// Keeps what is run for later. What begins with a space is a secret.
fn remember(tour: &mut OpenTour, text: &str, start: usize) -> Vec<Effect> {
    let pane = &mut tour.sql;
    pane.recalled = None;
    pane.draft = None;
    let written = pane.written.text();
    let line = written
        .get(..start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |at| at + 1);
    let lead = written.get(line..start).unwrap_or_default();
    let is_secret = |lead: &str, text: &str| {
        lead.trim().is_empty() && (lead.starts_with(' ') || text.starts_with(' '))
    };
    if is_secret(lead, text) {
        return Vec::new();
    }
    let statements = split(text);
    let mut effects = Vec::new();
    for statement in statements.iter().take(REMEMBERED_OF_A_RUN) {
        let one = statement.text;
        let is_last = pane.history.last().is_some_and(|last| last == one);
        if !is_last && one.len() <= REMEMBERED_BYTES {
            pane.history.push(one.to_owned());
            effects.push(Effect::Remember(one.to_owned()));
        }
    }
    let beyond = pane.history.len().saturating_sub(REMEMBERED);
    pane.history.drain(..beyond);
    effects
}

/// Calls off what runs.
pub(super) fn cancel(model: &mut Model) -> Vec<Effect> {
    let in_editor = model.focus == Pane::Editor;
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let pane = &mut tour.sql;
    if let Some(id) = pane.running {
        pane.cancelling = true;
        return vec![Effect::Cancel(id)];
    }
    if let Some(text) = pane.edit(super::Edit::Copy).filter(|_| in_editor) {
        return vec![Effect::Copy(text)];
    }
    let quit = key_of(Command::Global(crate::app::keys::GlobalCommand::Quit));
    model.say(format!("nothing is running; {quit} leaves"));
    Vec::new()
}

/// Sends statements to the next node from now on.
pub(super) fn next_node(model: &mut Model) {
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let here = node_name(tour);
    let in_transaction = matches!(
        tour.sql.transaction,
        TransactionStatus::Open | TransactionStatus::Failed
    );
    if tour.sql.running.is_some() {
        model.warn(format!("a statement is running on {here}"));
        return;
    }
    if in_transaction {
        model.warn(format!(
            "a transaction is open on {here}: COMMIT or ROLLBACK it first"
        ));
        return;
    }
    let nodes = nodes(tour);
    let place = nodes.iter().position(|node| *node == here).unwrap_or(0);
    let Some(next) = nodes.get((place + 1) % nodes.len().max(1)).cloned() else {
        return;
    };
    let is_coordinator = nodes.first() == Some(&next);
    tour.sql.node = (!is_coordinator).then(|| next.clone());
    tour.sql.transaction = TransactionStatus::Idle;
    model.say(format!("statements go to {next} now"));
}

/// The nodes that statements can be sent to, the coordinator first.
fn nodes(tour: &OpenTour) -> Vec<String> {
    use crate::cluster::{NodeRole, NodeState};
    let coordinator = coordinator(tour);
    let others = tour
        .view
        .nodes
        .iter()
        .filter(|node| node.role != NodeRole::Coordinator && node.state() != NodeState::Absent)
        .map(|node| node.name.clone())
        .filter(|name| *name != coordinator);
    std::iter::once(coordinator.clone()).chain(others).collect()
}

/// The coordinator's name.
pub(super) fn coordinator(tour: &OpenTour) -> String {
    use crate::cluster::NodeRole;
    let mut nodes = tour.view.nodes.iter();
    nodes
        .find(|node| node.role == NodeRole::Coordinator)
        .map_or_else(|| "coordinator".to_owned(), |node| node.name.clone())
}

/// A server process ended: a transaction that was open on it is gone.
pub fn server_ended(tour: &mut OpenTour, node: &str) {
    if node_name(tour) == node && tour.sql.running.is_none() {
        tour.sql.transaction = TransactionStatus::Idle;
    }
}

/// The node that statements of the editor go to.
#[must_use]
pub fn node_name(tour: &OpenTour) -> String {
    tour.sql.node.clone().unwrap_or_else(|| coordinator(tour))
}
