//! `attach`: somebody's own Citus, on the screen or as text.

use std::{env, io::IsTerminal, io::stderr, io::stdin, sync::Arc};

use anyhow::{Context, Result};
use crossterm::{
    event::{Event, KeyCode, KeyEventKind, KeyModifiers, read},
    terminal::{disable_raw_mode, enable_raw_mode},
};

use super::{
    arguments::{AttachArguments, ClusterArguments},
    attached_page::page,
    failure::{Ending, UsageError},
    lint::tours,
    output::{Output, is_interactive, remark},
    screen, status,
};
use crate::{
    lesson::Tour,
    postgres::{Given, PostgresError, Surroundings},
    runtime::{
        RuntimeError,
        attach::{AttachedCluster, Attachment},
    },
};

/// Stands for a connection string that other users of the machine cannot see.
const FROM_ENVIRONMENT: &str = "-";
/// Where that is.
const URL: &str = "CITUS_TOUR_URL";

/// Opens the screen on it; without a terminal, says what it is.
pub(super) async fn attach(
    cluster: &ClusterArguments,
    arguments: &AttachArguments,
    output: &Output,
) -> Result<Ending> {
    let url = arguments.url.as_deref().unwrap_or_default();
    let attached = reach(url, arguments.allow_writes).await?;
    if arguments.json || !is_interactive() {
        return status::show(
            &Arc::new(attached).into(),
            arguments.json,
            arguments.screen.ascii,
            output,
        )
        .await;
    }
    let guests = tours(cluster)?.into_iter().filter(Tour::is_for_attached);
    let tour = page(&attached, guests);
    screen::attached(cluster, arguments.screen, (Arc::new(attached), tour)).await
}

/// Reaches it. Somebody at a terminal is asked for a password that nothing else tells.
pub(super) async fn reach(url: &str, allow_writes: bool) -> Result<AttachedCluster> {
    let from_environment = match url {
        FROM_ENVIRONMENT => Some(env::var(URL).map_err(|_| {
            UsageError(format!(
                "`-` stands for the connection string in {URL}, and that is not set"
            ))
        })?),
        _ => None,
    };
    let url = from_environment.as_deref().unwrap_or(url);
    let given = Given::read(url, &Surroundings::here()).map_err(RuntimeError::from)?;
    if given.password().is_none()
        && let (None, Some(passed_over)) = given.filed_password(&given.host(), given.port())
    {
        remark(passed_over);
    }
    let mut attachment = Attachment {
        given,
        password: None,
        allow_writes,
    };
    loop {
        match AttachedCluster::open(&attachment).await {
            Err(RuntimeError::Postgres(PostgresError::PasswordNeeded { user, .. }))
                if attachment.password.is_none()
                    && stdin().is_terminal()
                    && stderr().is_terminal() =>
            {
                let asked = tokio::task::spawn_blocking(move || ask(&user)).await;
                attachment.password = Some(asked.context("nobody could be asked")??);
            }
            opened => return Ok(opened?),
        }
    }
}

/// Asks for a password without showing it.
fn ask(user: &str) -> Result<String> {
    // First: what is typed while the question appears must not be seen either.
    enable_raw_mode().context("the terminal cannot hide what is typed")?;
    remark(format_args!("Password for {user} (not shown):"));
    let typed = typed();
    disable_raw_mode().context("the terminal stays as it is")?;
    // The line of the question ended without going back to its beginning.
    remark("");
    typed
}

fn typed() -> Result<String> {
    let mut password = String::new();
    loop {
        let Event::Key(key) = read()? else { continue };
        if key.kind == KeyEventKind::Release {
            continue;
        }
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Ok(password),
            KeyCode::Char('c' | 'd') if control => anyhow::bail!("no password was given"),
            KeyCode::Char('u') if control => password.clear(),
            KeyCode::Backspace => drop(password.pop()),
            KeyCode::Char(character) => password.push(character),
            _ => {}
        }
    }
}
