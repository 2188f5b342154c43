//! What is known of a cluster that runs.

use crate::{
    app::{ClusterFacts, NodeFacts},
    engine::{is_real, words_of},
    runtime::Runtime,
};

/// What is known of it now: ports, names and commands change.
pub(super) fn facts(cluster: &dyn Runtime) -> ClusterFacts {
    let served = cluster.served();
    ClusterFacts {
        engine: words_of(&served),
        real: is_real(&served),
        runtime: if cluster.is_read_only() {
            format!("{}, read-only", cluster.name())
        } else {
            cluster.name().to_owned()
        },
        id: cluster.id().to_owned(),
        read_only: cluster.is_read_only(),
        schema: cluster.schema().map(ToOwned::to_owned),
        kept: cluster.kept_as(),
        acts: cluster.acts().to_vec(),
        nodes: cluster
            .nodes()
            .into_iter()
            .map(|name| node(cluster, name))
            .collect(),
    }
}

fn node(cluster: &dyn Runtime, name: String) -> NodeFacts {
    let commands = cluster.acts().iter().filter_map(|act| {
        let command = cluster.shell_command(*act, &name).ok()?;
        Some((*act, command))
    });
    NodeFacts {
        port: cluster.inside_address(&name).ok().map(|(_, port)| port),
        commands: commands.collect(),
        name,
    }
}
