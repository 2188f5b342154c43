//! What makes servers one database: Citus itself, or the emulation over PostgreSQL's own sharding.
//!
//! In: a PostgreSQL that was found. Out: the [`ServerSetup`] by which the local runtime makes and starts servers, and the words that
//! the screen wears. [`choose`] decides which engine on which PostgreSQL, and says why; [`doctor`] gathers everything for people.
//!
//! ```no_run
//! use citus_tour::engine::{EnginePreference, choose};
//! use citus_tour::runtime::{Directories, local::{discover}};
//!
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let directories = Directories::from_environment()?;
//! let choice = choose(EnginePreference::Auto, &discover(None, directories.cache()))?;
//! let engine = choice.engine.engine();
//! // Reads and writes files: milliseconds when the cache has them, some tenths of a second when not.
//! let setup = engine.prepare(&choice.installation, &directories)?;
//! println!("{}", engine.words(&choice.installation));
//! # Ok(())
//! # }
//! ```

mod choice;
mod citus;
pub mod doctor;
mod emulation;
mod error;
mod extension;
mod ground;
mod tree;

use crate::runtime::{
    Directories, Served,
    local::{Installation, ServerSetup},
};

pub use choice::{Choice, EngineKind, EnginePreference, choose};
pub use citus::Citus;
pub use emulation::Emulation;
pub use error::EngineError;
pub use ground::{
    Containers, Ground, RuntimePreference, Wish, decide, hold_to, look_for_containers, start_on,
};

/// One way to make servers one database.
pub trait Engine: Send + Sync {
    /// `citus` or `emulation`.
    fn name(&self) -> &'static str;

    /// What the screen wears all the time: engine, its version, and what it runs on.
    fn words(&self, installation: &Installation) -> String {
        in_words(
            self.is_real(),
            &self.version(installation),
            installation.short_version(),
        )
    }

    /// The version of Citus that an installation offers, or that is emulated on it.
    fn version(&self, installation: &Installation) -> String;

    /// Whether this is Citus itself.
    fn is_real(&self) -> bool;

    /// Lays what servers of this engine need, and says how to make and start them. Workers get the extension up front; on the
    /// coordinator the learner creates it.
    ///
    /// # Errors
    /// When the installation lacks something, or files cannot be written.
    fn prepare(
        &self,
        installation: &Installation,
        directories: &Directories,
    ) -> Result<ServerSetup, EngineError>;

    /// The statement that tells a coordinator by which name the other nodes reach it. The same on both engines.
    fn coordinator_host(&self, host: &str, port: u16) -> String {
        format!(
            "SELECT citus_set_coordinator_host('{}', {port})",
            host.replace('\'', "''")
        )
    }
}

/// What the screen wears of a cluster, wherever it runs: engine, its version, and what it runs on.
#[must_use]
pub fn words_of(served: &Served) -> String {
    match EngineKind::from_name(&served.engine) {
        Some(kind) => in_words(
            kind.engine().is_real(),
            &served.version,
            served.short_postgres(),
        ),
        None => served.engine.clone(),
    }
}

/// Whether a cluster is served by Citus itself.
#[must_use]
pub fn is_real(served: &Served) -> bool {
    EngineKind::from_name(&served.engine).is_some_and(|kind| kind.engine().is_real())
}

fn in_words(is_real: bool, version: &str, postgres: &str) -> String {
    if is_real {
        format!("Citus {version} on PostgreSQL {postgres}")
    } else {
        format!("emulation of Citus {version} on PostgreSQL {postgres}")
    }
}
