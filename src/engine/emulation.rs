//! The emulation: Citus's catalogs and functions over PostgreSQL's own hash partitions and `postgres_fdw`.

use super::{Engine, EngineError, extension, tree};
use crate::runtime::{
    Directories,
    local::{Installation, ServerSetup},
};

/// The extension in `sql/emulation`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Emulation;

/// What `SHOW` answers before the extension is created, as a server with Citus preloaded would.
const DEFAULTS: &[(&str, &str)] = &[
    ("citus.shard_count", "32"),
    ("citus.shard_replication_factor", "1"),
    ("citus.enable_repartition_joins", "off"),
    ("citus.node_connection_timeout", "3s"),
    ("citus.multi_shard_modify_mode", "parallel"),
];

impl Engine for Emulation {
    fn name(&self) -> &'static str {
        "emulation"
    }

    fn version(&self, _installation: &Installation) -> String {
        let version = extension::version();
        version.split('-').next().unwrap_or_default().to_owned()
    }

    fn is_real(&self) -> bool {
        false
    }

    fn prepare(
        &self,
        installation: &Installation,
        directories: &Directories,
    ) -> Result<ServerSetup, EngineError> {
        let missing: Vec<&str> = [
            ("postgres_fdw", installation.has_postgres_fdw),
            ("dblink", installation.has_dblink),
        ]
        .into_iter()
        .filter_map(|(name, there)| (!there).then_some(name))
        .collect();
        if !missing.is_empty() {
            return Err(EngineError::Missing {
                bindir: installation.bindir.clone(),
                engine: "the engine `emulation`",
                missing: missing.join(" and "),
                remedy: "the package with PostgreSQL's additional modules (often called postgresql-contrib)".to_owned(),
            });
        }
        let tree = tree::prepare(installation, directories.cache())?;
        let mut settings = tree.settings;
        // The extension keeps its tables where Citus keeps its own, in pg_catalog.
        settings.push(("allow_system_table_mods".to_owned(), "on".to_owned()));
        settings.extend(
            DEFAULTS
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        Ok(ServerSetup {
            engine: self.name().to_owned(),
            version: self.version(installation),
            postgres: tree.postgres,
            settings,
            worker: vec!["CREATE EXTENSION citus".to_owned()],
            each_worker: vec![
                "UPDATE pg_catalog.pg_dist_node_metadata \
                 SET metadata = jsonb_set(metadata, '{server_id}', to_jsonb(gen_random_uuid()))"
                    .to_owned(),
            ],
            fingerprint: extension::mark(),
            ..ServerSetup::plain(installation.clone())
        })
    }
}
