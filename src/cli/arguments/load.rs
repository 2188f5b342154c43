//! `load`.

use std::{ops::RangeInclusive, time::Duration};

use clap::Args;

use super::{WhichCluster, time};
use crate::workload::Mix;

#[derive(Debug, Args)]
pub(in crate::cli) struct LoadArguments {
    #[command(flatten)]
    pub(in crate::cli) which: WhichCluster,
    /// chat or shop, or the tour whose tables those are; when not given, what the cluster has the tables of
    #[arg(value_name = "WORKLOAD|TOUR")]
    pub(in crate::cli) workload: Option<String>,
    /// How long, such as 30s; until Ctrl+C when not given
    #[arg(long = "for", value_name = "TIME", value_parser = time)]
    pub(in crate::cli) lasts: Option<Duration>,
    /// Statements a second that are due, whatever became of those before; with --closed, the most that are sent
    #[arg(long, value_name = "NUMBER", value_parser = rate)]
    pub(in crate::cli) rate: Option<f64>,
    /// Connections
    #[arg(long, default_value_t = 16, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub(in crate::cli) clients: u16,
    /// Let each client wait for its answer before it sends its next statement, as pgbench does: what a slow server delays is not seen
    #[arg(long)]
    pub(in crate::cli) closed: bool,
    /// What is sent: `reads`, `writes` or `reports` alone, or their weights
    #[arg(
        long,
        default_value = "reads=80,writes=19,reports=1",
        value_name = "MIX"
    )]
    pub(in crate::cli) mix: Mix,
    /// Ask for some tenants more often than for others: the exponent of a Zipf distribution, such as 1.1
    #[arg(long, value_name = "EXPONENT", value_parser = skew)]
    pub(in crate::cli) skew: Option<f64>,
    /// What chance begins with: the same statements again for the same number
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    pub(in crate::cli) seed: u64,
    /// How long a statement may wait before it is given up
    #[arg(long, default_value = "10s", value_name = "TIME", value_parser = time)]
    pub(in crate::cli) patience: Duration,
    /// Print the report as JSON
    #[arg(long)]
    pub(in crate::cli) json: bool,
}

fn rate(text: &str) -> Result<f64, String> {
    number(text, 0.01..=1_000_000.0)
}

fn skew(text: &str) -> Result<f64, String> {
    number(text, 0.0..=10.0)
}

fn number(text: &str, within: RangeInclusive<f64>) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if within.contains(&number) {
        Ok(number)
    } else {
        Err(format!(
            "not between {} and {}",
            within.start(),
            within.end()
        ))
    }
}
