//! What probes saw, told no more often than a screen is drawn.

use std::time::Duration;

use tokio::{
    sync::mpsc::Receiver,
    time::{Instant, sleep_until},
};

use crate::workload::Batch;

/// How often is told what probes saw.
pub(super) const PACE: Duration = Duration::from_millis(120);

/// Gives batches, those that come in between as one.
#[derive(Debug)]
pub(super) struct Batches {
    receiver: Receiver<Batch>,
    last: Option<Instant>,
}

impl Batches {
    pub(super) fn new(receiver: Receiver<Batch>) -> Self {
        Self {
            receiver,
            last: None,
        }
    }

    /// The next one; `None` when no more comes.
    pub(super) async fn next(&mut self) -> Option<Batch> {
        let mut batch = self.receiver.recv().await?;
        if let Some(last) = self.last {
            sleep_until(last + PACE).await;
        }
        while let Ok(more) = self.receiver.try_recv() {
            join(&mut batch, more);
        }
        self.last = Some(Instant::now());
        Some(batch)
    }
}

/// Adds what was seen later.
pub(super) fn join(batch: &mut Batch, later: Batch) {
    batch.at = later.at;
    batch.samples.extend(later.samples);
    batch.dropped.extend(later.dropped);
    batch.outstanding = later.outstanding;
}
