//! The local runtime on real servers: every act, every way to end, and nothing left behind.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test that cannot go on ends there, and says what it skipped"
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use citus_tour::runtime::local::{
    Directories, GuardProgram, Installation, LocalCluster, LocalPlan, ServerAccount, ServerSetup,
    Silent, Standing, discover, list, remove_leftovers,
};
use citus_tour::runtime::{Act, Exit, ProcessState, Runtime, RuntimeError};
use citus_tour::topology::{ClusterSpec, NodeSpec, Role, Topology};
use tokio::sync::broadcast;
use tokio_postgres::{Client, Config, NoTls};

const DEADLINE: Duration = Duration::from_secs(20);

/// Tests with homes of their own know nothing of each other's ports, and would take them from a server that is down just now.
static NEXT_BLOCK: AtomicU16 = AtomicU16::new(0);

struct Bench {
    home: tempfile::TempDir,
    first_port: u16,
    directories: Directories,
    installation: Installation,
}

impl Bench {
    /// A fresh home, or nothing where the machine has no PostgreSQL.
    fn new() -> Option<Self> {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::Builder::new()
            .prefix("citus-tour-test-")
            .tempdir()
            .unwrap();
        std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
        let directories =
            Directories::under(home.path(), ServerAccount::choose().unwrap()).unwrap();
        let discovery = discover(None, directories.cache());
        let Some(installation) = discovery.installations().next().cloned() else {
            println!("skipped: no PostgreSQL on this machine");
            return None;
        };
        Some(Self {
            home,
            directories,
            installation,
            first_port: first_port(),
        })
    }

    fn plan(&self, keep: Option<&str>) -> LocalPlan {
        LocalPlan {
            topology: topology(self.first_port),
            setup: ServerSetup::plain(self.installation.clone()),
            keep: keep.map(str::to_owned),
            directories: self.directories.clone(),
            guard: guard(),
        }
    }

    async fn start(&self) -> LocalCluster {
        LocalCluster::start(self.plan(None), &Silent).await.unwrap()
    }

    /// No process names this home, and no run lies in it.
    fn assert_clean(&self) {
        let home = self.home.path();
        eventually("no process is left", || processes_naming(home).is_empty());
        eventually("no run is left", || {
            list(&self.directories).unwrap().is_empty()
        });
    }
}

fn guard() -> GuardProgram {
    GuardProgram(PathBuf::from(env!("CARGO_BIN_EXE_citus-tour")))
}

fn first_port() -> u16 {
    let process = u16::try_from(std::process::id() % 150).unwrap_or_default();
    15_000 + process * 100 + NEXT_BLOCK.fetch_add(1, Ordering::Relaxed) % 5 * 20
}

fn topology(first_port: u16) -> Topology {
    let node = |name: &str, role, port, on_demand| NodeSpec {
        name: name.to_owned(),
        cluster: Some("main".to_owned()),
        role,
        preferred_port: Some(port),
        on_demand,
    };
    Topology {
        name: "journey".to_owned(),
        clusters: vec![ClusterSpec {
            name: "main".to_owned(),
        }],
        nodes: vec![
            node("coordinator", Role::Coordinator, first_port, false),
            node("worker1", Role::Worker, first_port + 1, false),
            node("worker2", Role::Worker, first_port + 2, true),
        ],
    }
}

