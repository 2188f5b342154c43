//! Makes a template: `initdb`, our configuration, and what an engine wants to be there from the beginning.

use std::fs;
use std::io;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use super::configuration::{self, HOST_ACCESS, USER};
use super::copy;
use super::credentials::passfile;
use super::processes::ServerMark;
use super::program::{explain, run};
use super::remains::cluster_name;
use super::server::{Launch, Started, connect};
use super::template::{Flavour, Manifest, Templates};
use crate::runtime::RuntimeError;
use crate::runtime::blocking::blocking;
use crate::runtime::runs::ports;
use crate::runtime::runs::secrets::{random_word, write_secret};
use crate::runtime::runs::{ServerAccount, create_private};

impl Templates {
    /// Makes the template in `work` and moves it into the cache.
    pub(super) async fn build(&self, flavour: Flavour, work: &Path) -> Result<(), RuntimeError> {
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
