//! Asking the engine, on a session of its own.

use std::time::Duration;

use super::asker::{Asker, Planned, Settings};
use super::assemble::{Asked, assemble, assemble_whole};
use super::error::XrayError;
use super::insertion::{Position, Targets, functions_in_values, targets};
use super::lexeme::lexemes;
use super::plan::{Found, Insertion};
use super::shards::Shards;
use super::statement::{Kind, insertion_target, is_emulated, kind};
use super::touched::{Access, Touched};
use crate::cluster::{Engine, TableKind, TableName, View};
use crate::postgres::{ApplicationName, Session, Target, escape_identifier, escape_literal, split};

const DISTRIBUTION: &str = include_str!("../../sql/catalog/distribution.sql");
const VALUE_SHARDS: &str = include_str!("../../sql/catalog/value_shards.sql");
const VOLATILE: &str = include_str!("../../sql/catalog/volatile.sql");

/// Showing more tasks than these takes too long.
const MOST_TASKS: u64 = 200;

/// Finds out what statements touch. It has a session of its own, never the learner's: theirs may be in a transaction, which a
/// statement that cannot be planned would end.
#[derive(Debug)]
pub struct Examiner {
    asker: Asker,
}

impl Examiner {
    /// Opens a session of its own on the coordinator.
    ///
    /// # Errors
    /// When the server does not let us in within `deadline`.
    pub async fn connect(target: &Target, deadline: Duration) -> Result<Self, XrayError> {
        let session = Session::connect(target, ApplicationName::Check, deadline).await?;
        Ok(Self {
            asker: Asker::new(session),
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
        let search_path = self.asker.search_path(settings);
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
                self.asker.prepare(settings).await?;
                let found = self.find(&shards, text, &asked, settings).await;
                let found = found.map_err(|error| moved(error, before))?;
                Ok(assemble(&shards, &asked, &found))
            }
        }
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
            self.asker.plan(text, settings).await?
        };
        let mut found = match planned {
            Planned::Plan(plan) => Found::read(shards, &plan),
            Planned::Changes => unrouted(None),
        };
        if !found.complete(shards) && may_show_all(shards, &found) {
            match self.asker.plan_all(text, settings).await {
                Ok(plan) => found = Found::read(shards, &plan),
                // A node fell silent that nobody knows of yet: how many shards there are is known all the same.
                Err(XrayError::Late { .. }) => {}
                Err(error) => return Err(error),
            }
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
        let result = self.asker.ask(&question, settings).await?;
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
        match self.asker.ask(&question, settings).await {
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
        let result = self.asker.ask(&question, settings).await?;
        Ok(result.scalar() == Some("t"))
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
