//! Looking at a cluster once: all nodes at the same time, each with its own deadline.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::{join, join_all};
use tokio::time::timeout;

use super::assemble::{Seen, assemble};
use super::catalog::{self, Catalog};
use super::error::ObserveError;
use super::probe::{Probe, open};
use super::progress::{Progress, Step};
use super::watched::Watched;
use crate::cluster::{NodeRole, View};
use crate::postgres::{Session, Target};

/// How patient and how often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// How long a node may take before it counts as frozen; half of it, and it counts as slow.
    pub deadline: Duration,
    /// How long to rest between two looks.
    pub interval: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(1),
            interval: Duration::from_millis(500),
        }
    }
}

/// The coordinator's catalogs, and the last that could be read.
#[derive(Debug, Default)]
pub(super) struct CatalogReader {
    session: Option<Session>,
}

impl CatalogReader {
    /// Reads them once, for no longer than `deadline`.
    pub(super) async fn read(
        &mut self,
        coordinator: &Target,
        deadline: Duration,
    ) -> Result<Catalog, String> {
        match timeout(deadline, self.ask(coordinator, deadline)).await {
            Ok(Ok(catalog)) => Ok(catalog),
            Ok(Err(error)) => Err(error.to_string()),
            Err(_) => {
                self.session = None;
                Err(format!(
                    "{} did not answer within {deadline:?}",
                    coordinator.node
                ))
            }
        }
    }

    async fn ask(
        &mut self,
        coordinator: &Target,
        deadline: Duration,
    ) -> Result<Catalog, ObserveError> {
        let usable = |session: &Session| session.is_connected() && session.target() == coordinator;
        if let Some(session) = self.session.as_mut().filter(|session| usable(session)) {
            match catalog::read(session, deadline).await {
                // The server ended this session before: that says nothing about now.
                Err(_) if !session.is_connected() => {}
                read => return read,
            }
        }
        let session = self.session.insert(open(coordinator, deadline).await?);
        catalog::read(session, deadline).await
    }
}

/// Looks at one cluster, over sessions that it keeps between looks.
#[derive(Debug)]
pub struct Observer {
    cluster: String,
    pace: Pace,
    probes: BTreeMap<String, Probe>,
    reader: CatalogReader,
    progress: Progress,
    seen: Seen,
    catalog: Catalog,
}

impl Observer {
    /// An observer that has not looked yet.
    #[must_use]
    pub fn new(cluster: impl Into<String>, pace: Pace) -> Self {
        Self {
            cluster: cluster.into(),
            pace,
            probes: BTreeMap::new(),
            reader: CatalogReader::default(),
            progress: Progress::default(),
            seen: Seen::default(),
            catalog: Catalog::default(),
        }
    }

    /// Looks once. It takes as long as the slowest node, and no longer than the deadline; a node that does not answer is
    /// shown as such, and a coordinator that does not answer leaves the tables and shards of the last look.
    pub async fn observe_once(&mut self, watched: &[Watched]) -> View {
        let deadline = self.pace.deadline;
        self.probes
            .retain(|name, _| watched.iter().any(|one| one.name == *name));
        for one in watched {
            self.probes.entry(one.name.clone()).or_default();
        }
        let looks = self.probes.iter_mut().filter_map(|(name, probe)| {
            let one = watched.iter().find(|one| one.name == *name)?;
            Some(async move { (name.clone(), probe.look(one, true, deadline).await) })
        });
        let coordinator = coordinator(watched);
        let (reader, progress) = (&mut self.reader, &mut self.progress);
        let metadata = async move {
            let Some(target) = coordinator else {
                return (
                    Err("there is no coordinator with an address".to_owned()),
                    Vec::new(),
                );
            };
            let read = reader.read(target, deadline);
            let asked = progress.look(target, deadline);
            join(read, asked).await
        };
        let (looks, (read, steps)) = join(join_all(looks), metadata).await;
        for (name, look) in looks {
            self.seen.take(&name, look);
        }
        let outdated = match read {
            Ok(catalog) => {
                self.catalog = catalog;
                None
            }
            Err(reason) => Some(reason),
        };
        finish(
            &self.cluster,
            watched,
            &self.catalog,
            &mut self.seen,
            &steps,
            outdated,
        )
    }
}

/// The view, with the memory brought up to it.
pub(super) fn finish(
    cluster: &str,
    watched: &[Watched],
    catalog: &Catalog,
    seen: &mut Seen,
    steps: &[Step],
    outdated: Option<String>,
) -> View {
    let view = assemble(cluster, watched, catalog, seen, steps);
    seen.remember(&view);
    let mut view = assemble(cluster, watched, catalog, seen, steps);
    view.outdated = outdated;
    view
}

/// Whom to ask for the metadata.
pub(super) fn coordinator(watched: &[Watched]) -> Option<&Target> {
    let is_it = |one: &&Watched| one.role == NodeRole::Coordinator;
    watched.iter().find(is_it)?.target.as_ref()
}
