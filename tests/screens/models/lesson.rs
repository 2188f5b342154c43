//! A tour that opens, and its lesson.

use citus_tour::app::{BootEvent, Model};
use citus_tour::cluster::View;
use citus_tour::runtime::Event;
use std::time::Duration;

use super::{boot, facts, open_at, ready_at};
use crate::cluster;

/// Two of three servers run already.
pub(crate) fn booting() -> Model {
    let mut model = open_at("one-server");
    for event in [
        Event::Copied {
            node: "coordinator".to_owned(),
        },
        Event::Starting {
            node: "coordinator".to_owned(),
            port: 5440,
        },
        Event::Ready {
            node: "coordinator".to_owned(),
            port: 5440,
            after: Duration::from_millis(140),
        },
        Event::Copied {
            node: "worker1".to_owned(),
        },
        Event::Starting {
            node: "worker1".to_owned(),
            port: 5441,
        },
    ] {
        boot(&mut model, BootEvent::Progress(event));
    }
    model
}

/// The servers could not be started.
pub(crate) fn boot_failed() -> Model {
    let mut model = open_at("one-server");
    boot(
        &mut model,
        BootEvent::Failed(
            "worker1 could not be started: the disk is full. Make room and try again".to_owned(),
        ),
    );
    model
}

/// Everything before the learner's place is being done.
pub(crate) fn rebuilding() -> Model {
    let mut model = open_at("a-worker-dies");
    boot(&mut model, BootEvent::Facts(facts()));
    boot(
        &mut model,
        BootEvent::Rebuilding("Distribute the shop".to_owned()),
    );
    model
}

/// The very first lesson.
pub(crate) fn lesson_begins() -> Model {
    ready_at(
        "one-server",
        View {
            tables: Vec::new(),
            ..cluster::plain()
        },
    )
}

/// A question before a fault.
pub(crate) fn prediction() -> Model {
    ready_at("a-worker-dies", cluster::distributed(8))
}

/// Checks of a step, one of which does not hold.
pub(crate) fn checks() -> Model {
    ready_at("a-worker-dies/pull-the-plug", cluster::distributed(8))
}
