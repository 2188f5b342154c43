//! What killed programs left behind.

use std::time::Duration;

use super::dropping::{drop_schema, prepare};
use super::keeper::take_lock;
use super::{PATIENCE, SchemaError};
use crate::postgres::{ApplicationName, PostgresError, Session, Target};

const LEFTOVERS: &str = include_str!("../../../../sql/attach/leftovers.sql");

/// A schema of lessons that nobody removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Its name.
    pub schema: String,
    /// The role that it belongs to.
    pub owner: String,
    /// Whether our role may drop it.
    pub is_ours: bool,
}

/// What there is.
pub(in crate::runtime::attach) async fn leftovers(
    session: &mut Session,
    deadline: Duration,
) -> Result<Vec<Leftover>, PostgresError> {
    let found = session.query(LEFTOVERS, deadline).await?.into_rows();
    let leftover = |row: Vec<Option<String>>| {
        let mut row = row.into_iter();
        Some(Leftover {
            schema: row.next()??,
            owner: row.next()??,
            is_ours: row.next()?? == "t",
        })
    };
    Ok(found.rows.into_iter().filter_map(leftover).collect())
}

/// Drops what our role may drop, one after the other; says what came of each. What somebody has taken into use meanwhile stays, and is not
/// told of.
pub(in crate::runtime::attach) async fn remove_leftovers(
    target: &Target,
) -> Result<Vec<(Leftover, Result<(), SchemaError>)>, PostgresError> {
    let mut session = Session::connect(target, ApplicationName::Engine, PATIENCE).await?;
    prepare(&mut session).await?;
    let mut told = Vec::new();
    for leftover in leftovers(&mut session, PATIENCE).await? {
        if !leftover.is_ours || !take_lock(&mut session, &leftover.schema).await? {
            continue;
        }
        let dropped = drop_schema(&mut session, &leftover.schema).await;
        if !session.is_connected() {
            session.reconnect(PATIENCE).await?;
            prepare(&mut session).await?;
        }
        told.push((leftover, dropped));
    }
    Ok(told)
}
