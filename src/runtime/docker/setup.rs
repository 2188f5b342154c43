//! What is written down of a cluster of containers.

use serde::{Deserialize, Serialize};

/// How the containers of a cluster were made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ContainerSetup {
    /// The engine that makes them one database; empty until they were asked.
    pub(super) engine: String,
    /// The version of Citus, or of what stands in for it.
    pub(super) version: String,
    /// `server_version`.
    pub(super) postgres: String,
    /// Where the container engine listens.
    pub(super) host: String,
    /// `docker` or `podman`: its client.
    pub(super) client: String,
    /// The image, by name, and by the id that the name stood for.
    pub(super) image: String,
    pub(super) image_id: String,
    /// Where the image keeps data.
    #[serde(default)]
    pub(super) volumes: Vec<String>,
}
