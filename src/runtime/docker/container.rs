//! What the engine is asked to make: a network, and a container for each node.

use std::collections::HashMap;

use bollard::models::{
    ContainerCreateBody, EndpointSettings, HealthConfig, HostConfig, Mount, MountType,
    NetworkCreateRequest, NetworkingConfig, PortBinding, VolumeCreateRequest,
};

use crate::topology::ContainerSpec;

/// Inside every container.
pub(super) const PORT: u16 = 5432;
/// The port in the API's words.
const EXPOSED: &str = "5432/tcp";
/// The id of a cluster.
pub(super) const RUN: &str = "citus-tour.run";
/// Whose it is: a fingerprint of the directory of runs.
pub(super) const HOME: &str = "citus-tour.home";
/// The node that it is.
pub(super) const NODE: &str = "citus-tour.node";

/// Names and labels of what belongs to one cluster.
#[derive(Debug, Clone)]
pub(super) struct Naming {
    pub(super) id: String,
    pub(super) home: String,
}

impl Naming {
    pub(super) fn network(&self) -> String {
        format!("citus-tour-{}", self.id)
    }

    pub(super) fn container(&self, node: &str) -> String {
        format!("citus-tour-{}-{node}", self.id)
    }

    /// What a node's data lie in: a name and a place inside for each. They outlive the container, which is made anew where its port is taken.
    pub(super) fn volumes(&self, node: &str, places: &[String]) -> Vec<(String, String)> {
        let container = self.container(node);
        let places = places.iter().enumerate();
        places
            .map(|(number, place)| (format!("{container}-{number}"), place.clone()))
            .collect()
    }

    /// A volume of a node.
    pub(super) fn volume_request(&self, node: &str, name: &str) -> VolumeCreateRequest {
        let mut labels = self.labels();
        labels.insert(NODE.to_owned(), node.to_owned());
        VolumeCreateRequest {
            name: Some(name.to_owned()),
            labels: Some(labels),
            ..VolumeCreateRequest::default()
        }
    }

    fn labels(&self) -> HashMap<String, String> {
        HashMap::from([
            (RUN.to_owned(), self.id.clone()),
            (HOME.to_owned(), self.home.clone()),
        ])
    }

    /// The network of the cluster.
    pub(super) fn network_request(&self) -> NetworkCreateRequest {
        NetworkCreateRequest {
            name: self.network(),
            driver: Some("bridge".to_owned()),
            labels: Some(self.labels()),
            ..NetworkCreateRequest::default()
        }
    }

    /// How a node is connected to it: by its name.
    pub(super) fn endpoint(node: &str) -> EndpointSettings {
        EndpointSettings {
            aliases: Some(vec![node.to_owned()]),
            ..EndpointSettings::default()
        }
    }

    /// The container of a node, published on a port of the loopback.
    pub(super) fn container_request(
        &self,
        node: &str,
        spec: &ContainerSpec,
        image: &str,
        volumes: &[(String, String)],
        port: u16,
    ) -> ContainerCreateBody {
        let mut labels = self.labels();
        labels.insert(NODE.to_owned(), node.to_owned());
        let binding = PortBinding {
            host_ip: Some("127.0.0.1".to_owned()),
            host_port: Some(port.to_string()),
        };
        let environment = spec.environment.iter();
        let environment = environment.map(|(name, value)| format!("{name}={value}"));
        let mounts = volumes.iter().map(|(name, place)| Mount {
            typ: Some(MountType::VOLUME),
            source: Some(name.clone()),
            target: Some(place.clone()),
            ..Mount::default()
        });
        let tmpfs = spec.tmpfs.iter();
        let tmpfs = tmpfs.map(|path| (path.clone(), String::new()));
        let host = HostConfig {
            network_mode: Some(self.network()),
            port_bindings: Some(HashMap::from([(EXPOSED.to_owned(), Some(vec![binding]))])),
            mounts: Some(mounts.collect()),
            tmpfs: Some(tmpfs.collect()).filter(|tmpfs: &HashMap<_, _>| !tmpfs.is_empty()),
            dns_search: Some(spec.name_search.clone()).filter(|search| !search.is_empty()),
            dns_options: Some(spec.name_options.clone()).filter(|options| !options.is_empty()),
            shm_size: spec.shared_memory.and_then(|size| i64::try_from(size).ok()),
            ..HostConfig::default()
        };
        ContainerCreateBody {
            hostname: spec.hostname.clone(),
            image: Some(image.to_owned()),
            env: Some(environment.collect()),
            cmd: Some(spec.command.clone()).filter(|command| !command.is_empty()),
            exposed_ports: Some(vec![EXPOSED.to_owned()]),
            labels: Some(labels),
            host_config: Some(host),
            // We look ourselves, oftener than an engine should run a program in every container.
            healthcheck: Some(HealthConfig {
                test: Some(vec!["NONE".to_owned()]),
                ..HealthConfig::default()
            }),
            networking_config: Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(self.network(), Self::endpoint(node))])),
            }),
            ..ContainerCreateBody::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_reached_from_the_loopback_only_and_carries_its_labels() {
        let naming = Naming {
            id: "0a1b".into(),
            home: "cafe".into(),
        };
        let spec = ContainerSpec {
            environment: vec![("PGUSER".into(), "postgres".into())],
            hostname: Some("worker1".into()),
            tmpfs: vec!["/docker-entrypoint-initdb.d".into()],
            ..ContainerSpec::default()
        };
        let volumes = naming.volumes("worker1", &["/data".to_owned()]);
        let request = naming.container_request("worker1", &spec, "citus:1", &volumes, 5441);
        let host = request.host_config.unwrap();
        let ports = host.port_bindings.unwrap();
        let binding = ports[EXPOSED].as_ref().unwrap();
        assert_eq!(binding[0].host_ip.as_deref(), Some("127.0.0.1"));
        assert_eq!(binding[0].host_port.as_deref(), Some("5441"));
        assert_eq!(request.labels.unwrap()[RUN], "0a1b");
        assert_eq!(request.env.unwrap(), ["PGUSER=postgres"]);
        assert!(
            host.tmpfs
                .unwrap()
                .contains_key("/docker-entrypoint-initdb.d")
        );
        let mounts = host.mounts.unwrap();
        assert_eq!(
            mounts[0].source.as_deref(),
            Some("citus-tour-0a1b-worker1-0")
        );
        assert_eq!(mounts[0].target.as_deref(), Some("/data"));
        // A node that was killed must stay dead.
        assert_eq!(host.restart_policy, None);
    }
}
