//! Servers as a person starts them: `pg_ctl -w start` on data directories that are ready, all at once.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use citus_tour::runtime::local::LocalCluster;
use citus_tour::runtime::{Act, Runtime};

use crate::ground::Ground;
use crate::psql::Psql;

/// Where nobody else's servers are while these are down: they keep their ports.
const PORTS: u16 = 17_440;

/// The servers of a cluster, down in an orderly way, to be started by hand.
pub(crate) struct ByHand<'a> {
    ground: &'a Ground,
    cluster: LocalCluster,
    nodes: Vec<String>,
}

impl<'a> ByHand<'a> {
    /// Data directories as the program makes them, so that both sides start the same servers.
    pub(crate) async fn prepare(ground: &'a Ground) -> Result<Self> {
        let cluster = ground.start_on(Some(PORTS)).await?;
        let nodes: Vec<String> = ground
            .topology
            .first_nodes()
            .map(|node| node.name.clone())
            .collect();
        for node in &nodes {
            cluster.act(Act::Stop, node).await?;
        }
        Ok(Self {
            ground,
            cluster,
            nodes,
        })
    }

    /// A psql on the coordinator.
    pub(crate) fn psql(&self) -> Result<Psql> {
        Psql::connect(
            &self.ground.installation.bindir,
            &self.cluster.address("coordinator")?,
            false,
        )
    }

    /// Starts them, and gives how long it took until the last one was ready.
    pub(crate) fn start(&self) -> Result<Duration> {
        let since = Instant::now();
        self.all(&["-w", "start"])?;
        Ok(since.elapsed())
    }

    pub(crate) fn stop(&self) -> Result<()> {
        self.all(&["-w", "-m", "fast", "stop"])
    }

    /// Removes the data directories.
    pub(crate) async fn end(self) -> Result<()> {
        Ok(self.cluster.end().await?)
    }

    fn all(&self, arguments: &[&str]) -> Result<()> {
        let spawned: Result<Vec<_>> = self
            .nodes
            .iter()
            .map(|node| {
                let mut command = Command::new(self.ground.installation.bindir.join("pg_ctl"));
                let directory = self.directory(node);
                command
                    .arg("-D")
                    .arg(directory.join("data"))
                    .arg("-l")
                    .arg(directory.join("log"))
                    .arg("-p")
                    .arg(&self.cluster.setup().postgres)
                    .args(arguments)
                    .current_dir("/")
                    .env("LC_ALL", "C")
                    .env("PGPASSFILE", self.cluster.directory().join("passfile"))
                    .stdin(Stdio::null())
                    .stdout(Stdio::null());
                self.ground.directories.account().lend(&mut command);
                command.spawn().context("starting pg_ctl")
            })
            .collect();
        for mut child in spawned? {
            let status = child.wait()?;
            if !status.success() {
                bail!("pg_ctl {}: {status}", arguments.join(" "));
            }
        }
        Ok(())
    }

    fn directory(&self, node: &str) -> PathBuf {
        self.cluster.directory().join("nodes").join(node)
    }
}
