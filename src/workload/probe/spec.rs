//! Which statements to send.

use std::collections::BTreeMap;

use super::acquaintance::Acquaintance;
use crate::cluster::{
    GroupKey, GroupKind, ShardGroup, StatementKind, Subject, Table, TableKind, TableName, View,
};
use crate::postgres::escape_literal;
use crate::workload::relation::{identifier, named};

/// Of tables larger than this no rows are read: that would be a load of its own.
const LARGE: u64 = 16 * 1024 * 1024;
/// Where no row is: a write of the rows there goes all of a write's way, to every copy and through its commit, and neither locks a row
/// nor leaves one behind.
const NOWHERE: &str = "ctid = '(0,0)'";
/// Goes to every active node, and is taken back.
const DEFINITION: &str = "BEGIN; CREATE SCHEMA citus_tour_probe; ROLLBACK";

/// A statement that is sent again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeSpec {
    /// What it tells of.
    pub subject: Subject,
    /// The tenant that it asks for.
    pub tenant: Option<String>,
    /// The table that it is about.
    pub table: Option<TableName>,
    /// What is sent.
    pub statement: String,
}

/// A probe for each subject of a view that can be asked, sorted by subject. Moving shards is never tried.
#[must_use]
pub fn probe_specs(view: &View, acquaintance: &Acquaintance) -> Vec<ProbeSpec> {
    let known = Known {
        view,
        acquaintance,
        bytes: sizes(view),
    };
    let mut specs = Vec::new();
    if !acquaintance.defines_nothing {
        specs.push(ProbeSpec {
            subject: Subject::whole(StatementKind::Definition),
            tenant: None,
            table: None,
            statement: DEFINITION.to_owned(),
        });
    }
    for group in &view.groups {
        specs.extend(known.of_group(group));
    }
    if let Some(table) = known.most_fragile() {
        let kinds = (StatementKind::AllShardRead, StatementKind::AllShardWrite);
        specs.extend(known.of_table(table, kinds));
    }
    let references = known.open_tables();
    let references = references.filter(|table| table.kind == TableKind::Reference);
    if let Some(table) = known.handiest(references) {
        let kinds = (StatementKind::ReferenceRead, StatementKind::ReferenceWrite);
        specs.extend(known.of_table(table, kinds));
    }
    specs.sort_by_key(|spec| spec.subject);
    specs
}

fn sizes(view: &View) -> BTreeMap<&TableName, u64> {
    let mut sizes = BTreeMap::new();
    for shard in view.groups.iter().flat_map(|group| &group.shards) {
        let bytes = shard.placements.iter().filter_map(|place| place.bytes);
        *sizes.entry(&shard.table).or_insert(0) += bytes.max().unwrap_or(0);
    }
    sizes
}

struct Known<'a> {
    view: &'a View,
    acquaintance: &'a Acquaintance,
    bytes: BTreeMap<&'a TableName, u64>,
}

impl<'a> Known<'a> {
    fn size(&self, table: &Table) -> u64 {
        self.bytes.get(&table.name).copied().unwrap_or(0)
    }

