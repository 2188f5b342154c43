//! A throw-away PostgreSQL server for a test: a private directory, a free port, gone at the end.

#![allow(dead_code, reason = "each test file uses its part of it")]

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use citus_tour::postgres::{Address, ApplicationName, Session, Target};
use tempfile::TempDir;

/// Long enough for a busy machine; a passing test never waits for it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// A running server.
pub(crate) struct Server {
    binaries: PathBuf,
    directory: TempDir,
    /// Where it listens on 127.0.0.1.
    pub(crate) port: u16,
}

impl Server {
    /// Starts one; `None`, with a line that says so, where the machine has no PostgreSQL.
    pub(crate) fn start(password: &str) -> Option<Self> {
        let Some(binaries) = binaries() else {
            eprintln!("skipped: no PostgreSQL server binaries found");
            return None;
        };
        let directory = tempfile::Builder::new()
            .prefix("citus-tour-test")
            .tempdir()
            .unwrap();
        let server = Self {
            binaries,
            directory,
            port: free_port(),
        };
        let password_file = server.directory.path().join("password");
        std::fs::write(&password_file, password).unwrap();
        std::fs::set_permissions(server.directory.path(), PermissionsExt::from_mode(0o777))
            .unwrap();
        std::fs::set_permissions(&password_file, PermissionsExt::from_mode(0o644)).unwrap();
        let data = server.data();
        server.run("initdb", |command| {
            command.args([
                "--username=tour",
                "--auth=scram-sha-256",
                "--no-sync",
                "--no-locale",
            ]);
            command.args(["--encoding=UTF8", "--pgdata"]).arg(&data);
            command.arg(format!("--pwfile={}", password_file.display()));
        });
        server.up();
        Some(server)
    }

    /// Starts the server (again).
    pub(crate) fn up(&self) {
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c shared_buffers=8MB",
            self.port
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

fn binaries() -> Option<PathBuf> {
    let said = std::env::var_os("CITUS_TOUR_PG_BINDIR").map(PathBuf::from);
    let usual = ["18", "17", "16", "15", "14"]
        .into_iter()
        .flat_map(|version| {
            [
                "/usr/lib/postgresql/@/bin",
                "/opt/homebrew/opt/postgresql@@/bin",
                "/usr/pgsql-@/bin",
            ]
            .map(|place| PathBuf::from(place.replacen('@', version, 1)))
            .into_iter()
            .chain([Path::new("/opt/homebrew/opt").join(format!("postgresql@{version}/bin"))])
        });
    said.into_iter()
        .chain(usual)
        .find(|place| place.join("initdb").exists())
}
