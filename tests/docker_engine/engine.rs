//! The engine that all tests of this process use: one that is named, or one of the process's own that ends with it.

use std::env;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bollard::{API_DEFAULT_VERSION, Docker};
use tokio::sync::OnceCell;

use super::skipped;

/// Names an engine to use instead of starting one, as `DOCKER_HOST` does for Docker's own programs.
const NAMED: &str = "CITUS_TOUR_TEST_DOCKER_HOST";

/// An engine of our own is there in less than a second, on a busy machine in a few.
const DEADLINE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// For how long one question to the engine may go unanswered. A tree of files is taken in within it.
const PATIENCE_IN_SECONDS: u64 = 300;

static ENGINE: OnceCell<Option<Engine>> = OnceCell::const_new();

/// Where the tests' engine listens.
pub(crate) struct Engine {
    host: String,
    own: Option<Own>,
}

/// An engine that was started by this process.
struct Own {
    home: PathBuf,
    /// Never dropped: its standard input ends with this process, however that ends, and then it removes the engine.
    guard: Child,
}

/// The engine, started if need be; `None`, with one line that says why, where there cannot be one.
pub(crate) async fn engine() -> Option<&'static Engine> {
    let found = ENGINE.get_or_init(|| async {
        match Engine::find_or_start().await {
            Ok(engine) => Some(engine),
            Err(why) => {
                skipped(&why);
                None
            }
        }
    });
    found.await.as_ref()
}

/// Why networks of ours would be cut off: another engine's rules forbid whatever they do not know, also between our containers.
fn rules_of_another() -> Option<String> {
    let filters = std::fs::read_to_string("/proc/sys/net/bridge/bridge-nf-call-iptables");
    let policy = Command::new("iptables").args(["-S", "FORWARD"]).output();
    let drops = policy
        .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("-P FORWARD DROP"));
    (filters.is_ok_and(|text| text.trim() == "1") && drops).then(|| {
        format!("no Docker engine of our own: another one's rules forbid what passes between containers here. Name that engine in {NAMED}, such as unix:///var/run/docker.sock")
    })
}

impl Engine {
    /// Its address as `DOCKER_HOST` would have it, such as `unix:///run/docker.sock`.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The directory of everything that it keeps, where this process started it.
    pub(crate) fn home(&self) -> Option<&Path> {
        self.own.as_ref().map(|own| own.home.as_path())
    }

    /// A connection for one test: connections belong to the runtime that made them, and each test has its own.
    pub(crate) async fn connect(&self) -> Docker {
        self.try_connect().await.unwrap()
    }

    async fn try_connect(&self) -> Result<Docker, bollard::errors::Error> {
        let docker = match self.host.strip_prefix("unix://") {
            Some(_) => {
                Docker::connect_with_unix(&self.host, PATIENCE_IN_SECONDS, API_DEFAULT_VERSION)
            }
            None => Docker::connect_with_http(&self.host, PATIENCE_IN_SECONDS, API_DEFAULT_VERSION),
        }?;
        // An older engine refuses the newest version of the protocol.
        docker.negotiate_version().await
    }

    async fn find_or_start() -> Result<Self, String> {
        if let Ok(host) = env::var(NAMED)
            && !host.is_empty()
        {
            let engine = Self { host, own: None };
            // Whoever names an engine wants these tests to run: this is no reason to skip them.
            engine.connect().await.ping().await.unwrap();
            return Ok(engine);
        }
        let program = program().map_err(|why| {
            format!("no Docker engine: {why}, and {NAMED} names none that runs already")
        })?;
        if let Some(why) = rules_of_another() {
            return Err(why);
        }
        Self::start(&program).await
    }

