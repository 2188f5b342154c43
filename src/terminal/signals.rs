//! What the system asks of the program.

use std::io;

use nix::{
    sys::signal::{Signal as Number, kill},
    unistd::{Pid, getppid, getsid},
};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// To end.
    End,
    /// To stop until the shell says to go on.
    Suspend,
    /// To go on.
    Resume,
}

/// The signals that we hear.
#[derive(Debug)]
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    quit: Signal,
    suspend: Signal,
    resume: Signal,
}

impl Signals {
    /// From now on they come here.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            quit: signal(SignalKind::quit())?,
            suspend: signal(SignalKind::from_raw(Number::SIGTSTP as i32))?,
            resume: signal(SignalKind::from_raw(Number::SIGCONT as i32))?,
        })
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.interrupt.recv() => Asked::End,
            _ = self.terminate.recv() => Asked::End,
            _ = self.hangup.recv() => Asked::End,
            _ = self.quit.recv() => Asked::End,
            _ = self.suspend.recv() => Asked::Suspend,
            _ = self.resume.recv() => Asked::Resume,
        }
    }
}

/// Whether somebody is there who would bring us back: a parent in our session. Whoever leads a session (or was left by their parent) would
/// sleep for ever.
pub(super) fn can_suspend() -> bool {
    let session = |process| getsid(Some(process)).ok();
    session(getppid()).is_some_and(|parents| session(Pid::this()) == Some(parents))
}

/// Stops our process group, all of it, as shells expect: it may hold who started us, such as `make`.
pub(super) fn stop() -> io::Result<()> {
    Ok(kill(Pid::from_raw(0), Number::SIGSTOP)?)
}
