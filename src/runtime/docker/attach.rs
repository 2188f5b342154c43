//! Taking over a kept cluster, or reaching one that another program runs.

use std::sync::Arc;

use super::Description;
use super::cluster::DockerCluster;
use super::container::Naming;
use super::engine::ContainerEngine;
use super::remains::home_of;
use super::shared::Shared;
use crate::runtime::runs::Claim;
use crate::runtime::{Directories, KnownRun, RuntimeError};

impl DockerCluster {
    pub(in crate::runtime) async fn attach(
        directories: &Directories,
        found: KnownRun,
    ) -> Result<Self, RuntimeError> {
        let description = Description::read(&found.directory)?;
        let engine = ContainerEngine::connect(&description.setup.host).await?;
        let naming = Naming {
            id: found.id,
            home: home_of(directories),
        };
        let shared = Arc::new(Shared::new(
            found.directory,
            directories.clone(),
            engine,
            naming,
            description,
            Claim::default(),
        )?);
        for node in &shared.nodes {
            shared.look(node).await;
        }
        Ok(Self::listening_to(shared))
    }
}
