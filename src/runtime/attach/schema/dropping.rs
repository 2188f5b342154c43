//! Drops a schema with all that is in it, and nothing else.

use super::{PATIENCE, SchemaError, WORK};
use crate::postgres::{PostgresError, Session, escape_identifier, escape_literal};

const DEPENDENTS: &str = include_str!("../../../../sql/attach/dependents.sql");
/// Dropping waits for those of our own sessions that are just ending.
const LOCK_TIMEOUT: &str = "SET lock_timeout = '10s'";
/// Where it is off, what is done here would not reach the workers.
const PROPAGATE: &str = "SET citus.enable_ddl_propagation = on";

/// Makes a session ready to make and drop schemas.
pub(super) async fn prepare(session: &mut Session) -> Result<(), PostgresError> {
    session.query(LOCK_TIMEOUT, PATIENCE).await?;
    session.query(PROPAGATE, PATIENCE).await.map(drop)
}

/// Drops it, unless something outside would go with it.
pub(super) async fn drop_schema(session: &mut Session, name: &str) -> Result<(), SchemaError> {
    let question = DEPENDENTS.replace("{name}", &escape_literal(name));
    let found = session.query(&question, PATIENCE).await?.into_rows();
    let dependents: Vec<String> = found.rows.into_iter().flatten().flatten().collect();
    if !dependents.is_empty() {
        return Err(SchemaError::NeededOutside(dependents));
    }
    let dropping = format!("DROP SCHEMA IF EXISTS {} CASCADE", escape_identifier(name));
    session.query(&dropping, WORK).await?;
    Ok(())
}
