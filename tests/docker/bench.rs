//! A network of its own in the engine for a test, with containers in it, gone at the end.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use bollard::Docker;
use bollard::models::{
    ContainerCreateBody, ContainerStateStatusEnum, HealthConfig, HealthStatusEnum, HostConfig,
    NetworkCreateRequest, PortBinding,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, ListContainersOptionsBuilder, ListNetworksOptionsBuilder,
    LogsOptionsBuilder, RemoveContainerOptionsBuilder,
};
use futures_util::{FutureExt, StreamExt, TryStreamExt};
use tokio::sync::Mutex;
use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

use crate::docker_engine::{self, Engine, Image};

/// Long enough for a busy machine; a passing test never waits for it.
const DEADLINE: Duration = Duration::from_secs(120);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What everything of a test is labelled with.
const LABEL: &str = "citus-tour.test";

const PASSWORD: &str = "correct horse";

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The engine and a network in it.
pub(crate) struct Bench {
    pub(crate) docker: Docker,
    image: String,
    /// The network's name, and what every name begins with.
    name: String,
    /// What containers keep their data in. Docker makes them without a label.
    volumes: Mutex<Vec<String>>,
}

/// How a container differs from the plain one.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wishes<'a> {
    pub(crate) environment: &'a [&'a str],
    pub(crate) command: &'a [&'a str],
    /// A directory of this machine in the place of the image's `/docker-entrypoint-initdb.d`.
    pub(crate) scripts: Option<&'a str>,
    /// Directories of the image that an empty one hides.
    pub(crate) hidden: &'a [&'a str],
}

/// Runs a test on the emulation's image, and removes what it has made however it ends.
pub(crate) async fn on_emulation(test: impl AsyncFnOnce(&Bench)) {
    let Some(engine) = docker_engine::engine().await else {
        return;
    };
    if let Some(image) = docker_engine::emulation(engine).await {
        on(engine, image, test).await;
    }
}

/// As [`on_emulation`], with Citus itself.
pub(crate) async fn on_citus(test: impl AsyncFnOnce(&Bench)) {
    let Some(engine) = docker_engine::engine().await else {
        return;
    };
    if let Some(image) = docker_engine::citus(engine).await {
        on(engine, image, test).await;
    }
}

async fn on(engine: &Engine, image: &Image, test: impl AsyncFnOnce(&Bench)) {
    let bench = Bench::new(engine, image).await;
    let outcome = AssertUnwindSafe(test(&bench)).catch_unwind().await;
    bench.end().await;
    if let Err(panic) = outcome {
        resume_unwind(panic);
    }
}

impl Bench {
    async fn new(engine: &Engine, image: &Image) -> Self {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let bench = Self {
            docker: engine.connect().await,
            image: image.name.clone(),
            name: format!("citus-tour-test-{}-{number}", std::process::id()),
            volumes: Mutex::default(),
        };
        let network = NetworkCreateRequest {
            name: bench.name.clone(),
            labels: Some(bench.labels()),
            ..NetworkCreateRequest::default()
        };
        bench.docker.create_network(network).await.unwrap();
        bench
    }

    /// Creates and starts a container that others on the network reach by this name.
    pub(crate) async fn start(&self, host: &str, wishes: &Wishes<'_>) -> String {
        let container = self.create(host, wishes).await;
        self.docker.start_container(&container, None).await.unwrap();
        container
    }

