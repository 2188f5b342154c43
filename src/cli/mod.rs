//! The commands, a file each. In: the command line. Out: text for people and scripts, and an exit code.

mod answer;
mod arguments;
mod attach;
mod attached_page;
mod broken;
mod bundle;
mod cluster;
mod doctor;
mod down;
mod experiment;
mod failure;
mod guest;
mod input;
mod interactive;
mod interrupt;
mod kept;
mod line_client;
mod lint;
mod load;
mod logging;
mod node;
mod output;
mod plain;
mod play;
mod psql;
mod screen;
mod setup;
mod status;
mod survival;
mod trial;
mod up;
mod verify;
mod wrap;

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{CommandFactory, Parser};

use arguments::{Arguments, Command, CompletionsArguments};
use failure::Ending;
use output::{Output, is_interactive, remark};

use crate::app::keys;

/// Runs the command that the arguments name.
#[must_use]
pub fn main() -> ExitCode {
    if let Some(code) = crate::runtime::guard::intercept() {
        return code;
    }
    let arguments = Arguments::parse();
    match drive(arguments) {
        Ok(ending) => ending.into(),
        Err(error) => {
            remark(format_args!("citus-tour: {}", failure::words(&error)));
            ExitCode::from(failure::code(&error))
        }
    }
}

fn drive(arguments: Arguments) -> Result<Ending> {
    let runtime = tokio::runtime::Runtime::new().context("no threads could be started")?;
    let ending = runtime.block_on(run(arguments));
    // A thread may wait for a lock that another program holds: somebody who asked us to end must not wait with it.
    runtime.shutdown_background();
    ending
}

async fn run(arguments: Arguments) -> Result<Ending> {
    let output = Output::default();
    let _logging = logging::start();
    let Arguments {
        cluster,
        screen,
        plain,
        command,
    } = arguments;
    match command {
        None if plain || !is_interactive() => play::open(&cluster, screen.ascii, &output).await,
        None => screen::screen(&cluster, screen, None, &output).await,
        Some(Command::Tour(tour)) => screen::screen(&cluster, screen, Some(&tour), &output).await,
        Some(Command::Keys) => {
            output.write(keys::document());
            Ok(Ending::Well)
        }
        Some(Command::Attach(attach)) => attach::attach(&cluster, &attach, &output).await,
        Some(Command::Play(play)) => play::play(&cluster, &play, &output).await,
        Some(Command::Up(up)) => up::up(&cluster, &up, &output).await,
        Some(Command::Down(down)) => down::down(&down, &output).await,
        Some(Command::Status(status)) => status::status(&status, &output).await,
        Some(Command::Survival(asked)) => survival::survival(&asked, &output).await,
        Some(Command::Psql(psql)) => psql::psql(&psql, &output).await,
        Some(Command::Logs(logs)) => node::logs(&logs, &output).await,
        Some(Command::Node(arguments)) => node::node(&arguments, &output).await,
        Some(Command::Load(load)) => load::load(&load, &output).await,
        Some(Command::Experiment(arguments)) => experiment::experiment(&arguments, &output).await,
        Some(Command::Seed(seed)) => node::seed(&seed).await,
        Some(Command::Doctor(doctor)) => doctor::doctor(&cluster, &doctor, &output).await,
        Some(Command::Setup(setup)) => setup::setup(&setup, &output).await,
        Some(Command::Bundle(arguments)) => bundle::bundle(&cluster, &arguments, &output).await,
        Some(Command::Lint) => lint::lint(&cluster, &output),
        Some(Command::Verify(verify)) => verify::verify(&cluster, &verify, &output).await,
        Some(Command::Completions(shell)) => completions(&shell, &output),
    }
}

fn completions(arguments: &CompletionsArguments, output: &Output) -> Result<Ending> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut Arguments::command(),
        "citus-tour",
        &mut script,
    );
    output.write(String::from_utf8(script).context("the completion script is no text")?);
    Ok(Ending::Well)
}
