//! The thread on which clients run.
//!
//! A runtime of several threads wakes one for almost every answer that comes to another. On a small machine, where the servers need the
//! processors, that is what a generator costs most.

use std::thread::Builder as Thread;

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use crate::workload::connection::TrailEnd;

/// A runtime on a thread of its own. Dropping it ends it, after what was to be cancelled there.
#[derive(Debug)]
pub(super) struct OwnThread {
    runtime: Handle,
    /// Dropped to end it.
    stop: Option<oneshot::Sender<()>>,
    /// Dropped when it has ended.
    ended: oneshot::Receiver<()>,
}

impl OwnThread {
    /// Starts it. Where there is no thread to be had, the runtime of the caller does, which waits for nothing.
    pub(super) fn start(trails: TrailEnd) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let (end, ended) = oneshot::channel::<()>();
        let work = async move {
            // Nothing is ever sent.
            let _ = stopped.await;
            trails.reached().await;
            drop(end);
        };
        let own = Builder::new_current_thread().enable_all().build();
        let runtime = own.and_then(|runtime| {
            let handle = runtime.handle().clone();
            let thread = Thread::new().name("load".to_owned());
            thread.spawn(move || runtime.block_on(work))?;
            Ok(handle)
        });
        let runtime = runtime.unwrap_or_else(|error| {
            tracing::warn!(%error, "no thread for a load");
            Handle::current()
        });
        Self {
            runtime,
            stop: Some(stop),
            ended,
        }
    }

    /// Where to spawn.
    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Ends it, and waits until what was to be cancelled is.
    pub(super) async fn end(mut self) {
        self.stop = None;
        let _ = self.ended.await;
    }
}
