//! Finds the kept cluster that a command means.

use std::sync::Arc;

use anyhow::Result;

use super::{arguments::ClusterName, failure::UsageError};
use crate::runtime::{
    Runtime,
    local::{Directories, LocalCluster, Standing, list},
};
use crate::{player::Stage, postgres::Target};

/// Reaches the cluster of that name, or the only one.
pub(super) fn attach(name: &ClusterName) -> Result<LocalCluster> {
    let directories = Directories::from_environment()?;
    Ok(LocalCluster::attach(
        &directories,
        &name_of(name, &directories)?,
    )?)
}

/// The same, ready for what a lesson does.
pub(super) fn stage(name: &ClusterName) -> Result<Stage> {
    let cluster = attach(name)?;
    let topology = cluster.topology().clone();
    Ok(Stage::new(Arc::new(cluster), topology))
}

/// A node of the cluster, to talk to.
pub(super) fn target(cluster: &LocalCluster, node: &str) -> Result<Target> {
    Ok(Target::new(node, cluster.address(node)?))
}

/// Kept clusters come first; without one, the cluster of a tour that runs in another terminal is meant.
fn name_of(name: &ClusterName, directories: &Directories) -> Result<String> {
    if let Some(name) = &name.cluster {
        return Ok(name.clone());
    }
    let runs = list(directories)?;
    let of = |standing: Standing| runs.iter().filter(move |run| run.standing == standing);
    let kept: Vec<&str> = of(Standing::Kept)
        .filter_map(|run| run.name.as_deref())
        .collect();
    let running: Vec<&str> = of(Standing::Owned).map(|run| run.id.as_str()).collect();
    match (kept.as_slice(), running.as_slice()) {
        ([only], _) | ([], [only]) => Ok((*only).to_owned()),
        // The runtime's own message says how to start one.
        ([], []) => Ok("journey".to_owned()),
        ([], several) => Err(UsageError(format!(
            "several tours are running: {}. Say which with --cluster ID",
            several.join(", ")
        ))
        .into()),
        (several, _) => Err(UsageError(format!(
            "several clusters are kept: {}. Say which with --cluster NAME",
            several.join(", ")
        ))
        .into()),
    }
}
