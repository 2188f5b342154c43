//! Whom an observer has to watch, from what is planned and from what the runtime knows.

use crate::{
    cluster::NodeRole,
    observe::{Known, Watched},
    postgres::Target,
    runtime::{ProcessState, Runtime},
    topology::{NodeSpec, Role, Topology},
};

/// The servers of a topology as the runtime knows them now.
#[must_use]
pub fn watched(runtime: &dyn Runtime, topology: &Topology) -> Vec<Watched> {
    topology
        .nodes
        .iter()
        .filter_map(|node| watch(runtime, node))
        .collect()
}

fn watch(runtime: &dyn Runtime, node: &NodeSpec) -> Option<Watched> {
    let role = match node.role {
        Role::Coordinator => NodeRole::Coordinator,
        Role::Worker => NodeRole::Worker,
        Role::Other(_) => return None,
    };
    let known = match runtime.state(&node.name) {
        Ok(ProcessState::Absent) => Known::Absent,
        Ok(ProcessState::Starting) => Known::Starting,
        Ok(ProcessState::Stopped) => Known::Stopped,
        Ok(ProcessState::Frozen) => Known::Frozen,
        Ok(ProcessState::Partitioned) => Known::CutOff,
        // The coordinator is the one that was reached.
        _ if runtime.is_elsewhere() && role == NodeRole::Worker => Known::Elsewhere,
        _ => Known::Nothing,
    };
    let address = runtime.address(&node.name).ok();
    let target = address.map(|address| Target::new(&node.name, address));
    let inside = runtime.inside_address(&node.name).ok();
    Some(Watched {
        name: node.name.clone(),
        role,
        target,
        inside,
        known,
    })
}

/// The name of the topology's first cluster, which views and maps carry.
#[must_use]
pub fn cluster_name(topology: &Topology) -> &str {
    topology
        .clusters
        .first()
        .map_or("main", |cluster| cluster.name.as_str())
}
