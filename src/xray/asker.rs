//! The X-ray's session: it plans as the learner's would, and can change nothing.

use std::time::Duration;

use serde_json::Value;

use super::error::XrayError;
use crate::postgres::{Report, ResultSet, Session, escape_literal};

const EXPLAIN: &str = "EXPLAIN (FORMAT JSON, VERBOSE, COSTS OFF) ";

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

/// What came of planning.
pub(super) enum Planned {
    Plan(Value),
    /// Planning would have changed something: Citus runs a part of some changes while it plans them.
    Changes,
}

/// A session that asks for plans.
#[derive(Debug)]
pub(super) struct Asker {
    session: Session,
    /// What was last set on the session.
    prepared: Option<Settings>,
}

impl Asker {
    pub(super) fn new(session: Session) -> Self {
        Self {
            session,
            prepared: None,
        }
    }

    /// The schemas in which a name is looked for.
    pub(super) fn search_path(&self, settings: &Settings) -> Vec<String> {
        let address = &self.session.target().address;
        let begun_with = address.terms.setting("search_path");
        let set = settings.search_path.as_deref().or(begun_with);
        let set = set.unwrap_or("\"$user\", public");
        let user = &address.user;
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
    pub(super) async fn prepare(&mut self, settings: &Settings) -> Result<(), XrayError> {
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

    /// The plan of a statement.
    pub(super) async fn plan(
        &mut self,
        text: &str,
        settings: &Settings,
    ) -> Result<Planned, XrayError> {
        match self.ask(&format!("{EXPLAIN}{text}"), settings).await {
            Ok(result) => Ok(Planned::Plan(self.json(&result)?)),
            // read_only_sql_transaction
            Err(XrayError::Refused(report)) if report.code == "25006" => Ok(Planned::Changes),
            Err(error) => Err(moved_back(error, EXPLAIN.len())),
        }
    }

    /// As [`Self::plan`], with every task shown.
    pub(super) async fn plan_all(
        &mut self,
        text: &str,
        settings: &Settings,
    ) -> Result<Value, XrayError> {
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

    /// The rows that answer a question of ours.
    pub(super) async fn ask(
        &mut self,
        text: &str,
        settings: &Settings,
    ) -> Result<ResultSet, XrayError> {
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

fn moved_back(error: XrayError, characters: usize) -> XrayError {
    match error {
        XrayError::Refused(mut report) => {
            report.position = report.position.and_then(|at| at.checked_sub(characters));
            XrayError::Refused(report)
        }
        other => other,
    }
}
