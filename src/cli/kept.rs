//! Finds the kept cluster that a command means.

use std::sync::Arc;

use anyhow::Result;

use super::{arguments::ClusterName, failure::UsageError};
use crate::runtime::{
    Runtime,
    local::{Directories, LocalCluster, Standing, list},
};
use crate::{player::Stage, postgres::Target};

/// Takes over the kept cluster of that name, or the only one.
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

fn name_of(name: &ClusterName, directories: &Directories) -> Result<String> {
    if let Some(name) = &name.cluster {
        return Ok(name.clone());
    }
    let runs = list(directories)?;
    let mut kept = runs
        .iter()
        .filter(|run| run.standing == Standing::Kept)
        .filter_map(|run| run.name.as_deref());
    match (kept.next(), kept.next()) {
        (Some(only), None) => Ok(only.to_owned()),
        // The runtime's own message says how to start one.
        (None, _) => Ok("journey".to_owned()),
        (Some(first), Some(second)) => {
            let all: Vec<&str> = [first, second].into_iter().chain(kept).collect();
            Err(UsageError(format!(
                "several clusters are kept: {}. Say which with --cluster NAME",
                all.join(", ")
            ))
            .into())
        }
    }
}
