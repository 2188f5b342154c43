//! The home screen.

use citus_tour::app::home::{KeptCluster, Survey, TourCard};
use citus_tour::app::{Model, Msg, Settings};
use std::time::Instant;

use super::{tell, tours};

/// A program that was just started.
pub(crate) fn home_before_the_survey() -> Model {
    let mut model = Model::new(Settings::default(), (120, 36), Instant::now());
    model.home.tours = tours();
    model
}

pub(super) fn survey() -> Survey {
    Survey {
        choice: Some(Ok("local · emulation on PostgreSQL 15.20".to_owned())),
        real: false,
        reasons: vec![
            "no PostgreSQL here has Citus, so PostgreSQL's own partitions stand in".to_owned(),
        ],
        alternatives: vec!["Citus: install the package citus for PostgreSQL 14 to 18".to_owned()],
        cards: vec![TourCard {
            tour: "journey".to_owned(),
            nodes: vec![
                "coordinator".to_owned(),
                "worker1".to_owned(),
                "worker2".to_owned(),
            ],
        }],
        kept: Vec::new(),
        leftovers: Vec::new(),
    }
}

/// What was found, with a kept cluster and something left behind.
pub(crate) fn home() -> Model {
    let mut model = home_before_the_survey();
    let found = Survey {
        kept: vec![KeptCluster {
            name: "tuesday".to_owned(),
            tour: "journey".to_owned(),
            engine: "emulation".to_owned(),
        }],
        leftovers: vec!["run 3f2a of journey, whose program is gone".to_owned()],
        ..survey()
    };
    tell(&mut model, Msg::Surveyed(Box::new(found)));
    model
}

/// A machine without PostgreSQL.
pub(crate) fn home_without_postgres() -> Model {
    let mut model = home_before_the_survey();
    let found = Survey {
        choice: Some(Err("no PostgreSQL was found. Install one (apt install postgresql), or let `citus-tour setup` bring one".to_owned())),
        reasons: Vec::new(),
        ..survey()
    };
    tell(&mut model, Msg::Surveyed(Box::new(found)));
    model
}
