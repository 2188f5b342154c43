//! Load and probes: open loop, histograms, availability by kind of statement.
//!
//! In: a coordinator to talk to, the cluster's view, what to send and how often. Out: [`Batch`]es of what probes saw, which
//! [`Availability`] makes strips, outages and outcomes of; [`LoadInterval`]s and a [`LoadReport`] of a load. What happened to the
//! nodes meanwhile is told by [`Mark`]s on the same axis of time.

mod availability;
mod connection;
mod load;
mod mark;
mod probe;
mod relation;

pub use availability::{
    Availability, Cell, FEWEST, LATE, MEMORY, MOST, Outage, SETTLED, Track, Window,
};
pub use load::{
    Bucket, Class, ErrorLine, IntervalLine, Line, Load, LoadInterval, LoadPlan, LoadReport,
    MarkLine, Milliseconds, Mix, MixLine, NoMix, Pacing, Quantiles, Tally, Workload, live_head,
    live_lines,
};
pub use mark::{Mark, MarkKind, changes};
pub use probe::{
    Acquaintance, Batch, Failure, Outstanding, Pace, ProbeSpec, Probes, Sample, Tenant, probe_specs,
};
