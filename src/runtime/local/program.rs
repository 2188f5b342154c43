//! Programs that do a piece of work and end, work that blocks, and what to say when either fails.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::server::clean_environment;
use crate::runtime::RuntimeError;
use crate::runtime::ServerAccount;

/// Runs a program as the servers' user; what it printed is the error's text when it fails.
pub(super) async fn run(
    mut command: Command,
    account: &ServerAccount,
    home: &Path,
    action: &str,
) -> Result<(), RuntimeError> {
    let program = PathBuf::from(command.get_program());
    clean_environment(&mut command, home);
    account.lend(&mut command);
    command.stdin(Stdio::null());
    let output = tokio::process::Command::from(command)
        .output()
        .await
        .map_err(|error| RuntimeError::io(action, &program, error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(RuntimeError::program(&program, action, home, &said))
}

/// An error of the server with its message, or of the connection with its cause.
pub(super) fn explain(error: &tokio_postgres::Error) -> String {
    use std::error::Error;
    match (error.as_db_error(), error.source()) {
        (Some(server), _) => server.message().to_owned(),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}
