//! Which cluster a command means.

use clap::Args;

/// Which kept cluster a command means.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct ClusterName {
    /// The cluster's name; not needed when there is only one
    #[arg(long, short, value_name = "NAME")]
    pub(in crate::cli) cluster: Option<String>,
}

/// Which cluster a command means: a kept one, or somebody's own.
#[derive(Debug, Clone, Args)]
pub(in crate::cli) struct WhichCluster {
    #[command(flatten)]
    pub(in crate::cli) name: ClusterName,
    /// Somebody's own Citus in place of a kept cluster, as `attach` reaches it; `-` for the one in `CITUS_TOUR_URL`
    #[arg(long, value_name = "URL", conflicts_with = "cluster")]
    pub(in crate::cli) url: Option<String>,
    /// Let statements change the cluster at --url; without this citus-tour only reads there
    #[arg(long, requires = "url")]
    pub(in crate::cli) allow_writes: bool,
}

/// Somebody's own cluster to play on, in place of one that is started.
#[derive(Debug, Clone, Default, Args)]
pub(in crate::cli) struct OwnCluster {
    /// Your own Citus, as `attach` reaches it (`-` for the one in `CITUS_TOUR_URL`), for tours that run there as guests: in a schema that
    /// is dropped at the end
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) url: Option<String>,
    /// Let the tour make its schema on the cluster at --url
    #[arg(long, requires = "url")]
    pub(in crate::cli) allow_writes: bool,
}
