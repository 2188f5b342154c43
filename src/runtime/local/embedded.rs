//! PostgreSQL's own programs, brought by npm, for machines without PostgreSQL.

use std::path::{Path, PathBuf};

/// The directory of programs in the cache, if they were brought.
#[must_use]
pub fn installed(cache: &Path) -> Option<PathBuf> {
    Some(cache.join("postgres/bin")).filter(|bindir| bindir.join("postgres").exists())
}
