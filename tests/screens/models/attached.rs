//! Somebody's own cluster: the page about it, lessons in a schema of their own, and leaving.

use std::sync::Arc;

use citus_tour::app::{BootEvent, ClusterFacts, Model, Msg, OpenTour, Pane, Screen};
use citus_tour::cluster::{TableName, View};
use citus_tour::lesson::{Block, Lesson, LessonSource, Phase, Step, Tour, load};

use super::{GENERATION, boot, facts, home_before_the_survey, press, see, tell};
use crate::cluster;

const NAME: &str = "db.example:5432/app";
const SCHEMA: &str = "citus_tour_1a2b3c4d";

fn page(steps: Vec<Step>) -> Phase {
    let text = "This is your own cluster, as its coordinator tells it.\n\n- The map shows every shard group.\n";
    Phase {
        title: "Attached".to_owned(),
        lessons: vec![Lesson {
            id: "attach".to_owned(),
            title: NAME.to_owned(),
            minutes: 0,
            topology: NAME.to_owned(),
            engine: None,
            start: None,
            end: None,
            file: String::new(),
            introduction: vec![Block::Prose(text.to_owned())],
            steps,
        }],
    }
}

/// Opens the page, and behind it lessons, at a place of the tour.
fn attached_at(
    phases: Vec<Phase>,
    place: (usize, usize),
    facts: ClusterFacts,
    view: View,
) -> Model {
    let mut model = home_before_the_survey();
    model.home.attached = true;
    model.home.progress_known = true;
    let tour = Tour {
        id: "attach".to_owned(),
        title: NAME.to_owned(),
        phases,
    };
    let tour = Arc::new(tour);
    model.tour = Some(Box::new(OpenTour::new(
        GENERATION,
        tour,
        place,
        Vec::new(),
        model.now,
    )));
    model.screen = Screen::Tour;
    model.home.generation = GENERATION;
    boot(&mut model, BootEvent::Facts(facts));
    see(&mut model, view);
    boot(&mut model, BootEvent::Ready);
    tell(&mut model, Msg::SetUp(GENERATION, Ok(())));
    model.notice = None;
    model
}

fn attached_facts() -> ClusterFacts {
    ClusterFacts {
        engine: "Citus 13.2.2 on PostgreSQL 17.6".to_owned(),
        real: true,
        runtime: "attach".to_owned(),
        id: NAME.to_owned(),
        acts: Vec::new(),
        ..facts()
    }
}

/// Nothing may be changed: a page to read, and a map.
pub(crate) fn attached_page() -> Model {
    let facts = ClusterFacts {
        runtime: "attach, read-only".to_owned(),
        read_only: true,
        ..attached_facts()
    };
    let mut model = attached_at(
        vec![page(Vec::new())],
        (0, 0),
        facts,
        cluster::distributed(8),
    );
    model.focus = Pane::Map;
    model
}

/// A lesson whose tables lie beside others of the same names.
pub(crate) fn attached_lesson() -> Model {
    let mut view = cluster::distributed(8);
    for table in &mut view.tables {
        let ours = TableName::new(SCHEMA, &table.name.name);
        for shard in view.groups.iter_mut().flat_map(|group| &mut group.shards) {
            if shard.table == table.name {
                shard.table = ours.clone();
            }
        }
        table.name = ours;
    }
    let facts = ClusterFacts {
        schema: Some(SCHEMA.to_owned()),
        ..attached_facts()
    };
    let tours = load(&LessonSource::embedded()).unwrap();
    let guests = tours.into_iter().filter(Tour::is_for_attached);
    let phases = std::iter::once(page(Vec::new())).chain(guests.flat_map(|tour| tour.phases));
    attached_at(phases.collect(), (3, 0), facts, view)
}

/// What lessons made is being dropped.
pub(crate) fn attached_ending() -> Model {
    let mut model = attached_lesson();
    press(&mut model, &["Ctrl+q"]);
    model
}

/// It could not be dropped.
pub(crate) fn attached_stays() -> Model {
    let mut model = attached_ending();
    let problem = format!(
        "{NAME}: the schema {SCHEMA} of the lessons could not be dropped: coordinator: ERROR:  08006: connection to the remote node failed"
    );
    tell(&mut model, Msg::Left(Err(problem)));
    model
}
