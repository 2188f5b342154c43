//! That a run is ours: its lock, and the guard that ends it when this program is gone.

use std::fs::File;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::guard::{Guard, GuardProgram};
use super::{remove, try_own};
use crate::runtime::RuntimeError;

/// Held for as long as the cluster ends with this program. A cluster that is taken over has an empty one.
#[derive(Debug, Default)]
pub(in crate::runtime) struct Claim(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    // Dropped in this order: the guard still works while the lock says that the run is owned.
    guard: Option<Guard>,
    owner: Option<File>,
}

impl Claim {
    /// Locks a directory that has just been made, and sets a guard on it.
    pub(in crate::runtime) fn lay(
        program: &GuardProgram,
        directory: &Path,
    ) -> Result<Self, RuntimeError> {
        let owner = try_own(directory)
            .map_err(|error| RuntimeError::io("locking the cluster", directory, error))?;
        let guard = Guard::start(program, directory).inspect_err(|_| {
            let _ = remove(directory);
        })?;
        Ok(Self(Mutex::new(Held {
            guard: Some(guard),
            owner,
        })))
    }

    /// The cluster needs nobody any more: it is kept, or has ended.
    pub(in crate::runtime) fn release(&self) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(guard) = held.guard.take() {
            guard.release();
        }
        held.owner.take();
    }
}
