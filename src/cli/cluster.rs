//! Starts the cluster that a command plays on: which PostgreSQL, which engine, and progress while it comes up.

use std::time::Duration;

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    arguments::{ClusterArguments, EngineName},
    output::{is_interactive, remark},
    setup,
};
use crate::{
    engine::{Choice, EngineKind, EnginePreference, choose},
    runtime::{
        Runtime,
        local::{Directories, Event, GuardProgram, LocalCluster, LocalPlan, discover},
    },
    topology::Topology,
};

/// Starts a topology's servers on what this machine offers; kept under a name, or ending with the program.
pub(super) async fn start(
    arguments: &ClusterArguments,
    topology: Topology,
    keep: Option<String>,
) -> Result<LocalCluster> {
    let directories = Directories::from_environment()?;
    let choice = choice(arguments, &directories).await?;
    let engine = choice.engine.engine();
    let installation = choice.installation;
    let progress = Startup::new();
    let preparing = directories.clone();
    let setup =
        tokio::task::spawn_blocking(move || engine.prepare(&installation, &preparing)).await??;
    let plan = LocalPlan {
        topology,
        setup,
        keep,
        directories,
        guard: GuardProgram::current()?,
    };
    let cluster = LocalCluster::start(plan, &|event| progress.tell(&event)).await;
    progress.end();
    Ok(cluster?)
}

/// What to run on. A person at a terminal is offered a PostgreSQL where the machine has none.
async fn choice(arguments: &ClusterArguments, directories: &Directories) -> Result<Choice> {
    let preference = preference(arguments.engine);
    let find = || {
        choose(
            preference,
            &discover(arguments.pg_bindir.as_deref(), directories.cache()),
        )
    };
    match find() {
        Err(_)
            if is_interactive()
                && arguments.pg_bindir.is_none()
                && setup::offer(directories).await? =>
        {
            Ok(find()?)
        }
        found => Ok(found?),
    }
}

/// `--engine` as the engine room knows it.
pub(super) fn preference(name: EngineName) -> EnginePreference {
    match name {
        EngineName::Auto => EnginePreference::Auto,
        EngineName::Citus => EnginePreference::Citus,
        EngineName::Emulation => EnginePreference::Emulation,
    }
}

/// The line that says what everything below it ran on.
pub(super) fn header(cluster: &LocalCluster, title: &str) -> String {
    let setup = cluster.setup();
    let engine = EngineKind::from_name(&setup.engine).map_or_else(
        || setup.engine.clone(),
        |kind| kind.engine().words(&setup.installation),
    );
    format!(
        "citus-tour {} · {title} · {engine} · {}",
        env!("CARGO_PKG_VERSION"),
        cluster.name()
    )
}

/// Shows how far a start is: a line that changes on a terminal, plain lines in a pipe.
pub(super) struct Startup {
    bar: Option<ProgressBar>,
}

impl Startup {
    pub(super) fn new() -> Self {
        if !console_is_terminal() {
            return Self { bar: None };
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg}") {
            bar.set_style(style.tick_chars("-\\|/ "));
        }
        bar.enable_steady_tick(Duration::from_millis(100));
        Self { bar: Some(bar) }
    }

    pub(super) fn tell(&self, event: &Event) {
        let text = match event {
            Event::BuildingTemplate => "making a data directory to copy from (once)".to_owned(),
            Event::Copied { node } => format!("{node}: data directory copied"),
            Event::Starting { node, port } => format!("{node}: starting on port {port}"),
            Event::Ready { node, port, after } => {
                format!(
                    "{node}: ready on port {port} after {} ms",
                    after.as_millis()
                )
            }
            Event::Bringing { package } => format!("bringing {package}"),
        };
        match &self.bar {
            Some(bar) => bar.set_message(text),
            None if matches!(
                event,
                Event::BuildingTemplate | Event::Ready { .. } | Event::Bringing { .. }
            ) =>
            {
                remark(text);
            }
            None => {}
        }
    }

    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn console_is_terminal() -> bool {
    use std::io::IsTerminal;
    std::io::stderr().is_terminal()
}
