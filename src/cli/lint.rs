//! `lint` and the lessons that every command reads.

use anyhow::Result;

use super::{
    arguments::ClusterArguments,
    failure::{Ending, UsageError},
    output::{Output, remark},
};
use crate::{
    lesson::{self, LessonSource, Tour},
    topology::{self, Topology},
};

/// Checks lessons without a cluster.
pub(super) fn lint(arguments: &ClusterArguments, output: &Output) -> Result<Ending> {
    let source = source(arguments)?;
    let problems = lesson::lint(&source, &topology::embedded()?);
    for problem in &problems {
        output.line(problem);
    }
    match problems.len() {
        0 => {
            remark("the lessons have no problems");
            Ok(Ending::Well)
        }
        _ => Ok(Ending::Wrong),
    }
}

/// The lessons to use.
pub(super) fn source(arguments: &ClusterArguments) -> Result<LessonSource> {
    Ok(match &arguments.lessons {
        Some(directory) => LessonSource::directory(directory)?,
        None => LessonSource::embedded(),
    })
}

/// All tours.
pub(super) fn tours(arguments: &ClusterArguments) -> Result<Vec<Tour>> {
    Ok(lesson::load(&source(arguments)?)?)
}

/// The tour of that name.
pub(super) fn tour(arguments: &ClusterArguments, id: &str) -> Result<Tour> {
    let mut tours = tours(arguments)?;
    let known: Vec<String> = tours.iter().map(|tour| tour.id.clone()).collect();
    let index = known.iter().position(|known| known == id).ok_or_else(|| {
        UsageError(format!(
            "there is no tour `{id}`. There are: {}",
            known.join(", ")
        ))
    })?;
    Ok(tours.swap_remove(index))
}

/// Where a tour for guests runs, for those who look for it elsewhere.
pub(super) fn runs_on_yours(tour: &Tour) -> UsageError {
    UsageError(format!(
        "the tour `{0}` has no cluster of its own, it runs on one of yours: `citus-tour attach URL --allow-writes`, or `citus-tour play {0} --url URL --allow-writes`",
        tour.id
    ))
}

/// The topology that a tour's lessons name.
pub(super) fn topology_of(tour: &Tour) -> Result<Topology> {
    if tour.is_for_attached() {
        return Err(runs_on_yours(tour).into());
    }
    let wanted = tour
        .lessons()
        .next()
        .map(|(_, lesson)| lesson.topology.clone())
        .unwrap_or_default();
    let topologies = topology::embedded()?;
    let known: Vec<String> = topologies
        .iter()
        .map(|topology| topology.name.clone())
        .collect();
    topologies
        .into_iter()
        .find(|topology| topology.name == wanted)
        .ok_or_else(|| {
            UsageError(format!(
                "the tour `{}` wants the topology `{wanted}`. There are: {}",
                tour.id,
                known.join(", ")
            ))
            .into()
        })
}

/// The indices of `lesson/step` in a tour; its beginning where nothing is said.
pub(super) fn place(tour: &Tour, at: Option<&str>) -> Result<(usize, usize)> {
    let Some(at) = at else { return Ok((0, 0)) };
    tour.place(at).ok_or_else(|| {
        let lesson = at.split('/').next().unwrap_or_default();
        let known: Vec<String> = match tour.lessons().find(|(_, known)| known.id == lesson) {
            Some((_, lesson)) => lesson
                .steps
                .iter()
                .map(|step| format!("{}/{}", lesson.id, step.id))
                .collect(),
            None => tour
                .lessons()
                .map(|(_, lesson)| lesson.id.clone())
                .collect(),
        };
        UsageError(format!(
            "the tour `{}` has no place `{at}`. There are: {}",
            tour.id,
            known.join(", ")
        ))
        .into()
    })
}
