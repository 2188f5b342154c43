//! A data directory made once and copied for every node: `initdb` takes longer than everything else of a start.
//!
//! Two flavours: plain, and for workers, who already have the engine's extension. Each lies under a key of everything that it depends
//! on, is built aside under a lock and renamed into place, and carries a manifest by which a damaged one is known and rebuilt.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::configuration::{self, HOST_ACCESS, LAYOUT};
use super::copy::{self, Extent};
use super::setup::ServerSetup;
use super::spare;
use crate::runtime::RuntimeError;
use crate::runtime::blocking::blocking;
use crate::runtime::runs::lock::Lock;
use crate::runtime::runs::secrets::random_word;
use crate::runtime::runs::{Directories, ServerAccount, create_private, fingerprint};

/// Which template a node is copied from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Flavour {
    /// PostgreSQL as the learner first meets it.
    Plain,
    /// With the engine's extension created.
    Worker,
}

/// Gives out copies, building templates when they are first asked for.
#[derive(Debug, Clone)]
pub(super) struct Templates {
    directory: PathBuf,
    pub(super) account: ServerAccount,
    pub(super) setup: Arc<ServerSetup>,
    pub(super) run: PathBuf,
    stop: Arc<AtomicBool>,
}

/// A data directory that was given out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Taken {
    /// The superuser's password in it.
    pub(super) password: String,
    /// Which template it is a copy of: plain, while the one for workers is yet to be made.
    pub(super) flavour: Flavour,
}

/// What lies beside a template's data.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Manifest {
    pub(super) password: String,
    pub(super) extent: Extent,
}

impl Templates {
    /// Templates are built under the run's nodes, so that whoever ends the run's servers ends theirs.
    pub(super) fn new(directories: &Directories, setup: Arc<ServerSetup>, run: &Path) -> Self {
        Self {
            directory: directories.cache().join("templates"),
            account: directories.account().clone(),
            setup,
            run: run.to_path_buf(),
            stop: Arc::default(),
        }
    }

    /// The same, heeding a word to stop.
    pub(super) fn until(&self, stop: Arc<AtomicBool>) -> Self {
        Self {
            stop,
            ..self.clone()
        }
    }

    /// The flavour that a worker is copied from: without statements of its own there is but one.
    pub(super) fn worker_flavour(&self) -> Flavour {
        if self.setup.worker.is_empty() {
            Flavour::Plain
        } else {
            Flavour::Worker
        }
    }

    /// Whether a template stands ready.
    pub(super) fn is_built(&self, flavour: Flavour) -> bool {
        self.place(flavour).join("manifest.json").exists()
    }

    /// Gives a data directory at `target`, whose parent belongs to the servers' user already: a spare one if there is, else a copy.
    /// While the template for workers is not built, a plain one does: it will be built when nobody waits for it.
    pub(super) async fn take(
        &self,
        flavour: Flavour,
        target: &Path,
    ) -> Result<Taken, RuntimeError> {
        let flavour = if self.is_built(flavour) {
            flavour
        } else {
            Flavour::Plain
        };
        let (place, to) = (self.place(flavour), target.to_path_buf());
        let spare = blocking(move || {
            let manifest = read_manifest(&place)?;
            Ok(spare::take(&place, &to, manifest.extent).then_some(manifest.password))
        });
        let password = match spare.await {
            Ok(Some(password)) => password,
            _ => self.copy(flavour, target).await?,
        };
        Ok(Taken { password, flavour })
    }

    /// Makes a copy for the next cluster to take.
    pub(super) async fn lay_by(&self, flavour: Flavour) -> Result<(), RuntimeError> {
        self.ensure(flavour).await?;
        let place = self.place(flavour);
        let partial = spare::partial(&place)?;
        self.try_copy(flavour, &partial).await?;
        spare::keep(&place, &partial)
    }

    /// How many copies lie ready.
    pub(super) fn spares(&self, flavour: Flavour) -> usize {
        spare::count(&self.place(flavour))
    }

    /// Copies a template to `target` and gives the password that is in it.
    pub(super) async fn copy(
        &self,
        flavour: Flavour,
        target: &Path,
    ) -> Result<String, RuntimeError> {
        let mut attempts_left = 2;
        loop {
            self.ensure(flavour).await?;
            match self.try_copy(flavour, target).await {
                Err(error)
                    if attempts_left > 0 && !matches!(error, RuntimeError::DiskFull { .. }) =>
                {
                    tracing::warn!(%error, "the template is damaged and is made anew");
                    attempts_left -= 1;
                    self.discard_if_damaged(flavour).await?;
                }
                outcome => return outcome,
            }
        }
    }

