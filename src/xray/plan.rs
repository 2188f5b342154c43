//! What a plan says, of either engine. Pure: JSON in, findings out.
//!
//! Citus shows tasks, each with the query for its shard and the plan that the shard's node made of it. The emulation's plan is
//! PostgreSQL's own, with a foreign table for each shard. One walk reads both.

use std::collections::BTreeMap;

use serde_json::Value;

use super::lexeme::{Lexeme, lexemes};
use super::shards::Shards;
use super::touched::Access;
use crate::cluster::{GroupKind, TableKind, TableName};

/// A shard as a plan names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hit {
    /// What is done to it.
    pub(super) access: Access,
    /// On which nodes, as far as the plan says so.
    pub(super) nodes: Vec<String>,
}

/// Tasks of which the plan shows some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Partial {
    /// How many there are.
    pub(super) count: u64,
    /// The shards of those shown.
    pub(super) shown: Vec<u64>,
}

/// One source of rows for an insertion: where it reads, and what it puts into each column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Source {
    /// `Result`, `Foreign Scan`, …
    pub(super) node_type: String,
    /// The shard that it scans, and under which alias.
    pub(super) shard: Option<(u64, String)>,
    /// An expression a column.
    pub(super) output: Vec<String>,
}

/// Rows for a distributed table, which the plan does not route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Insertion {
    /// Where to; Citus does not say, the statement does.
    pub(super) table: Option<TableName>,
    /// Where from.
    pub(super) sources: Vec<Source>,
}

/// All that a plan says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) shards: BTreeMap<u64, Hit>,
    /// Tables that are scanned or written as such, not shard by shard.
    pub(super) tables: BTreeMap<TableName, Access>,
    pub(super) partial: Vec<Partial>,
    pub(super) insertions: Vec<Insertion>,
    /// Rows are shuffled between the workers before they are joined.
    pub(super) repartitions: bool,
    /// What a subquery finds may leave shards out.
    pub(super) at_most: bool,
}

impl Found {
    /// What the JSON of an EXPLAIN says.
    pub(super) fn read(shards: &Shards<'_>, plan: &Value) -> Self {
        let mut found = Self::default();
        let mut walk = Walk {
            shards,
            found: &mut found,
            initial: false,
            parameters: false,
        };
        walk.any(plan, None);
        let at_most = walk.initial && walk.parameters;
        found.at_most = at_most;
        found
    }

    pub(super) fn touch(&mut self, id: u64, access: Access, node: Option<&str>) {
        let hit = self.shards.entry(id).or_default();
        hit.access = hit.access.max(access);
        if let Some(node) = node.filter(|node| !hit.nodes.iter().any(|known| known == node)) {
            hit.nodes.push(node.to_owned());
        }
    }

    /// Fills in the tasks that are not shown where they can only be those of all shards; whether all could be.
    pub(super) fn complete(&mut self, shards: &Shards<'_>) -> bool {
        let mut complete = true;
        for partial in std::mem::take(&mut self.partial) {
            if let Some(others) = others(shards, &self.shards, &partial) {
                for (id, access) in others {
                    self.touch(id, access, None);
                }
            } else {
                self.partial.push(partial);
                complete = false;
            }
        }
        complete
    }
}

/// The shards of the tasks that are not shown, when there is a task for each shard of the tables; `None` when some are left out, or
/// when a shard could be read in several places.
fn others(
    shards: &Shards<'_>,
    hits: &BTreeMap<u64, Hit>,
    partial: &Partial,
) -> Option<Vec<(u64, Access)>> {
    let mut found = Vec::new();
    for id in &partial.shown {
        let (group, shard) = shards.get(*id)?;
        if !matches!(group.key.kind, GroupKind::Hash { .. }) {
            continue;
        }
        let access = hits.get(id).map_or(Access::Read, |hit| hit.access);
        let all: Vec<_> = shards.of_table(&shard.table).collect();
        let one_place = |shard: &&crate::cluster::Shard| shards.holders(shard).len() == 1;
        let certain = access > Access::Read || all.iter().map(|(_, shard)| shard).all(one_place);
        if all.len() as u64 != partial.count || !certain {
            return None;
        }
        found.extend(all.iter().map(|(_, shard)| (shard.id, access)));
    }
    (!found.is_empty()).then_some(found)
}

struct Walk<'a, 'b> {
    shards: &'a Shards<'b>,
    found: &'a mut Found,
    /// A subquery runs before the rest.
    initial: bool,
    /// A shard is asked for what a subquery found.
    parameters: bool,
}

