//! What is wrong with the machine or with what is given: one clear message each, and nothing left running.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use citus_tour::runtime::local::{Installation, discover};
use nix::unistd::Uid;

use crate::bench::{Bench, finish};
use crate::machine::{embedded_bindir, skipped};

/// A directory of programs of our own making.
struct Programs {
    directory: PathBuf,
}

impl Programs {
    fn new(bench: &Bench) -> Self {
        let directory = bench.home().join("bin");
        fs::create_dir(&directory).unwrap();
        Self { directory }
    }

    /// The programs of a real installation, found where they are.
    fn of(bench: &Bench, installation: &Installation) -> Self {
        let programs = Self::new(bench);
        for name in ["initdb", "pg_ctl"] {
            std::os::unix::fs::symlink(installation.program(name), programs.directory.join(name))
                .unwrap();
        }
        programs.add(
            "pg_config",
            &format!(
                "case $1 in --sharedir) echo '{}';; --pkglibdir) echo '{}';; esac",
                installation.share.display(),
                installation.libraries.display()
            ),
        );
        programs
    }

    fn add(&self, name: &str, script: &str) {
        let (path, text) = (self.directory.join(name), self.directory.join("text"));
        fs::write(&text, format!("#!/bin/bash\n{script}\n")).unwrap();
        // Written by another process: a program that a test beside this one starts would inherit an open file of ours, and one that is
        // open for writing cannot be run.
        let copied = std::process::Command::new("cp")
            .args([&text, &path])
            .status();
        assert!(copied.unwrap().success());
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn path(&self) -> &str {
        self.directory.to_str().unwrap()
    }
}

fn installation(bench: &Bench, bindir: Option<&Path>) -> Installation {
    discover(bindir, &bench.home().join("cache"))
        .installations()
        .next()
        .cloned()
        .unwrap()
}

/// A small file system, gone at the end.
struct Mount(PathBuf);

impl Mount {
    /// `None`, with a line that says so, where we may not mount.
    fn new(place: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(place).unwrap();
        let mut command = Command::new("mount");
        command
            .args(["-t", "tmpfs", "-o", options, "tmpfs"])
            .arg(place)
            .stderr(Stdio::null());
        if Uid::effective().is_root() && command.status().is_ok_and(|status| status.success()) {
            return Some(Self(place.to_owned()));
        }
        skipped("only root can mount a small disk");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_directory_without_postgresql_is_refused() {
    let bench = Bench::new();
    let programs = Programs::new(&bench);
    for command in ["play", "up", "verify"] {
        let answer = bench.run(&[command, "--pg-bindir", programs.path()]);
        answer.assert_refused(
            3,
            &[
                "no usable PostgreSQL",
                "there is no `postgres` in it",
                "--pg-bindir",
                "apt install postgresql",
            ],
        );
    }
    let doctor = bench.run(&["doctor", "--pg-bindir", programs.path()]);
    assert_eq!(doctor.code, Some(1), "{doctor:#?}");
    assert!(doctor.out.contains("No tour can start"), "{doctor:#?}");
    bench.assert_clean();
}

#[test]
fn an_old_or_broken_postgresql_is_refused() {
    let bench = Bench::new();
    let programs = Programs::new(&bench);
    for (script, words) in [
        (
            "echo 'postgres (PostgreSQL) 12.22'",
            "PostgreSQL 12.22 is too old: 14 to 18",
        ),
        (
            "echo 'postgres (PostgreSQL) 31.4'",
            "PostgreSQL 31.4 is newer",
        ),
        ("echo 'postgres (PostgreSQL) 17.2'", "`initdb` is missing"),
        ("echo 'no library' >&2; exit 1", "no library"),
        ("echo what", "it printed `what`"),
    ] {
        programs.add("postgres", script);
        bench
            .run(&["play", "--pg-bindir", programs.path()])
            .assert_refused(3, &[words]);
    }
    bench.assert_clean();
}

#[test]
fn a_citus_that_is_not_there_is_refused_with_what_would_help() {
    let bench = Bench::new();
    let found = installation(&bench, None);
    if found.citus.is_some() {
        skipped("this machine has Citus");
        return;
    }
    let answer = bench.run(&[
        "play",
        "--engine",
        "citus",
        "--pg-bindir",
        found.bindir.to_str().unwrap(),
    ]);
    answer.assert_refused(
        3,
        &["no PostgreSQL found here has Citus", "--engine emulation"],
    );
    bench.assert_clean();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_dies_while_starting_shows_the_end_of_its_log() {
    // This one finds its files wherever it is started from, so that a script can stand in its place.
    let Some(bindir) = embedded_bindir().await else {
        return;
    };
    let bench = Bench::new();
    let real = installation(&bench, Some(&bindir));
    let programs = Programs::of(&bench, &real);
    programs.add(
        "postgres",
        &format!(
            "case \"$*\" in */nodes/worker1/*) echo 'FATAL:  no will to live'; exit 1;; esac\n\
             exec '{}' \"$@\"",
            real.program("postgres").display()
        ),
    );
    for command in ["play", "up"] {
        let answer = bench.run(&[command, "--pg-bindir", programs.path()]);
        answer.assert_refused(
            3,
            &[
                "`worker1` ended while starting",
                "exit status: 1",
                "FATAL:  no will to live",
            ],
        );
        bench.assert_clean();
    }
}

#[test]
fn a_port_that_is_taken_is_left_to_its_owner() {
    let bench = Bench::new();
    // The one that the next cluster would take: those before it belong to clusters of other tests.
    let mut blocks = (5440_u16..).step_by(10).take(50);
    let bind = |port| Some((port, TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok()?));
    let (port, taken) = blocks.find_map(bind).unwrap();
    let up = bench.well(&["up"]);
    assert!(
        up.contains("127.0.0.1:") && !up.contains(&format!("127.0.0.1:{port} ")),
        "{up}"
    );
    assert_ne!(
        bench.well(&["psql", "--", "-XAtc", "SHOW port"]).trim(),
        port.to_string()
    );
    assert!(
        taken.set_nonblocking(true).is_ok() && taken.accept().is_err(),
        "somebody came to the wrong door"
    );
    bench.well(&["down"]);
    bench.assert_clean();
}

#[test]
fn a_disk_that_is_full_is_told_and_left_as_it_was() {
    let bench = Bench::new();
    let home = bench.home().join("disk");
    for size in [
        "size=1m,mode=0711",
        "size=20m,mode=0711",
        "size=100m,mode=0711",
    ] {
        let Some(_mount) = Mount::new(&home, size) else {
            return;
        };
        let mut command = bench.command(&["play"]);
        command.env("CITUS_TOUR_HOME", &home);
        let answer = finish(command);
        answer.assert_refused(3, &["is full", "free some space"]);
        let left: Vec<_> = fs::read_dir(home.join("run"))
            .map_or_else(|_| Vec::new(), |entries| entries.flatten().collect());
        assert!(
            left.iter().all(|entry| entry.path().is_file()),
            "{size}: {left:?}"
        );
        bench.assert_clean();
    }
}

#[test]
fn a_home_that_cannot_be_written_is_told() {
    let bench = Bench::new();
    let locked = bench.home().join("locked");
    fs::create_dir(&locked).unwrap();
    // Root may write everywhere but here.
    let home = if Uid::effective().is_root() {
        PathBuf::from("/sys")
    } else {
        locked.clone()
    };
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o500)).unwrap();
    for arguments in [
        &["play"][..],
        &["up"],
        &["status"],
        &["down", "--all"],
        &["doctor"],
    ] {
        let mut command = bench.command(arguments);
        command.env("CITUS_TOUR_HOME", home.join("citus-tour"));
        finish(command).assert_refused(
            3,
            &["no permission to write", "citus-tour", "CITUS_TOUR_HOME"],
        );
    }
}

#[test]
fn without_a_home_the_program_says_what_to_set() {
    let bench = Bench::new();
    for arguments in [
        &["play"][..],
        &["up"],
        &["status"],
        &["down"],
        &["doctor"],
        &["play", "--interactive"],
    ] {
        let mut command = bench.command(arguments);
        command.env_remove("CITUS_TOUR_HOME").env_remove("HOME");
        finish(command).assert_refused(3, &["HOME is not set", "CITUS_TOUR_HOME"]);
    }
    // Lessons need no home.
    let mut command = bench.command(&["lint"]);
    command.env_remove("CITUS_TOUR_HOME").env_remove("HOME");
    assert_eq!(finish(command).code, Some(0));
}

#[test]
fn a_progress_file_that_is_junk_is_kept_and_told() {
    let bench = Bench::new();
    let file = bench.home().join("data").join("progress.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    for junk in ["junk", "", "{\"format\": 99}", "\u{1b}[2J"] {
        fs::write(&file, junk).unwrap();
        let answer = bench.run(&["play", "--interactive"]);
        answer.assert_refused(1, &["progress.json", "Move it away"]);
        assert_eq!(fs::read_to_string(&file).unwrap(), junk);
    }
    bench.assert_clean();
}

#[test]
fn a_description_that_is_junk_is_nobody_s_cluster() {
    let bench = Bench::new();
    let run = bench.runs().join("0a1b2c3d");
    bench.well(&["down", "--all"]);
    fs::create_dir_all(&run).unwrap();
    fs::write(run.join("cluster.json"), "junk").unwrap();
    bench.run(&["status"]).assert_refused(3, &["citus-tour up"]);
    let down = bench.well(&["down", "--all"]);
    assert!(
        down.contains("removed what the run 0a1b2c3d left behind"),
        "{down}"
    );
    bench.assert_clean();
}

#[test]
fn settings_of_other_servers_do_not_reach_ours() {
    let bench = Bench::new();
    let passfile = bench.home().join("passfile");
    fs::write(&passfile, "*:*:*:*:wrong\n").unwrap();
    fs::set_permissions(&passfile, fs::Permissions::from_mode(0o600)).unwrap();
    let lessons = bench.lessons(
        "## Meet\n\n```sql run\nCREATE EXTENSION citus;\nSELECT citus_set_coordinator_host('coordinator', 5432);\n\
         SELECT citus_add_node('worker1', 5432);\nCREATE TABLE mine (id int);\n\
         SELECT create_distributed_table('mine', 'id');\nSELECT count(*) FROM mine;\n```\n",
    );
    let mut command = bench.command(&["play", "try", "--lessons", &lessons]);
    command
        .env("PGPASSFILE", &passfile)
        .env("PGPASSWORD", "wrong")
        .env("PGHOST", "203.0.113.1")
        .env("PGPORT", "1")
        .env("PGUSER", "nobody")
        .env("PGDATABASE", "nothing")
        .env("PGDATA", "/nonexistent")
        .env("PGOPTIONS", "-c nothing=1")
        .env("PGSSLMODE", "verify-full")
        .env("LC_ALL", "tlh_KX.UTF-8");
    let answer = finish(command);
    assert_eq!(answer.code, Some(0), "{answer:#?}");
    assert_eq!(answer.last_line(), "1 passed, 0 failed", "{answer:#?}");
    bench.assert_clean();
}
