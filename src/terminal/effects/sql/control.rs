//! What reaches the task past its queue: cancellations, and that all is given up.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use tokio::sync::watch;

use crate::{app::sql::JobId, postgres::CancelHandle};

/// Shared by the task and those who ask it.
#[derive(Debug)]
pub(super) struct Control {
    /// What was asked in an earlier epoch is given up.
    epoch: watch::Sender<u64>,
    /// How often each job was cancelled.
    cancelled: watch::Sender<BTreeMap<JobId, u32>>,
    /// Stops what runs now.
    current: Mutex<Option<CancelHandle>>,
}

impl Default for Control {
    fn default() -> Self {
        Self {
            epoch: watch::Sender::new(0),
            cancelled: watch::Sender::new(BTreeMap::new()),
            current: Mutex::new(None),
        }
    }
}

impl Control {
    pub(super) fn epoch(&self) -> u64 {
        *self.epoch.borrow()
    }

    pub(super) fn abandon(&self) {
        self.epoch.send_modify(|epoch| *epoch += 1);
    }

    /// Ends when what was asked in that epoch is given up.
    pub(super) async fn abandoned(&self, epoch: u64) {
        let mut epochs = self.epoch.subscribe();
        // We hold the sender.
        let _ = epochs.wait_for(|now| *now > epoch).await;
    }

    pub(super) fn cancel(&self, job: JobId) {
        self.cancelled
            .send_modify(|cancelled| *cancelled.entry(job).or_default() += 1);
    }

    /// How often a job was cancelled.
    pub(super) fn cancellations(&self, job: JobId) -> u32 {
        self.cancelled.borrow().get(&job).copied().unwrap_or(0)
    }

    /// Ends when a job was cancelled more often than that.
    pub(super) async fn cancelled_beyond(&self, job: JobId, times: u32) {
        let mut cancelled = self.cancelled.subscribe();
        let _ = cancelled
            .wait_for(|cancelled| cancelled.get(&job).copied().unwrap_or(0) > times)
            .await;
    }

    /// A job is over: nobody can mean it any more.
    pub(super) fn forget(&self, job: JobId) {
        self.cancelled.send_if_modified(|cancelled| {
            cancelled.retain(|other, _| *other > job);
            false
        });
    }

    pub(super) fn current(&self) -> Option<CancelHandle> {
        self.current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn set_current(&self, handle: Option<CancelHandle>) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = handle;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cancellation_reaches_its_job_only() {
        let control = Control::default();
        control.cancel(JobId(2));
        control.cancelled_beyond(JobId(2), 0).await;
        assert_eq!(control.cancellations(JobId(1)), 0);
        control.cancel(JobId(2));
        control.cancelled_beyond(JobId(2), 1).await;
        control.cancel(JobId(3));
        control.forget(JobId(2));
        assert_eq!(control.cancellations(JobId(2)), 0);
        assert_eq!(control.cancellations(JobId(3)), 1);
    }

    #[tokio::test]
    async fn a_new_epoch_gives_up_the_old_one() {
        let control = Control::default();
        let epoch = control.epoch();
        control.abandon();
        control.abandoned(epoch).await;
        assert!(control.epoch() > epoch);
    }
}
