//! A thread that writes frames, so that a slow terminal holds up nothing but the next frame.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Sender, channel},
    },
    thread,
};

use tokio::sync::Notify;

use super::bytes::put;

/// The way to the terminal.
#[derive(Debug)]
pub(super) struct Writer {
    sender: Sender<Vec<u8>>,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: AtomicUsize,
    written: Notify,
}

impl Writer {
    /// Starts the thread; it ends with the program.
    pub(super) fn start() -> io::Result<Self> {
        let (sender, receiver) = channel::<Vec<u8>>();
        let state = Arc::new(State::default());
        let told = Arc::clone(&state);
        thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                for bytes in receiver {
                    if let Err(error) = put(&bytes) {
                        // The watchdog tells of a terminal that is gone.
                        tracing::debug!(%error, "the terminal takes nothing");
                    }
                    told.waiting.fetch_sub(1, Ordering::SeqCst);
                    told.written.notify_one();
                }
            })?;
        Ok(Self { sender, state })
    }

    /// Hands bytes over.
    pub(super) fn write(&self, bytes: Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        self.state.waiting.fetch_add(1, Ordering::SeqCst);
        if self.sender.send(bytes).is_err() {
            self.state.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// Whether something is still on its way.
    pub(super) fn is_busy(&self) -> bool {
        self.state.waiting.load(Ordering::SeqCst) > 0
    }

    /// Ends when nothing is on its way any more.
    pub(super) async fn idle(&self) {
        while self.is_busy() {
            self.state.written.notified().await;
        }
    }
}
