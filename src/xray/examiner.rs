//! Asking the engine, on a session of its own.

use std::time::Duration;

use serde_json::Value;

use super::assemble::{Asked, assemble, assemble_whole};
use super::error::XrayError;
use super::insertion::{Position, Targets, functions_in_values, targets};
use super::lexeme::lexemes;
use super::plan::{Found, Insertion};
use super::shards::Shards;
use super::statement::{Kind, insertion_target, is_emulated, kind};
use super::touched::{Access, Touched};
use crate::cluster::{Engine, TableKind, TableName, View};
use crate::postgres::{
    ApplicationName, Report, ResultSet, Session, Target, escape_identifier, escape_literal, split,
};

const EXPLAIN: &str = "EXPLAIN (FORMAT JSON, VERBOSE, COSTS OFF) ";
const DISTRIBUTION: &str = include_str!("../../sql/catalog/distribution.sql");
const VALUE_SHARDS: &str = include_str!("../../sql/catalog/value_shards.sql");
const VOLATILE: &str = include_str!("../../sql/catalog/volatile.sql");

/// Showing more tasks than these takes too long.
const MOST_TASKS: u64 = 200;

/// What a server may take beyond the deadline to say that it is over.
const GRACE: Duration = Duration::from_secs(1);

/// What the learner's session has set, as far as it matters to planning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What `SHOW search_path` says there; `None` for the one that sessions begin with.
    pub search_path: Option<String>,
    /// Names and values of other settings, such as `citus.enable_repartition_joins`.
    pub parameters: Vec<(String, String)>,
    /// How long planning may take.
    pub deadline: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            search_path: None,
            parameters: Vec::new(),
            deadline: Duration::from_secs(3),
        }
    }
}

/// Finds out what statements touch. It has a session of its own, never the learner's: theirs may be in a transaction, which a
/// statement that cannot be planned would end.
#[derive(Debug)]
pub struct Examiner {
    session: Session,
    /// What was last set on the session.
    prepared: Option<Settings>,
}

/// What came of planning.
enum Planned {
    Plan(Value),
    /// Planning would have changed something: Citus runs a part of some changes while it plans them.
    Changes,
}

impl Examiner {
    /// Opens a session of its own on the coordinator.
    ///
    /// # Errors
    /// When the server does not let us in within `deadline`.
    pub async fn connect(target: &Target, deadline: Duration) -> Result<Self, XrayError> {
        let session = Session::connect(target, ApplicationName::Check, deadline).await?;
        Ok(Self {
            session,
            prepared: None,
        })
    }

    /// What a statement would touch if it were run now; `None` for one that touches no table that people made. Nothing is run:
    /// in the common case the engine is asked for one plan.
    ///
    /// A lost session, also one whose last question was given up, is opened again. What the learner's open transaction has changed and
    /// not committed is not seen: a table made in it is refused as unknown, one that it holds locked makes the answer late.
    ///
    /// # Errors
    /// When the statement would fail, planning takes too long, or the server does not answer.
    pub async fn examine(
        &mut self,
        view: &View,
        statement: &str,
        settings: &Settings,
    ) -> Result<Option<Touched>, XrayError> {
        let statements = split(statement);
        let [one] = statements.as_slice() else {
            return match statements.len() {
                0 => Ok(None),
                many => Err(XrayError::NotOne(many)),
            };
        };
        let shards = Shards::of(view);
        let search_path = self.search_path(settings);
        let asked = |text| Asked {
            pieces: lexemes(text),
            search_path: search_path.clone(),
        };
        match kind(&shards, one.text, &search_path) {
            Kind::Nothing => Ok(None),
            Kind::Whole(tables, access) => {
                Ok(assemble_whole(&shards, &asked(one.text), &tables, access))
            }
            Kind::Fed(table) => {
                let found = unrouted(Some(table));
                Ok(assemble(&shards, &asked(one.text), &found))
            }
            Kind::Planned(range) => {
                let text = &one.text[range.clone()];
                let before = statement[..one.range.start + range.start].chars().count();
                let asked = asked(text);
                self.prepare(settings).await?;
                let found = self.find(&shards, text, &asked, settings).await;
                let found = found.map_err(|error| moved(error, before))?;
                Ok(assemble(&shards, &asked, &found))
            }
        }
    }

    /// The schemas in which a name is looked for.
    fn search_path(&self, settings: &Settings) -> Vec<String> {
        let set = settings
            .search_path
            .as_deref()
            .unwrap_or("\"$user\", public");
        let user = &self.session.target().address.user;
        let names = set.split(',').map(|name| name.trim().trim_matches('"'));
        names
            .map(|name| {
                if name == "$user" {
                    user.clone()
                } else {
                    name.to_owned()
                }
            })
            .collect()
    }

