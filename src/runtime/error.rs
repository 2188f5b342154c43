//! What can go wrong where nodes live.

/// Each message says what happened, to which node, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// A name that the topology does not have.
    #[error("there is no node `{0}` in this topology")]
    UnknownNode(String),
}
