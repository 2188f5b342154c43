//! The Compose files by themselves: they give the containers that the program makes of them.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use bollard::Docker;
use bollard::models::ContainerInspectResponse;
use citus_tour::runtime::Runtime;
use tokio_postgres::{Config, NoTls};

use crate::docker_engine;
use crate::home::{Home, until};

const PASSWORD: &str = "0123456789abcdef";
/// Services begin to be named in this one.
const FILE: &str = include_str!("../../compose/journey.yml");

/// `docker compose`, or the older program that does the same.
fn compose() -> Option<(Vec<&'static str>, bool)> {
    for (words, is_old) in [
        (vec!["docker", "compose"], false),
        (vec!["docker-compose"], true),
    ] {
        let asked = Command::new(words[0])
            .args(&words[1..])
            .arg("version")
            .output();
        if asked.is_ok_and(|output| output.status.success()) {
            return Some((words, is_old));
        }
    }
    docker_engine::skipped("neither `docker compose` nor docker-compose is on this machine");
    None
}

/// What of a container decides what it does.
#[derive(Debug, PartialEq)]
struct Made {
    environment: Vec<String>,
    command: Vec<String>,
    hostname: String,
    hidden: Vec<String>,
    name_search: Vec<String>,
    name_options: Vec<String>,
    shared_memory: Option<i64>,
    restarts: String,
    ports: Vec<String>,
}

impl Made {
    async fn of(docker: &Docker, name: &str) -> Self {
        let found = docker.inspect_container(name, None).await.unwrap();
        let ContainerInspectResponse {
            config,
            host_config,
            ..
        } = found;
        let (config, host) = (config.unwrap(), host_config.unwrap());
        let mut environment = config.env.unwrap_or_default();
        environment.retain(|entry| entry.starts_with("POSTGRES_") || entry.starts_with("PG"));
        environment.retain(|entry| !entry.starts_with("PGDATA=") && !entry.starts_with("PG_"));
        for entry in &mut environment {
            if entry.contains("PASSWORD=") {
                *entry = entry.split('=').next().unwrap().to_owned();
            }
        }
        environment.sort();
        let tmpfs: BTreeMap<_, _> = host.tmpfs.unwrap_or_default().into_iter().collect();
        let ports = host.port_bindings.unwrap_or_default().into_iter();
        let ports = ports.flat_map(|(inside, bound)| {
            let bound = bound.unwrap_or_default().into_iter();
            bound.map(move |one| format!("{} {inside}", one.host_ip.unwrap_or_default()))
        });
        let restarts = host.restart_policy.and_then(|policy| policy.name);
        Self {
            environment,
            command: config.cmd.unwrap_or_default(),
            hostname: config.hostname.unwrap_or_default(),
            hidden: tmpfs.into_keys().collect(),
            name_search: host.dns_search.unwrap_or_default(),
            name_options: host.dns_options.unwrap_or_default(),
            shared_memory: host.shm_size,
            restarts: restarts.map_or_else(String::new, |name| match name.to_string().as_str() {
                "no" => String::new(),
                other => other.to_owned(),
            }),
            ports: ports.collect(),
        }
    }
}

/// A project of Compose, taken down at the end.
struct Project<'a> {
    words: Vec<&'static str>,
    name: String,
    file: PathBuf,
    home: &'a Home,
}

impl Project<'_> {
    fn run(&self, arguments: &[&str]) -> bool {
        let output = Command::new(self.words[0])
            .args(&self.words[1..])
            .args(["-p", &self.name, "-f"])
            .arg(&self.file)
            .args(arguments)
            .env("DOCKER_HOST", self.home.engine.host())
            .env("POSTGRES_PASSWORD", PASSWORD)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        true
    }
}

impl Drop for Project<'_> {
    fn drop(&mut self) {
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.run(&["down", "--volumes"])
        }));
    }
}

async fn is_named_by_compose(docker: &Docker, project: &str, service: &str) -> String {
    let labels = [
        format!("com.docker.compose.project={project}"),
        format!("com.docker.compose.service={service}"),
    ];
    let filters = std::collections::HashMap::from([("label", labels.to_vec())]);
    let options = bollard::query_parameters::ListContainersOptionsBuilder::new()
        .all(true)
        .filters(&filters)
        .build();
    let found = docker.list_containers(Some(options)).await.unwrap();
    found[0].id.clone().unwrap()
}

#[tokio::test]
async fn the_file_by_itself_gives_the_same_cluster() {
    let Some(home) = Home::new().await else {
        return;
    };
    let Some((words, is_old)) = compose() else {
        return;
    };
    let cluster = home.start().await;
    let docker = home.engine.connect().await;
    let image = citus_tour::runtime::docker::image_of("journey").unwrap();
    let mut text = FILE.replace(&image, &home.image.name);
    if is_old {
        // A key that it does not know, and that changes nothing but a name.
        text = text.replace("\nname: citus-tour-journey\n", "\n");
    }
    // The ports are the cluster's own by now; any others do.
    for port in 5440..5444 {
        text = text.replace(&format!("127.0.0.1:{port}:5432"), "127.0.0.1::5432");
    }
    let file = home.path().join("journey.yml");
    std::fs::write(&file, text).unwrap();
    let project = Project {
        words,
        name: format!("citus-tour-test-{}", std::process::id()),
        file,
        home: &home,
    };
    project.run(&["up", "-d"]);
    for node in ["coordinator", "worker1", "worker2"] {
        let ours = format!("citus-tour-{}-{node}", cluster.id());
        let theirs = is_named_by_compose(&docker, &project.name, node).await;
        let (ours, theirs) = (
            Made::of(&docker, &ours).await,
            Made::of(&docker, &theirs).await,
        );
        assert_eq!(ours, theirs, "{node}");
    }
    let coordinator = is_named_by_compose(&docker, &project.name, "coordinator").await;
    let found = docker.inspect_container(&coordinator, None).await.unwrap();
    let ports = found.network_settings.unwrap().ports.unwrap();
    let port = ports["5432/tcp"].as_ref().unwrap()[0]
        .host_port
        .clone()
        .unwrap();
    let mut config = Config::new();
    config
        .host("127.0.0.1")
        .port(port.parse().unwrap())
        .user("postgres")
        .password(PASSWORD)
        .dbname("postgres");
    until("the cluster of Compose", async || {
        let Ok((client, connection)) = config.connect(NoTls).await else {
            return false;
        };
        tokio::spawn(connection);
        let statements = "CREATE EXTENSION IF NOT EXISTS citus; \
             SELECT citus_set_coordinator_host('coordinator', 5432); \
             SELECT citus_add_node('worker1', 5432); \
             SELECT citus_add_node('worker2', 5432);";
        client.simple_query(statements).await.is_ok()
    })
    .await;
    drop(project);
    cluster.end().await.unwrap();
    home.assert_clean().await;
}
