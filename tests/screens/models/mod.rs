//! Models in every state, brought about by the messages that bring them about in the program.

mod attached;
mod home;
mod layers;
mod lesson;
mod map;
mod sql;

use citus_tour::app::input::Chord;
use citus_tour::app::{
    BootEvent, ClusterFacts, Effect, Model, Msg, NodeFacts, OpenTour, Pane, Screen, update,
};
use citus_tour::cluster::View;
use citus_tour::lesson::{LessonSource, Tour, load};
use citus_tour::runtime::Act;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use attached::{attached_ending, attached_lesson, attached_page, attached_stays};
use home::survey;
pub(crate) use home::{home, home_before_the_survey, home_without_postgres};
pub(crate) use layers::{
    before_a_destruction, before_a_kill, cell, contents, details, ending, help, history, leaving,
    node_log, not_done, palette,
};
pub(crate) use lesson::{boot_failed, booting, checks, lesson_begins, prediction, rebuilding};
pub(crate) use map::{
    distributed, event_log, matrix, moving, nodes_panel, strip, worker_down, worker_frozen,
};
pub(crate) use sql::{failure, rows, running};

/// The generation of the tour that these models have open.
pub(crate) const GENERATION: u64 = 1;

fn tours() -> Vec<Arc<Tour>> {
    load(&LessonSource::embedded())
        .unwrap()
        .into_iter()
        .filter(|tour| !tour.is_for_attached())
        .map(Arc::new)
        .collect()
}

fn tell(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let now = model.now;
    update(model, msg, now)
}

/// Presses keys, as they are written, one after the other.
pub(crate) fn press(model: &mut Model, keys: &[&str]) -> Vec<Effect> {
    let mut effects = Vec::new();
    for key in keys {
        effects.extend(tell(model, Msg::Key(Chord::parse(key).unwrap())));
    }
    effects
}

/// Types a text.
pub(crate) fn type_text(model: &mut Model, text: &str) {
    for character in text.chars() {
        tell(model, Msg::Key(Chord::character(character)));
    }
}

fn open_at(lesson: &str) -> Model {
    let mut model = home_before_the_survey();
    tell(&mut model, Msg::Surveyed(Box::new(survey())));
    let tour = Arc::clone(&model.home.tours[0]);
    let place = tour.place(lesson).unwrap();
    let nodes = ["coordinator", "worker1", "worker2"]
        .map(ToOwned::to_owned)
        .to_vec();
    model.tour = Some(Box::new(OpenTour::new(
        GENERATION, tour, place, nodes, model.now,
    )));
    model.screen = Screen::Tour;
    model.home.generation = GENERATION;
    model
}

fn boot(model: &mut Model, event: BootEvent) -> Vec<Effect> {
    tell(model, Msg::Boot(GENERATION, event))
}

fn facts() -> ClusterFacts {
    let node = |(index, name): (u16, &str)| NodeFacts {
        name: name.to_owned(),
        port: (name != "worker3").then_some(5440 + index),
        commands: vec![
            (Act::Stop, format!("pg_ctl stop -D /srv/{name} -m fast")),
            (Act::Kill, "kill -KILL -- -4242".to_owned()),
            (Act::Freeze, "kill -STOP -- -4242".to_owned()),
        ],
    };
    ClusterFacts {
        engine: "emulation on PostgreSQL 15.20".to_owned(),
        real: false,
        runtime: "local".to_owned(),
        id: "3f2a".to_owned(),
        read_only: false,
        schema: None,
        kept: None,
        acts: vec![
            Act::Start,
            Act::Stop,
            Act::Kill,
            Act::Freeze,
            Act::Thaw,
            Act::Restart,
            Act::Destroy,
        ],
        nodes: (0..)
            .zip(["coordinator", "worker1", "worker2", "worker3"])
            .map(node)
            .collect(),
    }
}

pub(crate) fn see(model: &mut Model, view: View) {
    tell(model, Msg::View(GENERATION, Box::new(view)));
}

pub(crate) fn ready_at(lesson: &str, view: View) -> Model {
    let mut model = open_at(lesson);
    boot(&mut model, BootEvent::Facts(facts()));
    see(&mut model, view);
    boot(&mut model, BootEvent::Ready);
    tell(&mut model, Msg::SetUp(GENERATION, Ok(())));
    model.notice = None;
    model
}

fn later(model: &mut Model, seconds: u64) {
    let then = model.now + Duration::from_secs(seconds);
    update(model, Msg::Tick, then);
}

/// Every state once, for whoever wants to try something on all of them.
pub(crate) fn all() -> impl Iterator<Item = Model> {
    makers().into_iter().map(|make| make())
}

/// How each state comes about.
pub(crate) fn makers() -> Vec<fn() -> Model> {
    [
        home_before_the_survey as fn() -> Model,
        home,
        home_without_postgres,
        booting,
        boot_failed,
        rebuilding,
        lesson_begins,
        prediction,
        checks,
        distributed,
        moving,
        worker_down,
        worker_frozen,
        matrix,
        strip,
        rows,
        failure,
        running,
        nodes_panel,
        event_log,
        help,
        palette,
        contents,
        history,
        cell,
        details,
        node_log,
        before_a_kill,
        before_a_destruction,
        not_done,
        leaving,
        ending,
        attached_page,
        attached_lesson,
        attached_ending,
        attached_stays,
    ]
    .into_iter()
    .chain(crate::laboratory::ALL)
    .collect()
}

/// The panes, for whoever wants to go through them.
pub(crate) const PANES: [Pane; 7] = Pane::ALL;
