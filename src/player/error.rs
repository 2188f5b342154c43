//! What can go wrong while a lesson is played, beside a step that fails.

use crate::{
    observe::ObserveError,
    postgres::PostgresError,
    runtime::{Act, RuntimeError},
    workload::NoMix,
};

/// Each message says what happened, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlayError {
    /// A node could not be acted upon.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A server could not be talked to.
    #[error(transparent)]
    Postgres(#[from] PostgresError),
    /// A tenant could not be found.
    #[error(transparent)]
    Observe(#[from] ObserveError),
    /// A tenant is nowhere.
    #[error("no node holds the tenant {value}: {reason}")]
    NoSuchTenant {
        /// The value that was asked for.
        value: String,
        /// Why it was not found.
        reason: String,
    },
    /// A tour without rows of its own.
    #[error(
        "the tour `{0}` has no rows to load; `citus-tour seed journey` loads those of the journey"
    )]
    NothingToSeed(String),
    /// A tour without a load.
    #[error(
        "there is no load for the tour `{0}`; there is one for `active-active` and one for `journey`"
    )]
    NoLoad(String),
    /// An experiment that would forget its own beginning.
    #[error(
        "an experiment of {asked} s is too long: what probes saw is not remembered for so long. Watch it for {most} s at most"
    )]
    TooLong {
        /// Seconds that were asked for.
        asked: u64,
        /// Seconds that it may last.
        most: u64,
    },
    /// A mix that no load knows.
    #[error(transparent)]
    NoMix(#[from] NoMix),
    /// A place that the tour does not have.
    #[error("the tour `{tour}` has no {what}. It has: {known}")]
    NoSuchPlace {
        /// The tour.
        tour: String,
        /// What was asked for.
        what: String,
        /// What there is instead.
        known: String,
    },
    /// The runtime cannot do what the lesson wants.
    #[error("the runtime `{runtime}` cannot {act} a node")]
    ActNotPossible {
        /// The runtime.
        runtime: &'static str,
        /// What was wanted.
        act: Act,
    },
    /// A lesson before the wanted place failed while its state was rebuilt.
    #[error("could not rebuild the state before `{place}`: {reason}")]
    Rebuild {
        /// `lesson/step` that failed.
        place: String,
        /// What went wrong there.
        reason: String,
    },
}
