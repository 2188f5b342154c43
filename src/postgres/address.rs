//! Whom to talk to: an address, the node's name for messages, and the name we go by there.

use std::fmt;

use postgres_protocol::escape::escape_identifier;

use super::terms::Terms;

/// How a client reaches a node.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Role to log in as.
    pub user: String,
    /// Its password, never shown or logged.
    pub password: String,
    /// Database.
    pub database: String,
    /// Encryption, settings, and what statements may do.
    pub terms: Terms,
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "postgres://{}@{}:{}/{}",
            self.user, self.host, self.port, self.database
        )
    }
}

impl Address {
    /// From now on names without a schema are looked for in this one only.
    pub(crate) fn look_in(&mut self, schema: &str) {
        let path = ("search_path".to_owned(), escape_identifier(schema));
        self.terms.settings.push(path);
    }
}

/// A server and the name that people know it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The node's name: `coordinator`, `worker1`, … Every error names it.
    pub node: String,
    /// How to reach it.
    pub address: Address,
}

impl Target {
    /// A node and its address.
    #[must_use]
    pub fn new(node: impl Into<String>, address: Address) -> Self {
        Self {
            node: node.into(),
            address,
        }
    }

    /// `host:port`, as messages show it.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("{}:{}", self.address.host, self.address.port)
    }
}

/// What `pg_stat_activity` shows a connection of ours as, so that a learner can tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApplicationName {
    /// Statements that the learner sees: the lesson's session.
    Lesson,
    /// Checks of the lesson, polled beside it.
    Check,
    /// Catalogs and liveness.
    Observer,
    /// Filling tables.
    Seed,
    /// Everything that an engine does to make servers one cluster.
    Engine,
    /// Load and probes.
    Workload,
}

impl ApplicationName {
    /// As it is sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lesson => "citus-tour lesson",
            Self::Check => "citus-tour check",
            Self::Observer => "citus-tour observer",
            Self::Seed => "citus-tour seed",
            Self::Engine => "citus-tour engine",
            Self::Workload => "citus-tour workload",
        }
    }
}
