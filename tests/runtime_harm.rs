//! What goes wrong: programs killed, leftovers, ports taken, damaged caches, full disks. One clear message each, nothing left behind.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on ends there, and says what it skipped"
)]

#[cfg(test)]
mod runtime_bench;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use citus_tour::runtime::{Act, Runtime, RuntimeError};
use citus_tour::runtime::{
    Directories, Event, ServerAccount, Silent, Standing, list, local::LocalCluster,
    remove_leftovers,
};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use runtime_bench::{Bench, answers, connect, eventually, processes_naming};

const OWNED_HOME: &str = "CITUS_TOUR_TEST_OWNED_HOME";

/// Not a test: the program that the tests below kill. Starts a cluster, says how far it is, and waits for its end.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "a process for the other tests"]
async fn owner() {
    let Some(home) = std::env::var_os(OWNED_HOME) else {
        return;
    };
    let bench = Bench::of(Path::new(&home));
    let say = |word: &str| {
        let mut output = std::io::stdout();
        writeln!(output, "{word}")
            .and_then(|()| output.flush())
            .unwrap();
    };
    let progress = |event: Event| {
        if event == Event::BuildingTemplate {
            say("BUILDING");
        }
    };
    let cluster = LocalCluster::start(bench.plan(None), &progress)
        .await
        .unwrap();
    cluster.act(Act::Freeze, "worker1").await.unwrap();
    say("READY");
    std::future::pending::<()>().await;
}

/// Starts an owner and waits until it says `word`.
fn start_owner(bench: &Bench, word: &str) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["owner", "--exact", "--ignored", "--nocapture"])
        .env(OWNED_HOME, bench.home())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(
        lines.any(|line| line.unwrap().ends_with(word)),
        "the owner never said {word}"
    );
    // Its later words need somebody who reads them.
    std::thread::spawn(move || lines.for_each(drop));
    child
}

