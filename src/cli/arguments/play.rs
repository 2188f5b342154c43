//! `play` and `verify`.

use clap::Args;

use super::OwnCluster;

#[derive(Debug, Args)]
pub(in crate::cli) struct PlayArguments {
    /// The tour to play
    #[arg(default_value = "journey")]
    pub(in crate::cli) tour: String,
    /// Where to begin: everything before is done silently
    #[arg(long, value_name = "LESSON[/STEP]")]
    pub(in crate::cli) at: Option<String>,
    /// Print the lessons' text too
    #[arg(long)]
    pub(in crate::cli) read: bool,
    /// Wait for Enter before each step, and keep progress
    #[arg(long)]
    pub(in crate::cli) interactive: bool,
    /// Draw the maps with ASCII characters only
    #[arg(long)]
    pub(in crate::cli) ascii: bool,
    #[command(flatten)]
    pub(in crate::cli) own: OwnCluster,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyArguments {
    /// The tour to verify; when not given, every tour that starts a cluster of its own
    pub(in crate::cli) tour: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) own: OwnCluster,
}
