//! Prepares the next start while nobody waits: the template for workers, if it is yet to be made, and spare copies.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use super::template::{Flavour, Templates};

/// Long enough for a tour to seed its tables first.
const PAUSE: Duration = Duration::from_secs(2);
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// The work, on a thread of its own that is told to stop, and waited for, when this is dropped.
#[derive(Debug)]
pub(super) struct Stock {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Stock {
    /// Begins to lay by as many copies as were needed now.
    pub(super) fn begin(templates: &Templates, needed: Vec<(Flavour, usize)>) -> Self {
        let stop = Arc::<AtomicBool>::default();
        let templates = templates.until(Arc::clone(&stop));
        let heeded = Arc::clone(&stop);
        let thread = std::thread::Builder::new()
            .name("citus-tour-stock".to_owned())
            .spawn(move || work(&templates, &needed, &heeded))
            // Without it the next start copies for itself.
            .ok();
        Self { stop, thread }
    }
}

impl Drop for Stock {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(templates: &Templates, needed: &[(Flavour, usize)], stop: &AtomicBool) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    else {
        return;
    };
    let stopped = async {
        while !stop.load(Ordering::Relaxed) {
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    };
    let lay_by = async {
        tokio::time::sleep(PAUSE).await;
        for (flavour, count) in needed {
            while templates.spares(*flavour) < *count {
                if let Err(error) = templates.lay_by(*flavour).await {
                    tracing::debug!(%error, "no copy was laid by");
                    return;
                }
            }
        }
    };
    runtime.block_on(async {
        tokio::select! {
            () = stopped => {}
            () = lay_by => {}
        }
    });
}
