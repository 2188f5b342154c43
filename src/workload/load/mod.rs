//! Load: a workload's statements at a rate, and what became of them.

mod interval;
mod plan;
mod report;
mod runner;

pub use interval::{LoadInterval, Quantiles, Tally};
pub use plan::{Class, LoadPlan, Mix, Pacing, Workload};
pub use report::LoadReport;
pub use runner::Load;
