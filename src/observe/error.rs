//! What can go wrong while watching.

use crate::postgres::PostgresError;

/// Each names the node, says what happened there and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObserveError {
    /// The server did not answer as asked.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// A catalog holds what we do not understand.
    #[error(
        "{node}: the catalogs say {what}, which this program does not understand. Is the engine newer than it?"
    )]
    Strange {
        /// Which node.
        node: String,
        /// What was strange.
        what: String,
    },
    /// No shard holds the value.
    #[error(
        "no node holds {value} of {table}: it is no distributed table, or has no active placement for it"
    )]
    Nowhere {
        /// The table asked for.
        table: String,
        /// The value asked for.
        value: String,
    },
}
