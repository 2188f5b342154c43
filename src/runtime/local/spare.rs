//! Copies of a template that lie ready: taking one is a rename, where copying a thousand files takes longer than starting a server.
//!
//! They lie in the template's own directory and go with it. Half-made ones begin with a dot.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::copy::{self, Extent};
use crate::runtime::RuntimeError;
use crate::runtime::runs::create_private;
use crate::runtime::runs::secrets::random_word;

/// A half-made copy older than this was left by a program that is gone.
const STALE: Duration = Duration::from_secs(600);

/// Moves a whole spare to `target`, if there is one that is as it should be.
pub(super) fn take(template: &Path, target: &Path, extent: Extent) -> bool {
    whole(template).into_iter().any(|spare| {
        // Whoever renames it first has it.
        if fs::rename(&spare, target).is_err() {
            return false;
        }
        let right = copy::measure(target).is_ok_and(|found| found == extent);
        if !right {
            let _ = fs::remove_dir_all(target);
        }
        right
    })
}

/// How many lie ready.
pub(super) fn count(template: &Path) -> usize {
    whole(template).len()
}

/// Where to make the next one.
pub(super) fn partial(template: &Path) -> Result<PathBuf, RuntimeError> {
    let directory = directory(template);
    create_private(&directory, 0o700)?;
    for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
        let stale = entry
            .metadata()
            .and_then(|metadata| metadata.modified())
            .is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > STALE));
        if stale && is_partial(&entry.path()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
    Ok(directory.join(format!(".{}", random_word(4))))
}

/// Offers a finished one.
pub(super) fn keep(template: &Path, partial: &Path) -> Result<(), RuntimeError> {
    let place = directory(template).join(random_word(4));
    fs::rename(partial, &place)
        .map_err(|error: io::Error| RuntimeError::io("laying a copy by", &place, error))
}

fn whole(template: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory(template))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| !is_partial(path))
        .collect()
}

fn directory(template: &Path) -> PathBuf {
    template.join("spares")
}

fn is_partial(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lay(template: &Path, content: &str) -> Extent {
        let partial = partial(template).unwrap();
        fs::create_dir(&partial).unwrap();
        fs::write(partial.join("PG_VERSION"), content).unwrap();
        let extent = copy::measure(&partial).unwrap();
        assert_eq!(count(template), 0, "a half-made copy is not offered");
        keep(template, &partial).unwrap();
        extent
    }

    #[test]
    fn a_spare_is_taken_once() {
        let home = tempfile::tempdir().unwrap();
        let extent = lay(home.path(), "15");
        assert_eq!(count(home.path()), 1);
        let target = home.path().join("data");
        assert!(take(home.path(), &target, extent));
        assert_eq!(fs::read_to_string(target.join("PG_VERSION")).unwrap(), "15");
        assert!(!take(home.path(), &home.path().join("other"), extent));
    }

    #[test]
    fn a_damaged_spare_is_thrown_away() {
        let home = tempfile::tempdir().unwrap();
        let extent = lay(home.path(), "15");
        fs::write(whole(home.path())[0].join("PG_VERSION"), "").unwrap();
        let target = home.path().join("data");
        assert!(!take(home.path(), &target, extent));
        assert!(!target.exists());
        assert_eq!(count(home.path()), 0);
    }
}
