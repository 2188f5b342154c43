//! Shards and nodes.

use citus_tour::app::Model;
use citus_tour::cluster::Reachability;

use super::{later, press, ready_at, see};
use crate::cluster;

/// Eight groups on two workers.
pub(crate) fn distributed() -> Model {
    let mut model = ready_at("questions-and-shards", cluster::distributed(8));
    press(&mut model, &["Alt+2"]);
    model
}

/// A group travels.
pub(crate) fn moving() -> Model {
    let mut model = ready_at("add-a-worker", cluster::distributed(8));
    see(&mut model, cluster::moving());
    press(&mut model, &["Alt+2", "Right"]);
    model
}

/// A worker was killed.
pub(crate) fn worker_down() -> Model {
    let mut model = ready_at("a-worker-dies", cluster::distributed(8));
    see(&mut model, cluster::without(1, Reachability::Down));
    later(&mut model, 12);
    press(&mut model, &["Alt+2"]);
    model
}

/// A worker was frozen.
pub(crate) fn worker_frozen() -> Model {
    let mut model = ready_at("a-worker-dies", cluster::distributed(8));
    see(&mut model, cluster::without(2, Reachability::Frozen));
    later(&mut model, 12);
    model
}

/// Tables by nodes.
pub(crate) fn matrix() -> Model {
    let mut model = distributed();
    press(&mut model, &["v"]);
    model
}

/// The hash range unrolled.
pub(crate) fn strip() -> Model {
    let mut model = distributed();
    press(&mut model, &["v", "v"]);
    model
}

/// The nodes and their buttons.
pub(crate) fn nodes_panel() -> Model {
    let mut model = worker_down();
    press(&mut model, &["Alt+5", "Down"]);
    model
}

/// What happened.
pub(crate) fn event_log() -> Model {
    let mut model = ready_at("add-a-worker", cluster::distributed(8));
    later(&mut model, 61);
    see(&mut model, cluster::without(1, Reachability::Down));
    later(&mut model, 5);
    see(&mut model, cluster::distributed(8));
    see(&mut model, cluster::moving());
    later(&mut model, 20);
    press(&mut model, &["Alt+6"]);
    model
}
