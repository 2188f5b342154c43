//! Where a tenant lives.

use std::time::Duration;

use super::error::ObserveError;
use super::rows::rows;
use crate::postgres::{Session, escape_literal};

const TENANT: &str = include_str!("../../sql/catalog/tenant.sql");

/// The shard of a distribution column's value, and the nodes that hold it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantPlace {
    /// `shardid`.
    pub shard: u64,
    /// Host and port by which the nodes reach each other, one for each placement.
    pub nodes: Vec<(String, u16)>,
}

/// Asks the coordinator which nodes hold the rows of `value`.
///
/// # Errors
/// When the coordinator does not answer, the table is not distributed, or nothing holds the value.
pub async fn tenant_place(
    session: &mut Session,
    table: &str,
    value: &str,
    deadline: Duration,
) -> Result<TenantPlace, ObserveError> {
    // Split at the marks rather than replaced one after the other: a value may contain what looks like a mark.
    let mut question = String::new();
    for (index, part) in TENANT
        .lines()
        .filter(|line| !line.starts_with("--"))
        .enumerate()
    {
        if index > 0 {
            question.push('\n');
        }
        match part.split_once("{table}, {value}") {
            Some((before, after)) => {
                question.push_str(before);
                question.push_str(&escape_literal(table));
                question.push_str(", ");
                question.push_str(&escape_literal(value));
                question.push_str("::pg_catalog.text");
                question.push_str(after);
            }
            None => question.push_str(part),
        }
    }
    let node = session.target().node.clone();
    let result = session.query(&question, deadline).await?.into_rows();
    let mut place: Option<TenantPlace> = None;
    for row in rows(&node, &result) {
        let shard = row.number(0)?;
        let place = place.get_or_insert_with(|| TenantPlace {
            shard,
            nodes: Vec::new(),
        });
        place.nodes.push((row.string(1), row.number(2)?));
    }
    place.ok_or_else(|| ObserveError::Nowhere {
        table: table.to_owned(),
        value: value.to_owned(),
    })
}
