//! The sessions of probes. Where nothing hangs a few serve all of them.

use crate::postgres::Session;

/// Sessions that are kept though nobody needs them.
const SPARE: usize = 6;

/// A session and when it was opened, counted in falls into silence.
#[derive(Debug)]
pub(super) struct Lent {
    pub(super) session: Option<Session>,
    epoch: u64,
}

/// The sessions that nobody uses.
#[derive(Debug, Default)]
pub(super) struct Pool {
    idle: Vec<Session>,
    epoch: u64,
}

impl Pool {
    /// A session, or the right to open one.
    pub(super) fn take(&mut self) -> Lent {
        Lent {
            session: self.idle.pop(),
            epoch: self.epoch,
        }
    }

    /// Takes it back. One that has talked to a worker before that fell silent is ended.
    pub(super) fn put(&mut self, lent: Lent) {
        if lent.epoch == self.epoch && self.idle.len() < SPARE {
            self.idle.extend(lent.session);
        }
    }

    /// A worker has fallen silent: whoever has a connection to it would hang.
    pub(super) fn start_anew(&mut self) {
        self.epoch += 1;
        self.idle.clear();
    }
}
