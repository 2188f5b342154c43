//! One builder at a time: locks between programs that share a cache.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::runtime::RuntimeError;

/// A lock on a file beside what is being made, held as long as this lives.
pub(in crate::runtime) struct Lock(
    #[expect(dead_code, reason = "the lock is the open file itself")] File,
);

impl Lock {
    /// Nobody else may hold it.
    pub(in crate::runtime) fn exclusive(path: &Path) -> Result<Self, RuntimeError> {
        Self::take(path, File::lock)
    }

    /// Others may share it.
    pub(in crate::runtime) fn shared(path: &Path) -> Result<Self, RuntimeError> {
        Self::take(path, File::lock_shared)
    }

    fn take(path: &Path, lock: fn(&File) -> std::io::Result<()>) -> Result<Self, RuntimeError> {
        let failed = |error| RuntimeError::io("locking the cache", path, error);
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            // Who may open it may hold it, and so hold us up.
            .mode(0o600)
            .open(path)
            .map_err(failed)?;
        lock(&file).map_err(failed)?;
        Ok(Self(file))
    }
}
