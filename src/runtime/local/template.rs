//! A data directory made once and copied for every node: `initdb` takes longer than everything else of a start.
//!
//! Two flavours: plain, and for workers, who already have the engine's extension. Each lies under a key of everything that it depends
//! on, is built aside under a lock and renamed into place, and carries a manifest by which a damaged one is known and rebuilt.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::account::ServerAccount;
use super::configuration::{self, HOST_ACCESS, LAYOUT, USER};
use super::copy::{self, Extent};
use super::credentials::{passfile, random_word, write_secret};
use super::directories::{Directories, create_private};
use super::lock::Lock;
use super::processes::ServerMark;
use super::program::{blocking, explain, run};
use super::run::cluster_name;
use super::server::{Launch, Started, connect};
use super::setup::ServerSetup;
use super::{fingerprint, ports, spare};
use crate::runtime::RuntimeError;

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
    account: ServerAccount,
    setup: Arc<ServerSetup>,
    run: PathBuf,
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

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    password: String,
    extent: Extent,
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
    async fn copy(&self, flavour: Flavour, target: &Path) -> Result<String, RuntimeError> {
        let fresh = self.ensure(flavour).await?;
        match self.try_copy(flavour, target).await {
            Err(error) if !fresh && !matches!(error, RuntimeError::DiskFull { .. }) => {
                tracing::warn!(%error, "the template is damaged and is made anew");
                self.discard(flavour).await?;
                self.ensure(flavour).await?;
                self.try_copy(flavour, target).await
            }
            outcome => outcome,
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

    /// Builds the template unless it is there; true when it was built now.
    async fn ensure(&self, flavour: Flavour) -> Result<bool, RuntimeError> {
        if self.is_built(flavour) {
            return Ok(false);
        }
        create_private(
            &self.directory,
            if self.account.lent { 0o711 } else { 0o700 },
        )?;
        let path = self.lock_path(flavour);
        let _exclusive = blocking(move || Lock::exclusive(&path)).await?;
        if self.is_built(flavour) {
            return Ok(false);
        }
        let name = format!("template-{}", random_word(4));
        let work = WorkDirectory(self.run.join("nodes").join(name));
        self.build(flavour, &work.0).await.map(|()| true)
    }

    async fn build(&self, flavour: Flavour, work: &Path) -> Result<(), RuntimeError> {
        create_private(work, 0o700)?;
        self.account.own(work)?;
        let data = work.join("data");
        let (password, statements) = match flavour {
            Flavour::Plain => (self.initialise(work, &data).await?, &self.setup.every_node),
            // Boxed, since a future cannot hold itself.
            Flavour::Worker => (
                Box::pin(self.copy(Flavour::Plain, &data)).await?,
                &self.setup.worker,
            ),
        };
        if !statements.is_empty() {
            self.prepare(work, &password, statements).await?;
        }
        let (work, place) = (work.to_path_buf(), self.place(flavour));
        let extent = copy::measure(&data)?;
        let manifest = serde_json::to_string(&Manifest { password, extent })
            .map_err(|error| RuntimeError::io("describing a template", &work, error.into()))?;
        write_secret(&work.join("manifest.json"), &manifest, None)?;
        let account = self.account.clone();
        blocking(move || put_in_place(&work, &place, &account)).await
    }

    async fn initialise(&self, work: &Path, data: &Path) -> Result<String, RuntimeError> {
        let password = random_word(16);
        let secret = work.join("password");
        write_secret(&secret, &password, Some(&self.account))?;
        let initdb = self.setup.installation.program("initdb");
        let mut command = Command::new(&initdb);
        command
            .args([
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
                "--auth=scram-sha-256",
                "--wal-segsize=1",
            ])
            .arg(format!("--username={USER}"))
            .arg("--pwfile")
            .arg(&secret)
            .arg("--pgdata")
            .arg(data)
            .current_dir(work);
        run(command, &self.account, work, "making a data directory").await?;
        fs::remove_file(&secret)
            .map_err(|error| RuntimeError::io("removing a private file", &secret, error))?;

        let mut text = configuration::common(&self.setup.settings);
        let include = text.rfind("include_if_exists").unwrap_or(text.len());
        let mut known = String::new();
        for (name, value) in &self.setup.settings_if_known {
            if self.knows(data, work, name).await {
                configuration::push(&mut known, name, value);
            }
        }
        text.insert_str(include, &known);
        for (name, content) in [
            ("postgresql.conf", text.as_str()),
            ("pg_hba.conf", HOST_ACCESS),
        ] {
            let path = data.join(name);
            fs::write(&path, content)
                .map_err(|error| RuntimeError::io("configuring a template", &path, error))?;
        }
        Ok(password)
    }

    /// Whether the server knows a setting: asked, since minor versions differ and packagers carry patches back.
    async fn knows(&self, data: &Path, work: &Path, setting: &str) -> bool {
        let mut command = Command::new(self.setup.installation.program("postgres"));
        command
            .arg("-C")
            .arg(setting)
            .arg("-D")
            .arg(data)
            .current_dir(work);
        run(command, &self.account, work, "asking for a setting")
            .await
            .is_ok()
    }

    /// Starts a server on the template, runs statements in it, and stops it in an orderly way.
    async fn prepare(
        &self,
        work: &Path,
        password: &str,
        statements: &[String],
    ) -> Result<(), RuntimeError> {
        let node = "the template".to_owned();
        let id = self.run.file_name().unwrap_or_default().to_string_lossy();
        let name = work.file_name().unwrap_or_default().to_string_lossy();
        let secret = work.join("passfile");
        let launch = Launch {
            node: node.clone(),
            postgres: self.setup.postgres.clone(),
            directory: work.to_path_buf(),
            passfile: secret.clone(),
            account: self.account.clone(),
        };
        let mark = ServerMark {
            data: launch.data(),
            cluster_name: cluster_name(&id, &name),
            uid: self.account.uid,
        };
        let (child, port) = self.start_on_free_port(&launch, &mark, password).await?;
        let _end = EndOnDrop(&mark);
        let outcome = match connect(&node, port, password).await {
            Ok(client) => client.batch_execute(&statements.join(";\n")).await,
            Err(error) => Err(error),
        };
        outcome.map_err(|error| RuntimeError::Connection {
            node,
            port,
            message: explain(&error),
        })?;
        stop(child, work).await?;
        for leftover in [
            &secret,
            &launch.log(),
            &launch.data().join(configuration::NODE_FILE),
        ] {
            let _ = fs::remove_file(leftover);
        }
        Ok(())
    }

    async fn start_on_free_port(
        &self,
        launch: &Launch,
        mark: &ServerMark,
        password: &str,
    ) -> Result<(tokio::process::Child, u16), RuntimeError> {
        for _ in 0..10 {
            let Some(port) = ports::choose(&[None], &std::collections::HashSet::new())[0] else {
                break;
            };
            write_secret(
                &launch.passfile,
                &passfile(&[port], password),
                Some(&self.account),
            )?;
            let own = launch.data().join(configuration::NODE_FILE);
            let mut text = configuration::node(port, &mark.cluster_name, Path::new(""));
            configuration::push(&mut text, "autovacuum", "off");
            write_secret(&own, &text, Some(&self.account))?;
            if let Started::Ready(child) = launch.start().await? {
                return Ok((child, port));
            }
        }
        Err(RuntimeError::NoPort {
            node: launch.node.clone(),
        })
    }

    async fn discard(&self, flavour: Flavour) -> Result<(), RuntimeError> {
        let (place, lock) = (self.place(flavour), self.lock_path(flavour));
        blocking(move || {
            let _exclusive = Lock::exclusive(&lock)?;
            match fs::remove_dir_all(&place) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(RuntimeError::io(
                    "removing a damaged template",
                    &place,
                    error,
                )),
                _ => Ok(()),
            }
        })
        .await
    }

    fn place(&self, flavour: Flavour) -> PathBuf {
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

/// Moves a finished template into the cache; copies it where that is on another file system.
fn put_in_place(work: &Path, place: &Path, account: &ServerAccount) -> Result<(), RuntimeError> {
    let failed = |error| RuntimeError::io("keeping a template", place, error);
    // What stands there has no manifest, and spare copies of it have another password.
    let _ = fs::remove_dir_all(place);
    match fs::rename(work, place) {
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
            create_private(place, 0o700)?;
            account.own(place)?;
            copy::tree(
                &work.join("data"),
                &place.join("data"),
                account,
                &AtomicBool::new(false),
            )?;
            fs::copy(work.join("manifest.json"), place.join("manifest.json")).map_err(failed)?;
            Ok(())
        }
        outcome => outcome.map_err(failed),
    }
}

/// A template's server never outlives its making, however that ends.
struct EndOnDrop<'a>(&'a ServerMark);

impl Drop for EndOnDrop<'_> {
    fn drop(&mut self) {
        let _ = self.0.kill(Instant::now() + Duration::from_secs(2));
    }
}

fn read_manifest(place: &Path) -> Result<Manifest, RuntimeError> {
    let path = place.join("manifest.json");
    let failed = |error| RuntimeError::io("reading a template's manifest", &path, error);
    let text = fs::read_to_string(&path).map_err(failed)?;
    serde_json::from_str(&text).map_err(|error| failed(error.into()))
}

async fn stop(mut child: tokio::process::Child, work: &Path) -> Result<(), RuntimeError> {
    if let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()) {
        super::processes::send(pid, nix::sys::signal::Signal::SIGINT)
            .map_err(|error| RuntimeError::io("stopping a template's server", work, error))?;
    }
    child
        .wait()
        .await
        .map(|_| ())
        .map_err(|error| RuntimeError::io("stopping a template's server", work, error))
}