    async fn create(&self, host: &str, wishes: &Wishes<'_>) -> String {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let on_loopback = PortBinding {
            host_ip: Some("127.0.0.1".to_owned()),
            // Any that is free.
            host_port: Some(String::new()),
        };
        let bind = |directory: &str| vec![format!("{directory}:/docker-entrypoint-initdb.d:ro")];
        let body = ContainerCreateBody {
            image: Some(self.image.clone()),
            hostname: Some(host.to_owned()),
            env: Some(owned(wishes.environment)),
            cmd: (!wishes.command.is_empty()).then(|| owned(wishes.command)),
            labels: Some(self.labels()),
            // The image's own question, asked more often.
            healthcheck: Some(HealthConfig {
                interval: Some(200_000_000),
                retries: Some(1000),
                ..HealthConfig::default()
            }),
            host_config: Some(HostConfig {
                network_mode: Some(self.name.clone()),
                port_bindings: Some(HashMap::from([(
                    "5432/tcp".to_owned(),
                    Some(vec![on_loopback]),
                )])),
                binds: wishes.scripts.map(bind),
                tmpfs: Some(
                    wishes
                        .hidden
                        .iter()
                        .map(|place| ((*place).to_owned(), String::new()))
                        .collect(),
                ),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let options = CreateContainerOptionsBuilder::new()
            .name(&format!("{}-{host}", self.name))
            .build();
        let container = self
            .docker
            .create_container(Some(options), body)
            .await
            .unwrap()
            .id;
        let found = self
            .docker
            .inspect_container(&container, None)
            .await
            .unwrap();
        let volumes = found.mounts.unwrap_or_default();
        let volumes = volumes.into_iter().filter_map(|mount| mount.name);
        self.volumes.lock().await.extend(volumes);
        container
    }

    /// Waits until the image's own check says that the server answers.
    pub(crate) async fn healthy(&self, container: &str) {
        let start = Instant::now();
        loop {
            let found = self
                .docker
                .inspect_container(container, None)
                .await
                .unwrap();
            let state = found.state.unwrap();
            let health = state.health.and_then(|health| health.status);
            if health == Some(HealthStatusEnum::HEALTHY) {
                return;
            }
            let has_ended = state.status == Some(ContainerStateStatusEnum::EXITED);
            assert!(
                !has_ended && start.elapsed() < DEADLINE,
                "{:?}, {health:?}:\n{}",
                state.status,
                self.logs(container).await
            );
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Waits for its end, and gives its exit code and its words.
    pub(crate) async fn ended(&self, container: &str) -> (i64, String) {
        // An exit code other than 0 comes as an error.
        let mut answers = self.docker.wait_container(container, None);
        let code = match tokio::time::timeout(DEADLINE, answers.next())
            .await
            .unwrap()
        {
            Some(Ok(answer)) => answer.status_code,
            Some(Err(bollard::errors::Error::DockerContainerWaitError { code, .. })) => code,
            other => panic!("{other:?}"),
        };
        (code, self.logs(container).await)
    }

    pub(crate) async fn logs(&self, container: &str) -> String {
        let options = LogsOptionsBuilder::new().stdout(true).stderr(true).build();
        self.docker
            .logs(container, Some(options))
            .try_fold(String::new(), async |text, part| {
                Ok(text + &part.to_string())
            })
            .await
            .unwrap()
    }

    /// How a client of this machine reaches a container's server.
    pub(crate) async fn target(&self, container: &str) -> Config {
        let found = self
            .docker
            .inspect_container(container, None)
            .await
            .unwrap();
        let ports = found.network_settings.unwrap().ports.unwrap();
        let published = ports["5432/tcp"].as_ref().unwrap()[0].clone();
        assert_eq!(published.host_ip.as_deref(), Some("127.0.0.1"));
        let mut config = Config::new();
        config
            .host("127.0.0.1")
            .port(published.host_port.unwrap().parse().unwrap())
            .user("postgres")
            .dbname("postgres")
            .password(PASSWORD)
            .connect_timeout(DEADLINE);
        config
    }

    /// A session on a container's server.
    pub(crate) async fn session(&self, container: &str) -> Client {
        connect(&self.target(container).await).await.unwrap()
    }

    /// The interface by which this machine has part in the network.
    pub(crate) async fn bridge(&self) -> String {
        let network = self.docker.inspect_network(&self.name, None).await.unwrap();
        format!("br-{}", &network.id.unwrap()[..12])
    }

    fn labels(&self) -> HashMap<String, String> {
        HashMap::from([(LABEL.to_owned(), self.name.clone())])
    }

    /// Removes everything, and sees that it is gone.
    async fn end(self) {
        let ours = HashMap::from([("label", vec![format!("{LABEL}={}", self.name)])]);
        let containers = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&ours)
            .build();
        let list = || self.docker.list_containers(Some(containers.clone()));
        for container in list().await.unwrap() {
            let with_volumes = RemoveContainerOptionsBuilder::new()
                .v(true)
                .force(true)
                .build();
            self.docker
                .remove_container(&container.id.unwrap(), Some(with_volumes))
                .await
                .unwrap();
        }
        self.docker.remove_network(&self.name).await.unwrap();

        assert!(list().await.unwrap().is_empty());
        let networks = ListNetworksOptionsBuilder::new().filters(&ours).build();
        let networks = self.docker.list_networks(Some(networks)).await.unwrap();
        assert!(networks.is_empty(), "{networks:?}");
        for volume in self.volumes.lock().await.iter() {
            let left = self.docker.inspect_volume(volume).await;
            assert!(left.is_err(), "{left:?}");
        }
    }
}

/// Connects once.
pub(crate) async fn connect(config: &Config) -> Result<Client, tokio_postgres::Error> {
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The first column of every row.
pub(crate) async fn column(client: &Client, sql: &str) -> Vec<String> {
    let answers = client
        .simple_query(sql)
        .await
        .map_err(|error| format!("{sql}: {:?}", error.as_db_error()))
        .unwrap();
    answers
        .iter()
        .filter_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => Some(row.get(0).unwrap_or_default().to_owned()),
            _ => None,
        })
        .collect()
}
