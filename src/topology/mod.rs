//! Which nodes a tour needs. In: the text of `compose/*.yml`. Out: a [`Topology`]. Pure.

mod compose;
mod container;

use std::collections::BTreeMap;

use include_dir::{Dir, include_dir};

pub use compose::{TopologyError, parse};
pub use container::{ContainerSpec, Health, containers};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/compose");

/// The topologies that are compiled in, by name.
///
/// # Errors
/// When one of the files is wrong, which the tests do not let happen.
pub fn embedded() -> Result<Vec<Topology>, TopologyError> {
    let mut files: Vec<_> = EMBEDDED
        .files()
        .filter(|file| {
            file.path()
                .extension()
                .is_some_and(|extension| extension == "yml")
        })
        .filter_map(|file| Some((file.path().file_stem()?.to_str()?, file.contents_utf8()?)))
        .collect();
    files.sort_unstable();
    files
        .into_iter()
        .map(|(name, text)| parse(name, text))
        .collect()
}

/// The containers of a topology that is compiled in, by node; nothing for a name that none has.
///
/// # Errors
/// When the file is wrong, which the tests do not let happen.
pub fn embedded_containers(name: &str) -> Result<BTreeMap<String, ContainerSpec>, TopologyError> {
    let file = EMBEDDED.get_file(format!("{name}.yml"));
    let text = file.and_then(include_dir::File::contents_utf8);
    text.map_or_else(|| Ok(BTreeMap::new()), |text| containers(name, text))
}

/// The clusters and nodes of one tour, as a Compose file says them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// The Compose file's stem, such as `journey`.
    pub name: String,
    /// In the order of their first node in the file.
    pub clusters: Vec<ClusterSpec>,
    /// Every node of every cluster, and those that belong to none, in file order.
    pub nodes: Vec<NodeSpec>,
}

/// One cluster of a topology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterSpec {
    /// Its name, from the label `citus-tour.cluster`; `main` where the label is absent.
    pub name: String,
}

/// One node of a topology: a server that a runtime starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSpec {
    /// The service's name: `coordinator`, `worker1`, …
    pub name: String,
    /// The cluster that it belongs to, if any.
    pub cluster: Option<String>,
    /// What it does.
    pub role: Role,
    /// The published port of the Compose file: a runtime's first choice.
    pub preferred_port: Option<u16>,
    /// Under a Compose profile: not started with the others, added by a lesson or by the learner.
    pub on_demand: bool,
}

/// What a node does, from the label `citus-tour.role`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Role {
    /// Holds the metadata that everybody connects to.
    Coordinator,
    /// Holds shards.
    Worker,
    /// A program that is no Citus node: a standby, a pooler, a balancer, a metrics server.
    Other(String),
}

impl Topology {
    /// The node of that name.
    #[must_use]
    pub fn node(&self, name: &str) -> Option<&NodeSpec> {
        self.nodes.iter().find(|node| node.name == name)
    }

    /// The nodes that start with the topology; the others are started when they are asked for.
    pub fn first_nodes(&self) -> impl Iterator<Item = &NodeSpec> {
        self.nodes.iter().filter(|node| !node.on_demand)
    }
}
