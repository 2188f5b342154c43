//! `down`: ends kept clusters and removes what crashed runs left.

use anyhow::Result;

use super::{
    arguments::{ClusterName, DownArguments},
    failure::Ending,
    kept,
    output::Output,
};
use crate::runtime::local::{Directories, LocalCluster, Standing, list, remove_leftovers};

/// Ends one cluster, or all.
pub(super) async fn down(arguments: &DownArguments, output: &Output) -> Result<Ending> {
    if !arguments.all {
        let cluster = kept::attach(&arguments.name)?;
        end(&cluster, output).await?;
        return Ok(Ending::Well);
    }
    let directories = Directories::from_environment()?;
    for run in list(&directories)?
        .into_iter()
        .filter(|run| run.standing == Standing::Kept)
    {
        let name = ClusterName { cluster: run.name };
        end(&kept::attach(&name)?, output).await?;
    }
    for leftover in remove_leftovers(&directories)? {
        output.line(format_args!(
            "removed what the run {} left behind",
            leftover.id
        ));
    }
    Ok(Ending::Well)
}

async fn end(cluster: &LocalCluster, output: &Output) -> Result<()> {
    cluster.end().await?;
    output.line(format_args!(
        "the cluster `{}` is ended and its data removed",
        cluster.kept_as().unwrap_or_default()
    ));
    Ok(())
}
