//! Standard output that survives a reader who has gone (`citus-tour play | head`).

use std::{
    fmt,
    io::{self, IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::sync::Notify;

use crate::postgres::visible_text;

/// Where plain text goes.
#[derive(Debug, Clone, Default)]
pub(super) struct Output {
    closed: Arc<Closed>,
}

#[derive(Debug, Default)]
struct Closed {
    flag: AtomicBool,
    notify: Notify,
}

impl Output {
    /// Writes text. Whatever came from a database, a lesson or a name in it is data: what could steer a terminal is written out.
    pub(super) fn write(&self, text: impl fmt::Display) {
        if self.closed.flag.load(Ordering::Relaxed) {
            return;
        }
        let mut stdout = io::stdout().lock();
        if write!(stdout, "{}", visible_text(&text.to_string()))
            .and_then(|()| stdout.flush())
            .is_err()
        {
            self.closed.flag.store(true, Ordering::Relaxed);
            self.closed.notify.notify_one();
        }
    }

    /// Writes a line.
    pub(super) fn line(&self, text: impl fmt::Display) {
        self.write(format_args!("{text}\n"));
    }

    /// Ends when nobody reads any more.
    pub(super) async fn closed(&self) {
        self.closed.notify.notified().await;
    }
}

/// Writes a line for people to standard error, where it does not mix with what scripts read.
pub(super) fn remark(text: impl fmt::Display) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{}", visible_text(&text.to_string()));
}

/// Whether a person can answer.
pub(super) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}
