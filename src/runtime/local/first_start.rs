//! The first start of a cluster's nodes, with ports in the order of the nodes.
//!
//! Citus deals shards out in the order of ports, and lessons count on the first worker being the first. A port that was free a moment
//! ago may be taken by the time a server wants it; its node then moves alone, and may end behind the others.

use std::sync::Arc;

use futures_util::future::try_join_all;

use super::node::{Node, Port};
use super::shared::Shared;
use crate::runtime::runs::{ports, reserved_ports};
use crate::runtime::{Act, Progress, RuntimeError, Silent};

/// How often all nodes move to other ports together.
const MOVES: usize = 5;

/// Starts every node that is not on demand, in parallel, and waits until they answer.
pub(super) async fn start(shared: &Shared, progress: &dyn Progress) -> Result<(), RuntimeError> {
    for _ in 0..MOVES {
        start_once(shared, progress).await?;
        if is_in_order(shared) {
            return Ok(());
        }
        move_all(shared).await?;
    }
    start_once(shared, progress).await
}

/// Ends all servers, removes their data, and starts as at the very first.
pub(super) async fn start_afresh(shared: &Shared) -> Result<(), RuntimeError> {
    for node in &shared.nodes {
        let _turn = node.turn.lock().await;
        if node.is_running() {
            node.kill(Act::Destroy).await?;
        }
        node.remove_data().await?;
        let Port { number, .. } = node.port();
        node.set_port(Port {
            number,
            settled: false,
        });
    }
    start(shared, &Silent).await
}

/// Whether the ports are in the order of the preferred ones.
fn is_in_order(shared: &Shared) -> bool {
    let pair = |node: &Arc<Node>| node.spec.preferred_port.zip(node.port().number);
    let mut pairs: Vec<(u16, u16)> = shared.nodes.iter().filter_map(pair).collect();
    pairs.sort_unstable_by_key(|(preferred, _)| *preferred);
    pairs.is_sorted_by_key(|(_, port)| *port)
}

async fn start_once(shared: &Shared, progress: &dyn Progress) -> Result<(), RuntimeError> {
    let first = shared.nodes.iter().filter(|node| !node.spec.on_demand);
    try_join_all(first.map(|node| shared.start_node(node, progress))).await?;
    Ok(())
}

/// Ends all servers and gives their nodes other ports.
async fn move_all(shared: &Shared) -> Result<(), RuntimeError> {
    for node in &shared.nodes {
        let _turn = node.turn.lock().await;
        node.stop(Act::Stop).await?;
    }
    let reserved = reserved_ports(&shared.directories, None)?;
    let preferred = shared.nodes.iter().map(|node| node.spec.preferred_port);
    let chosen = ports::choose(&preferred.collect::<Vec<_>>(), &reserved);
    for (node, number) in shared.nodes.iter().zip(chosen) {
        node.set_port(Port {
            number,
            settled: false,
        });
    }
    shared.describe()
}
