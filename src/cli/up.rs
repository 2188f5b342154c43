//! `up`: starts a tour's cluster and keeps it running.

use std::sync::Arc;

use anyhow::Result;

use super::{
    arguments::{ClusterArguments, UpArguments},
    cluster,
    failure::Ending,
    interrupt::until_interrupted,
    lint::{place, topology_of, tour},
    output::Output,
    play::bring_to,
};
use crate::{
    player::Stage,
    runtime::{ProcessState, Runtime},
};

/// Starts a cluster that outlives this program.
pub(super) async fn up(
    arguments: &ClusterArguments,
    up: &UpArguments,
    output: &Output,
) -> Result<Ending> {
    let tour = tour(arguments, &up.tour)?;
    let topology = topology_of(&tour)?;
    let at = place(&tour, up.at.as_deref())?;
    let name = up.cluster.clone().unwrap_or_else(|| tour.id.clone());
    let work = async {
        let cluster = cluster::start(arguments, topology.clone(), Some(name.clone())).await?;
        let stage = Stage::new(Arc::clone(&cluster), topology);
        if let Err(error) = bring_to(&tour, stage, at).await {
            cluster.end().await?;
            return Err(error);
        }
        output.line(cluster::header(cluster.as_ref(), &tour.title));
        tell(cluster.as_ref(), &name, output)?;
        Ok(Ending::Well)
    };
    until_interrupted(
        Box::pin(work),
        output,
        "`citus-tour down --all` removes what was started",
    )
    .await
}

fn tell(cluster: &dyn Runtime, name: &str, output: &Output) -> Result<()> {
    for node in cluster.nodes() {
        let address = cluster.address(&node)?;
        let state = match cluster.state(&node)? {
            ProcessState::Absent => format!("not started; `citus-tour node add {node}` does"),
            state => format!("{state:?}").to_lowercase(),
        };
        output.line(format_args!(
            "  {node:<12} {}:{}  {state}",
            address.host, address.port
        ));
    }
    output.line(format_args!(
        "It runs until `citus-tour down --cluster {name}`. `citus-tour psql --cluster {name}` talks to it, `citus-tour status --cluster {name}` shows it."
    ));
    Ok(())
}