/// Waits for a condition, with a deadline.
fn eventually(what: &str, condition: impl Fn() -> bool) {
    let until = Instant::now() + DEADLINE;
    while !condition() {
        assert!(Instant::now() < until, "not in time: {what}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

fn processes_naming(home: &Path) -> Vec<String> {
    let output = std::process::Command::new("ps")
        .args(["-axww", "-o", "pid=,stat=,args="])
        .output()
        .unwrap();
    let home = home.to_str().unwrap();
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| line.contains(home) && !line.contains(" ps -axww"))
        .map(str::to_owned)
        .collect()
}

async fn connect(cluster: &LocalCluster, node: &str) -> Result<Client, tokio_postgres::Error> {
    let address = cluster.address(node).unwrap();
    let (client, connection) = Config::new()
        .host(&address.host)
        .port(address.port)
        .user(&address.user)
        .password(&address.password)
        .dbname(&address.database)
        .connect_timeout(DEADLINE)
        .connect(NoTls)
        .await?;
    tokio::spawn(connection);
    Ok(client)
}

/// Whether it answers now. Patient with a slow machine, except with a node that is known to be silent.
async fn answers(cluster: &LocalCluster, node: &str) -> bool {
    let frozen = cluster.state(node).unwrap() == ProcessState::Frozen;
    let patience = if frozen {
        Duration::from_secs(1)
    } else {
        DEADLINE
    };
    match tokio::time::timeout(patience, connect(cluster, node)).await {
        Ok(Ok(client)) => client.query_one("SELECT 1", &[]).await.is_ok(),
        Ok(Err(error)) => {
            println!("{node}: {error:?}");
            false
        }
        Err(_) => false,
    }
}

async fn next(exits: &mut broadcast::Receiver<Exit>) -> Exit {
    tokio::time::timeout(DEADLINE, exits.recv())
        .await
        .expect("an exit in time")
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_goes_through_every_act() {
    let Some(bench) = Bench::new() else { return };
    let cluster = bench.start().await;
    let mut exits = cluster.exits();
    assert!(answers(&cluster, "coordinator").await && answers(&cluster, "worker1").await);
    assert_eq!(cluster.state("worker2").unwrap(), ProcessState::Absent);

    let client = connect(&cluster, "worker1").await.unwrap();
    client
        .batch_execute("CREATE TABLE kept(i int); INSERT INTO kept VALUES (7); CHECKPOINT")
        .await
        .unwrap();

    cluster.act(Act::Stop, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Stopped);
    assert_eq!(next(&mut exits).await.ordered, Some(Act::Stop));
    assert!(!answers(&cluster, "worker1").await);
    cluster.act(Act::Stop, "worker1").await.unwrap();

    cluster.act(Act::Start, "worker1").await.unwrap();
    let client = connect(&cluster, "worker1").await.unwrap();
    let kept: i32 = client
        .query_one("SELECT i FROM kept", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(kept, 7);

    cluster.act(Act::Kill, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Killed);
    let exit = next(&mut exits).await;
    assert_eq!(
        (exit.node.as_str(), exit.ordered),
        ("worker1", Some(Act::Kill))
    );
    assert!(exit.status.contains('9'), "{}", exit.status);
    cluster.act(Act::Start, "worker1").await.unwrap();
    assert!(answers(&cluster, "worker1").await);

    cluster.act(Act::Freeze, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Frozen);
    assert!(!answers(&cluster, "worker1").await);
    let refused = cluster.act(Act::Stop, "worker1").await.unwrap_err();
    assert!(refused.to_string().contains("Thaw it first"), "{refused}");
    cluster.act(Act::Thaw, "worker1").await.unwrap();
    assert!(answers(&cluster, "worker1").await);

    cluster.act(Act::Freeze, "worker1").await.unwrap();
    cluster.act(Act::Restart, "worker1").await.unwrap();
    assert_eq!(next(&mut exits).await.ordered, Some(Act::Restart));
    assert!(answers(&cluster, "worker1").await);

    cluster.act(Act::Freeze, "worker1").await.unwrap();
    cluster.act(Act::Destroy, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Absent);
    assert_eq!(next(&mut exits).await.ordered, Some(Act::Destroy));
    let refused = cluster.act(Act::Freeze, "worker1").await.unwrap_err();
    assert!(refused.to_string().contains("not running"), "{refused}");
    let port = cluster.address("worker1").unwrap().port;
    cluster.act(Act::Start, "worker1").await.unwrap();
    assert_eq!(cluster.address("worker1").unwrap().port, port);
    let client = connect(&cluster, "worker1").await.unwrap();
    assert!(client.query_one("SELECT i FROM kept", &[]).await.is_err());

    cluster.act(Act::Start, "worker2").await.unwrap();
    assert!(answers(&cluster, "worker2").await);
    let log = cluster.log_tail("worker2", 50).await.unwrap();
    assert!(
        log.iter()
            .any(|line| line.contains("ready to accept connections")),
        "{log:?}"
    );
    assert!(matches!(
        cluster.act(Act::Start, "nobody").await,
        Err(RuntimeError::UnknownNode(_))
    ));

    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_unasked_is_a_crash() {
    let Some(bench) = Bench::new() else { return };
    let cluster = bench.start().await;
    let mut exits = cluster.exits();
    let command = cluster.shell_command(Act::Kill, "worker1").unwrap();
    assert!(
        std::process::Command::new("sh")
            .arg("-c")
            .arg(&command)
            .status()
            .unwrap()
            .success(),
        "{command}"
    );
    let exit = next(&mut exits).await;
    assert_eq!((exit.node.as_str(), exit.ordered), ("worker1", None));
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Crashed);
    cluster.act(Act::Start, "worker1").await.unwrap();
    assert!(answers(&cluster, "worker1").await);
    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_printed_commands_do_what_they_say() {
    let Some(bench) = Bench::new() else { return };
    let cluster = bench.start().await;
    let run = |act| {
        let command = cluster.shell_command(act, "worker1").unwrap();
        let output = std::process::Command::new("sh")
            .arg("-c")
            .arg(&command)
            .current_dir("/")
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
    };
    let mut exits = cluster.exits();
    run(Act::Stop);
    assert_eq!(next(&mut exits).await.node, "worker1");
    assert!(!answers(&cluster, "worker1").await);
    run(Act::Start);
    assert!(answers(&cluster, "worker1").await);
    // The runtime takes over what was started by hand.
    cluster.act(Act::Start, "worker1").await.unwrap();
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Up);
    run(Act::Freeze);
    let silent = tokio::time::timeout(Duration::from_secs(1), connect(&cluster, "worker1")).await;
    assert!(silent.is_err(), "a frozen server answered");
    run(Act::Thaw);
    assert!(answers(&cluster, "worker1").await);
    run(Act::Restart);
    assert!(answers(&cluster, "worker1").await);
    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn two_clusters_never_meet() {
    let Some(bench) = Bench::new() else { return };
    let (one, other) = tokio::join!(bench.start(), bench.start());
    assert_ne!(one.id(), other.id());
    let (mine, theirs) = (
        one.address("coordinator").unwrap(),
        other.address("coordinator").unwrap(),
    );
    assert_ne!(mine.port, theirs.port);
    assert_ne!(mine.password, theirs.password);
    assert!(answers(&one, "coordinator").await && answers(&other, "coordinator").await);
    one.end().await.unwrap();
    assert!(answers(&other, "worker1").await);
    other.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_reach_each_other_without_being_told_the_password() {
    let Some(bench) = Bench::new() else { return };
    if !bench.installation.can_emulate() {
        println!("skipped: this PostgreSQL has no dblink");
        return;
    }
    let cluster = bench.start().await;
    let client = connect(&cluster, "coordinator").await.unwrap();
    let (host, port) = cluster.inside_address("worker1").unwrap();
    client
        .batch_execute("CREATE EXTENSION dblink")
        .await
        .unwrap();
    let query = format!(
        "SELECT * FROM dblink('host={host} port={port} user=postgres dbname=postgres', 'SHOW cluster_name') AS answer(name text)"
    );
    let name: String = client.query_one(&query, &[]).await.unwrap().get(0);
    assert!(name.ends_with("worker1"), "{name}");
    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_cluster_is_gone_with_its_servers() {
    let Some(bench) = Bench::new() else { return };
    let cluster = bench.start().await;
    cluster.act(Act::Freeze, "worker1").await.unwrap();
    drop(cluster);
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_cluster_is_taken_over_by_name() {
    let Some(bench) = Bench::new() else { return };
    let cluster = LocalCluster::start(bench.plan(Some("class")), &Silent)
        .await
        .unwrap();
    let taken = LocalCluster::start(bench.plan(Some("class")), &Silent)
        .await
        .unwrap_err();
    assert!(matches!(taken, RuntimeError::NameTaken(_)), "{taken}");
    drop(cluster);
    assert!(remove_leftovers(&bench.directories).unwrap().is_empty());
    assert_eq!(
        list(&bench.directories).unwrap()[0].standing,
        Standing::Kept
    );

    let unknown = LocalCluster::attach(&bench.directories, "school").unwrap_err();
    assert!(
        unknown.to_string().contains("there are: class"),
        "{unknown}"
    );
    let cluster = LocalCluster::attach(&bench.directories, "class").unwrap();
    assert_eq!(cluster.kept_as().as_deref(), Some("class"));
    assert_eq!(cluster.state("worker1").unwrap(), ProcessState::Up);
    assert_eq!(cluster.state("worker2").unwrap(), ProcessState::Absent);
    assert!(answers(&cluster, "worker1").await);
    let mut exits = cluster.exits();
    cluster.act(Act::Kill, "worker1").await.unwrap();
    assert_eq!(next(&mut exits).await.ordered, Some(Act::Kill));
    cluster.act(Act::Start, "worker1").await.unwrap();
    cluster.act(Act::Start, "worker2").await.unwrap();
    cluster.act(Act::Freeze, "coordinator").await.unwrap();
    drop(cluster);

    let cluster = LocalCluster::attach(&bench.directories, "class").unwrap();
    assert_eq!(cluster.state("coordinator").unwrap(), ProcessState::Frozen);
    assert_eq!(cluster.state("worker2").unwrap(), ProcessState::Up);
    cluster.act(Act::Thaw, "coordinator").await.unwrap();
    assert!(answers(&cluster, "coordinator").await);
    cluster.end().await.unwrap();
    bench.assert_clean();
}
