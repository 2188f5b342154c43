//! Probes: small statements of every kind, sent again and again, so that it is known from moment to moment what works.
//!
//! They must not disturb. No row is changed, locked or left; the only schema that is made is taken back in the same breath. And a
//! statement that hangs on a frozen worker keeps the locks that it has, on Citus until the worker thaws (its cancellation hangs as
//! well). Only connections that stood before the freeze hang like that: a new one gives up after `citus.node_connection_timeout`.
//! Therefore the workers are asked for a sign of life before each round, and once one of them gives none, sessions that have talked
//! to it before are ended and new ones are opened. What a statement finds then is what any new client finds.

mod acquaintance;
mod pace;
mod pool;
mod runner;
mod sample;
mod sentinel;
mod spec;

pub use acquaintance::{Acquaintance, Tenant};
pub use pace::Pace;
pub use runner::Probes;
pub use sample::{Batch, Failure, Outstanding, Sample};
pub use spec::{ProbeSpec, probe_specs};

pub(super) use acquaintance::{shards_of, texts};