fn end(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_program_takes_its_servers_with_it() {
    let Some(bench) = Bench::new() else { return };
    let owner = start_owner(&bench, "READY");
    assert!(
        processes_naming(bench.home()).len() >= 3,
        "two servers and a guard"
    );
    end(owner);
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_killed_while_it_makes_its_first_template_leaves_nothing() {
    let Some(bench) = Bench::new() else { return };
    end(start_owner(&bench, "BUILDING"));
    bench.assert_clean();
    // Nor does it leave a cache that the next one stumbles over.
    let cluster = bench.start().await;
    assert!(answers(&cluster, "coordinator").await);
    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn leftovers_are_removed_and_only_those() {
    let Some(bench) = Bench::new() else { return };
    let living = bench.start().await;
    let kept = LocalCluster::start(bench.plan(Some("class")), &Silent)
        .await
        .unwrap();
    let before: Vec<String> = list(&bench.directories)
        .unwrap()
        .into_iter()
        .map(|run| run.id)
        .collect();
    let owner = start_owner(&bench, "READY");
    let run = list(&bench.directories)
        .unwrap()
        .into_iter()
        .find(|run| !before.contains(&run.id))
        .unwrap();
    assert_eq!(run.standing, Standing::Owned);
    for guard in processes_naming(&run.directory)
        .iter()
        .filter(|line| line.contains("internal-guard"))
    {
        let pid = guard.split_whitespace().next().unwrap().parse().unwrap();
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
    }
    end(owner);
    assert!(
        !processes_naming(&run.directory).is_empty(),
        "nobody was there to end the servers"
    );
    assert_eq!(remove_leftovers(&bench.directories).unwrap().len(), 1);
    assert!(processes_naming(&run.directory).is_empty() && !run.directory.exists());

    assert!(answers(&living, "worker1").await && answers(&kept, "worker1").await);
    living.end().await.unwrap();
    kept.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_is_taken_is_passed_over_but_not_once_others_know_it() {
    let Some(bench) = Bench::new() else { return };
    let stranger = TcpListener::bind(("127.0.0.1", bench.first_port)).unwrap();
    let cluster = bench.start().await;
    assert_ne!(
        cluster.address("coordinator").unwrap().port,
        bench.first_port
    );
    drop(stranger);

    let port = cluster.address("worker1").unwrap().port;
    cluster.act(Act::Stop, "worker1").await.unwrap();
    let stranger = TcpListener::bind(("127.0.0.1", port)).unwrap();
    let error = cluster.act(Act::Start, "worker1").await.unwrap_err();
    assert!(matches!(error, RuntimeError::PortTaken { .. }), "{error}");
    assert!(
        error.to_string().contains(&format!("127.0.0.1:{port}")),
        "{error}"
    );
    drop(stranger);
    cluster.act(Act::Start, "worker1").await.unwrap();
    assert!(answers(&cluster, "worker1").await);
    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_while_starting_shows_the_end_of_its_log() {
    let Some(bench) = Bench::new() else { return };
    let mut plan = bench.plan(None);
    plan.setup.settings.push((
        "shared_preload_libraries".to_owned(),
        "no_such_library".to_owned(),
    ));
    let error = LocalCluster::start(plan, &Silent).await.unwrap_err();
    assert!(
        matches!(error, RuntimeError::DiedStarting { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("no_such_library"), "{error}");
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_template_is_made_anew() {
    let Some(bench) = Bench::new() else { return };
    bench.start().await.end().await.unwrap();
    let templates = bench.directories.cache().join("templates");
    let template = std::fs::read_dir(templates)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.join("manifest.json").exists())
        .unwrap();
    std::fs::write(template.join("data/global/pg_control"), "cut short").unwrap();
    let _ = std::fs::remove_dir_all(template.join("spares"));
    let cluster = bench.start().await;
    assert!(answers(&cluster, "worker1").await);
    cluster.end().await.unwrap();

    std::fs::write(template.join("manifest.json"), "not JSON").unwrap();
    let cluster = bench.start().await;
    assert!(answers(&cluster, "worker1").await);
    cluster.end().await.unwrap();
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_server_committed_is_there_when_it_starts_again() {
    let Some(bench) = Bench::new() else { return };
    let cluster = bench.start().await;
    let client = connect(&cluster, "worker1").await.unwrap();
    client
        .batch_execute("CREATE TABLE kept (i int)")
        .await
        .unwrap();
    client
        .batch_execute("INSERT INTO kept SELECT generate_series(1, 100)")
        .await
        .unwrap();
    cluster.act(Act::Kill, "worker1").await.unwrap();
    cluster.act(Act::Start, "worker1").await.unwrap();
    let client = connect(&cluster, "worker1").await.unwrap();
    let count: i64 = client
        .query_one("SELECT count(*) FROM kept", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(count, 100);
    cluster.end().await.unwrap();
    bench.assert_clean();
}

/// A small disk of our own, which only root can have.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let place = tempfile::Builder::new()
            .prefix("citus-tour-disk-")
            .tempdir()
            .unwrap();
        let mounted = cfg!(target_os = "linux")
            && Command::new("mount")
                .args([
                    "-t",
                    "tmpfs",
                    "-o",
                    &format!("size={size},mode=0711"),
                    "tmpfs",
                ])
                .arg(place.path())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success());
        mounted.then_some(Self(place))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_as_one() {
    let Some(bench) = Bench::new() else { return };
    // The first has no room for a template, the others none for its copies or for a server's files.
    for size in ["8m", "45m", "75m"] {
        let Some(disk) = SmallDisk::mount(size) else {
            println!("skipped: only root can mount a small disk");
            return;
        };
        let mut plan = bench.plan(None);
        plan.directories =
            Directories::under(disk.0.path(), ServerAccount::choose().unwrap()).unwrap();
        let error = LocalCluster::start(plan, &Silent).await.unwrap_err();
        assert!(
            matches!(error, RuntimeError::DiskFull { .. }),
            "{size}: {error}"
        );
        assert!(error.to_string().contains("is full"), "{error}");
        eventually("no process is left", || {
            processes_naming(disk.0.path()).is_empty()
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_home_that_cannot_be_used_is_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, "").unwrap();
    let error = Directories::under(&file, ServerAccount::choose().unwrap()).unwrap_err();
    assert!(
        error.to_string().contains(file.to_str().unwrap()),
        "{error}"
    );

    let shared = home.path().join("shared");
    std::fs::create_dir_all(shared.join("cache")).unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o711)).unwrap();
    std::fs::set_permissions(shared.join("cache"), std::fs::Permissions::from_mode(0o777)).unwrap();
    let error = Directories::under(&shared, ServerAccount::choose().unwrap()).unwrap_err();
    assert!(
        matches!(error, RuntimeError::UntrustedDirectory { .. }),
        "{error}"
    );
}

#[test]
fn without_a_home_the_program_says_what_to_set() {
    let output = Command::new(PathBuf::from(env!("CARGO_BIN_EXE_citus-tour")))
        .args(["play", "journey"])
        .env_remove("HOME")
        .env_remove("CITUS_TOUR_HOME")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("HOME is not set"), "{said}");
}
