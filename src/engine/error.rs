//! What can go wrong before an engine has servers.

use std::path::PathBuf;

use crate::runtime::RuntimeError;

/// Each message says what happened and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The engine's files could not be laid.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),

    /// Nothing on this machine serves what was asked for.
    #[error("{wanted} cannot be had here: {why}")]
    Unavailable {
        /// What was asked for.
        wanted: String,
        /// Why it cannot be had, and what to do.
        why: String,
    },

    /// The PostgreSQL chosen lacks what the engine stands on.
    #[error("the PostgreSQL in {} lacks {missing}, which {engine} stands on. Install {remedy}", .bindir.display())]
    Missing {
        /// Its programs.
        bindir: PathBuf,
        /// The engine.
        engine: &'static str,
        /// What is not there.
        missing: String,
        /// What would bring it.
        remedy: String,
    },
}
