//! The end of a cluster, or of our part in it.

use super::{context::unbroken, open::Open};
use crate::app::Leave;

/// Ends the cluster with its data, or lets it go on under a name.
pub(super) async fn leave(mut open: Open, leave: Leave) -> Result<(), String> {
    if matches!(leave, Leave::Keep(_)) {
        open.statements.cancel_on_server().await;
    }
    // Also a start half-way: what it has brought up goes with it.
    open.quiet().await;
    let Some(running) = open.cluster.send_replace(None) else {
        return Ok(());
    };
    drop(open);
    let cluster = std::sync::Arc::clone(&running.cluster);
    drop(running);
    let left = unbroken(async move {
        match leave {
            Leave::End => cluster.end().await,
            Leave::Keep(name) => cluster.keep(&name).await,
        }
    });
    left.await?.map_err(|error| error.to_string())
}
