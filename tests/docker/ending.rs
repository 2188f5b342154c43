//! The tests' own engine ends with the process that started it, however that ends, and leaves nothing behind.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::{Wishes, on_emulation};
use crate::docker_engine;

const OWNER: &str = "CITUS_TOUR_TEST_OWNER_OF_AN_ENGINE";
const DEADLINE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Not a test: the process that the test below kills. Has an engine with a network and a container at work in it.
#[tokio::test]
#[ignore = "a process for the other test"]
async fn owner() {
    if std::env::var_os(OWNER).is_none() {
        return;
    }
    on_emulation(async |bench| {
        let wishes = Wishes {
            environment: &["POSTGRES_PASSWORD=a"],
            ..Wishes::default()
        };
        let container = bench.start("node", &wishes).await;
        bench.healthy(&container).await;
        let engine = docker_engine::engine().await.unwrap();
        let home = engine.home().unwrap().display();
        let mut output = std::io::stdout();
        writeln!(output, "OWNS {home} {}", bench.bridge().await).unwrap();
        output.flush().unwrap();
        std::future::pending::<()>().await;
    })
    .await;
}

#[tokio::test]
async fn a_killed_process_leaves_nothing_of_its_engine() {
    let Some(engine) = docker_engine::engine().await else {
        return;
    };
    if engine.home().is_none() || docker_engine::emulation(engine).await.is_none() {
        return;
    }
    let mut owner = Command::new(std::env::current_exe().unwrap())
        .args(["ending::owner", "--exact", "--ignored", "--nocapture"])
        .env(OWNER, "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (home, bridge) = BufReader::new(owner.stdout.take().unwrap())
        .lines()
        .find_map(|line| {
            let line = line.unwrap();
            let (home, bridge) = line.split_once("OWNS ")?.1.split_once(' ')?;
            Some((PathBuf::from(home), bridge.to_owned()))
        })
        .unwrap();
    let found = traces(&home, &bridge);
    for kind in ["directory", "bridge", "control group", "process"] {
        assert!(
            found.iter().any(|trace| trace.starts_with(kind)),
            "no {kind} in {found:?}"
        );
    }

    owner.kill().unwrap();
    owner.wait().unwrap();
    let start = Instant::now();
    while !traces(&home, &bridge).is_empty() && start.elapsed() < DEADLINE {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    assert_eq!(traces(&home, &bridge), Vec::<String>::new());
}

/// What can be seen of an engine from outside.
fn traces(home: &Path, bridge: &str) -> Vec<String> {
    let name = home.file_name().unwrap().to_str().unwrap();
    let mut traces = Vec::new();
    if home.exists() {
        traces.push(format!("directory {}", home.display()));
    }
    if Path::new("/sys/class/net").join(bridge).exists() {
        traces.push(format!("bridge {bridge}"));
    }
    // One hierarchy of control groups, or one for each controller.
    let groups = Path::new("/sys/fs/cgroup");
    let controllers = entries(groups).map(|controller| controller.join(name));
    for group in controllers.chain([groups.join(name)]) {
        if group.exists() {
            traces.push(format!("control group {}", group.display()));
        }
    }
    // The engine's programs have its home among their arguments, those in containers are in its control groups.
    for process in entries(Path::new("/proc")) {
        let mentions = |file: &str| {
            fs::read(process.join(file))
                .is_ok_and(|text| String::from_utf8_lossy(&text).contains(name))
        };
        if mentions("cmdline") || mentions("cgroup") {
            traces.push(format!("process {}", process.display()));
        }
    }
    if fs::read_to_string("/proc/mounts").unwrap().contains(name) {
        traces.push("a mount".to_owned());
    }
    traces
}

fn entries(directory: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}
