//! The schema in which lessons run on somebody's own cluster: made when they begin, dropped when they end.
//!
//! A session holds an advisory lock for as long as the schema is in use. The server lets go of it when that session ends, however it does,
//! so a schema without a lock is one that a killed program left behind.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;

use crate::postgres::{
    ApplicationName, PostgresError, Session, Target, escape_identifier, escape_literal,
};
use crate::runtime::runs::secrets::random_word;

const LEFTOVERS: &str = include_str!("../../../sql/attach/leftovers.sql");

/// The class of our advisory locks, as `leftovers.sql` looks for it.
const LOCK_CLASS: i32 = 1_667_855_205;
/// How long a server may take to open a session, and to answer a question that is no work.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long making or dropping a schema with all its shards may take. Somebody waits for it who wants to leave.
const WORK: Duration = Duration::from_secs(30);
/// Dropping waits for those of our own sessions that are just ending.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '10s'";
/// Where every new schema becomes a tenant, no table of it could be distributed by its rows. Other engines take it for a name of
/// nobody's.
const NO_TENANT: &str = "SET citus.enable_schema_based_sharding = off";

/// The schema of one attachment.
#[derive(Debug)]
pub(super) struct LessonSchema {
    name: String,
    exists: AtomicBool,
    keeper: Mutex<Option<Session>>,
}

impl LessonSchema {
    /// A name that nobody has; nothing is made yet.
    pub(super) fn planned() -> Self {
        Self {
            name: format!("citus_tour_{}", random_word(4)),
            exists: AtomicBool::new(false),
            keeper: Mutex::new(None),
        }
    }

    /// Its name, also before it is made.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether lessons run in it.
    pub(super) fn exists(&self) -> bool {
        self.exists.load(Ordering::SeqCst)
    }

    /// Makes it, empty; one that exists is dropped before.
    pub(super) async fn make_afresh(&self, target: &Target) -> Result<(), PostgresError> {
        let mut session = Session::connect(target, ApplicationName::Engine, PATIENCE).await?;
        self.keep(target).await?;
        run(&mut session, LOCK_TIMEOUT).await?;
        run(&mut session, NO_TENANT).await?;
        if self.exists() {
            run(&mut session, &drop_statement(&self.name)).await?;
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
        made.into_success(&target.node).map(drop)
    }

    /// Drops it with all that is in it, if there is one.
    pub(super) async fn remove(&self, target: &Target) -> Result<(), PostgresError> {
        if !self.exists() {
            return Ok(());
        }
        let mut session = Session::connect(target, ApplicationName::Engine, PATIENCE).await?;
        run(&mut session, LOCK_TIMEOUT).await?;
        run(&mut session, &drop_statement(&self.name)).await?;
        self.exists.store(false, Ordering::SeqCst);
        *self.keeper.lock().await = None;
        Ok(())
    }

    /// Holds the lock that says that it is in use.
    async fn keep(&self, target: &Target) -> Result<(), PostgresError> {
        let mut keeper = self.keeper.lock().await;
        // One whose server has gone says so only when it is asked.
        if let Some(session) = keeper.as_mut()
            && take_lock(session, &self.name).await.is_ok()
        {
            return Ok(());
        }
        let mut session = Session::connect(target, ApplicationName::Engine, PATIENCE).await?;
        // Idle is what it is for.
        run(&mut session, "SET idle_session_timeout = 0").await?;
        take_lock(&mut session, &self.name).await?;
        *keeper = Some(session);
        Ok(())
    }
}

async fn run(session: &mut Session, statement: &str) -> Result<(), PostgresError> {
    session.query(statement, WORK).await.map(drop)
}

/// The schemas that killed programs left behind and this role may drop.
pub(super) async fn leftovers(
    session: &mut Session,
    deadline: Duration,
) -> Result<Vec<String>, PostgresError> {
    let found = session.query(LEFTOVERS, deadline).await?.into_rows();
    let name = |row: Vec<Option<String>>| row.into_iter().next().flatten();
    Ok(found.rows.into_iter().filter_map(name).collect())
}

/// Drops what killed programs left behind; gives the names. What somebody has taken into use meanwhile stays.
pub(super) async fn remove_leftovers(target: &Target) -> Result<Vec<String>, PostgresError> {
    let mut session = Session::connect(target, ApplicationName::Engine, PATIENCE).await?;
    session.query(LOCK_TIMEOUT, PATIENCE).await?;
    let mut removed = Vec::new();
    for name in leftovers(&mut session, PATIENCE).await? {
        if take_lock(&mut session, &name).await? {
            session.query(&drop_statement(&name), WORK).await?;
            removed.push(name);
        }
    }
    Ok(removed)
}

fn drop_statement(name: &str) -> String {
    format!("DROP SCHEMA IF EXISTS {} CASCADE", escape_identifier(name))
}

/// Whether the lock of that name is ours now, until the session ends.
async fn take_lock(session: &mut Session, name: &str) -> Result<bool, PostgresError> {
    let name = escape_literal(name);
    let question = format!(
        "SELECT pg_catalog.pg_try_advisory_lock({LOCK_CLASS}, pg_catalog.hashtext({name}))"
    );
    let answer = session.query(&question, PATIENCE).await?.into_rows();
    Ok(answer.scalar() == Some("t"))
}