    /// Makes the session plan as the learner's would, and do nothing else.
    async fn prepare(&mut self, settings: &Settings) -> Result<(), XrayError> {
        if !self.session.is_connected() {
            self.prepared = None;
            self.session.reconnect(settings.deadline).await?;
        }
        if self.prepared.as_ref() == Some(settings) {
            return Ok(());
        }
        self.prepared = None;
        let limit = settings.deadline.as_millis().to_string();
        let mut values: Vec<(&str, &str)> = Vec::new();
        if let Some(path) = &settings.search_path {
            values.push(("search_path", path));
        }
        let others = settings.parameters.iter();
        values.extend(others.map(|(name, value)| (name.as_str(), value.as_str())));
        values.extend([
            ("default_transaction_read_only", "on"),
            ("statement_timeout", limit.as_str()),
            ("lock_timeout", "500ms"),
            ("citus.explain_all_tasks", "off"),
            ("citus.node_connection_timeout", "1000"),
            // A connection kept to a node that freezes would be waited for; a new one is given up in time.
            ("citus.max_cached_conns_per_worker", "0"),
            // The emulation need not try its nodes: its plans are made without them.
            ("citus_emulation.all_linked", "on"),
        ]);
        let set = values.iter().map(|(name, value)| {
            let (name, value) = (escape_literal(name), escape_literal(value));
            format!("pg_catalog.set_config({name}, {value}, false)")
        });
        let list = set.collect::<Vec<_>>().join(", ");
        let text = format!("RESET ALL; SELECT {list}");
        self.session.query(&text, settings.deadline + GRACE).await?;
        self.prepared = Some(settings.clone());
        Ok(())
    }

    async fn find(
        &mut self,
        shards: &Shards<'_>,
        text: &str,
        asked: &Asked<'_>,
        settings: &Settings,
    ) -> Result<Found, XrayError> {
        let may_change = !is_emulated(shards)
            && shards.view.engine != Engine::None
            && self.calls_volatile(asked, settings).await?;
        let planned = if may_change {
            Planned::Changes
        } else {
            self.plan(text, settings).await?
        };
        let mut found = match planned {
            Planned::Plan(plan) => Found::read(shards, &plan),
            Planned::Changes => unrouted(None),
        };
        if !found.complete(shards) && may_show_all(shards, &found) {
            found = Found::read(shards, &self.plan_all(text, settings).await?);
        }
        for insertion in std::mem::take(&mut found.insertions) {
            self.route(shards, text, asked, settings, insertion, &mut found)
                .await?;
        }
        Ok(found)
    }

    /// Finds out where an insertion's rows go, as far as that is possible.
    async fn route(
        &mut self,
        shards: &Shards<'_>,
        text: &str,
        asked: &Asked<'_>,
        settings: &Settings,
        insertion: Insertion,
        found: &mut Found,
    ) -> Result<(), XrayError> {
        let named = || insertion_target(shards, &asked.pieces, &asked.search_path);
        let target = insertion.table.clone().or_else(named);
        let kind = target.as_ref().and_then(|table| shards.known(table));
        let Some(table) = target.filter(|_| kind.is_some()) else {
            found.insertions.push(insertion);
            return Ok(());
        };
        if kind.is_some_and(|table| table.kind != TableKind::Distributed) {
            for (_, shard) in shards.of_table(&table) {
                found.touch(shard.id, Access::Write, None);
            }
            found.tables.insert(table, Access::Write);
            return Ok(());
        }
        let targets = match self.position(&table, settings).await? {
            Some(position) => {
                let targets = targets(shards, text, &table, &insertion, &position);
                self.look_up(&table, &position, targets, settings).await?
            }
            None => None,
        };
        match targets {
            Some(ids) => {
                for id in ids {
                    found.touch(id, Access::Write, None);
                }
            }
            None => found.insertions.push(insertion),
        }
        Ok(())
    }

    async fn position(
        &mut self,
        table: &TableName,
        settings: &Settings,
    ) -> Result<Option<Position>, XrayError> {
        let question = DISTRIBUTION.replace("{table}", &literal(table));
        let result = self.ask(&question, settings).await?;
        let value = |at: usize| result.rows.first()?.get(at)?.as_deref();
        let number = |at: usize| value(at)?.parse().ok();
        let position = || {
            Some(Position {
                number: number(0)?,
                place: number(1)?,
                columns: number(2)?,
                type_name: value(3)?.to_owned(),
            })
        };
        Ok(position())
    }

