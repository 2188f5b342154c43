//! The end of a cluster, or of our part in it.

use std::sync::Arc;

use super::{context::unbroken, open::Open};
use crate::{
    app::Leave,
    runtime::{Runtime, RuntimeError},
};

/// Names that are tried where the wanted one is taken: `journey-2`, `journey-3`, …
const NAMES: u32 = 100;

/// What went wrong, and the cluster with all that belongs to it where that goes on.
pub(super) type Refusal = (String, Option<Box<Open>>);

/// Ends the cluster with its data, or lets it go on; gives the name under which it does.
pub(super) async fn leave(mut open: Open, leave: Leave) -> Result<Option<String>, Refusal> {
    if let (Leave::Keep(name), Some(running)) = (&leave, open.running()) {
        // What an experiment broke is put back while that is known: nobody would do it later.
        open.laboratory.call_off_and_wait().await;
        // Before anything of it is let go: what cannot be kept goes on as it was.
        let (cluster, wanted) = (Arc::clone(&running.cluster), name.clone());
        drop(running);
        let kept = unbroken(async move { keep(cluster.as_ref(), wanted).await }).await;
        let name = match kept.and_then(|kept| kept.map_err(|error| error.to_string())) {
            Ok(name) => name,
            Err(problem) => return Err((problem, Some(Box::new(open)))),
        };
        open.statements.cancel_on_server().await;
        open.quiet().await;
        return Ok(Some(name));
    }
    if open.running().is_some_and(|it| it.cluster.is_elsewhere()) {
        return leave_as_guest(open).await;
    }
    // Also a start half-way: what it has brought up goes with it.
    open.quiet().await;
    let Some(running) = open.cluster.send_replace(None) else {
        return Ok(None);
    };
    drop(open);
    let cluster = Arc::clone(&running.cluster);
    drop(running);
    let ended = unbroken(async move { cluster.end().await }).await;
    let ended = ended.and_then(|ended| ended.map_err(|error| error.to_string()));
    ended.map(|()| None).map_err(|problem| (problem, None))
}

/// Drops what lessons made on somebody's own cluster. That goes on either way, and so does the tour where dropping fails.
async fn leave_as_guest(mut open: Open) -> Result<Option<String>, Refusal> {
    if let Some(making) = open.making.take() {
        making.end().await;
    }
    open.checks.watch(None, Vec::new());
    open.laboratory.quiet().await;
    // Its server would go on with what it does for us.
    open.statements.cancel_on_server().await;
    open.statements.abandon();
    let Some(running) = open.running() else {
        return Ok(None);
    };
    let cluster = Arc::clone(&running.cluster);
    let ended = unbroken(async move { cluster.end().await }).await;
    match ended.and_then(|ended| ended.map_err(|error| error.to_string())) {
        Ok(()) => {
            open.quiet().await;
            Ok(None)
        }
        Err(problem) => {
            let stage = running.stage();
            open.statements.adopt(stage, running, 0);
            Err((problem, Some(Box::new(open))))
        }
    }
}

async fn keep(cluster: &dyn Runtime, wanted: String) -> Result<String, RuntimeError> {
    let mut name = wanted.clone();
    for number in 2..NAMES {
        match cluster.keep(&name).await {
            Err(RuntimeError::NameTaken(_)) => name = format!("{wanted}-{number}"),
            kept => return kept.map(|()| name),
        }
    }
    Err(RuntimeError::NameTaken(wanted))
}
