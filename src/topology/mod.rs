//! Which nodes a tour needs. In: the text of `compose/*.yml`. Out: a [`Topology`]. Pure.

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
