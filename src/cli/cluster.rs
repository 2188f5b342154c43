//! Starts the cluster that a command plays on: which PostgreSQL, which engine, and progress while it comes up.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

use super::{
    arguments::{ClusterArguments, EngineName, RuntimeName},
    output::{is_interactive, remark},
    setup,
};
use crate::{
    engine::{
        EnginePreference, Ground, RuntimePreference, Wish, decide, hold_to, start_on, words_of,
    },
    runtime::{Directories, Event, Runtime},
    topology::Topology,
};

/// Starts a topology's servers on what this machine offers; kept under a name, or ending with the program.
pub(super) async fn start(
    arguments: &ClusterArguments,
    topology: Topology,
    keep: Option<String>,
) -> Result<Arc<dyn Runtime>> {
    let directories = Directories::from_environment()?;
    let ground = ground(arguments, &topology, &directories).await?;
    let progress = Startup::new();
    let started = start_on(ground, topology, keep, directories, &|event| {
        progress.tell(&event);
    })
    .await;
    progress.end();
    Ok(hold_to(preference(arguments.engine), started?).await?)
}

/// What to run on. A person at a terminal is offered a PostgreSQL where the machine has none.
async fn ground(
    arguments: &ClusterArguments,
    topology: &Topology,
    directories: &Directories,
) -> Result<Ground> {
    let wish = wish(arguments);
    let first = decide(&wish, &topology.name, directories).await;
    match first {
        Err(_)
            if is_interactive()
                && arguments.pg_bindir.is_none()
                && arguments.runtime != RuntimeName::Docker
                && setup::offer(directories).await? =>
        {
            Ok(decide(&wish, &topology.name, directories).await?)
        }
        decided => Ok(decided?),
    }
}

/// What the command line asks for, as the engine room knows it.
pub(super) fn wish(arguments: &ClusterArguments) -> Wish {
    Wish {
        runtime: match arguments.runtime {
            RuntimeName::Auto => RuntimePreference::Auto,
            RuntimeName::Local => RuntimePreference::Local,
            RuntimeName::Docker => RuntimePreference::Docker,
        },
        engine: preference(arguments.engine),
        pg_bindir: arguments.pg_bindir.clone(),
        image: arguments.image.clone(),
        bundle: arguments.bundle.clone(),
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
pub(super) fn header(cluster: &dyn Runtime, title: &str) -> String {
    format!(
        "citus-tour {} · {title} · {} · {}",
        env!("CARGO_PKG_VERSION"),
        words_of(&cluster.served()),
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
            Event::Pulling {
                image,
                layers,
                layers_done,
                bytes,
                bytes_known,
            } => format!(
                "pulling {image}: {layers_done} of {layers} layers, {} of {} MB",
                bytes / 1_000_000,
                bytes_known / 1_000_000
            ),
            Event::Remark(text) => {
                match &self.bar {
                    Some(bar) => bar.suspend(|| remark(text)),
                    None => remark(text),
                }
                return;
            }
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