    async fn start(program: &Path) -> Result<Self, String> {
        let home = tempfile::Builder::new()
            .prefix("citus-tour-test-docker-")
            .tempdir()
            .unwrap()
            // The guard removes it, after the engine's end.
            .keep();
        let mut log = File::create_new(home.join("log")).unwrap();
        let guard = guard(program, &home, &log);
        let mut engine = Self {
            host: format!("unix://{}", home.join("docker.sock").display()),
            own: Some(Own { home, guard }),
        };
        let start = Instant::now();
        while !engine.answers().await {
            let over = engine
                .own
                .as_mut()
                .is_none_or(|own| own.guard.try_wait().unwrap().is_some());
            if over || start.elapsed() > DEADLINE {
                return Err(format!(
                    "no Docker engine: {} did not start. Its last words: {}",
                    program.display(),
                    last_words(&mut log)
                ));
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(engine)
    }

    async fn answers(&self) -> bool {
        match self.try_connect().await {
            Ok(docker) => docker.ping().await.is_ok(),
            Err(_) => false,
        }
    }
}

/// The engine's program, or why it cannot be run.
fn program() -> Result<PathBuf, String> {
    if !cfg!(target_os = "linux") {
        return Err("one can be started on Linux only".to_owned());
    }
    if !nix::unistd::geteuid().is_root() {
        return Err("only root can start one".to_owned());
    }
    for needed in ["ip", "unshare"] {
        find(needed).ok_or_else(|| format!("{needed}, which starting one needs, is missing"))?;
    }
    find("dockerd").ok_or_else(|| "dockerd is missing (Debian's package docker.io)".to_owned())
}

fn find(program: &str) -> Option<PathBuf> {
    env::split_paths(&search_path())
        .map(|directory| directory.join(program))
        .find(|path| path.is_file())
}

/// PATH with the directories of the system's own programs, which not every user's has.
fn search_path() -> std::ffi::OsString {
    let own = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(PathBuf::from);
    env::join_paths(env::split_paths(&own).chain(system)).unwrap()
}

/// Starts the engine under a guard that ends it as soon as this process has ended.
fn guard(program: &Path, home: &Path, log: &File) -> Child {
    let in_home = |name: &str| home.join(name).into_os_string();
    // Without this file it would read the one of the machine's engine.
    std::fs::write(in_home("daemon.json"), "{}").unwrap();
    let mut command = Command::new("sh");
    command
        .args(["-c", include_str!("guard.sh"), "sh"])
        .arg(home)
        .arg(program)
        .arg("--host")
        .arg(format!("unix://{}", home.join("docker.sock").display()));
    for (option, name) in [
        ("--config-file", "daemon.json"),
        ("--data-root", "data"),
        ("--exec-root", "exec"),
        ("--pidfile", "pid"),
    ] {
        command.arg(option).arg(in_home(name));
    }
    command
        // No bridge and no rule of the packet filter is shared with another engine. Ports are published by a proxy's process.
        .args(["--bridge", "none"])
        .args(["--iptables=false", "--ip-forward=false", "--ip-masq=false"])
        .arg("--default-address-pool")
        .arg(format!("base={},size=28", pool()))
        .args(["--exec-opt", "native.cgroupdriver=cgroupfs"])
        .arg("--cgroup-parent")
        .arg(Path::new("/").join(home.file_name().unwrap()))
        .env("PATH", search_path())
        .stdin(Stdio::piped())
        .stdout(log.try_clone().unwrap())
        .stderr(log.try_clone().unwrap())
        // An interrupt from the keyboard is for us; the guard notices our end.
        .process_group(0);
    command.spawn().unwrap()
}

/// Addresses for 32 networks, out of the block that is set aside for tests of network equipment and that nobody routes. Processes that
/// run at the same time have different ones.
fn pool() -> String {
    let block = std::process::id() % 256;
    format!("198.{}.{}.0/23", 18 + block / 128, block % 128 * 2)
}

fn last_words(log: &mut File) -> String {
    let mut text = String::new();
    log.rewind().unwrap();
    log.read_to_string(&mut text).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(3)..].join(" / ")
}
