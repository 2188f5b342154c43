//! What can go wrong while talking to one server.

use std::io;
use std::time::Duration;

use super::report::{Report, state_matches};

/// Each names the node, says what happened there and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostgresError {
    /// Nothing listens: the process is gone.
    #[error(
        "{node} is down: {endpoint} refused the connection ({source}). Start the node and connect again"
    )]
    Refused {
        /// Which node.
        node: String,
        /// `host:port`.
        endpoint: String,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing came back in time: the node is frozen, or far too busy.
    #[error(
        "{node} did not answer within {after:?} while {during}. It may be frozen: thaw or restart it, then connect again"
    )]
    NoAnswer {
        /// Which node.
        node: String,
        /// What was waited for.
        during: &'static str,
        /// For how long.
        after: Duration,
    },
    /// The server let nobody in.
    #[error("{node} ({endpoint}) refused to open a session: {report}")]
    Rejected {
        /// Which node.
        node: String,
        /// `host:port`.
        endpoint: String,
        /// Its reason.
        report: Box<Report>,
    },
    /// The server asks for a password, and none was given.
    #[error(
        "{node} ({endpoint}) asks for the password of {user}, and none was given. Set PGPASSWORD, or write a line for it into ~/.pgpass"
    )]
    PasswordNeeded {
        /// Which node.
        node: String,
        /// `host:port`.
        endpoint: String,
        /// Whose.
        user: String,
    },
    /// Nothing may be changed there.
    #[error(
        "{node} is read-only for citus-tour, and this would write. Leave the writes out (`reads`), or allow them with --allow-writes"
    )]
    ReadOnly {
        /// Which node.
        node: String,
    },
    /// The connection ended in the middle of something.
    #[error(
        "{node}: the server closed the connection unexpectedly ({reason}). Its process may have ended; connect again"
    )]
    Lost {
        /// Which node.
        node: String,
        /// What the system said.
        reason: String,
    },
    /// A statement failed.
    #[error("{node}: {report}")]
    Statement {
        /// Which node.
        node: String,
        /// What the server said.
        report: Box<Report>,
    },
    /// The session has no connection: it was lost or given up before.
    #[error("the session on {node} has no connection any more. Connect again")]
    Disconnected {
        /// Which node.
        node: String,
    },
    /// The other side does not speak the protocol as we know it.
    #[error(
        "{node} ({endpoint}) does not answer as a PostgreSQL server that we can talk to: {reason}"
    )]
    Protocol {
        /// Which node.
        node: String,
        /// `host:port`.
        endpoint: String,
        /// What was strange.
        reason: String,
    },
}

impl PostgresError {
    /// The SQLSTATE: the server's where it sent one, else the one of class 08 that describes what a client saw.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Refused { .. } => "08001",
            Self::NoAnswer { .. } | Self::Lost { .. } => "08006",
            Self::Disconnected { .. } => "08003",
            Self::Protocol { .. } => "08P01",
            Self::PasswordNeeded { .. } => "28P01",
            Self::ReadOnly { .. } => "25006",
            Self::Rejected { report, .. } | Self::Statement { report, .. } => &report.code,
        }
    }

    /// Whether the SQLSTATE is one of these or begins with one of them (`08`, `57P01`).
    #[must_use]
    pub fn matches<S: AsRef<str>>(&self, states: &[S]) -> bool {
        state_matches(self.code(), states)
    }

    /// What the server said, where it said anything.
    #[must_use]
    pub fn report(&self) -> Option<&Report> {
        match self {
            Self::Rejected { report, .. } | Self::Statement { report, .. } => Some(report),
            _ => None,
        }
    }

    /// Which node it happened on.
    #[must_use]
    pub fn node(&self) -> &str {
        match self {
            Self::Refused { node, .. }
            | Self::NoAnswer { node, .. }
            | Self::Rejected { node, .. }
            | Self::PasswordNeeded { node, .. }
            | Self::ReadOnly { node }
            | Self::Lost { node, .. }
            | Self::Statement { node, .. }
            | Self::Disconnected { node }
            | Self::Protocol { node, .. } => node,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::report::Severity;

    #[test]
    fn a_lost_connection_has_a_class_like_a_server_error() {
        let lost = PostgresError::Lost {
            node: "worker1".into(),
            reason: "end of file".into(),
        };
        assert!(lost.matches(&["08", "57P01"]));
        assert!(!lost.matches(&["57P01"]));
        assert!(
            lost.to_string()
                .starts_with("worker1: the server closed the connection")
        );

        let report = Box::new(Report::new(Severity::Error, "23505", "duplicate key"));
        let failed = PostgresError::Statement {
            node: "coordinator".into(),
            report,
        };
        assert_eq!(failed.code(), "23505");
        assert_eq!(
            failed.to_string(),
            "coordinator: ERROR:  23505: duplicate key"
        );
        assert!(failed.matches(&["23"]));
    }
}
