//! Copies a data directory: by reference where the file system can (APFS, Btrfs, XFS), byte by byte elsewhere.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use crate::runtime::RuntimeError;
use crate::runtime::ServerAccount;

/// How much a directory holds, to know a damaged one by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extent {
    files: u64,
    bytes: u64,
}

/// Counts what is under a directory.
pub(super) fn measure(directory: &Path) -> Result<Extent, RuntimeError> {
    let mut extent = Extent::default();
    walk(directory, &mut |_, metadata| {
        if metadata.is_file() {
            extent.files += 1;
            extent.bytes += metadata.len();
        }
        Ok(())
    })?;
    Ok(extent)
}

/// Copies `from` to `to`, which must not exist, for the servers' user; only they can read it. Gives what was copied; an error
/// when it was told to stop.
pub(super) fn tree(
    from: &Path,
    to: &Path,
    account: &ServerAccount,
    stop: &AtomicBool,
) -> Result<Extent, RuntimeError> {
    let mut extent = Extent::default();
    let mut by_reference = true;
    walk(from, &mut |path, metadata| {
        // `walk` only gives paths under `from`.
        let target = path
            .strip_prefix(from)
            .map_or_else(|_| to.to_path_buf(), |rest| to.join(rest));
        let failed = |error| RuntimeError::io("copying a data directory", &target, error);
        if stop.load(Ordering::Relaxed) {
            return Err(failed(io::ErrorKind::Interrupted.into()));
        }
        if metadata.is_dir() {
            fs::create_dir(&target).map_err(failed)?;
            fs::set_permissions(&target, fs::Permissions::from_mode(0o700)).map_err(failed)?;
        } else {
            by_reference = by_reference && reflink_copy::reflink(path, &target).is_ok();
            if !by_reference {
                fs::copy(path, &target).map_err(failed)?;
            }
            fs::set_permissions(&target, fs::Permissions::from_mode(0o600)).map_err(failed)?;
            extent.files += 1;
            extent.bytes += metadata.len();
        }
        account.own(&target)
    })?;
    Ok(extent)
}

/// Visits a directory, then what it holds. A data directory that we made holds no links.
fn walk(
    path: &Path,
    visit: &mut impl FnMut(&Path, &fs::Metadata) -> Result<(), RuntimeError>,
) -> Result<(), RuntimeError> {
    let failed = |error| RuntimeError::io("reading a data directory", path, error);
    let metadata = fs::symlink_metadata(path).map_err(failed)?;
    visit(path, &metadata)?;
    if metadata.is_dir() {
        for entry in fs::read_dir(path).map_err(failed)? {
            walk(&entry.map_err(failed)?.path(), visit)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_as_large_as_what_it_was_copied_from() {
        let home = tempfile::tempdir().unwrap();
        let from = home.path().join("from");
        fs::create_dir_all(from.join("base/1")).unwrap();
        fs::write(from.join("base/1/1259"), "rows").unwrap();
        fs::write(from.join("PG_VERSION"), "15").unwrap();
        let account = ServerAccount {
            lent: false,
            ..ServerAccount::choose().unwrap()
        };
        let to = home.path().join("to");
        let extent = tree(&from, &to, &account, &AtomicBool::new(false)).unwrap();
        assert_eq!(extent, measure(&from).unwrap());
        assert_eq!(extent, measure(&to).unwrap());
        assert_eq!(extent, Extent { files: 2, bytes: 6 });
        assert_eq!(
            fs::metadata(to.join("base")).unwrap().permissions().mode() & 0o777,
            0o700
        );
    }
}
