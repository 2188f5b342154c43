//! `psql`: talk SQL to a node of a kept cluster, with psql where the machine has it.

use std::{
    io::{IsTerminal, stdin},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::Command,
};

use anyhow::{Context, Result};

use super::{
    arguments::PsqlArguments,
    failure::{Ending, UsageError},
    kept, line_client,
    output::{Output, remark},
};
use crate::runtime::Runtime;

/// What a user's own environment may say about their own servers. libpq would follow it to another server than the cluster's
/// (a service goes before host and port), or ask of the cluster's what it does not offer.
const LEADING_ELSEWHERE: [&str; 14] = [
    "PGSERVICE",
    "PGHOSTADDR",
    "PGOPTIONS",
    "PGSSLMODE",
    "PGSSLNEGOTIATION",
    "PGREQUIRESSL",
    "PGREQUIREAUTH",
    "PGCHANNELBINDING",
    "PGGSSENCMODE",
    "PGKRBSRVNAME",
    "PGREQUIREPEER",
    "PGTARGETSESSIONATTRS",
    "PGLOADBALANCEHOSTS",
    "PGMINPROTOCOLVERSION",
];

/// Becomes psql; without one, offers a small prompt.
pub(super) async fn psql(arguments: &PsqlArguments, output: &Output) -> Result<Ending> {
    let cluster = kept::find(&arguments.which).await?.cluster;
    // PostgreSQL's own client could not be held to reading.
    let program = (!cluster.is_elsewhere()).then(|| find_psql(cluster.as_ref()));
    let Some(program) = program.flatten() else {
        if !arguments.arguments.is_empty() {
            let message = if cluster.is_elsewhere() {
                "with --url the built-in prompt is used, which takes no arguments"
            } else {
                "there is no psql on this machine, and the built-in prompt takes no arguments: install PostgreSQL's client"
            };
            return Err(UsageError(message.to_owned()).into());
        }
        if !cluster.is_elsewhere() && stdin().is_terminal() {
            remark("no psql on this machine: a small prompt instead");
        }
        let target = kept::target(cluster.as_ref(), &arguments.node)?;
        let all_well = line_client::talk(&target, output).await?;
        return Ok(if all_well {
            Ending::Well
        } else {
            Ending::Failed
        });
    };
    let address = cluster.address(&arguments.node)?;
    let mut command = Command::new(&program);
    for name in LEADING_ELSEWHERE {
        command.env_remove(name);
    }
    let error = command
        .env("PGHOST", &address.host)
        .env("PGPORT", address.port.to_string())
        .env("PGUSER", &address.user)
        .env("PGDATABASE", &address.database)
        // Not an argument: those can be read by every user of the machine.
        .env("PGPASSWORD", &address.password)
        .args(&arguments.arguments)
        .exec();
    Err(error).with_context(|| format!("{} could not be run", program.display()))
}

/// That of the cluster's own PostgreSQL, else the first on the path.
fn find_psql(cluster: &dyn Runtime) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let own = cluster.psql().into_iter();
    own.chain(std::env::split_paths(&path).map(|directory| directory.join("psql")))
        .find(|candidate| candidate.is_file())
}
