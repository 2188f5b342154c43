//! Ends what runs when somebody asks the program to end, so that it can clean up after itself.

use std::future::pending;

use tokio::signal::unix::{SignalKind, signal};

use super::output::Output;

/// Runs `work` until it is done; `None` when a signal came, or nobody reads the output any more, before that.
pub(super) async fn until_interrupted<Work: Future>(work: Work, output: &Output) -> Option<Work::Output> {
    tokio::select! {
        done = work => Some(done),
        () = asked_to_end() => None,
        () = output.closed() => None,
    }
}

async fn asked_to_end() {
    let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup(), SignalKind::quit()];
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
