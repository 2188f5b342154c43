//! Looking at containers and the servers in them: until they are ready, what they are, and how they stand.

use std::time::Duration;

use bollard::models::ContainerState;
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::NoTls;

use super::engine::is_not_found;
use super::events::status;
use super::node::Node;
use super::shared::{DATABASE, Shared, USER, lock};
use crate::runtime::{ProcessState, RuntimeError};
use crate::topology::Role;

/// A server makes its data directory first.
const READY: Duration = Duration::from_secs(90);
const CONNECT: Duration = Duration::from_secs(2);
const AGAIN: Duration = Duration::from_millis(50);
/// Lines of a log that an error shows.
const TAIL: usize = 15;

/// What the servers' own catalogs say of them.
const SERVED: &str = "SELECT current_setting('server_version'), \
     (SELECT default_version FROM pg_available_extensions WHERE name = 'citus')";

impl Shared {
    /// Waits until a server lets us in on the port that it is published on.
    pub(super) async fn wait_until_ready(
        &self,
        node: &Node,
        port: u16,
    ) -> Result<(), RuntimeError> {
        let deadline = Instant::now() + READY;
        loop {
            if self.ask(port, "SELECT 1").await.is_ok() {
                return Ok(());
            }
            // An end that is no order's: the image refuses its settings, or has no room.
            let state = self.container_state(node).await?;
            let ended = state.as_ref().and_then(exit_of);
            if ended.is_some() || state.is_none() || Instant::now() > deadline {
                let tail = self
                    .log_tail(node, TAIL)
                    .await
                    .unwrap_or_default()
                    .join("\n");
                let name = self.naming.container(node.name());
                let log = std::path::PathBuf::from(format!("{} logs {name}", self.client()));
                if let Some(ended) = ended {
                    self.note_end(node, ended.clone());
                    return Err(RuntimeError::DiedStarting {
                        node: node.name().to_owned(),
                        status: ended,
                        log,
                        tail,
                    });
                }
                return Err(RuntimeError::NotReady {
                    node: node.name().to_owned(),
                    seconds: READY.as_secs(),
                    log,
                    tail,
                });
            }
            sleep(AGAIN).await;
        }
    }

    fn client(&self) -> String {
        lock(&self.description).setup.client.clone()
    }

    /// Asks for one row of texts.
    async fn ask(&self, port: u16, query: &str) -> Result<Vec<Option<String>>, String> {
        let mut config = tokio_postgres::Config::new();
        config
            .host("127.0.0.1")
            .port(port)
            .user(USER)
            .password(&self.password)
            .dbname(DATABASE)
            .application_name("citus-tour/runtime");
        let asking = async {
            let (client, connection) = config.connect(NoTls).await?;
            let driving = tokio::spawn(connection);
            let rows = client.simple_query(query).await;
            drop(client);
            let _ = driving.await;
            rows
        };
        let rows = timeout(CONNECT, asking)
            .await
            .map_err(|_| "it says nothing".to_owned())?;
        let rows = rows.map_err(|error| error.to_string())?;
        let row = rows.iter().find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        let columns = row.map(|row| (0..row.len()).map(|at| row.get(at).map(str::to_owned)));
        Ok(columns.map(Iterator::collect).unwrap_or_default())
    }

    /// Asks a server what the image holds.
    pub(super) async fn find_out_what_serves(&self) -> Result<(), RuntimeError> {
        let coordinator = self
            .nodes
            .iter()
            .find(|node| node.spec.role == Role::Coordinator);
        let Some(port) = coordinator.and_then(|node| node.port().ok()) else {
            return Ok(());
        };
        let image = lock(&self.description).setup.image.clone();
        let unfit = |reason: String| RuntimeError::UnfitImage {
            image: image.clone(),
            reason,
        };
        let answer = self.ask(port, SERVED).await.map_err(&unfit)?;
        let mut answer = answer.into_iter();
        let postgres = answer.next().flatten().unwrap_or_default();
        let Some(version) = answer.next().flatten() else {
            return Err(unfit(format!(
                "its PostgreSQL {postgres} has no extension `citus`. Name one that has with --image, such as citusdata/citus"
            )));
        };
        let mut description = lock(&self.description);
        let setup = &mut description.setup;
        setup.engine = if version.contains("emulation") {
            "emulation".to_owned()
        } else {
            "citus".to_owned()
        };
        // `13.2-1` is what Citus calls the extension of 13.2.
        version
            .split('-')
            .next()
            .unwrap_or_default()
            .clone_into(&mut setup.version);
        setup.postgres = postgres;
        Ok(())
    }

    /// How a container stands; `None` where it is none.
    async fn container_state(&self, node: &Node) -> Result<Option<ContainerState>, RuntimeError> {
        let name = self.naming.container(node.name());
        match self.engine.api.inspect_container(&name, None).await {
            Ok(found) => Ok(Some(found.state.unwrap_or_default())),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(self.engine.error("looking at a container", &error)),
        }
    }

    /// Looks until a container has ended.
    pub(super) async fn wait_for_end(&self, node: &Node) {
        loop {
            match self.container_state(node).await {
                Ok(Some(state)) => {
                    if let Some(ended) = exit_of(&state) {
                        self.note_end(node, ended);
                        return;
                    }
                }
                Ok(None) => {
                    self.note_end(node, "removed".to_owned());
                    return;
                }
                // Who waits has a deadline.
                Err(_) => {}
            }
            sleep(AGAIN).await;
        }
    }

    /// Finds out how every container stands, as far as the engine says.
    pub(super) async fn look_at_all(&self) {
        for node in &self.nodes {
            // Whoever acts on it knows better.
            let Ok(_turn) = node.turn.try_lock() else {
                continue;
            };
            self.look(node).await;
        }
    }

    pub(super) async fn look(&self, node: &Node) {
        let Ok(found) = self.container_state(node).await else {
            return;
        };
        let Some(state) = found else {
            self.note_end(node, "removed".to_owned());
            node.set(ProcessState::Absent);
            return;
        };
        if let Some(ended) = exit_of(&state) {
            self.note_end(node, ended);
            if node.state() == ProcessState::Absent {
                node.set(ended_as(&state));
            }
        } else if state.paused == Some(true) {
            node.set(ProcessState::Frozen);
        } else {
            // Who cannot be asked is taken for connected, as all are that nobody cut off.
            let connected = self.is_connected(node).await.unwrap_or(true);
            match node.state() {
                ProcessState::Starting => {}
                _ if connected => node.set(ProcessState::Up),
                _ => node.set(ProcessState::Partitioned),
            }
        }
    }
}

/// How a container ended; `None` while it runs, or was never started.
fn exit_of(state: &ContainerState) -> Option<String> {
    let name = state
        .status
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    let ended = matches!(name.as_str(), "exited" | "dead" | "stopped");
    ended.then(|| status(&state.exit_code.unwrap_or_default().to_string()))
}

/// What an end of which nobody was told looks like.
fn ended_as(state: &ContainerState) -> ProcessState {
    match state.exit_code {
        Some(0) => ProcessState::Stopped,
        Some(137) => ProcessState::Killed,
        _ => ProcessState::Crashed,
    }
}
