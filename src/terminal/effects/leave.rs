//! The end of a cluster, or of our part in it.

use std::sync::Arc;

use super::{context::unbroken, open::Open};
use crate::{
    app::Leave,
    runtime::{RuntimeError, local::LocalCluster},
};

/// Names that are tried where the wanted one is taken: `journey-2`, `journey-3`, …
const NAMES: u32 = 100;

/// Ends the cluster with its data, or lets it go on; gives the name under which it does.
pub(super) async fn leave(mut open: Open, leave: Leave) -> Result<Option<String>, String> {
    if matches!(leave, Leave::Keep(_)) {
        open.statements.cancel_on_server().await;
    }
    // Also a start half-way: what it has brought up goes with it.
    open.quiet().await;
    let Some(running) = open.cluster.send_replace(None) else {
        return Ok(None);
    };
    drop(open);
    let cluster = Arc::clone(&running.cluster);
    drop(running);
    let left = unbroken(async move {
        match leave {
            Leave::End => cluster.end().await.map(|()| None),
            Leave::Keep(name) => keep(&cluster, name).await.map(Some),
        }
    });
    left.await?.map_err(|error| error.to_string())
}

async fn keep(cluster: &LocalCluster, wanted: String) -> Result<String, RuntimeError> {
    let mut name = wanted.clone();
    for number in 2..NAMES {
        match cluster.keep(&name).await {
            Err(RuntimeError::NameTaken(_)) => name = format!("{wanted}-{number}"),
            kept => return kept.map(|()| name),
        }
    }
    Err(RuntimeError::NameTaken(wanted))
}
