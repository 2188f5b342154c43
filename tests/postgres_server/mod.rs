//! A throw-away PostgreSQL server for a test: a private directory, a free port, gone at the end.

#![allow(dead_code, reason = "each test file uses its part of it")]

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use citus_tour::postgres::{Address, ApplicationName, Session, Target, Terms};
use tempfile::TempDir;

/// Long enough for a busy machine; a passing test never waits for it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A running server.
pub(crate) struct Server {
    binaries: PathBuf,
    directory: TempDir,
    settings: String,
    /// Where it listens on 127.0.0.1.
    pub(crate) port: u16,
}

impl Server {
    /// Starts one; `None`, with a line that says so, where the machine has no PostgreSQL.
    pub(crate) fn start(password: &str) -> Option<Self> {
        let Some(binaries) = binaries().next() else {
            eprintln!("skipped: no PostgreSQL server binaries found");
            return None;
        };
        Some(Self::create(binaries, password, "scram-sha-256", ""))
    }

    /// Starts one that has Citus and trusts everybody on this machine; `None` where Citus is not installed.
    pub(crate) fn start_with_citus() -> Option<Self> {
        let Some(binaries) = binaries().find(|place| has_citus(place)) else {
            eprintln!("skipped: no PostgreSQL with Citus found (CITUS_TOUR_PG_BINDIR names one)");
            return None;
        };
        let settings = "-c shared_preload_libraries=citus -c wal_level=logical -c max_worker_processes=20 \
                        -c citus.node_conninfo=sslmode=prefer -c citus.node_connection_timeout=3s";
        Some(Self::create(binaries, "", "trust", settings))
    }

    fn create(binaries: PathBuf, password: &str, authentication: &str, settings: &str) -> Self {
        let directory = tempfile::Builder::new()
            .prefix("citus-tour-test")
            .tempdir()
            .unwrap();
        let server = Self {
            binaries,
            directory,
            settings: settings.to_owned(),
            port: free_port(),
        };
        let password_file = server.directory.path().join("password");
        std::fs::write(&password_file, format!("{password}\n")).unwrap();
        std::fs::set_permissions(server.directory.path(), PermissionsExt::from_mode(0o777))
            .unwrap();
        std::fs::set_permissions(&password_file, PermissionsExt::from_mode(0o644)).unwrap();
        let data = server.data();
        server.run("initdb", |command| {
            command.args([
                "--username=tour",
                "--no-sync",
                "--no-locale",
                "--encoding=UTF8",
            ]);
            command
                .arg(format!("--auth={authentication}"))
                .arg("--pgdata")
                .arg(&data);
            if !password.is_empty() {
                command.arg(format!("--pwfile={}", password_file.display()));
            }
        });
        server.up();
        server
    }

    /// Starts the server (again).
    pub(crate) fn up(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c shared_buffers=8MB {}",
            self.port, self.settings
        );
        self.run("pg_ctl", |command| {
            command
                .arg("start")
                .arg("-w")
                .arg("-s")
                .arg("-D")
                .arg(self.data());
            command
                .arg("-l")
                .arg(self.data().join("server.log"))
                .arg("-o")
                .arg(options);
        });
    }

    /// Ends it: `fast`, `immediate`.
    pub(crate) fn down(&self, mode: &str) {
        self.run("pg_ctl", |command| {
            command
                .args(["stop", "-w", "-s", "-m", mode, "-D"])
                .arg(self.data());
        });
    }

    /// The postmaster's process.
    pub(crate) fn process_id(&self) -> i32 {
        // Read as the superuser of the machine or as the owner: both may.
        let file = std::fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        file.lines().next().unwrap().trim().parse().unwrap()
    }

    /// How to reach it, as `node`.
    pub(crate) fn target(&self, node: &str, password: &str) -> Target {
        Target::new(
            node,
            Address {
                host: "127.0.0.1".into(),
                port: self.port,
                user: "tour".into(),
                password: password.into(),
                database: "postgres".into(),
                terms: Terms::default(),
            },
        )
    }

    /// A session on it.
    pub(crate) async fn session(&self, password: &str) -> Session {
        let target = self.target("coordinator", password);
        Session::connect(&target, ApplicationName::Lesson, DEADLINE)
            .await
            .unwrap()
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    fn run(&self, program: &str, arguments: impl FnOnce(&mut Command)) {
        let path = self.binaries.join(program);
        let mut command = if nix::unistd::geteuid().is_root() {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
                .arg(path);
            command
        } else {
            Command::new(path)
        };
        arguments(&mut command);
        // A server that inherited a pipe would keep the test's reader waiting for ever.
        let status = command
            .current_dir("/")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "{program} ended with {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if self.data().join("postmaster.pid").exists() {
            self.down("immediate");
        }
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn binaries() -> impl Iterator<Item = PathBuf> {
    let said = std::env::var_os("CITUS_TOUR_PG_BINDIR").map(PathBuf::from);
    let usual = ["18", "17", "16", "15", "14"]
        .into_iter()
        .flat_map(|version| {
            [
                format!("/usr/lib/postgresql/{version}/bin"),
                format!("/usr/pgsql-{version}/bin"),
                format!("/opt/homebrew/opt/postgresql@{version}/bin"),
            ]
        });
    let places = said.into_iter().chain(usual.map(PathBuf::from));
    places.filter(|place| place.join("initdb").exists())
}

fn has_citus(binaries: &Path) -> bool {
    let asked = Command::new(binaries.join("pg_config"))
        .arg("--sharedir")
        .output();
    let share = asked.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    share.is_ok_and(|share| Path::new(&share).join("extension/citus.control").exists())
}