    /// The shards of rows; `None` when a constant does not fit its column, or nobody knows.
    async fn look_up(
        &mut self,
        table: &TableName,
        position: &Position,
        targets: Option<Targets>,
        settings: &Settings,
    ) -> Result<Option<Vec<u64>>, XrayError> {
        let Some(targets) = targets else {
            return Ok(None);
        };
        let mut ids: Vec<u64> = targets.shards.into_iter().collect();
        if targets.constants.is_empty() {
            return Ok(Some(ids));
        }
        let row = |constant: &String| {
            format!("((({constant})::{})::pg_catalog.text)", position.type_name)
        };
        let rows: Vec<_> = targets.constants.iter().map(row).collect();
        let Some((before, rest)) = VALUE_SHARDS.split_once("{table}") else {
            return Ok(None);
        };
        let Some((between, after)) = rest.split_once("{values}") else {
            return Ok(None);
        };
        let question = [before, &literal(table), between, &rows.join(", "), after].concat();
        match self.ask(&question, settings).await {
            Ok(result) => {
                let found = result
                    .rows
                    .iter()
                    .map(|row| row.first()?.as_deref()?.parse().ok());
                let Some(found) = found.collect::<Option<Vec<u64>>>() else {
                    return Ok(None);
                };
                ids.extend(found);
                Ok(Some(ids))
            }
            Err(XrayError::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether values to insert call a function that may do something while Citus plans.
    async fn calls_volatile(
        &mut self,
        asked: &Asked<'_>,
        settings: &Settings,
    ) -> Result<bool, XrayError> {
        let names = functions_in_values(&asked.pieces);
        if names.is_empty() {
            return Ok(false);
        }
        let names: Vec<_> = names.iter().map(|name| escape_literal(name)).collect();
        let question = VOLATILE.replace("{names}", &names.join(", "));
        let result = self.ask(&question, settings).await?;
        Ok(result.scalar() == Some("t"))
    }

    async fn plan(&mut self, text: &str, settings: &Settings) -> Result<Planned, XrayError> {
        match self.ask(&format!("{EXPLAIN}{text}"), settings).await {
            Ok(result) => Ok(Planned::Plan(self.json(&result)?)),
            // read_only_sql_transaction
            Err(XrayError::Refused(report)) if report.code == "25006" => Ok(Planned::Changes),
            Err(error) => Err(moved_back(error, EXPLAIN.len())),
        }
    }

    /// As [`Self::plan`], with every task shown.
    async fn plan_all(&mut self, text: &str, settings: &Settings) -> Result<Value, XrayError> {
        const ON: &str = "SET citus.explain_all_tasks = on";
        const OFF: &str = "SET citus.explain_all_tasks = off";
        let question = format!("{ON};{EXPLAIN}{text}\n;{OFF}");
        let result = self.ask(&question, settings).await?;
        self.json(&result)
    }

    fn json(&self, result: &ResultSet) -> Result<Value, XrayError> {
        let text = result.scalar().unwrap_or_default();
        serde_json::from_str(text).map_err(|error| XrayError::Strange {
            node: self.session.target().node.clone(),
            what: format!("no JSON ({error})"),
        })
    }

    async fn ask(&mut self, text: &str, settings: &Settings) -> Result<ResultSet, XrayError> {
        let outcome = self.session.run(text, settings.deadline + GRACE).await?;
        // query_canceled and lock_not_available: the limits that we set ourselves.
        let late = |report: &Report| report.matches(&["57014", "55P03"]);
        if outcome.expired.is_some() || outcome.error().is_some_and(late) {
            return Err(XrayError::Late {
                node: self.session.target().node.clone(),
                after: settings.deadline,
            });
        }
        if let Some(report) = outcome.error() {
            return Err(XrayError::Refused(Box::new(report.clone())));
        }
        Ok(outcome.into_rows())
    }
}

/// Rows that nobody knows where they go.
fn unrouted(table: Option<TableName>) -> Found {
    Found {
        insertions: vec![Insertion {
            table,
            sources: Vec::new(),
        }],
        ..Found::default()
    }
}

/// Whether asking for all tasks takes an acceptable time. A node that does not answer would be waited for at each of its tasks.
fn may_show_all(shards: &Shards<'_>, found: &Found) -> bool {
    let tasks: u64 = found.partial.iter().map(|partial| partial.count).sum();
    tasks <= MOST_TASKS && !shards.has_sick_node()
}

/// The table as a literal that names it on any search path.
fn literal(table: &TableName) -> String {
    let (schema, name) = (
        escape_identifier(&table.schema),
        escape_identifier(&table.name),
    );
    escape_literal(&format!("{schema}.{name}"))
}

/// The error with its position within what the caller gave.
fn moved(error: XrayError, characters: usize) -> XrayError {
    match error {
        XrayError::Refused(mut report) => {
            report.position = report.position.map(|at| at + characters);
            XrayError::Refused(report)
        }
        other => other,
    }
}

fn moved_back(error: XrayError, characters: usize) -> XrayError {
    match error {
        XrayError::Refused(mut report) => {
            report.position = report.position.and_then(|at| at.checked_sub(characters));
            XrayError::Refused(report)
        }
        other => other,
    }
}
