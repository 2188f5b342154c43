//! `attach`.

use clap::Args;

use super::ScreenArguments;

#[derive(Debug, Args)]
pub(in crate::cli) struct AttachArguments {
    /// How to reach the coordinator, as libpq reads it: `postgres://user@host:5432/database?sslmode=verify-full`, or
    /// `host=… dbname=…`; what it does not say, PGHOST, PGUSER, … say
    #[arg(value_name = "URL", env = "CITUS_TOUR_URL", hide_env_values = true)]
    pub(in crate::cli) url: Option<String>,
    /// Let statements, load and probes change it; without this citus-tour only reads
    #[arg(long)]
    pub(in crate::cli) allow_writes: bool,
    /// Print what `status` prints, as JSON, instead of the screen
    #[arg(long)]
    pub(in crate::cli) json: bool,
    #[command(flatten)]
    pub(in crate::cli) screen: ScreenArguments,
}
