//! Looks what this machine offers.

use super::context::{Context, Machine, blocking, unbroken};
use crate::{
    app::{
        Msg,
        home::{KeptCluster, Survey, TourCard},
    },
    engine::doctor::{Diagnosis, examine},
    runtime::{KnownRun, Standing, remove_leftovers},
};

/// Looks, and tells.
pub(super) async fn survey(context: Context) {
    let machine = std::sync::Arc::clone(&context.machine);
    let first = machine
        .tours
        .first()
        .and_then(|tour| machine.topology_of(tour).ok());
    let topology = first.map_or_else(String::new, |topology| topology.name);
    let examined = examine(&machine.wish, &topology, &machine.directories);
    let survey = match unbroken(examined).await {
        Ok(Ok(diagnosis)) => in_words(&diagnosis, &machine),
        Ok(Err(error)) => of_problem(error.to_string()),
        Err(problem) => of_problem(problem),
    };
    context.send(Msg::Surveyed(Box::new(survey))).await;
}

fn of_problem(problem: String) -> Survey {
    Survey {
        choice: Some(Err(problem)),
        ..Survey::default()
    }
}

/// Removes what crashed runs left, and tells how many there were.
pub(super) async fn remove(context: Context) {
    let directories = context.machine.directories.clone();
    let removed = blocking(move || {
        remove_leftovers(&directories)
            .map(|removed| removed.len())
            .map_err(|error| error.to_string())
    });
    let result = removed.await.and_then(|result| result);
    context.send(Msg::LeftoversRemoved(result)).await;
}

fn in_words(diagnosis: &Diagnosis, machine: &Machine) -> Survey {
    let of = |standing: Standing| {
        let runs = diagnosis.runs.iter();
        runs.filter(move |run| run.standing == standing)
    };
    Survey {
        choice: Some(diagnosis.words()),
        real: diagnosis.is_real(),
        reasons: diagnosis.reasons(),
        alternatives: diagnosis
            .alternatives
            .iter()
            .map(|other| {
                let ready = if other.ready { "ready" } else { "not ready" };
                format!("{}: {ready}. {}", other.name, other.how)
            })
            .collect(),
        cards: machine
            .tours
            .iter()
            .filter_map(|tour| {
                let topology = machine.topology_of(tour).ok()?;
                let at_once = topology.nodes.into_iter().filter(|node| !node.on_demand);
                Some(TourCard {
                    tour: tour.id.clone(),
                    nodes: at_once.map(|node| node.name).collect(),
                })
            })
            .collect(),
        kept: of(Standing::Kept).filter_map(kept).collect(),
        leftovers: of(Standing::Leftover).map(leftover).collect(),
    }
}

fn kept(run: &KnownRun) -> Option<KeptCluster> {
    Some(KeptCluster {
        name: run.name.clone()?,
        tour: run.topology.clone().unwrap_or_default(),
        engine: run.engine.clone().unwrap_or_default(),
    })
}

fn leftover(run: &KnownRun) -> String {
    let name = run.name.as_deref().unwrap_or(&run.id);
    match &run.topology {
        Some(topology) => format!("{name}, a cluster of `{topology}` whose program is gone"),
        None => format!("{name}, a cluster that was never whole"),
    }
}
