//! `cluster.json`: what a run is, written down for whoever takes it over.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::secrets::write_secret;
use crate::runtime::RuntimeError;
use crate::topology::{ClusterSpec, NodeSpec, Role, Topology};

const FORMAT: u32 = 1;

/// Everything that another program needs to take a kept cluster over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::runtime) struct Description<Setup> {
    pub(in crate::runtime) format: u32,
    pub(in crate::runtime) id: String,
    /// The name that a kept cluster goes by.
    pub(in crate::runtime) name: Option<String>,
    /// True once it may outlive the program that started it.
    pub(in crate::runtime) kept: bool,
    pub(in crate::runtime) topology: String,
    pub(in crate::runtime) clusters: Vec<String>,
    pub(in crate::runtime) nodes: Vec<DescribedNode>,
    /// Where the nodes live.
    #[serde(default = "local")]
    pub(in crate::runtime) runtime: String,
    /// How that makes and starts them.
    pub(in crate::runtime) setup: Setup,
    pub(in crate::runtime) password: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::runtime) struct DescribedNode {
    pub(in crate::runtime) name: String,
    pub(in crate::runtime) cluster: Option<String>,
    pub(in crate::runtime) role: String,
    pub(in crate::runtime) preferred_port: Option<u16>,
    pub(in crate::runtime) on_demand: bool,
    pub(in crate::runtime) port: Option<u16>,
    /// Its port is known to other nodes and must not change any more.
    pub(in crate::runtime) settled: bool,
}

/// Descriptions of before say nothing else.
fn local() -> String {
    super::LOCAL.to_owned()
}

impl<Setup: Serialize + DeserializeOwned + Clone> Description<Setup> {
    pub(in crate::runtime) fn new(
        runtime: &str,
        id: &str,
        name: Option<String>,
        topology: &Topology,
        ports: &[Option<u16>],
        setup: &Setup,
        password: &str,
    ) -> Self {
        let nodes = topology
            .nodes
            .iter()
            .zip(ports)
            .map(|(node, port)| DescribedNode {
                name: node.name.clone(),
                cluster: node.cluster.clone(),
                role: role_word(&node.role),
                preferred_port: node.preferred_port,
                on_demand: node.on_demand,
                port: *port,
                settled: false,
            });
        Self {
            format: FORMAT,
            id: id.to_owned(),
            name,
            kept: false,
            topology: topology.name.clone(),
            clusters: topology
                .clusters
                .iter()
                .map(|cluster| cluster.name.clone())
                .collect(),
            nodes: nodes.collect(),
            runtime: runtime.to_owned(),
            setup: setup.clone(),
            password: password.to_owned(),
        }
    }

    pub(in crate::runtime) fn topology(&self) -> Topology {
        let nodes = self.nodes.iter().map(|node| NodeSpec {
            name: node.name.clone(),
            cluster: node.cluster.clone(),
            role: match node.role.as_str() {
                "coordinator" => Role::Coordinator,
                "worker" => Role::Worker,
                other => Role::Other(other.to_owned()),
            },
            preferred_port: node.preferred_port,
            on_demand: node.on_demand,
        });
        Topology {
            name: self.topology.clone(),
            clusters: self
                .clusters
                .iter()
                .map(|name| ClusterSpec { name: name.clone() })
                .collect(),
            nodes: nodes.collect(),
        }
    }

    pub(in crate::runtime) fn read(run: &Path) -> Result<Self, RuntimeError> {
        let path = run.join("cluster.json");
        let bad = |message: String| RuntimeError::BadDescription {
            path: path.clone(),
            message,
        };
        let text = fs::read_to_string(&path).map_err(|error| bad(error.to_string()))?;
        let description: Self =
            serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if description.format != FORMAT {
            return Err(bad(format!(
                "its format is {}, not {FORMAT}",
                description.format
            )));
        }
        Ok(description)
    }

    pub(in crate::runtime) fn write(&self, run: &Path) -> Result<(), RuntimeError> {
        let path = run.join("cluster.json");
        let text = serde_json::to_string_pretty(self)
            .map_err(|error| RuntimeError::io("describing the cluster", &path, error.into()))?;
        write_secret(&path, &text, None)
    }
}

pub(in crate::runtime) fn role_word(role: &Role) -> String {
    match role {
        Role::Coordinator => "coordinator".to_owned(),
        Role::Worker => "worker".to_owned(),
        Role::Other(other) => other.clone(),
    }
}
