//! Where files lie. `CITUS_TOUR_HOME` holds everything where it is set; else the XDG base directories do.
//!
//! What servers touch (caches, runs) lies apart from what they do not (progress), since root's servers run as somebody who cannot
//! look into root's home. Then their part moves to `/var/tmp`, in a directory that is checked to be ours before it is used.

use std::env;
use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use etcetera::base_strategy::{BaseStrategy, Xdg};
use nix::unistd::Uid;

use super::account::ServerAccount;
use super::fingerprint;
use crate::runtime::RuntimeError;

/// The directories of this user's citus-tour. Made on demand, each 0700 (0711 where the servers' user has to pass).
#[derive(Debug, Clone)]
pub struct Directories {
    data: PathBuf,
    cache: PathBuf,
    runs: PathBuf,
    account: ServerAccount,
}

impl Directories {
    /// Finds them from the environment and makes them.
    ///
    /// # Errors
    /// When there is no home, it cannot be written, or a directory outside it belongs to a stranger.
    pub fn from_environment() -> Result<Self, RuntimeError> {
        let account = ServerAccount::choose()?;
        if let Some(home) = env::var_os("CITUS_TOUR_HOME").filter(|home| !home.is_empty()) {
            return Self::under(&PathBuf::from(home), account);
        }
        // etcetera would fall back to the password database, but a program whose HOME is unset was started by something
        // (cron, a container's init) that did not mean it to write into somebody's home.
        if env::var_os("HOME").is_none_or(|home| home.is_empty()) {
            return Err(RuntimeError::NoHome);
        }
        let base = Xdg::new().map_err(|_| RuntimeError::NoHome)?;
        let state = base.state_dir().unwrap_or_else(|| base.data_dir());
        Self::make(
            base.data_dir().join("citus-tour"),
            base.cache_dir().join("citus-tour"),
            state.join("citus-tour").join("run"),
            account,
        )
    }

    /// Everything under one directory, as with `CITUS_TOUR_HOME`.
    ///
    /// # Errors
    /// As [`Directories::from_environment`].
    pub fn under(home: &Path, account: ServerAccount) -> Result<Self, RuntimeError> {
        let home = std::path::absolute(home)
            .map_err(|error| RuntimeError::io("finding CITUS_TOUR_HOME", home, error))?;
        Self::make(
            home.join("data"),
            home.join("cache"),
            home.join("run"),
            account,
        )
    }

    fn make(
        data: PathBuf,
        cache: PathBuf,
        runs: PathBuf,
        account: ServerAccount,
    ) -> Result<Self, RuntimeError> {
        create_private(&data, 0o700)?;
        let (cache, runs) =
            if account.lent && !(account.can_traverse(&cache) && account.can_traverse(&runs)) {
                let base = elsewhere(&data);
                create_private(&base, 0o711)?;
                check_ours(&base)?;
                (base.join("cache"), base.join("run"))
            } else {
                (cache, runs)
            };
        let mode = if account.lent { 0o711 } else { 0o700 };
        create_private(&cache, mode)?;
        create_private(&runs, mode)?;
        check_ours(&cache)?;
        check_ours(&runs)?;
        Ok(Self {
            data,
            cache,
            runs,
            account,
        })
    }

    /// Progress and other things to keep. Servers never touch it.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// What can be made again: templates, engines' trees, a PostgreSQL brought by npm. The servers' user can read it.
    #[must_use]
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// One directory for each cluster that runs or is kept.
    #[must_use]
    pub fn runs(&self) -> &Path {
        &self.runs
    }

    /// Who runs the servers.
    #[must_use]
    pub fn account(&self) -> &ServerAccount {
        &self.account
    }
}

/// The same place for the same home each time, so that caches and leftovers are found again.
fn elsewhere(data: &Path) -> PathBuf {
    let mark = fingerprint::short(&[data.as_os_str().as_encoded_bytes()]);
    PathBuf::from(format!("/var/tmp/citus-tour-{}-{mark}", Uid::effective()))
}

/// Makes a directory and its parents. What exists is left as it is.
pub(in crate::runtime) fn create_private(path: &Path, mode: u32) -> Result<(), RuntimeError> {
    let is_new = !path.exists();
    DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        // Whatever our umask is: the servers' user has to pass where the mode lets them.
        .and_then(|()| {
            if is_new {
                fs::set_permissions(path, fs::Permissions::from_mode(mode))
            } else {
                Ok(())
            }
        })
        .map_err(|error| RuntimeError::io("making a directory", path, error))
}

/// Refuses links, strangers' directories and those that others may write: whoever owns the directory decides what our servers read.
pub(in crate::runtime) fn check_ours(path: &Path) -> Result<(), RuntimeError> {
    let untrusted = |reason: &str| RuntimeError::UntrustedDirectory {
        path: path.to_path_buf(),
        reason: reason.to_owned(),
    };
    let metadata = fs::symlink_metadata(path)
        .map_err(|error| RuntimeError::io("looking at a directory", path, error))?;
    if !metadata.is_dir() {
        return Err(untrusted("it is not a directory"));
    }
    if metadata.uid() != Uid::effective().as_raw() {
        return Err(untrusted("it belongs to another user"));
    }
    if metadata.permissions().mode() & 0o022 != 0 {
        return Err(untrusted("other users may write it"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_others_may_write_is_refused() {
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let error = check_ours(home.path()).unwrap_err();
        assert!(
            error.to_string().contains("other users may write it"),
            "{error}"
        );
    }

    #[test]
    fn a_link_is_never_followed() {
        let home = tempfile::tempdir().unwrap();
        let link = home.path().join("link");
        std::os::unix::fs::symlink(home.path(), &link).unwrap();
        assert!(check_ours(&link).is_err());
    }

    #[test]
    fn a_home_that_is_a_file_says_what_failed_and_where() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("file");
        fs::write(&file, "").unwrap();
        let account = ServerAccount::choose().unwrap();
        let error = Directories::under(&file, account).unwrap_err();
        assert!(error.to_string().contains("making a directory"), "{error}");
    }

    #[test]
    fn a_home_that_the_servers_cannot_enter_is_left_to_its_owner() {
        let home = tempfile::tempdir().unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let account = ServerAccount::choose().unwrap();
        let directories = Directories::under(home.path(), account.clone()).unwrap();
        assert!(directories.data().starts_with(home.path()));
        assert_eq!(directories.runs().starts_with(home.path()), !account.lent);
        assert!(account.can_traverse(directories.runs()));
        if account.lent {
            fs::remove_dir_all(directories.runs().parent().unwrap()).unwrap();
        }
    }
}
