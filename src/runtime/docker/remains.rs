//! What a cluster has in an engine, found by its labels, and how that is removed.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::time::Duration;

use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListNetworksOptionsBuilder, ListVolumesOptionsBuilder,
    RemoveContainerOptionsBuilder, RemoveVolumeOptionsBuilder,
};
use futures_util::future::try_join_all;
use serde_json::Value;

use super::container::{HOME, RUN};
use super::engine::{ContainerEngine, is_not_found, status};
use crate::runtime::runs::{id_of, read, remove_directory};
use crate::runtime::{Directories, RuntimeError, fingerprint, list};

/// How long a network may be in use after its last container is gone.
const NETWORK_DEADLINE: Duration = Duration::from_secs(10);
/// How long the engine may refuse to remove what somebody left.
const RESISTING: Duration = Duration::from_secs(30);
/// Looks for what comes late, and between them.
const LATE: u32 = 4;
const SETTLE: Duration = Duration::from_millis(400);
const AGAIN: Duration = Duration::from_millis(100);

/// What stands for our home on labels: other homes' clusters are none of our business.
pub(super) fn home_of(directories: &Directories) -> String {
    fingerprint::short(&[directories.runs().as_os_str().as_encoded_bytes()])
}

/// Removes whatever a run has in its engine, and its directory. For those who cannot wait for a task: the guard, a sweep.
pub(in crate::runtime) fn remove(run: &Path) -> Result<(), RuntimeError> {
    // No more than every version writes alike: what another version left is removed too.
    let description = read(run);
    let host = description.pointer("/setup/host").and_then(Value::as_str);
    let id = id_of(run);
    let work = async {
        let engine = match host {
            Some(host) => ContainerEngine::connect(host).await?,
            None => ContainerEngine::find().await?,
        };
        engine.remove_patiently(&id).await?;
        // What the program had asked for when it was killed may be made only now.
        for _ in 0..LATE {
            tokio::time::sleep(SETTLE).await;
            engine.remove_patiently(&id).await?;
        }
        Ok::<_, RuntimeError>(())
    };
    // A thread of its own: we may be within a runtime already.
    let removed = std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            let runtime = runtime.map_err(|error| RuntimeError::Guard(error.to_string()))?;
            runtime.block_on(work)
        });
        thread
            .join()
            .unwrap_or_else(|error| std::panic::resume_unwind(error))
    });
    removed?;
    remove_directory(run)
}

/// Removes what our clusters left in the engine and nothing here knows of any more. Gives their ids.
///
/// # Errors
/// When the engine does not answer, or one of them resists.
pub async fn sweep(
    engine: &ContainerEngine,
    directories: &Directories,
) -> Result<Vec<String>, RuntimeError> {
    engine.sweep(directories).await
}

impl ContainerEngine {
    pub(super) async fn sweep(
        &self,
        directories: &Directories,
    ) -> Result<Vec<String>, RuntimeError> {
        let ids = self.labelled_ids(&home_of(directories)).await?;
        // Asked for after the containers: a run that is begun meanwhile is among these.
        let known: HashSet<String> = list(directories)?.into_iter().map(|run| run.id).collect();
        let lost: Vec<String> = ids.into_iter().filter(|id| !known.contains(id)).collect();
        for id in &lost {
            self.remove_labelled(RUN, id).await?;
        }
        Ok(lost)
    }

