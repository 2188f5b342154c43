//! The real program in a home of its own: run to its end, or talked to while it runs; at the end nothing of it is left.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::machine::home;

/// Long enough for a busy machine; a passing test never waits for it.
pub(crate) const DEADLINE: Duration = Duration::from_secs(180);
/// Between two looks at something that a process does.
const LOOK: Duration = Duration::from_millis(20);

/// A home, and the program to run in it.
pub(crate) struct Bench {
    home: TempDir,
    settings: Vec<(&'static str, PathBuf)>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Bench {
    /// A fresh home; its clusters run on the emulation, also where the machine has Citus.
    pub(crate) fn new() -> Self {
        Self {
            home: home(),
            settings: vec![("CITUS_TOUR_ENGINE", "emulation".into())],
        }
    }

    /// The same on the PostgreSQL of that directory.
    pub(crate) fn on(bindir: PathBuf, engine: &'static str) -> Self {
        let settings = vec![
            ("CITUS_TOUR_ENGINE", engine.into()),
            ("CITUS_TOUR_PG_BINDIR", bindir),
        ];
        Self {
            home: home(),
            settings,
        }
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    /// Where the clusters lie.
    pub(crate) fn runs(&self) -> PathBuf {
        self.home().join("run")
    }

    /// The program with these arguments, with nothing to read and nobody's settings but ours.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_citus-tour"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("CITUS_TOUR_") {
                command.env_remove(name);
            }
        }
        command
            .args(arguments)
            .env("CITUS_TOUR_HOME", self.home())
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        finish(self.command(arguments))
    }

    /// Runs it to its end, which must be a good one, and gives what it printed.
    pub(crate) fn well(&self, arguments: &[&str]) -> String {
        let answer = self.run(arguments);
        assert_eq!(answer.code, Some(0), "{arguments:?}: {answer:#?}");
        answer.out
    }

    /// Starts it, to be watched.
    pub(crate) fn start(&self, arguments: &[&str]) -> Running {
        Running::new(self.command(arguments))
    }

    /// Lessons of the given steps, in a directory to be named with `--lessons`.
    pub(crate) fn lessons(&self, steps: &str) -> String {
        let directory = self.home().join("lessons");
        std::fs::create_dir_all(&directory).unwrap();
        let head = "---\nformat: 1\nid: one\ntitle: One\nminutes: 1\ntopology: journey\n---\n# One\n\nOf one lesson.\n\n";
        std::fs::write(
            directory.join("SUMMARY.md"),
            "# Summary\n\n# Try\n\n- [A phase]()\n  - [One](one.md)\n",
        )
        .unwrap();
        std::fs::write(directory.join("one.md"), format!("{head}{steps}")).unwrap();
        directory.to_str().unwrap().to_owned()
    }

    /// Waits until no process names this home, and no cluster lies in it.
    pub(crate) fn assert_clean(&self) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            let (processes, clusters) = (self.processes(), self.clusters());
            if processes.is_empty() && clusters.is_empty() {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "left behind: {processes:#?} {clusters:?}"
            );
            std::thread::park_timeout(LOOK);
        }
    }

    /// The directories of clusters.
    pub(crate) fn clusters(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.runs()) else {
            return Vec::new();
        };
        entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect()
    }

    /// Those that carry this home in their command line, as servers and guards do.
    pub(crate) fn processes(&self) -> Vec<String> {
        let output = Command::new("ps")
            .args(["-axww", "-o", "pid=,stat=,args="])
            .output()
            .unwrap();
        let home = self.home().to_str().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        text.lines()
            .filter(|line| line.contains(home))
            .map(str::to_owned)
            .collect()
    }
}

impl Drop for Bench {
    /// Also after a test that failed.
    fn drop(&mut self) {
        if !self.clusters().is_empty() {
            let _ = finish(self.command(&["down", "--all"]));
        }
    }
}

impl Answer {
    /// The last line of what was printed.
    pub(crate) fn last_line(&self) -> &str {
        self.out.lines().next_back().unwrap_or_default()
    }

    /// It ended with this code, and told why in words that hold all of these, for people, without raw characters.
    #[track_caller]
    pub(crate) fn assert_refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:#?}");
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in {self:#?}");
        }
        assert_plain(&self.err);
        assert!(!self.err.contains("panicked"), "{self:#?}");
    }
}

/// Nothing in it steers a terminal; tabs are as harmless as line ends.
#[track_caller]
pub(crate) fn assert_plain(text: &str) {
    let steers = |character: char| character.is_control() && character != '\t';
    let raw = text.lines().find(|line| line.chars().any(steers));
    assert_eq!(raw, None, "control characters");
}

/// Runs a command to its end, with a deadline.
pub(crate) fn finish(command: Command) -> Answer {
    Running::new(command).answer()
}

/// A program that runs, with what it has printed so far.
pub(crate) struct Running {
    child: Child,
    lines: Receiver<String>,
    out: String,
    err: Option<JoinHandle<String>>,
}

impl Running {
    fn new(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (sender, lines) = channel();
        let out = child.stdout.take().unwrap();
        std::thread::spawn(move || {
            let mut out = BufReader::new(out);
            let mut line = Vec::new();
            while out
                .read_until(b'\n', &mut line)
                .is_ok_and(|length| length > 0)
            {
                if sender
                    .send(String::from_utf8_lossy(&line).into_owned())
                    .is_err()
                {
                    break;
                }
                line.clear();
            }
        });
        let mut err = child.stderr.take().unwrap();
        let err = std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = err.read_to_end(&mut text);
            String::from_utf8_lossy(&text).into_owned()
        });
        Self {
            child,
            lines,
            out: String::new(),
            err: Some(err),
        }
    }

    pub(crate) fn id(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap()
    }

    /// Waits for a line that begins so.
    pub(crate) fn wait_for(&mut self, beginning: &str) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    self.out.push_str(&line);
                    if line.starts_with(beginning) {
                        return;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {
                    panic!("`{beginning}` did not come: {}", self.out)
                }
                Err(RecvTimeoutError::Disconnected) => {
                    let code = self.end();
                    let err = self.err.take().map(|err| err.join().unwrap());
                    panic!(
                        "it ended without `{beginning}`: {code:?} {} {err:?}",
                        self.out
                    );
                }
            }
        }
    }

    /// Nobody reads what it prints any more.
    pub(crate) fn stop_reading(&mut self) {
        let (_, nothing) = channel();
        self.lines = nothing;
    }

    /// Waits for its end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            if Instant::now() > deadline {
                let _ = self.child.kill();
                let _ = self.child.wait();
                panic!("it did not end: {}", self.out);
            }
            std::thread::park_timeout(LOOK);
        }
    }

    /// Waits for its end and gives all that it printed.
    pub(crate) fn answer(mut self) -> Answer {
        let status = self.end();
        // What it left behind could hold the pipes open, and is looked for elsewhere.
        let deadline = Instant::now() + Duration::from_secs(10);
        while let Ok(line) = self
            .lines
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            self.out.push_str(&line);
        }
        let err = self.err.take().unwrap().join().unwrap();
        Answer {
            code: status.code(),
            out: std::mem::take(&mut self.out),
            err,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
