//! Citus itself.

use super::{Engine, EngineError};
use crate::runtime::{
    Directories,
    local::{Installation, ServerSetup},
};

/// The extension of the installation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Citus;

/// Citus checks that no two nodes are the same server; copies of one template would look the same to it.
const OWN_IDENTITY: &str = "UPDATE pg_catalog.pg_dist_node_metadata \
     SET metadata = jsonb_set(metadata, '{server_id}', to_jsonb(gen_random_uuid()))";

impl Engine for Citus {
    fn name(&self) -> &'static str {
        "citus"
    }

    fn version(&self, installation: &Installation) -> String {
        let version = installation.citus.as_deref();
        version.unwrap_or("of an unknown version").to_owned()
    }

    fn is_real(&self) -> bool {
        true
    }

    fn prepare(
        &self,
        installation: &Installation,
        _directories: &Directories,
    ) -> Result<ServerSetup, EngineError> {
        let Some(version) = &installation.citus else {
            return Err(EngineError::Missing {
                bindir: installation.bindir.clone(),
                engine: "the engine `citus`",
                missing: "the extension Citus 12.1 or newer".to_owned(),
                remedy: format!(
                    "the package postgresql-{}-citus, or use --engine emulation",
                    installation.major
                ),
            });
        };
        let setting = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Ok(ServerSetup {
            engine: self.name().to_owned(),
            version: version.clone(),
            settings: vec![
                setting("shared_preload_libraries", "citus"),
                // A frozen worker shall be noticed in seconds, not in half a minute.
                setting("citus.node_connection_timeout", "3s"),
                // The default wants TLS, which nodes on one loopback have no use for.
                setting("citus.node_conninfo", "sslmode=prefer"),
                // `localhost` may mean ::1 first, where our servers do not listen.
                setting("citus.local_hostname", "127.0.0.1"),
            ],
            // Splitting a shard decodes with Citus's own plugin, which newer minor versions refuse unless it is listed.
            settings_if_known: vec![setting(
                "output_plugin_libraries",
                "pgoutput, test_decoding, citus",
            )],
            worker: vec!["CREATE EXTENSION citus".to_owned()],
            each_worker: vec![OWN_IDENTITY.to_owned()],
            fingerprint: version.clone(),
            ..ServerSetup::plain(installation.clone())
        })
    }
}
