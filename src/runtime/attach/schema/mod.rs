//! The schema in which lessons run on somebody's own cluster: made when they begin, dropped when they end.
//!
//! In: how to reach the coordinator. Out: a schema that is empty, or gone, or an error that says what hinders. What killed programs left is
//! found and dropped here too.

mod dropping;
mod error;
mod keeper;
mod leftovers;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

pub use error::SchemaError;
pub use leftovers::Leftover;
pub(super) use leftovers::{leftovers, remove_leftovers};

use crate::postgres::{ApplicationName, Session, Target, escape_identifier};
use crate::runtime::runs::secrets::random_word;
use dropping::{drop_schema, prepare};
use keeper::Keeper;

/// How long a server may take to open a session, and to answer a question that is no work.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long making or dropping a schema with all its shards may take. Somebody waits for it who wants to leave.
const WORK: Duration = Duration::from_secs(30);
/// Where every new schema becomes a tenant, no table of it could be distributed by its rows. Other engines take it for a name of
/// nobody's.
const NO_TENANT: &str = "SET citus.enable_schema_based_sharding = off";
/// Citus adds a coordinator without nodes to its own catalog by the name localhost, with the first distributed table, and for good.
const NODES: &str = "SELECT count(*), count(*) FILTER (WHERE shouldhaveshards AND isactive AND noderole = 'primary')
  FROM pg_catalog.pg_dist_node";
const PATH: &str = "SELECT pg_catalog.array_to_string(pg_catalog.current_schemas(false), ', ')";

/// The schema of one attachment.
#[derive(Debug)]
pub(super) struct LessonSchema {
    name: String,
    exists: AtomicBool,
    /// Held by whoever makes or drops it.
    keeper: Mutex<Option<Keeper>>,
}

impl LessonSchema {
    /// A name that nobody has; nothing is made yet.
    pub(super) fn planned() -> Arc<Self> {
        Arc::new(Self {
            name: format!("citus_tour_{}", random_word(4)),
            exists: AtomicBool::new(false),
            keeper: Mutex::new(None),
        })
    }

    /// Its name, also before it is made.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether lessons run in it.
    pub(super) fn exists(&self) -> bool {
        self.exists.load(Ordering::SeqCst)
    }

    /// Makes it, empty; one that exists is dropped before. It is made to its end also when nobody waits for it any more, and only then
    /// removed.
    pub(super) async fn make_afresh(self: &Arc<Self>, target: &Target) -> Result<(), SchemaError> {
        let (this, target) = (Arc::clone(self), target.clone());
        let making = tokio::spawn(async move { this.make(&target).await });
        making.await.map_err(|_| SchemaError::Broken)?
    }

    async fn make(&self, target: &Target) -> Result<(), SchemaError> {
        let mut keeper = self.keeper.lock().await;
        let mut session = Session::connect(target, ApplicationName::Engine, PATIENCE).await?;
        let nodes = session.query(NODES, PATIENCE).await?.into_rows();
        match nodes.rows.first().map(Vec::as_slice) {
            Some([Some(all), _]) if all == "0" => return Err(SchemaError::NoNodes),
            Some([_, Some(for_shards)]) if for_shards == "0" => {
                return Err(SchemaError::NoNodeForShards);
            }
            _ => {}
        }
        if keeper.is_none() {
            *keeper = Some(Keeper::hold(target, &self.name).await?);
        }
        prepare(&mut session).await?;
        session.query(NO_TENANT, PATIENCE).await?;
        if self.exists() {
            drop_schema(&mut session, &self.name).await?;
            self.exists.store(false, Ordering::SeqCst);
        }
        let name = escape_identifier(&self.name);
        // In one request, which is one transaction: without its comment nobody would know it for a leftover.
        let creation = format!(
            "CREATE SCHEMA {name}; COMMENT ON SCHEMA {name} IS 'citus-tour: lessons run here, it is dropped when they end'"
        );
        // Also when the answer never comes there may be something to drop.
        self.exists.store(true, Ordering::SeqCst);
        let made = session.run(&creation, WORK).await?;
        if made.error().is_some() {
            self.exists.store(false, Ordering::SeqCst);
        }
        made.into_success(&target.node)?;
        self.look_where_names_lead(target).await
    }

    /// Whoever stands between and drops settings would have lessons work on the owner's tables.
    async fn look_where_names_lead(&self, target: &Target) -> Result<(), SchemaError> {
        let mut target = target.clone();
        target.address.look_in(&self.name);
        let mut session = Session::connect(&target, ApplicationName::Check, PATIENCE).await?;
        let path = session.query(PATH, PATIENCE).await?.into_rows();
        match path.scalar() {
            Some(path) if path == self.name => Ok(()),
            path => Err(SchemaError::NamesLeadElsewhere(
                path.unwrap_or_default().to_owned(),
            )),
        }
    }

    /// Drops it with all that is in it, if there is one.
    pub(super) async fn remove(&self, target: &Target) -> Result<(), SchemaError> {
        // One that is being made is waited for.
        let mut keeper = self.keeper.lock().await;
        if !self.exists() {
            return Ok(());
        }
        let mut session = Session::connect(target, ApplicationName::Engine, PATIENCE).await?;
        prepare(&mut session).await?;
        drop_schema(&mut session, &self.name).await?;
        self.exists.store(false, Ordering::SeqCst);
        *keeper = None;
        Ok(())
    }
}
