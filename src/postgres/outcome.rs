//! What one request to a server brought: results, notices and errors in the order in which they came.

use std::time::Duration;

use super::error::PostgresError;
use super::report::Report;

/// One column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// As the server names it.
    pub name: String,
    /// The type's number in `pg_type`.
    pub type_oid: u32,
}

impl Column {
    /// Whether its values are numbers, which psql writes at the right.
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        // int8, int2, int4, oid, xid, cid, float4, float8, money, numeric, xid8.
        matches!(
            self.type_oid,
            20 | 21 | 23 | 26 | 28 | 29 | 700 | 701 | 790 | 1700 | 5069
        )
    }
}

/// Rows and their columns; values as the server writes them, `None` is NULL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResultSet {
    /// In order.
    pub columns: Vec<Column>,
    /// In order; each as long as `columns`.
    pub rows: Vec<Vec<Option<String>>>,
}

impl ResultSet {
    /// The value of the first row's first column.
    #[must_use]
    pub fn scalar(&self) -> Option<&str> {
        self.rows.first()?.first()?.as_deref()
    }

    /// Where the column of that name stands.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// One thing that came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A NOTICE, WARNING, INFO, … at its place among the results.
    Notice(Report),
    /// Rows.
    Rows(ResultSet),
    /// Text of a `COPY … TO STDOUT`.
    CopyOut(String),
    /// A command is complete, with its tag as psql prints it: `INSERT 0 5`, `CREATE TABLE`.
    Complete(String),
    /// There was no command.
    Empty,
    /// The statement failed.
    Error(Report),
    /// Somebody notified a channel that this session listens to.
    Notification(Notification),
}

/// A NOTIFY that reached us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Its channel.
    pub channel: String,
    /// Its payload, often empty.
    pub payload: String,
    /// The server process that sent it.
    pub process_id: i32,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransactionStatus {
    /// In no transaction block.
    #[default]
    Idle,
    /// In a transaction block.
    Open,
    /// In a transaction block that failed: only ROLLBACK helps.
    Failed,
    /// The connection is gone.
    Unknown,
}

impl TransactionStatus {
    pub(super) fn parse(status: u8) -> Self {
        match status {
            b'I' => Self::Idle,
            b'T' => Self::Open,
            b'E' => Self::Failed,
            _ => Self::Unknown,
        }
    }

    /// What psql's prompt shows for it (`%x`).
    #[must_use]
    pub fn prompt(self) -> &'static str {
        match self {
            Self::Idle => "",
            Self::Open => "*",
            Self::Failed => "!",
            Self::Unknown => "?",
        }
    }
}

/// All that one request brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// In order of arrival.
    pub events: Vec<Event>,
    /// From sending to the server's readiness.
    pub duration: Duration,
    /// Where it left the session.
    pub transaction: TransactionStatus,
    /// Set when the statement ran into its deadline and we cancelled it.
    pub expired: Option<Duration>,
}

impl Outcome {
    /// The error, when it failed.
    #[must_use]
    pub fn error(&self) -> Option<&Report> {
        self.events.iter().find_map(|event| match event {
            Event::Error(report) => Some(report),
            _ => None,
        })
    }

    /// The result sets, in order.
    pub fn results(&self) -> impl Iterator<Item = &ResultSet> {
        self.events.iter().filter_map(|event| match event {
            Event::Rows(rows) => Some(rows),
            _ => None,
        })
    }

    /// The notices, in order.
    pub fn notices(&self) -> impl Iterator<Item = &Report> {
        self.events.iter().filter_map(|event| match event {
            Event::Notice(report) => Some(report),
            _ => None,
        })
    }

    /// The command tags, in order.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.events.iter().filter_map(|event| match event {
            Event::Complete(tag) => Some(tag.as_str()),
            _ => None,
        })
    }

    /// The last result set, or an empty one.
    #[must_use]
    pub fn into_rows(self) -> ResultSet {
        let last = self.events.into_iter().rev().find_map(|event| match event {
            Event::Rows(rows) => Some(rows),
            _ => None,
        });
        last.unwrap_or_default()
    }

    /// Turns a failed statement into an error value.
    ///
    /// # Errors
    /// When the statement failed.
    pub fn into_success(mut self, node: &str) -> Result<Self, PostgresError> {
        let failure = self
            .events
            .iter()
            .position(|event| matches!(event, Event::Error(_)));
        match failure.map(|index| self.events.swap_remove(index)) {
            Some(Event::Error(report)) => Err(PostgresError::Statement {
                node: node.to_owned(),
                report: Box::new(report),
            }),
            _ => Ok(self),
        }
    }
}