    /// The ids of clusters of a home that have containers or networks.
    async fn labelled_ids(&self, home: &str) -> Result<Vec<String>, RuntimeError> {
        let label = format!("{HOME}={home}");
        let filters = HashMap::from([("label", vec![label.as_str()])]);
        let action = "looking for what is left";
        let containers = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&filters);
        let containers = self.api.list_containers(Some(containers.build())).await;
        let containers = containers.map_err(|error| self.error(action, &error))?;
        let networks = ListNetworksOptionsBuilder::new().filters(&filters).build();
        let networks = self.api.list_networks(Some(networks)).await;
        let networks = networks.map_err(|error| self.error(action, &error))?;
        let of_containers = containers
            .into_iter()
            .filter_map(|container| container.labels);
        let of_networks = networks.into_iter().filter_map(|network| network.labels);
        let mut ids: Vec<String> = of_containers
            .chain(of_networks)
            .filter_map(|mut labels| labels.remove(RUN))
            .collect();
        ids.sort();
        ids.dedup();
        Ok(ids)
    }

    /// Removes whatever a run has, and tries again where the engine refuses: a container that is just being started resists for a moment.
    async fn remove_patiently(&self, id: &str) -> Result<(), RuntimeError> {
        let started = tokio::time::Instant::now();
        loop {
            match self.remove_labelled(RUN, id).await {
                Err(RuntimeError::ContainerEngine { .. } | RuntimeError::WillNotEnd { .. })
                    if started.elapsed() < RESISTING =>
                {
                    tokio::time::sleep(SETTLE).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Removes every container, then every volume and network, that carries a label.
    pub(super) async fn remove_labelled(
        &self,
        label: &str,
        value: &str,
    ) -> Result<(), RuntimeError> {
        let label = format!("{label}={value}");
        let filters = HashMap::from([("label", vec![label.as_str()])]);
        let action = "removing a cluster";
        let containers = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&filters);
        let containers = self.api.list_containers(Some(containers.build())).await;
        let containers = containers.map_err(|error| self.error(action, &error))?;
        let ids = containers.into_iter().filter_map(|container| container.id);
        try_join_all(ids.map(async |id: String| self.remove_container(&id).await)).await?;
        let volumes = ListVolumesOptionsBuilder::new().filters(&filters).build();
        let volumes = self.api.list_volumes(Some(volumes)).await;
        let volumes = volumes.map_err(|error| self.error(action, &error))?.volumes;
        for volume in volumes.unwrap_or_default() {
            self.remove_volume(&volume.name).await?;
        }
        let networks = ListNetworksOptionsBuilder::new().filters(&filters).build();
        let networks = self.api.list_networks(Some(networks)).await;
        for network in networks.map_err(|error| self.error(action, &error))? {
            self.remove_network(&network.id.unwrap_or_default()).await?;
        }
        Ok(())
    }

    /// Ends a container at once and removes it with its data; one that is gone is fine.
    pub(super) async fn remove_container(&self, name: &str) -> Result<(), RuntimeError> {
        let options = RemoveContainerOptionsBuilder::new()
            .force(true)
            .v(true)
            .build();
        match self.api.remove_container(name, Some(options)).await {
            Err(error) if is_not_found(&error) => Ok(()),
            // Somebody else, such as the guard, is at it: it is done when it is gone.
            Err(error) if status(&error) == Some(409) => self.wait_until_gone(name).await,
            outcome => outcome.map_err(|error| self.error(&format!("removing {name}"), &error)),
        }
    }

    async fn wait_until_gone(&self, name: &str) -> Result<(), RuntimeError> {
        let gone = async {
            loop {
                match self.api.inspect_container(name, None).await {
                    Err(error) if is_not_found(&error) => return,
                    _ => tokio::time::sleep(AGAIN).await,
                }
            }
        };
        tokio::time::timeout(NETWORK_DEADLINE, gone)
            .await
            .map_err(|_| RuntimeError::WillNotEnd {
                node: name.to_owned(),
                seconds: NETWORK_DEADLINE.as_secs(),
            })
    }

    /// Removes a volume; one that is gone is fine.
    pub(super) async fn remove_volume(&self, name: &str) -> Result<(), RuntimeError> {
        let options = RemoveVolumeOptionsBuilder::new().force(true).build();
        match self.api.remove_volume(name, Some(options)).await {
            Err(error) if is_not_found(&error) => Ok(()),
            outcome => {
                outcome.map_err(|error| self.error(&format!("removing the volume {name}"), &error))
            }
        }
    }

    async fn remove_network(&self, name: &str) -> Result<(), RuntimeError> {
        let started = tokio::time::Instant::now();
        loop {
            match self.api.remove_network(name).await {
                Err(error) if is_not_found(&error) => return Ok(()),
                // Its last container is on its way out.
                Err(error)
                    if status(&error) == Some(403) && started.elapsed() < NETWORK_DEADLINE =>
                {
                    tokio::time::sleep(AGAIN).await;
                }
                outcome => {
                    return outcome.map_err(|error| {
                        self.error(&format!("removing the network {name}"), &error)
                    });
                }
            }
        }
    }
}
