//! Which cluster a tour is played on: one of its own, or somebody's, in a schema that goes with the tour.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Result;

use super::{
    arguments::{ClusterArguments, OwnCluster},
    attach::reach,
    cluster,
    failure::UsageError,
    interrupt::asked_to_end,
    lint::{runs_on_yours, topology_of},
    output::remark,
};
use crate::{lesson::Tour, player::Stage, runtime::Runtime};

/// What an interruption means for a schema on somebody's own cluster.
pub(super) const SCHEMA_DROPPED: &str = "what the lessons made is being dropped";

/// Where a tour is played.
#[derive(Debug, Default)]
pub(super) struct Venue {
    /// Somebody's own cluster has to be left as it was found, however the playing ends.
    guest_of: Mutex<Option<Arc<dyn Runtime>>>,
}

impl Venue {
    /// Starts a cluster for the tour, or makes room for it on somebody's own.
    pub(super) async fn prepare(
        &self,
        arguments: &ClusterArguments,
        tour: &Tour,
        own: &OwnCluster,
    ) -> Result<(Arc<dyn Runtime>, Stage)> {
        let cluster = match guest(tour, own)? {
            None => cluster::start(arguments, topology_of(tour)?, None).await?,
            Some(url) => {
                let cluster: Arc<dyn Runtime> = Arc::new(reach(url, own.allow_writes).await?);
                // Before anything is made there: what is made has to be dropped.
                self.remember(&cluster);
                cluster.start_afresh().await?;
                remark(format_args!(
                    "the lessons run in the schema {} of {}, which is dropped when they end",
                    cluster.schema().unwrap_or_default(),
                    cluster.id()
                ));
                cluster
            }
        };
        let stage = Stage::new(Arc::clone(&cluster), cluster.topology().clone());
        Ok((cluster, stage))
    }

    fn remember(&self, cluster: &Arc<dyn Runtime>) {
        let mut guest_of = self.guest_of.lock().unwrap_or_else(PoisonError::into_inner);
        *guest_of = Some(Arc::clone(cluster));
    }

    /// Ends what a tour was played on; of somebody's own cluster only what the lessons made.
    pub(super) async fn end(&self, cluster: &dyn Runtime) -> Result<()> {
        let ended = cluster.end().await;
        // Tried to its end: what came of it is told. Where it is broken off it is still to be left.
        *self.guest_of.lock().unwrap_or_else(PoisonError::into_inner) = None;
        Ok(ended?)
    }

    /// Drops what the lessons made on somebody's own cluster, where playing was broken off. Whoever does not want to wait for it is told
    /// what is left.
    pub(super) async fn leave(self) -> Result<()> {
        let guest_of = self.guest_of.into_inner();
        let Some(cluster) = guest_of.unwrap_or_else(PoisonError::into_inner) else {
            return Ok(());
        };
        let schema = cluster.schema().map(ToOwned::to_owned);
        tokio::select! {
            ended = cluster.end() => Ok(ended?),
            () = asked_to_end() => {
                remark(format_args!(
                    "the schema {} may be left on {}: `citus-tour down --url …` drops it",
                    schema.unwrap_or_default(),
                    cluster.id()
                ));
                Ok(())
            }
        }
    }
}

/// How to reach the cluster that a tour is to run on as a guest; `None`: it runs on one of its own.
fn guest<'a>(tour: &Tour, own: &'a OwnCluster) -> Result<Option<&'a str>, UsageError> {
    let id = &tour.id;
    match (tour.is_for_attached(), own.url.as_deref()) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(UsageError(format!(
            "the tour `{id}` breaks servers and needs a cluster of its own: leave --url out. On your own cluster run tours whose lessons say `topology: attached`, such as `guest`"
        ))),
        (true, None) => Err(runs_on_yours(tour)),
        (true, Some(_)) if !own.allow_writes => Err(UsageError(format!(
            "the tour `{id}` makes tables, in a schema of its own that is dropped at its end: allow it with --allow-writes"
        ))),
        (true, Some(url)) => Ok(Some(url)),
    }
}
