//! Reads a Compose file as far as it speaks of nodes; everything else in it is for Compose.

use std::fmt;

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::Spanned;

use super::{ClusterSpec, NodeSpec, Role, Topology};

/// The cluster of a Citus node that names none.
const MAIN_CLUSTER: &str = "main";
/// The port on which a node listens inside.
const INSIDE_PORT: &str = "5432";

/// Why a file is no topology.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("compose/{file}.yml:{line}: {message}; {hint}")]
pub struct TopologyError {
    /// The file's stem.
    pub file: String,
    /// One-based.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// Reads the text of `compose/<name>.yml`.
///
/// # Errors
/// When it is no Compose file, a service has no role, a label or port cannot be understood, or a cluster has not exactly one place to
/// connect to.
pub fn parse(name: &str, text: &str) -> Result<Topology, TopologyError> {
    let error = |line: usize, message: String, hint: &str| TopologyError {
        file: name.to_owned(),
        line,
        message,
        hint: hint.to_owned(),
    };
    let file: File = serde_saphyr::from_str(text).map_err(|reason| {
        let line = reason
            .location()
            .and_then(|location| usize::try_from(location.line()).ok());
        let message = reason.to_string();
        error(
            line.unwrap_or(1),
            format!(
                "not a Compose file: {}",
                message.lines().next().unwrap_or_default()
            ),
            "compare it with compose/journey.yml",
        )
    })?;
    let mut topology = Topology {
        name: name.to_owned(),
        clusters: Vec::new(),
        nodes: Vec::new(),
    };
    for (service, description) in file.services.0 {
        let line = usize::try_from(service.referenced.line()).unwrap_or(1);
        let node = node(&service.value, &description.value)
            .map_err(|(message, hint)| error(line, message, hint))?;
        if let Some(cluster) = &node.cluster
            && !topology.clusters.iter().any(|known| known.name == *cluster)
        {
            topology.clusters.push(ClusterSpec {
                name: cluster.clone(),
            });
        }
        topology.nodes.push(node);
    }
    if topology.nodes.is_empty() {
        return Err(error(
            1,
            "it has no services".to_owned(),
            "name at least a coordinator",
        ));
    }
    for cluster in &topology.clusters {
        let has_coordinator = topology.nodes.iter().any(|node| {
            node.role == Role::Coordinator
                && node.cluster.as_ref() == Some(&cluster.name)
                && !node.on_demand
        });
        if !has_coordinator {
            return Err(error(
                1,
                format!(
                    "the cluster `{}` starts without a coordinator",
                    cluster.name
                ),
                "label one of its services `citus-tour.role: coordinator`",
            ));
        }
    }
    Ok(topology)
}

/// One service, or what is wrong with it and what to do.
fn node(name: &str, service: &Service) -> Result<NodeSpec, (String, &'static str)> {
    let label = |key: &str| {
        let (_, value) = service.labels.0.iter().find(|(known, _)| known == key)?;
        Some(value.as_str())
    };
    if let Some((unknown, _)) = service.labels.0.iter().find(|(key, _)| {
        key.starts_with("citus-tour.") && key != "citus-tour.role" && key != "citus-tour.cluster"
    }) {
        return Err((
            format!("the service `{name}` has an unknown label `{unknown}`"),
            "the labels are citus-tour.role and citus-tour.cluster",
        ));
    }
    let role = match label("citus-tour.role") {
        Some("coordinator") => Role::Coordinator,
        Some("worker") => Role::Worker,
        Some(other) if !other.trim().is_empty() => Role::Other(other.to_owned()),
        _ => {
            return Err((
                format!("the service `{name}` has no role"),
                "label it `citus-tour.role: worker`, or coordinator, standby, pooler, …",
            ));
        }
    };
    let is_citus_node = !matches!(role, Role::Other(_));
    let cluster = match label("citus-tour.cluster") {
        Some(cluster) if !cluster.trim().is_empty() => Some(cluster.to_owned()),
        _ => is_citus_node.then(|| MAIN_CLUSTER.to_owned()),
    };
    Ok(NodeSpec {
        name: name.to_owned(),
        cluster,
        role,
        preferred_port: preferred_port(name, &service.ports)?,
        on_demand: !service.profiles.is_empty(),
    })
}

/// The host's port of the first publication of 5432, else of the first publication.
fn preferred_port(name: &str, ports: &[Value]) -> Result<Option<u16>, (String, &'static str)> {
    let mut first = None;
    for port in ports {
        let (published, target) = match port {
            Value::String(text) => short_form(text),
            Value::Object(long) => (
                long.get("published").map(shown),
                long.get("target").map(shown),
            ),
            other => (None, Some(shown(other))),
        };
        // Compose picks a free port where none is published by number.
        let Some(published) = published else { continue };
        let Ok(published) = published.parse::<u16>() else {
            return Err((
                format!("the service `{name}` publishes `{published}`, which is no port"),
                "write such as \"127.0.0.1:5440:5432\"",
            ));
        };
        if target.as_deref() == Some(INSIDE_PORT) {
            return Ok(Some(published));
        }
        first = first.or(Some(published));
    }
    Ok(first)
}

/// Takes `[address:][published:]target[/protocol]` apart.
fn short_form(text: &str) -> (Option<String>, Option<String>) {
    let text = text.split('/').next().unwrap_or_default();
    let mut parts = text.rsplit(':');
    let target = parts.next().map(str::to_owned);
    let published = parts
        .next()
        .filter(|port| !port.is_empty())
        .map(str::to_owned);
    (published, target)
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[derive(Deserialize)]
struct File {
    services: InOrder<Spanned<String>, Spanned<Service>>,
}

#[derive(Deserialize)]
struct Service {
    #[serde(default)]
    labels: Labels,
    #[serde(default)]
    ports: Vec<Value>,
    #[serde(default)]
    profiles: Vec<String>,
}

/// A mapping's entries, in the order of the file.
struct InOrder<Key, Entry>(Vec<(Key, Entry)>);

impl<'de, Key: Deserialize<'de>, Entry: Deserialize<'de>> Deserialize<'de> for InOrder<Key, Entry> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<Key, Entry>(std::marker::PhantomData<(Key, Entry)>);
        impl<'de, Key: Deserialize<'de>, Entry: Deserialize<'de>> Visitor<'de> for Entries<Key, Entry> {
            type Value = InOrder<Key, Entry>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("names, each with a description")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(InOrder(entries))
            }
        }
        deserializer.deserialize_map(Entries(std::marker::PhantomData))
    }
}

/// Labels in either of Compose's forms: a mapping, or a list of `key=value`.
#[derive(Default)]
struct Labels(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Labels;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("labels")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Labels, A::Error> {
                let mut labels = Vec::new();
                while let Some((key, value)) = map.next_entry::<String, Value>()? {
                    labels.push((key, shown(&value)));
                }
                Ok(Labels(labels))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Labels, A::Error> {
                let mut labels = Vec::new();
                while let Some(label) = list.next_element::<String>()? {
                    let (key, value) = label.split_once('=').unwrap_or((&label, ""));
                    labels.push((key.to_owned(), value.to_owned()));
                }
                Ok(Labels(labels))
            }
        }
        deserializer.deserialize_any(Either)
    }
}
