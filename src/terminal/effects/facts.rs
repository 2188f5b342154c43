//! What is known of a cluster that runs.

use crate::{
    app::{ClusterFacts, NodeFacts},
    engine::EngineKind,
    runtime::{Runtime, local::LocalCluster},
};

/// What is known of it now: ports, names and commands change.
pub(super) fn facts(cluster: &LocalCluster) -> ClusterFacts {
    let setup = cluster.setup();
    let engine = EngineKind::from_name(&setup.engine).map(EngineKind::engine);
    ClusterFacts {
        engine: engine.map_or_else(
            || setup.engine.clone(),
            |engine| engine.words(&setup.installation),
        ),
        real: engine.is_some_and(crate::engine::Engine::is_real),
        runtime: cluster.name().to_owned(),
        id: cluster.id().to_owned(),
        kept: cluster.kept_as(),
        acts: cluster.acts().to_vec(),
        nodes: cluster
            .nodes()
            .into_iter()
            .map(|name| node(cluster, name))
            .collect(),
    }
}

fn node(cluster: &LocalCluster, name: String) -> NodeFacts {
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
