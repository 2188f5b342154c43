//! Notices that the terminal is gone, also where no SIGHUP tells: a program that reads from a closed terminal would spin for ever.

use std::{io, os::fd::AsFd, sync::Arc, thread};

use nix::{
    errno::Errno,
    poll::{PollFd, PollFlags, PollTimeout, poll},
};
use tokio::sync::Notify;

/// Told when the terminal is gone.
#[derive(Debug)]
pub(super) struct Watchdog(Arc<Notify>);

impl Watchdog {
    /// Watches standard input on a thread that sleeps until it is closed.
    pub(super) fn start() -> io::Result<Self> {
        let gone = Arc::new(Notify::new());
        let told = Arc::clone(&gone);
        thread::Builder::new()
            .name("watchdog".to_owned())
            .spawn(move || {
                if is_gone_at_last(&io::stdin()) {
                    told.notify_one();
                }
            })?;
        Ok(Self(gone))
    }

    /// Ends when the terminal is gone.
    pub(super) async fn gone(&self) {
        self.0.notified().await;
    }
}

/// Sleeps until the other end hangs up. False where this cannot be told.
fn is_gone_at_last(terminal: &impl AsFd) -> bool {
    loop {
        // No events are asked for: these two come unasked.
        let mut polled = [PollFd::new(terminal.as_fd(), PollFlags::empty())];
        match poll(&mut polled, PollTimeout::NONE) {
            Err(Errno::EINTR) => {}
            Err(_) => return false,
            Ok(_) => {
                let events = polled[0].revents().unwrap_or(PollFlags::empty());
                return events.intersects(PollFlags::POLLHUP | PollFlags::POLLERR);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_other_side_is_noticed() {
        let (reader, writer) = io::pipe().unwrap();
        let watching = thread::spawn(move || is_gone_at_last(&reader));
        drop(writer);
        assert!(watching.join().unwrap());
    }
}
