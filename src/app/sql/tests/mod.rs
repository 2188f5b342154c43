mod coming;
mod hands;
mod running;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::*;
use crate::{
    app::{
        Boot, Effect, Model, Msg, OpenTour, Pane, Screen, Settings, SqlEvent, Viewport,
        input::Chord, next_deadline as due, overlay::Overlay, update,
    },
    cluster::{Node, NodeRole, Reachability},
    lesson::{LessonSource, load},
    postgres::{Column, Report, Severity, TransactionStatus},
    xray::Touched,
};

pub(super) fn column(name: &str) -> Column {
    Column {
        name: name.to_owned(),
        type_oid: 25,
    }
}

pub(super) fn values(columns: &[&str], rows: usize) -> Vec<Vec<Option<String>>> {
    let row = |row: usize| {
        columns
            .iter()
            .map(|name| Some(format!("{name}{row}")))
            .collect()
    };
    (0..rows).map(row).collect()
}

/// An answer with so many columns and rows, whose values are the column's name and the row's number.
pub(in crate::app::sql) fn answer_of(columns: &[&str], rows: usize) -> Answer {
    let mut grid = Grid::new(columns.iter().map(|name| column(name)).collect());
    grid.take(values(columns, rows));
    Answer {
        job: JobId(1),
        index: 0,
        node: "coordinator".to_owned(),
        statement: "SELECT * FROM t".to_owned(),
        of_lesson: false,
        pieces: vec![Piece::Grid(grid), Piece::Tag(format!("SELECT {rows}"))],
        started: Instant::now(),
        duration: Some(Duration::from_millis(1)),
        transaction: TransactionStatus::Idle,
        touched: None,
        bytes: 0,
    }
}

pub(super) fn in_tour() -> Model {
    let mut model = Model::new(Settings::default(), (120, 36), Instant::now());
    let tour = load(&LessonSource::embedded()).unwrap().remove(0);
    let mut open = OpenTour::new(7, Arc::new(tour), (0, 0), Vec::new(), model.now);
    open.boot = Boot::Ready;
    model.screen = Screen::Tour;
    model.tour = Some(Box::new(open));
    model.focus = Pane::Editor;
    let seen = Viewport {
        height: 10,
        width: 40,
        content: 0,
    };
    model.regions.viewports.insert(Pane::Results, seen);
    model
}

pub(super) fn pane(model: &mut Model) -> &mut SqlPane {
    &mut model.tour.as_mut().unwrap().sql
}

pub(super) fn tell(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let now = model.now;
    update(model, msg, now)
}

pub(super) fn press(model: &mut Model, keys: &[&str]) -> Vec<Effect> {
    keys.iter()
        .flat_map(|key| tell(model, Msg::Key(Chord::parse(key).unwrap())))
        .collect()
}

pub(super) fn type_text(model: &mut Model, text: &str) {
    for character in text.chars() {
        tell(model, Msg::Key(Chord::character(character)));
    }
}

pub(super) fn written(model: &mut Model, text: &str) {
    pane(model).replace(text).unwrap();
}

pub(super) fn job(effects: &[Effect]) -> Option<&Job> {
    effects.iter().find_map(|effect| match effect {
        Effect::Run(job) => Some(job.as_ref()),
        _ => None,
    })
}

pub(super) fn run(model: &mut Model, sql: &str) -> JobId {
    written(model, sql);
    let effects = press(model, &["F5"]);
    job(&effects).unwrap().id
}

pub(super) fn started(index: usize, statement: &str) -> SqlEvent {
    SqlEvent::Started {
        index,
        node: "coordinator".to_owned(),
        statement: statement.to_owned(),
    }
}

pub(super) fn finished(transaction: TransactionStatus) -> SqlEvent {
    SqlEvent::Finished {
        duration: Duration::from_millis(3),
        transaction,
        expired: false,
    }
}

pub(super) fn events(model: &mut Model, job: JobId, events: Vec<SqlEvent>) -> Vec<Effect> {
    events
        .into_iter()
        .flat_map(|event| tell(model, Msg::Sql(job, event)))
        .collect()
}

pub(super) fn answer(model: &mut Model, sql: &str, brought: Vec<SqlEvent>) {
    let id = run(model, sql);
    events(model, id, vec![started(0, sql)]);
    events(model, id, brought);
    events(
        model,
        id,
        vec![finished(TransactionStatus::Idle), SqlEvent::Done(None)],
    );
}
