//! Ends what runs when somebody asks the program to end, so that it can clean up after itself.

use std::{future::pending, pin::Pin};

use anyhow::Result;
use tokio::signal::unix::{SignalKind, signal};

use super::{
    failure::Ending,
    output::{Output, remark},
};

/// What an interruption means for a cluster that is not kept.
pub(super) const CLUSTER_ENDED: &str = "the servers are ended and their data removed";

/// Runs `work` until it is done, or until a signal comes or nobody reads the output any more. What `work` holds is dropped then,
/// which ends its servers; `consequence` tells what that means.
pub(super) async fn until_interrupted(
    work: Pin<Box<dyn Future<Output = Result<Ending>> + '_>>,
    output: &Output,
    consequence: &str,
) -> Result<Ending> {
    tokio::select! {
        ending = work => return ending,
        () = asked_to_end() => {}
        () = output.closed() => {}
    }
    remark(format_args!("interrupted: {consequence}"));
    Ok(Ending::Interrupted)
}

/// Ends when somebody asks the program to end. Other than by default, the program then goes on.
pub(super) async fn asked_to_end() {
    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
        SignalKind::quit(),
    ];
    let waiting = kinds.into_iter().map(|kind| {
        Box::pin(async move {
            match signal(kind) {
                Ok(mut signals) => {
                    signals.recv().await;
                }
                // Without a handler the signal ends the program, and the guard cleans up.
                Err(_) => pending().await,
            }
        })
    });
    futures_util::future::select_all(waiting).await;
}
