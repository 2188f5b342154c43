//! What must be known of a cluster's tables, beside its view, to ask for tenants and to write without changing anything.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::cluster::{GroupKey, GroupKind, Table, TableKind, TableName, View};
use crate::postgres::{PostgresError, Session, escape_literal};
use crate::workload::relation;

const COLUMNS: &str = include_str!("../../../sql/catalog/probe_columns.sql");
const MAY_DEFINE: &str =
    "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'create')";
/// Values that are looked at for each colocation.
const VALUES: usize = 1_000;
/// Values that are made up for each group that has none among those.
const MADE_UP: usize = 16;

/// A tenant of a shard group: a value of the distribution column that belongs there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// The value as text.
    pub value: String,
    /// Whether rows of it were seen; if not, it is a value that would live there.
    pub has_rows: bool,
}

/// What is known of a cluster's tables beside its view.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acquaintance {
    /// One tenant of each group, the first of those that were seen.
    pub tenants: BTreeMap<GroupKey, Tenant>,
    /// A column of each table that is not the distribution column, to be written to itself.
    pub columns: BTreeMap<TableName, String>,
    /// The tables whose rows this role may not read: what came of asking would tell of rights, not of nodes.
    pub closed: BTreeSet<TableName>,
    /// Whether this role may not make schemas.
    pub defines_nothing: bool,
}

impl Acquaintance {
    /// Asks the coordinator. Tenants of groups that cannot be read now are made up; what it cannot say is left out.
    ///
    /// # Errors
    /// When the coordinator is lost or does not answer within `deadline` to one of the questions.
    pub async fn make(
        session: &mut Session,
        view: &View,
        deadline: Duration,
    ) -> Result<Self, PostgresError> {
        let mut known = Self::default();
        known.ask_for_rights(session, view, deadline).await?;
        let mut met: Vec<u32> = Vec::new();
        for table in &view.tables {
            let Some(colocation) = table.colocation_id.filter(|id| !met.contains(id)) else {
                continue;
            };
            if table.kind == TableKind::Distributed && !known.closed.contains(&table.name) {
                met.push(colocation);
                known.meet(session, view, table, deadline).await?;
            }
        }
        Ok(known)
    }

    /// Finds out what the role may do, and by which columns.
    async fn ask_for_rights(
        &mut self,
        session: &mut Session,
        view: &View,
        deadline: Duration,
    ) -> Result<(), PostgresError> {
        let may = session.query(MAY_DEFINE, deadline).await?.into_rows();
        self.defines_nothing = may.scalar() != Some("t");
        if view.tables.is_empty() {
            return Ok(());
        }
        let row = |table: &Table| {
            let key = table.distribution_column.as_deref().unwrap_or_default();
            format!(
                "({}, {}, {})",
                escape_literal(&table.name.schema),
                escape_literal(&table.name.name),
                escape_literal(key)
            )
        };
        let tables: Vec<String> = view.tables.iter().map(row).collect();
        let question = COLUMNS.replace("{tables}", &tables.join(", "));
        let rows = session.query(&question, deadline).await?.into_rows().rows;
        for row in rows {
            let [Some(schema), Some(name), is_open, column] = row.as_slice() else {
                continue;
            };
            let table = TableName::new(schema, name);
            if is_open.as_deref() != Some("t") {
                self.closed.insert(table);
            } else if let Some(column) = column {
                self.columns.insert(table, column.clone());
            }
        }
        Ok(())
    }

    /// Finds tenants for the groups of a table's colocation.
    async fn meet(
        &mut self,
        session: &mut Session,
        view: &View,
        table: &Table,
        deadline: Duration,
    ) -> Result<(), PostgresError> {
        let Some(column) = &table.distribution_column else {
            return Ok(());
        };
        let groups: Vec<GroupKey> = view
            .groups
            .iter()
            .map(|group| group.key)
            .filter(|key| Some(key.colocation_id) == table.colocation_id)
            .filter(|key| matches!(key.kind, GroupKind::Hash { .. }))
            .collect();
        let named = relation::quoted(&table.name);
        let column = crate::postgres::escape_identifier(column);
        let seen = format!(
            "SELECT DISTINCT value::pg_catalog.text FROM (SELECT {column} AS value FROM {named} LIMIT {VALUES}) sample"
        );
        // Which fails while a shard is out of reach.
        let seen = texts(session, &seen, deadline).await?;
        self.place(session, view, table, seen, true, deadline)
            .await?;
        let missing = |known: &Self| groups.iter().any(|key| !known.tenants.contains_key(key));
        for made_up in [
            "number",
            "'probe-' || number",
            "pg_catalog.md5(number::pg_catalog.text)::pg_catalog.uuid",
        ] {
            if !missing(self) {
                break;
            }
            let values = format!(
                "SELECT ({made_up})::pg_catalog.text FROM pg_catalog.generate_series(1, {}) AS number",
                groups.len() * MADE_UP
            );
            let values = texts(session, &values, deadline).await?;
            self.place(session, view, table, values, false, deadline)
                .await?;
        }
        Ok(())
    }

    /// Puts values where they belong; the first of each group stays.
    async fn place(
        &mut self,
        session: &mut Session,
        view: &View,
        table: &Table,
        mut values: Vec<String>,
        has_rows: bool,
        deadline: Duration,
    ) -> Result<(), PostgresError> {
        // Small numbers first: they are the tenants that people know.
        values.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
        for (value, shard) in shards_of(session, &table.name, &values, deadline).await? {
            let holds = |group: &&crate::cluster::ShardGroup| {
                group.shards.iter().any(|one| one.id == shard)
            };
            if let Some(group) = view.groups.iter().find(holds) {
                self.tenants
                    .entry(group.key)
                    .or_insert(Tenant { value, has_rows });
            }
        }
        Ok(())
    }
}

/// The shards of values of a table's distribution column, in the order of the values. Empty where they are no values of its type.
pub(crate) async fn shards_of(
    session: &mut Session,
    table: &TableName,
    values: &[String],
    deadline: Duration,
) -> Result<Vec<(String, u64)>, PostgresError> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let literals: Vec<String> = values.iter().map(|value| escape_literal(value)).collect();
    let question = format!(
        "SELECT value, pg_catalog.get_shard_id_for_distribution_column({}, value)
           FROM pg_catalog.unnest(ARRAY[{}]::pg_catalog.text[]) WITH ORDINALITY AS v (value, place) ORDER BY place",
        escape_literal(&relation::quoted(table)),
        literals.join(", ")
    );
    let rows = session.run(&question, deadline).await?.into_rows().rows;
    let pair = |row: Vec<Option<String>>| {
        let mut row = row.into_iter();
        let value = row.next()??;
        let shard = row.next()??.parse().ok()?;
        Some((value, shard))
    };
    Ok(rows.into_iter().filter_map(pair).collect())
}

/// The first column of what a question brings; nothing where it fails.
pub(crate) async fn texts(
    session: &mut Session,
    question: &str,
    deadline: Duration,
) -> Result<Vec<String>, PostgresError> {
    let rows = session.run(question, deadline).await?.into_rows().rows;
    let first = |row: Vec<Option<String>>| row.into_iter().next().flatten();
    Ok(rows.into_iter().filter_map(first).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tables_stand_where_literals_do_and_nowhere_else() {
        // In a comment a name with a line break would end it.
        let comments = COLUMNS.lines().filter(|line| line.starts_with("--"));
        assert!(!comments.into_iter().any(|line| line.contains('{')));
        assert_eq!(COLUMNS.matches("{tables}").count(), 1);
    }
}
