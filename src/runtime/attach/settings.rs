//! What sessions on somebody's own cluster begin with, and whether they do.

use std::time::Duration;

use crate::postgres::{PostgresError, Session, escape_literal};
use crate::runtime::RuntimeError;

/// How long the coordinator may take to say so.
const PATIENCE: Duration = Duration::from_secs(15);
const SETTINGS_HOLD: &str = include_str!("../../../sql/attach/settings.sql");

/// What every session there begins with. They are parameters of the connection, not statements, so that `RESET` comes back to them.
const SETTINGS: [(&str, &str); 4] = [
    // What is read only is judged by reading statements as the server does.
    ("standard_conforming_strings", "on"),
    ("statement_timeout", "60s"),
    // Whoever waits for a lock holds up those who come behind.
    ("lock_timeout", "2s"),
    ("idle_in_transaction_session_timeout", "5min"),
];
const READ_ONLY: (&str, &str) = ("default_transaction_read_only", "on");
/// Who allows writes means it, also where sessions begin otherwise.
const READ_WRITE: (&str, &str) = ("default_transaction_read_only", "off");

/// The settings of every session.
pub(super) fn settings(allow_writes: bool) -> impl Iterator<Item = (String, String)> {
    let writes = if allow_writes { READ_WRITE } else { READ_ONLY };
    SETTINGS.into_iter().chain([writes]).map(setting)
}

/// A setting as a connection takes it.
pub(super) fn setting((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Sees whether the session is what was asked for. What stands between may drop it without a word, as a pooler does that is told to.
pub(super) async fn hold_settings(
    session: &mut Session,
    allow_writes: bool,
) -> Result<(), RuntimeError> {
    let asked = |(name, value): (String, String)| {
        format!("({}, {})", escape_literal(&name), escape_literal(&value))
    };
    let asked: Vec<String> = settings(allow_writes).map(asked).collect();
    let question = SETTINGS_HOLD.replace("{settings}", &asked.join(", "));
    let answer = session.query(&question, PATIENCE).await?.into_rows();
    let Some(dropped) = answer.scalar().filter(|dropped| !dropped.is_empty()) else {
        return Ok(());
    };
    Err(RuntimeError::NotAttachable {
        endpoint: session.target().endpoint(),
        reason: format!(
            "the session does not have what it asked for ({dropped}): something between drops it, as poolers do. Name the coordinator's own host and port"
        ),
    })
}

/// A pooler takes only parameters that it knows, and hands one session's settings to another.
pub(super) fn without_pooler(error: PostgresError) -> RuntimeError {
    let pooled = error
        .report()
        .is_some_and(|report| report.message.contains("unsupported startup parameter"));
    if pooled {
        RuntimeError::NotAttachable {
            endpoint: error.node().to_owned(),
            reason: format!(
                "{error}. A pooler stands before it: name the coordinator's own host and port"
            ),
        }
    } else {
        error.into()
    }
}
