//! How long a cluster takes, against the same servers started by hand. Prints figures and judges none: run it on a quiet machine with
//! `cargo test --release --test runtime_figures -- --ignored --nocapture`.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that cannot go on ends there, and prints its figures"
)]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use citus_tour::engine::{EnginePreference, choose};
use citus_tour::runtime::local::{
    Directories, Event, GuardProgram, LocalCluster, LocalPlan, ServerAccount, ServerSetup, discover,
};
use citus_tour::topology;

const ROUNDS: usize = 7;

fn plan(directories: &Directories, setup: &ServerSetup) -> LocalPlan {
    let mut topology = topology::embedded()
        .unwrap()
        .into_iter()
        .find(|topology| topology.name == "journey")
        .unwrap();
    // Away from a tour that somebody plays meanwhile.
    for (node, port) in topology.nodes.iter_mut().zip(13_000..) {
        node.preferred_port = Some(port);
    }
    LocalPlan {
        topology,
        setup: setup.clone(),
        keep: None,
        directories: directories.clone(),
        guard: GuardProgram(PathBuf::from(env!("CARGO_BIN_EXE_citus-tour"))),
    }
}

/// A tour goes on long enough for spare copies to be laid by. How many there are.
fn wait_for_spares(directories: &Directories, wanted: usize) {
    let entries = |path: PathBuf| {
        std::fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path())
            .collect::<Vec<_>>()
    };
    let until = Instant::now() + Duration::from_secs(60);
    let whole = |path: &PathBuf| !path.file_name().unwrap().to_str().unwrap().starts_with('.');
    let count = || {
        entries(directories.cache().join("templates"))
            .into_iter()
            .flat_map(|template| entries(template.join("spares")))
            .filter(whole)
            .count()
    };
    while count() < wanted && Instant::now() < until {
        std::thread::park_timeout(Duration::from_millis(50));
    }
}

async fn start(directories: &Directories, setup: &ServerSetup, talk: bool) -> Duration {
    let since = Instant::now();
    let progress = |event: Event| {
        if talk {
            println!("  {:>5} ms  {event:?}", since.elapsed().as_millis());
        }
    };
    let cluster = LocalCluster::start(plan(directories, setup), &progress)
        .await
        .unwrap();
    let taken = since.elapsed();
    wait_for_spares(directories, 4);
    let since = Instant::now();
    cluster.end().await.unwrap();
    if talk {
        println!("  ended in {} ms", since.elapsed().as_millis());
    }
    taken
}

/// Data directories of a cluster that was stopped, started by `pg_ctl` as a person would.
fn by_hand(
    setup: &ServerSetup,
    account: &ServerAccount,
    data: &[PathBuf],
    at_once: bool,
) -> Duration {
    let control = |data: &Path, words: &str| {
        format!(
            "{} {} -D {} -p {} -l {}.log {words} >/dev/null",
            account.shell_prefix(),
            setup.installation.program("pg_ctl").display(),
            data.display(),
            setup.postgres.display(),
            data.display(),
        )
    };
    let shell = |script: &str| {
        assert!(
            Command::new("sh")
                .arg("-c")
                .arg(script)
                .current_dir("/")
                .status()
                .unwrap()
                .success()
        );
    };
    let starts: Vec<String> = data.iter().map(|data| control(data, "-w start")).collect();
    let since = Instant::now();
    if at_once {
        shell(&format!("{} & wait", starts.join(" & ")));
    } else {
        for start in &starts {
            shell(start);
        }
    }
    let taken = since.elapsed();
    for data in data {
        shell(&control(data, "-w stop -m immediate"));
    }
    taken
}

fn median(mut times: Vec<Duration>) -> u128 {
    times.sort();
    times[times.len() / 2].as_millis()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints figures, tests nothing"]
async fn three_servers_ready() {
    let home = tempfile::Builder::new()
        .prefix("citus-tour-test-")
        .tempdir()
        .unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    let directories = Directories::under(home.path(), ServerAccount::choose().unwrap()).unwrap();
    let given = std::env::var_os("CITUS_TOUR_PG_BINDIR").map(PathBuf::from);
    let choice = choose(
        EnginePreference::Auto,
        &discover(given.as_deref(), directories.cache()),
    )
    .unwrap();
    let engine = choice.engine.engine();
    println!("{}", engine.words(&choice.installation));
    let setup = engine.prepare(&choice.installation, &directories).unwrap();

    println!("first run ever:");
    let first = start(&directories, &setup, true).await;
    println!("template cached:");
    let mut cached = vec![start(&directories, &setup, true).await];

    // What a person would have ready: the same three data directories, made by the same copy.
    let hand = home.path().join("hand");
    std::fs::create_dir(&hand).unwrap();
    let cluster = LocalCluster::start(
        plan(&directories, &setup),
        &citus_tour::runtime::local::Silent,
    )
    .await
    .unwrap();
    let mut data = Vec::new();
    for node in ["coordinator", "worker1", "worker2"] {
        use citus_tour::runtime::{Act, Runtime};
        cluster.act(Act::Stop, node).await.unwrap();
        let copy = hand.join(node);
        let from = cluster.directory().join("nodes").join(node).join("data");
        assert!(
            Command::new("cp")
                .arg("-a")
                .arg(&from)
                .arg(&copy)
                .status()
                .unwrap()
                .success()
        );
        data.push(copy);
    }
    if directories.account().lent {
        let owner = directories.account().name.clone();
        assert!(
            Command::new("chown")
                .arg(owner)
                .arg(&hand)
                .status()
                .unwrap()
                .success()
        );
    }
    cluster.end().await.unwrap();
    for data in &data {
        // The sockets went with the cluster.
        let own = data.join("node.conf");
        let text = std::fs::read_to_string(&own).unwrap();
        std::fs::write(&own, format!("{text}unix_socket_directories = ''\n")).unwrap();
    }

    let (mut one_by_one, mut at_once) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        one_by_one.push(by_hand(&setup, directories.account(), &data, false));
        at_once.push(by_hand(&setup, directories.account(), &data, true));
        cached.push(start(&directories, &setup, false).await);
    }
    let (one_by_one, at_once, cached) = (median(one_by_one), median(at_once), median(cached));
    println!("by hand, one after the other {one_by_one} ms; by hand, at once {at_once} ms");
    println!(
        "cluster ready: cached {cached} ms, first run {} ms",
        first.as_millis()
    );
}
