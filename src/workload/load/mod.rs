//! Load: a workload's statements at a rate, and what became of them.
//!
//! Latency counts from the moment at which a statement *was to start*, in an open loop: a server that stands still for a second makes
//! all wait who would have come in that second, and they are counted. A closed loop does not send them, and so does not see them.
//! Every statement that ended counts, whatever its end was; those that have not ended are told while they wait, and those that were
//! due while too many waited are counted as dropped.
//!
//! Written rows have keys that begin with the load's start in milliseconds, four million to each, so that no two loads collide.

mod arrivals;
mod interval;
mod meter;
mod mixing;
mod plan;
mod report;
mod runner;
mod shared;
mod statements;
mod tenants;
mod text;
mod thread;
mod zipf;

pub use interval::{LoadInterval, Quantiles, Tally};
pub use plan::{Class, LoadPlan, Mix, NoMix, Pacing, Workload};
pub use report::{
    Bucket, ErrorLine, IntervalLine, Line, LoadReport, MarkLine, Milliseconds, MixLine,
};
pub use runner::Load;
pub use text::{live_head, live_lines};
