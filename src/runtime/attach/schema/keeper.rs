//! Says for as long as a schema is in use that it is.
//!
//! A session holds an advisory lock. The server lets go of it when that session ends, however it does, so a schema without a lock is one
//! that a killed program left behind.

use std::time::Duration;

use tokio::task::JoinHandle;

use super::{PATIENCE, SchemaError};
use crate::postgres::{ApplicationName, PostgresError, Session, Target, escape_literal};

/// The class of our advisory locks, as `leftovers.sql` looks for it.
const LOCK_CLASS: i32 = 1_667_855_205;
/// How often an idle session is asked whether it lives.
const ASKED_EVERY: Duration = Duration::from_secs(60);
/// Between two attempts to hold it again.
const AGAIN: Duration = Duration::from_secs(1);

/// Holds the lock until it is let go.
#[derive(Debug)]
pub(super) struct Keeper(JoinHandle<()>);

impl Keeper {
    /// Takes it, and takes it again whenever the session is lost that holds it.
    pub(super) async fn hold(target: &Target, name: &str) -> Result<Self, SchemaError> {
        let session = hold(target, name).await?;
        let (target, name) = (target.clone(), name.to_owned());
        Ok(Self(tokio::spawn(stay(session, target, name))))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn stay(mut session: Session, target: Target, name: String) {
    loop {
        // Nothing comes but its end, and what lies between may forget an idle session without telling.
        loop {
            let told = tokio::time::timeout(ASKED_EVERY, session.next_event()).await;
            let lives = match told {
                Ok(event) => event.is_ok(),
                Err(_) => session.query("SELECT", PATIENCE).await.is_ok(),
            };
            if !lives {
                break;
            }
        }
        session = loop {
            tokio::time::sleep(AGAIN).await;
            if let Ok(again) = hold(&target, &name).await {
                break again;
            }
        };
    }
}

async fn hold(target: &Target, name: &str) -> Result<Session, SchemaError> {
    let mut session = Session::connect(target, ApplicationName::Engine, PATIENCE).await?;
    // Idle is what it is for.
    session
        .query("SET idle_session_timeout = 0", PATIENCE)
        .await?;
    if take_lock(&mut session, name).await? {
        Ok(session)
    } else {
        Err(SchemaError::InUse)
    }
}

/// Whether the lock of that name is ours now, until the session ends.
pub(super) async fn take_lock(session: &mut Session, name: &str) -> Result<bool, PostgresError> {
    let question = format!(
        "SELECT pg_catalog.pg_try_advisory_lock({LOCK_CLASS}, pg_catalog.hashtext({}))",
        escape_literal(name)
    );
    let answer = session.query(&question, PATIENCE).await?.into_rows();
    Ok(answer.scalar() == Some("t"))
}
