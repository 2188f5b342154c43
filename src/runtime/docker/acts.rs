//! Each act on a container that runs, or ran: its end, its sleep, its place in the network.

use std::time::Duration;

use bollard::models::{NetworkConnectRequest, NetworkDisconnectRequest};
use bollard::query_parameters::{KillContainerOptionsBuilder, StopContainerOptionsBuilder};

use super::container::Naming;
use super::engine::status;
use super::node::Node;
use super::shared::Shared;
use crate::runtime::{Act, ProcessState, RuntimeError};

/// Seconds that an orderly stop may take before the engine kills.
const STOP: i32 = 10;
const GONE: Duration = Duration::from_secs(20);

impl Shared {
    pub(super) async fn stop(&self, node: &Node, act: Act) -> Result<(), RuntimeError> {
        if !node.is_running() {
            return Ok(());
        }
        if node.state() == ProcessState::Frozen {
            let reason = "it is frozen and would never hear of it. Thaw it first, or kill it";
            return Err(node.refused(act, reason));
        }
        node.order(act);
        let name = self.naming.container(node.name());
        let options = StopContainerOptionsBuilder::new().t(STOP).build();
        let stopped = self.engine.api.stop_container(&name, Some(options)).await;
        self.finish(node, stopped, "stopping").await
    }

    pub(super) async fn kill(&self, node: &Node, act: Act) -> Result<(), RuntimeError> {
        if !node.is_running() {
            return Ok(());
        }
        let was_frozen = node.state() == ProcessState::Frozen;
        node.order(act);
        let name = self.naming.container(node.name());
        let signal = || KillContainerOptionsBuilder::new().signal("SIGKILL").build();
        let mut killed = self.engine.api.kill_container(&name, Some(signal())).await;
        if was_frozen {
            // Some engines refuse, others leave the signal waiting until the processes may run again.
            let thawed = self.engine.api.unpause_container(&name).await;
            if killed.is_err() && thawed.is_ok() {
                killed = self.engine.api.kill_container(&name, Some(signal())).await;
            }
        }
        self.finish(node, killed, "killing").await
    }

    /// Waits for the end that was ordered.
    async fn finish(
        &self,
        node: &Node,
        outcome: Result<(), bollard::errors::Error>,
        action: &str,
    ) -> Result<(), RuntimeError> {
        // 304 and 409: it is not running any more.
        if let Err(error) = outcome
            && !matches!(status(&error), Some(304 | 409))
        {
            node.countermand();
            return Err(self
                .engine
                .error(&format!("{action} {}", node.name()), &error));
        }
        let ended = async {
            tokio::select! {
                gone = node.gone(GONE) => gone,
                // The engine's word, should its events be late.
                () = self.wait_for_end(node) => true,
            }
        };
        if ended.await {
            return Ok(());
        }
        Err(RuntimeError::WillNotEnd {
            node: node.name().to_owned(),
            seconds: GONE.as_secs(),
        })
    }

    pub(super) async fn freeze(&self, node: &Node) -> Result<(), RuntimeError> {
        if node.state() == ProcessState::Frozen {
            return Ok(());
        }
        if !node.is_running() {
            return Err(node.refused(Act::Freeze, "it is not running. Start it first"));
        }
        let name = self.naming.container(node.name());
        let frozen = self.engine.api.pause_container(&name).await;
        frozen.map_err(|error| {
            self.engine
                .error(&format!("freezing {}", node.name()), &error)
        })?;
        node.set(ProcessState::Frozen);
        Ok(())
    }

    pub(super) async fn thaw(&self, node: &Node) -> Result<(), RuntimeError> {
        if node.state() != ProcessState::Frozen {
            return Ok(());
        }
        let name = self.naming.container(node.name());
        let thawed = self.engine.api.unpause_container(&name).await;
        thawed.map_err(|error| {
            self.engine
                .error(&format!("thawing {}", node.name()), &error)
        })?;
        let connected = self.is_connected(node).await?;
        node.set(if connected {
            ProcessState::Up
        } else {
            ProcessState::Partitioned
        });
        Ok(())
    }

    pub(super) async fn destroy(&self, node: &Node) -> Result<(), RuntimeError> {
        node.order(Act::Destroy);
        let name = self.naming.container(node.name());
        self.engine.remove_container(&name).await?;
        self.note_end(node, "removed".to_owned());
        node.countermand();
        node.set(ProcessState::Absent);
        Ok(())
    }

    pub(super) async fn partition(&self, node: &Node) -> Result<(), RuntimeError> {
        match node.state() {
            ProcessState::Partitioned => return Ok(()),
            ProcessState::Up | ProcessState::Starting => {}
            ProcessState::Frozen => {
                return Err(node.refused(Act::Partition, "it is frozen. Thaw it first"));
            }
            _ => {
                let reason = "it is not running. Start it first";
                return Err(node.refused(Act::Partition, reason));
            }
        }
        let request = NetworkDisconnectRequest {
            container: self.naming.container(node.name()),
            force: Some(true),
        };
        let network = self.naming.network();
        let cut = self.engine.api.disconnect_network(&network, request).await;
        cut.map_err(|error| {
            self.engine
                .error(&format!("cutting off {}", node.name()), &error)
        })?;
        node.set(ProcessState::Partitioned);
        Ok(())
    }

    pub(super) async fn heal(&self, node: &Node) -> Result<(), RuntimeError> {
        if node.state() != ProcessState::Partitioned {
            return Ok(());
        }
        self.reconnect(node).await?;
        let port = node.port()?;
        self.wait_until_ready(node, port).await?;
        node.set(ProcessState::Up);
        Ok(())
    }

    /// Puts a container into the cluster's network, unless it is there.
    pub(super) async fn reconnect(&self, node: &Node) -> Result<(), RuntimeError> {
        if self.is_connected(node).await? {
            return Ok(());
        }
        let request = NetworkConnectRequest {
            container: self.naming.container(node.name()),
            endpoint_config: Some(Naming::endpoint(node.name())),
        };
        let network = self.naming.network();
        let connected = self.engine.api.connect_network(&network, request).await;
        connected.map_err(|error| {
            self.engine
                .error(&format!("connecting {}", node.name()), &error)
        })
    }

    pub(super) async fn is_connected(&self, node: &Node) -> Result<bool, RuntimeError> {
        let name = self.naming.container(node.name());
        let found = self.engine.api.inspect_container(&name, None).await;
        let found = found.map_err(|error| self.engine.error("looking at a container", &error))?;
        let networks = found
            .network_settings
            .and_then(|settings| settings.networks);
        Ok(networks.is_some_and(|networks| networks.contains_key(&self.naming.network())))
    }
}
