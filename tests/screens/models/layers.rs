//! Layers above the screen.

use citus_tour::app::map::GroupFacts;
use citus_tour::app::overlay::Overlay;
use citus_tour::app::{Boot, Model, Msg};
use citus_tour::runtime::Act;

use super::lesson::{checks, prediction};
use super::map::{distributed, nodes_panel};
use super::sql::rows;
use super::{GENERATION, press, tell, type_text};

/// The keys.
pub(crate) fn help() -> Model {
    let mut model = distributed();
    press(&mut model, &["F1"]);
    model
}

/// The commands that a word finds.
pub(crate) fn palette() -> Model {
    let mut model = distributed();
    press(&mut model, &["Ctrl+P"]);
    type_text(&mut model, "pane");
    press(&mut model, &["Down"]);
    model
}

/// The table of contents.
pub(crate) fn contents() -> Model {
    let mut model = prediction();
    model.overlays.push(Overlay::Contents { selected: 9 });
    model
}

/// Statements of earlier runs.
pub(crate) fn history() -> Model {
    let mut model = distributed();
    let earlier = [
        "SELECT 1",
        "SELECT count(*)\nFROM orders",
        "SELECT citus_version()",
    ]
    .map(ToOwned::to_owned)
    .to_vec();
    tell(&mut model, Msg::History(earlier));
    model.overlays.push(Overlay::History {
        query: "select".to_owned(),
        selected: 1,
    });
    model
}

/// A value in full.
pub(crate) fn cell() -> Model {
    let mut model = rows();
    press(&mut model, &["Right", "Right", "Enter"]);
    assert!(
        matches!(model.overlays.last(), Some(Overlay::Cell { .. })),
        "{:?}",
        model.overlays
    );
    model
}

/// All about a shard group.
pub(crate) fn details() -> Model {
    let mut model = distributed();
    press(&mut model, &["Right", "Enter"]);
    let group = model
        .tour
        .as_ref()
        .and_then(|tour| tour.map.group)
        .expect("a tile is chosen");
    let facts = GroupFacts {
        group,
        rows: vec![
            ("orders".to_owned(), Ok(1250)),
            ("users".to_owned(), Ok(125)),
            (
                "order_items".to_owned(),
                Err("worker1 did not answer".to_owned()),
            ),
        ],
        tenants: ["7", "42", "99"].map(ToOwned::to_owned).to_vec(),
    };
    tell(&mut model, Msg::GroupFacts(GENERATION, Box::new(facts)));
    assert!(
        matches!(model.overlays.last(), Some(Overlay::Details { .. })),
        "{:?}",
        model.overlays
    );
    model
}

/// The end of a node's log.
pub(crate) fn node_log() -> Model {
    let mut model = nodes_panel();
    press(&mut model, &["l"]);
    assert!(
        matches!(model.overlays.last(), Some(Overlay::LogTail { .. })),
        "{:?}",
        model.overlays
    );
    let Some(Overlay::LogTail { node, .. }) = model.overlays.last().cloned() else {
        return model;
    };
    let lines = (0..60)
        .map(|line| format!("2026-11-21 03:00:{line:02} LOG:  checkpoint \u{1b}[1m{line}"))
        .collect();
    tell(
        &mut model,
        Msg::LogTail {
            node,
            lines: Ok(lines),
        },
    );
    model
}

/// A kill that takes shards away.
pub(crate) fn before_a_kill() -> Model {
    let mut model = distributed();
    press(&mut model, &["Alt+5", "Down", "k"]);
    assert!(
        matches!(
            model.overlays.last(),
            Some(Overlay::ConfirmAct { act: Act::Kill, .. })
        ),
        "{:?}",
        model.overlays
    );
    model
}

/// A node is to lose its data.
pub(crate) fn before_a_destruction() -> Model {
    let mut model = distributed();
    press(&mut model, &["Alt+5", "Down", "d"]);
    type_text(&mut model, "work");
    model
}

/// The learner goes on before the step is done.
pub(crate) fn not_done() -> Model {
    let mut model = checks();
    press(&mut model, &["n"]);
    assert!(
        matches!(model.overlays.last(), Some(Overlay::NotDone { .. })),
        "{:?}",
        model.overlays
    );
    model
}

/// The program is to be left.
pub(crate) fn leaving() -> Model {
    let mut model = distributed();
    press(&mut model, &["q"]);
    model
}

/// The cluster is being ended.
pub(crate) fn ending() -> Model {
    let mut model = leaving();
    press(&mut model, &["2"]);
    assert_eq!(
        model.tour.as_ref().map(|tour| tour.boot.clone()),
        Some(Boot::Leaving)
    );
    model
}