    /// The tables that can be asked at all.
    fn open_tables(&self) -> impl Iterator<Item = &'a Table> {
        let closed = &self.acquaintance.closed;
        let tables = self.view.tables.iter();
        tables.filter(|table| !closed.contains(&table.name))
    }

    /// Of some tables, one that can be written, and the smallest of those.
    fn handiest(&self, tables: impl Iterator<Item = &'a Table>) -> Option<&'a Table> {
        tables.min_by_key(|table| {
            let is_written = self.acquaintance.columns.contains_key(&table.name);
            (!is_written, self.size(table), &table.name)
        })
    }

    /// Statements about all distributed tables are told together: the tables with the fewest copies speak for them.
    fn most_fragile(&self) -> Option<&'a Table> {
        let tables = || {
            let tables = self.open_tables();
            tables.filter(|table| table.kind == TableKind::Distributed)
        };
        let fewest = tables().map(|table| table.replication_factor).min()?;
        self.handiest(tables().filter(|table| table.replication_factor == fewest))
    }

    fn of_group(&self, group: &ShardGroup) -> Vec<ProbeSpec> {
        let tables = group.shards.iter().filter_map(|shard| {
            let mut tables = self.open_tables();
            tables.find(|table| table.name == shard.table)
        });
        let Some(table) = self.handiest(tables) else {
            return Vec::new();
        };
        let (tenant, filter) = match group.key.kind {
            GroupKind::Reference => return Vec::new(),
            GroupKind::Single => (None, None),
            GroupKind::Hash { .. } => {
                let tenant = self.acquaintance.tenants.get(&group.key);
                let (Some(tenant), Some(column)) = (tenant, &table.distribution_column) else {
                    return Vec::new();
                };
                let filter = format!("{} = {}", identifier(column), escape_literal(&tenant.value));
                (Some(tenant.value.clone()), Some(filter))
            }
        };
        let kinds = (StatementKind::TenantRead, StatementKind::TenantWrite);
        let mut specs = self.pair(table, kinds, filter.as_deref(), Some(group.key));
        for spec in &mut specs {
            spec.tenant.clone_from(&tenant);
        }
        specs
    }

    fn of_table(&self, table: &Table, kinds: (StatementKind, StatementKind)) -> Vec<ProbeSpec> {
        self.pair(table, kinds, None, None)
    }

    /// A read and, where there is a column for it, a write.
    fn pair(
        &self,
        table: &Table,
        (read, write): (StatementKind, StatementKind),
        filter: Option<&str>,
        group: Option<GroupKey>,
    ) -> Vec<ProbeSpec> {
        let name = named(&table.name);
        let spec = |kind, statement| ProbeSpec {
            subject: Subject { kind, group },
            tenant: None,
            table: Some(table.name.clone()),
            statement,
        };
        let nowhere = (self.size(table) > LARGE).then_some(NOWHERE);
        let condition = conditions(&[filter, nowhere]);
        let mut specs = vec![spec(
            read,
            format!("SELECT count(*) FROM {name}{condition}"),
        )];
        if let Some(column) = self.acquaintance.columns.get(&table.name) {
            let (column, condition) = (identifier(column), conditions(&[filter, Some(NOWHERE)]));
            let statement = format!("UPDATE {name} SET {column} = {column}{condition}");
            specs.push(spec(write, statement));
        }
        specs
    }
}

fn conditions(parts: &[Option<&str>]) -> String {
    let parts: Vec<&str> = parts.iter().copied().flatten().collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", parts.join(" AND "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::sample;
    use crate::workload::Tenant;

    fn acquaintance(view: &View) -> Acquaintance {
        let mut known = Acquaintance::default();
        for (number, group) in (7..).zip(&view.groups) {
            let tenant = Tenant {
                value: format!("{number}"),
                has_rows: true,
            };
            known.tenants.insert(group.key, tenant);
        }
        for table in &view.tables {
            known.columns.insert(table.name.clone(), "name".to_owned());
        }
        known
    }

    #[test]
    fn every_subject_that_is_predicted_is_asked_but_for_moving_shards() {
        let view = sample::journey();
        let specs = probe_specs(&view, &acquaintance(&view));
        let asked: Vec<Subject> = specs.iter().map(|spec| spec.subject).collect();
        let mut predicted = crate::cluster::subjects(&view);
        predicted.retain(|subject| subject.kind != StatementKind::Rebalance);
        assert_eq!(asked, predicted.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn what_the_role_may_not_do_is_not_tried() {
        let view = sample::journey();
        let mut known = acquaintance(&view);
        known.defines_nothing = true;
        for table in &view.tables {
            known.closed.insert(table.name.clone());
        }
        assert_eq!(probe_specs(&view, &known), []);
        let open = TableName::new("public", "orders");
        known.closed.remove(&open);
        let specs = probe_specs(&view, &known);
        assert!(!specs.is_empty());
        assert!(specs.iter().all(|spec| spec.table.as_ref() == Some(&open)));
    }

    #[test]
    fn nothing_that_is_asked_changes_or_locks_a_row() {
        let view = sample::journey();
        for spec in probe_specs(&view, &acquaintance(&view)) {
            let harmless = spec.statement.starts_with("SELECT count(*) FROM ")
                || spec.statement.contains(" SET name = name WHERE ")
                    && spec.statement.ends_with(NOWHERE)
                || spec.statement == DEFINITION;
            assert!(harmless, "{}", spec.statement);
        }
    }

    #[test]
    fn a_tenant_is_asked_for_by_a_literal_of_any_type() {
        // A number without quotation marks would be no value of a column of text.
        let view = sample::journey();
        let specs = probe_specs(&view, &acquaintance(&view));
        let of_tenants: Vec<_> = specs.iter().filter(|spec| spec.tenant.is_some()).collect();
        assert!(!of_tenants.is_empty());
        for spec in of_tenants {
            let value = format!(" = '{}'", spec.tenant.as_deref().unwrap());
            assert!(spec.statement.contains(&value), "{}", spec.statement);
        }
    }
}
