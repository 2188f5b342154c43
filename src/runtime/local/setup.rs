//! What an engine asks of the servers, as data, so that the runtime need not know engines.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::examine::Installation;

/// How the servers of a cluster are to be made and started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerSetup {
    /// The engine's name, for descriptions.
    pub engine: String,
    /// The version of Citus, or of what stands in for it.
    #[serde(default)]
    pub version: String,
    /// The PostgreSQL that makes data directories.
    pub installation: Installation,
    /// The server program to start: the installation's, or a copy that an engine prepared.
    pub postgres: PathBuf,
    /// Settings beyond the common ones.
    pub settings: Vec<(String, String)>,
    /// Settings for servers that know them, asked of the server itself: an unknown one would keep it from starting.
    pub settings_if_known: Vec<(String, String)>,
    /// Statements run once in the template of every node.
    pub every_node: Vec<String>,
    /// Statements run once more in the template of workers, such as `CREATE EXTENSION citus`.
    pub worker: Vec<String>,
    /// Statements run on each worker that was copied from the template, for what must differ between nodes.
    pub each_worker: Vec<String>,
    /// Stands for everything the template depends on that is not listed here, such as the text of an extension.
    pub fingerprint: String,
}

impl ServerSetup {
    /// Plain PostgreSQL, without any engine.
    #[must_use]
    pub fn plain(installation: Installation) -> Self {
        Self {
            engine: "none".to_owned(),
            version: String::new(),
            postgres: installation.program("postgres"),
            installation,
            settings: Vec::new(),
            settings_if_known: Vec::new(),
            every_node: Vec::new(),
            worker: Vec::new(),
            each_worker: Vec::new(),
            fingerprint: String::new(),
        }
    }
}
