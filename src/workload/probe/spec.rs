//! Which statements to send.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::cluster::{GroupKey, Subject, TableName, View};
use crate::postgres::{PostgresError, Session};

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
    /// One tenant of each group.
    pub tenants: BTreeMap<GroupKey, Tenant>,
    /// A column of each table that is not the distribution column, to be written to itself.
    pub columns: BTreeMap<TableName, String>,
}

impl Acquaintance {
    /// Asks the coordinator. What it cannot say is left out.
    ///
    /// # Errors
    /// When the coordinator is lost or does not answer within `deadline`.
    pub async fn make(
        session: &mut Session,
        view: &View,
        deadline: Duration,
    ) -> Result<Self, PostgresError> {
        let _ = (session, view, deadline);
        Ok(Self::default())
    }
}

/// How often probes are sent, and how patient they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Time between two probes of one subject, where there are few.
    pub interval: Duration,
    /// The same for changes of definitions.
    pub definition_interval: Duration,
    /// How long a probe may wait.
    pub deadline: Duration,
    /// Probes of one subject that may wait at once.
    pub in_flight: usize,
    /// Connections in all.
    pub connections: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            interval: Duration::from_millis(250),
            definition_interval: Duration::from_secs(1),
            deadline: Duration::from_secs(5),
            in_flight: 3,
            connections: 48,
        }
    }
}

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
    let _ = (view, acquaintance);
    Vec::new()
}
