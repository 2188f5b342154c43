//! The coordinator's own catalogs, read in one transaction, so that no shard is seen half-way.

use std::time::Duration;

use super::error::ObserveError;
use super::rows::{Row, rows};
use crate::cluster::{Engine, GroupKey, GroupKind, Leftover, Membership, TableKind, TableName};
use crate::postgres::{ResultSet, Session};

const SERVER: &str = include_str!("../../sql/catalog/server.sql");
const ENGINE: &str = include_str!("../../sql/catalog/engine.sql");
const NODES: &str = include_str!("../../sql/catalog/nodes.sql");
const DISTRIBUTED_TABLES: &str = include_str!("../../sql/catalog/distributed_tables.sql");
const PLACEMENTS: &str = include_str!("../../sql/catalog/placements.sql");
const LEFTOVERS: &str = include_str!("../../sql/catalog/leftovers.sql");
const PLAIN_TABLES: &str = include_str!("../../sql/catalog/plain_tables.sql");

/// All that the coordinator knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Catalog {
    pub(super) engine: Engine,
    pub(super) members: Vec<Member>,
    pub(super) tables: Vec<KnownTable>,
    pub(super) placements: Vec<KnownPlacement>,
    pub(super) leftovers: Vec<Leftover>,
    pub(super) plain_tables: Vec<TableName>,
}

/// A row of `pg_dist_node`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Member {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) primary: bool,
    pub(super) membership: Membership,
}

/// A row of `pg_dist_partition`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownTable {
    pub(super) name: TableName,
    pub(super) kind: TableKind,
    pub(super) colocation_id: u32,
    pub(super) distribution_column: Option<String>,
    pub(super) replication_factor: Option<u32>,
}

/// A shard, and one of its placements unless it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownPlacement {
    pub(super) table: TableName,
    pub(super) shard: u64,
    pub(super) group: GroupKey,
    pub(super) on: Option<i32>,
    pub(super) active: bool,
}

/// Reads everything. The session is left outside any transaction.
pub(super) async fn read(
    session: &mut Session,
    deadline: Duration,
) -> Result<Catalog, ObserveError> {
    let node = session.target().node.clone();
    let server = session.query(SERVER, deadline).await?.into_rows();
    let (has_engine, has_leftovers) = rows(&node, &server)
        .map(|row| (row.is_true(0), row.is_true(1)))
        .next()
        .unwrap_or_default();
    let mut questions = vec![PLAIN_TABLES];
    if has_engine {
        questions.extend([ENGINE, NODES, DISTRIBUTED_TABLES, PLACEMENTS]);
    }
    if has_leftovers {
        questions.push(LEFTOVERS);
    }
    let request = format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n{};\nCOMMIT",
        questions.join(";\n")
    );
    let outcome = session.run(&request, deadline).await?;
    if outcome.error().is_some() {
        session.run("ROLLBACK", deadline).await?;
    }
    let outcome = outcome.into_success(&node)?;
    let empty = ResultSet::default();
    let mut results = outcome.results();
    let mut answer = || results.next().unwrap_or(&empty);
    let plain = answer();
    let mut catalog = Catalog {
        plain_tables: rows(&node, plain).map(|row| table_name(row, 0)).collect(),
        ..Catalog::default()
    };
    if has_engine {
        let version = answer().scalar().unwrap_or_default();
        let short = version.split(" on ").next().unwrap_or(version);
        catalog.engine = Engine::Extension(short.to_owned());
        catalog.members = rows(&node, answer())
            .map(member)
            .collect::<Result<_, _>>()?;
        catalog.tables = rows(&node, answer())
            .map(known_table)
            .collect::<Result<_, _>>()?;
        catalog.placements = rows(&node, answer())
            .map(placement)
            .collect::<Result<_, _>>()?;
    }
    if has_leftovers {
        catalog.leftovers = rows(&node, answer())
            .map(leftover)
            .collect::<Result<_, _>>()?;
    }
    Ok(catalog)
}

fn table_name(row: Row<'_>, place: usize) -> TableName {
    TableName::new(row.string(place), row.string(place + 1))
}

fn member(row: Row<'_>) -> Result<Member, ObserveError> {
    Ok(Member {
        host: row.string(2),
        port: row.number(3)?,
        primary: row.text(4) == Some("primary"),
        membership: Membership {
            node_id: row.number(0)?,
            group_id: row.number(1)?,
            is_active: row.is_true(5),
            metadata_synced: row.is_true(6),
            should_have_shards: row.is_true(7),
        },
    })
}

fn known_table(row: Row<'_>) -> Result<KnownTable, ObserveError> {
    let colocation_id = row.number(4)?;
    Ok(KnownTable {
        name: table_name(row, 0),
        kind: kind(row.text(2), row.text(3), colocation_id),
        colocation_id,
        distribution_column: row.text(5).map(str::to_owned),
        // A reference table has -1: as many as there are nodes.
        replication_factor: row
            .optional::<i64>(6)?
            .and_then(|factor| u32::try_from(factor).ok()),
    })
}

/// What `partmethod`, `repmodel` and the colocation say together.
fn kind(method: Option<&str>, replication: Option<&str>, colocation_id: u32) -> TableKind {
    match (method, replication) {
        (Some("n"), Some("t")) => TableKind::Reference,
        (Some("n"), _) if colocation_id == 0 => TableKind::LocalManaged,
        (Some("n"), _) => TableKind::Schema,
        _ => TableKind::Distributed,
    }
}

fn placement(row: Row<'_>) -> Result<KnownPlacement, ObserveError> {
    let shard = row.number(2)?;
    let colocation_id = row.number(7)?;
    let bounds = (row.optional(3)?, row.optional(4)?);
    let kind = match (kind(row.text(5), row.text(6), colocation_id), bounds) {
        (TableKind::Distributed, (Some(min), Some(max))) => GroupKind::Hash { min, max },
        (TableKind::Reference, _) => GroupKind::Reference,
        _ => GroupKind::Single,
    };
    let apart = if colocation_id == 0 { shard } else { 0 };
    Ok(KnownPlacement {
        table: table_name(row, 0),
        shard,
        group: GroupKey {
            colocation_id,
            kind,
            apart,
        },
        on: row.optional(8)?,
        active: row.optional::<i32>(9)? == Some(1),
    })
}

fn leftover(row: Row<'_>) -> Result<Leftover, ObserveError> {
    Ok(Leftover {
        group_id: row.number(0)?,
        name: row.string(1),
    })
}