impl Walk<'_, '_> {
    fn any(&mut self, value: &Value, node: Option<&str>) {
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.any(value, node)),
            Value::Object(fields) => {
                if fields.contains_key("Task Count") {
                    return self.job(value);
                }
                if text(value, "Node Type").is_some() {
                    self.step(value, node);
                }
                for field in fields.values() {
                    self.any(field, node);
                }
            }
            _ => {}
        }
    }

    fn job(&mut self, job: &Value) {
        let count = job["Task Count"].as_u64().unwrap_or_default();
        let tasks: &[Value] = job["Tasks"].as_array().map_or(&[], Vec::as_slice);
        if job.get("Dependent Jobs").is_some() {
            self.found.repartitions = true;
        } else if count > tasks.len() as u64 {
            let shown = tasks.iter().flat_map(|task| self.shards_of(task));
            let shown = shown.map(|(id, _)| id).collect();
            self.found.partial.push(Partial { count, shown });
        }
        for task in tasks {
            let node = text(task, "Node").and_then(|node| self.node(node));
            for (id, access) in self.shards_of(task) {
                self.found.touch(id, access, node.as_deref());
            }
            self.any(&task["Remote Plan"], node.as_deref());
        }
        self.any(&job["Dependent Jobs"], None);
    }

    fn shards_of(&self, task: &Value) -> Vec<(u64, Access)> {
        let query = text(task, "Query").unwrap_or_default();
        shards_in(self.shards, query)
    }

    /// The name of the node of `host=… port=… dbname=…`.
    fn node(&self, connection: &str) -> Option<String> {
        let field = |name: &str| {
            let mut fields = connection.split_whitespace();
            fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
        };
        let node = self
            .shards
            .node_at(field("host")?, field("port")?.parse().ok()?)?;
        Some(node.name.clone())
    }

    fn step(&mut self, step: &Value, node: Option<&str>) {
        let kind = text(step, "Node Type").unwrap_or_default();
        let modifies = kind == "ModifyTable";
        let operation = text(step, "Operation").unwrap_or_default();
        let access = if modifies || !matches!(operation, "" | "Select") {
            Access::Write
        } else {
            Access::Read
        };
        self.initial |= text(step, "Parent Relationship") == Some("InitPlan");
        let query = text(step, "Remote SQL").unwrap_or_default();
        let schema = text(step, "Schema").unwrap_or_default();
        if let Some(name) = text(step, "Relation Name") {
            match self.relation(schema, name) {
                Some(Relation::Shard(id)) => {
                    self.found.touch(id, access, node);
                    self.parameters |= self.asks_for_parameter(id, query);
                }
                Some(Relation::Table(table, TableKind::Distributed))
                    if modifies && operation == "Insert" =>
                {
                    self.insertion(table, step);
                }
                Some(Relation::Table(_, TableKind::Distributed)) | None => {}
                Some(Relation::Table(table, _)) => {
                    let known = self.found.tables.entry(table).or_default();
                    *known = access.max(*known);
                }
            }
        }
        for (id, _) in shards_in(self.shards, text(step, "Relations").unwrap_or_default()) {
            self.found.touch(id, access, node);
            self.parameters |= self.asks_for_parameter(id, query);
        }
        for target in step["Target Tables"].as_array().into_iter().flatten() {
            let schema = text(target, "Schema").unwrap_or_default();
            let name = text(target, "Relation Name").unwrap_or_default();
            if let Some(Relation::Shard(id)) = self.relation(schema, name) {
                self.found.touch(id, Access::Write, node);
            }
        }
        if step.get("INSERT/SELECT method").is_some() {
            let select = &step["Select Query"][0]["Plan"];
            self.found.insertions.push(Insertion {
                table: None,
                sources: self.sources(select),
            });
        }
        let merges = |key: &String| key.starts_with("MERGE INTO ");
        if step.as_object().is_some_and(|step| step.keys().any(merges)) {
            self.found.insertions.push(Insertion {
                table: None,
                sources: Vec::new(),
            });
        }
    }

    fn relation(&self, schema: &str, name: &str) -> Option<Relation> {
        if let Some(table) = self.shards.table(schema, name) {
            return Some(Relation::Table(table.name.clone(), table.kind));
        }
        self.shards.named(name).map(Relation::Shard)
    }

    /// Whether a shard's query compares the distribution column with what is known only when it runs.
    fn asks_for_parameter(&self, id: u64, query: &str) -> bool {
        let shard = self.shards.get(id);
        let column = shard.and_then(|(_, shard)| self.shards.distribution_column(&shard.table));
        let pieces = lexemes(query);
        let compares = |three: &[Lexeme<'_>]| {
            three[0].name() == column && three[1].is_symbol("=") && three[2].is_symbol("$")
        };
        column.is_some() && pieces.windows(3).any(compares)
    }

    fn insertion(&mut self, table: TableName, step: &Value) {
        let sources = self.sources(&step["Plans"][0]);
        self.found.insertions.push(Insertion {
            table: Some(table),
            sources,
        });
    }

    fn sources(&self, step: &Value) -> Vec<Source> {
        let kind = text(step, "Node Type").unwrap_or_default();
        if kind == "Append" {
            let members = step["Plans"].as_array().into_iter().flatten();
            return members.flat_map(|member| self.sources(member)).collect();
        }
        let name = text(step, "Relation Name").unwrap_or_default();
        let alias = text(step, "Alias").unwrap_or_default();
        let output = step["Output"].as_array().into_iter().flatten();
        vec![Source {
            node_type: kind.to_owned(),
            shard: self.shards.named(name).map(|id| (id, alias.to_owned())),
            output: output
                .map(|one| one.as_str().unwrap_or_default().to_owned())
                .collect(),
        }]
    }
}

enum Relation {
    Shard(u64),
    Table(TableName, TableKind),
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// The shards that a query for nodes names, and what it does to each.
fn shards_in(shards: &Shards<'_>, query: &str) -> Vec<(u64, Access)> {
    let pieces = lexemes(query);
    let mut found = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let Some(id) = piece.name().and_then(|name| shards.named(name)) else {
            continue;
        };
        let qualified = at > 1 && pieces[at - 1].is_symbol(".");
        let mut before = if qualified { at - 2 } else { at };
        before -= usize::from(before > 0 && pieces[before - 1].is("only"));
        let back = |steps: usize| before.checked_sub(steps).map(|at| &pieces[at]);
        let is = |steps: usize, word: &str| back(steps).is_some_and(|piece| piece.is(word));
        let writes = is(1, "into")
            || (is(1, "update") && !is(2, "for"))
            || (is(1, "from") && is(2, "delete"));
        let access = if writes { Access::Write } else { Access::Read };
        found.push((id, access));
    }
    found
}
