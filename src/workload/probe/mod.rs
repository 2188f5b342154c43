//! Probes: small statements of every kind, sent again and again, so that it is known from moment to moment what works.

mod runner;
mod sample;
mod spec;

pub use runner::Probes;
pub use sample::{Batch, Failure, Outstanding, Sample};
pub use spec::{Acquaintance, Pace, ProbeSpec, Tenant, probe_specs};