    async fn try_copy(&self, flavour: Flavour, target: &Path) -> Result<String, RuntimeError> {
        let (place, target, account) = (
            self.place(flavour),
            target.to_path_buf(),
            self.account.clone(),
        );
        let (lock, stop) = (self.lock_path(flavour), Arc::clone(&self.stop));
        blocking(move || {
            let _shared = Lock::shared(&lock)?;
            let manifest = read_manifest(&place)?;
            let data = place.join("data");
            let outcome = copy::tree(&data, &target, &account, &stop).and_then(|copied| {
                if copied == manifest.extent {
                    return Ok(manifest.password);
                }
                let source = io::Error::other("files are missing or cut short");
                Err(RuntimeError::io(
                    "reading the cached data directory",
                    &data,
                    source,
                ))
            });
            if outcome.is_err() {
                let _ = fs::remove_dir_all(&target);
            }
            outcome
        })
        .await
    }

    /// Builds the template unless it is there.
    async fn ensure(&self, flavour: Flavour) -> Result<(), RuntimeError> {
        if self.is_built(flavour) {
            return Ok(());
        }
        create_private(
            &self.directory,
            if self.account.lent { 0o711 } else { 0o700 },
        )?;
        let path = self.lock_path(flavour);
        let _exclusive = blocking(move || Lock::exclusive(&path)).await?;
        if self.is_built(flavour) {
            return Ok(());
        }
        let name = format!("template-{}", random_word(4));
        let work = WorkDirectory(self.run.join("nodes").join(name));
        self.build(flavour, &work.0).await
    }

    /// Looks again under the lock: another node's start may have met the same damage, and mended it already.
    async fn discard_if_damaged(&self, flavour: Flavour) -> Result<(), RuntimeError> {
        let (place, lock) = (self.place(flavour), self.lock_path(flavour));
        blocking(move || {
            let _exclusive = Lock::exclusive(&lock)?;
            let sound = read_manifest(&place).is_ok_and(|manifest| {
                copy::measure(&place.join("data")).is_ok_and(|extent| extent == manifest.extent)
            });
            if sound || !place.exists() {
                return Ok(());
            }
            fs::remove_dir_all(&place)
                .map_err(|error| RuntimeError::io("removing a damaged template", &place, error))
        })
        .await
    }

    pub(super) fn place(&self, flavour: Flavour) -> PathBuf {
        self.directory.join(self.key(flavour))
    }

    fn lock_path(&self, flavour: Flavour) -> PathBuf {
        self.directory.join(format!("{}.lock", self.key(flavour)))
    }

    fn key(&self, flavour: Flavour) -> String {
        let setup = &self.setup;
        let settings = format!("{:?}{:?}", setup.settings_if_known, setup.every_node);
        let common = configuration::common(&setup.settings);
        let mut parts: Vec<&[u8]> = vec![
            LAYOUT.as_bytes(),
            setup.installation.version.as_bytes(),
            setup.installation.bindir.as_os_str().as_encoded_bytes(),
            setup.postgres.as_os_str().as_encoded_bytes(),
            common.as_bytes(),
            HOST_ACCESS.as_bytes(),
            settings.as_bytes(),
            setup.fingerprint.as_bytes(),
        ];
        let worker = format!("{:?}", setup.worker);
        let suffix = match flavour {
            Flavour::Plain => "plain",
            Flavour::Worker => {
                parts.push(worker.as_bytes());
                "worker"
            }
        };
        format!(
            "{}-{}-{suffix}",
            setup.installation.major,
            fingerprint::short(&parts)
        )
    }
}

/// Where a template is made: gone when that is over, however it is.
struct WorkDirectory(PathBuf);

impl Drop for WorkDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn read_manifest(place: &Path) -> Result<Manifest, RuntimeError> {
    let path = place.join("manifest.json");
    let failed = |error| RuntimeError::io("reading a template's manifest", &path, error);
    let text = fs::read_to_string(&path).map_err(failed)?;
    serde_json::from_str(&text).map_err(|error| failed(error.into()))
}
