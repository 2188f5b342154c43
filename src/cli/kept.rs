//! Finds the cluster that a command means: a kept one, or somebody's own.

use std::{
    fs::{File, OpenOptions, TryLockError},
    os::unix::fs::OpenOptionsExt,
    path::Path,
    sync::Arc,
};

use anyhow::{Context, Result, bail};

use super::{
    arguments::{ClusterName, WhichCluster},
    attach::reach,
    failure::UsageError,
};
use crate::runtime::{
    self, Directories, Runtime, Standing,
    attach::{AttachedCluster, Leftover},
    list,
};
use crate::{player::Stage, postgres::Target};

/// Reaches the cluster of that name, or the only one.
pub(super) async fn attach(name: &ClusterName) -> Result<Arc<dyn Runtime>> {
    let directories = Directories::from_environment()?;
    Ok(runtime::take_over(&directories, &name_of(name, &directories)?).await?)
}

/// A cluster, and what is to be said of the way to it.
#[derive(Debug)]
pub(super) struct Reached {
    pub(super) cluster: Arc<dyn Runtime>,
    /// What cannot be seen there, a sentence each.
    pub(super) unseen: Vec<String>,
    /// Schemas of lessons there that nobody removed.
    pub(super) leftovers: Vec<Leftover>,
    /// Of somebody's own.
    pub(super) encrypted: Option<bool>,
}

impl From<Arc<AttachedCluster>> for Reached {
    fn from(cluster: Arc<AttachedCluster>) -> Self {
        Self {
            unseen: cluster.unseen().to_vec(),
            leftovers: cluster.leftovers().to_vec(),
            encrypted: Some(cluster.is_encrypted()),
            cluster,
        }
    }
}

impl Reached {
    /// What is left of lessons that were killed, and how it goes.
    pub(super) fn left_behind(&self) -> Option<String> {
        left_behind(&self.leftovers)
    }

    /// Ready for what a lesson does.
    pub(super) fn stage(&self) -> Stage {
        let topology = self.cluster.topology().clone();
        Stage::new(Arc::clone(&self.cluster), topology)
    }
}

/// What is left of lessons that were killed, and how it goes.
pub(super) fn left_behind(leftovers: &[Leftover]) -> Option<String> {
    let in_words = |leftover: &Leftover| {
        if leftover.is_ours {
            leftover.schema.clone()
        } else {
            format!("{} of {}", leftover.schema, leftover.owner)
        }
    };
    let names: Vec<String> = leftovers.iter().map(in_words).collect();
    (!names.is_empty()).then(|| {
        format!(
            "Lessons of a killed program left behind: {}. `citus-tour down --url URL` drops it, as the role that it belongs to",
            names.join(", ")
        )
    })
}

/// Reaches the cluster that is meant, kept or at an address.
pub(super) async fn find(which: &WhichCluster) -> Result<Reached> {
    if let Some(url) = &which.url {
        return Ok(Arc::new(reach(url, which.allow_writes).await?).into());
    }
    Ok(Reached {
        cluster: attach(&which.name).await?,
        unseen: Vec::new(),
        leftovers: Vec::new(),
        encrypted: None,
    })
}

/// The same, ready for what a lesson does.
pub(super) async fn stage(name: &ClusterName) -> Result<Stage> {
    let cluster = attach(name).await?;
    let topology = cluster.topology().clone();
    Ok(Stage::new(cluster, topology))
}

/// The same for an experiment, and nobody else's as long as the file lives. The system lets go of it also when the program is killed.
pub(super) async fn stage_alone(name: &ClusterName) -> Result<(Stage, File)> {
    let cluster = attach(name).await?;
    let alone = alone(cluster.directory())?;
    let topology = cluster.topology().clone();
    Ok((Stage::new(cluster, topology), alone))
}

fn alone(run: &Path) -> Result<File> {
    let path = run.join("experiment.lock");
    let failed = || format!("{} could not be locked", path.display());
    let mut options = OpenOptions::new();
    // Who may open it may hold it, and so hold us up.
    options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(&path).with_context(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => bail!(
            "another experiment runs on this cluster: each would take the other's faults for its own. Wait until it is over, or end it with Ctrl+C where it runs"
        ),
        Err(TryLockError::Error(error)) => Err(error).with_context(failed),
    }
}

/// A node of the cluster, to talk to.
pub(super) fn target(cluster: &dyn Runtime, node: &str) -> Result<Target> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_experiment_on_one_cluster_is_refused_until_the_first_is_over() {
        let run = tempfile::tempdir().unwrap();
        let first = alone(run.path()).unwrap();
        let second = alone(run.path()).unwrap_err().to_string();
        assert!(second.contains("another experiment runs"), "{second}");
        drop(first);
        alone(run.path()).unwrap();
    }
}
