//! The history file: a statement a line, as a JSON string, so that statements keep their line ends. It may hold passwords that somebody
//! typed, so nobody else may read it.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
};

use super::context::{Context, blocking};
use crate::app::Msg;

/// Statements that are kept.
const KEPT: usize = 1000;
/// Statements beyond that number which are put up with before the file is written anew.
const SLACK: usize = 200;

enum Task {
    Tell,
    Add(String),
}

/// Reads and writes the file, one thing after the other.
#[derive(Debug)]
pub(super) struct History {
    sender: UnboundedSender<Task>,
    task: JoinHandle<()>,
}

impl History {
    pub(super) fn start(context: Context) -> Self {
        let (sender, receiver) = unbounded_channel();
        let path = context.machine.directories.data().join("history.jsonl");
        let task = tokio::spawn(work(context, path, receiver));
        Self { sender, task }
    }

    /// Reads the file and tells.
    pub(super) fn tell(&self) {
        let _ = self.sender.send(Task::Tell);
    }

    pub(super) fn add(&self, statement: String) {
        let _ = self.sender.send(Task::Add(statement));
    }

    /// Ends when everything is written.
    pub(super) async fn finish(self) {
        drop(self.sender);
        let _ = self.task.await;
    }
}

async fn work(context: Context, path: PathBuf, mut receiver: UnboundedReceiver<Task>) {
    while let Some(task) = receiver.recv().await {
        let path = path.clone();
        match task {
            Task::Tell => {
                let statements = blocking(move || read(&path)).await;
                match statements.and_then(|read| read.map_err(|error| error.to_string())) {
                    Ok(statements) => context.send(Msg::History(statements)).await,
                    Err(error) => tracing::warn!(%error, "the history cannot be read"),
                }
            }
            Task::Add(statement) => {
                let added = blocking(move || add(&path, &statement)).await;
                if let Err(error) = added.and_then(|added| added.map_err(|error| error.to_string()))
                {
                    tracing::warn!(%error, "the history cannot be written");
                }
            }
        }
    }
}

/// The statements, the last one last. Lines that are none are left out: another program's, or half of one.
fn read(path: &Path) -> io::Result<Vec<String>> {
    let mut statements: Vec<String> = read_text(path)?
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    statements.drain(..statements.len().saturating_sub(KEPT));
    Ok(statements)
}

/// What stands in the file; one that is not there is empty.
fn read_text(path: &Path) -> io::Result<String> {
    match fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error),
    }
}

fn add(path: &Path, statement: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    // In one piece, since another tour may write at the same time.
    file.write_all(line(statement)?.as_bytes())?;
    let lines = read_text(path)?.lines().count();
    if lines > KEPT + SLACK {
        shorten(path)?;
    }
    Ok(())
}

fn line(statement: &str) -> io::Result<String> {
    Ok(serde_json::to_string(statement)? + "\n")
}

/// Writes the file anew, whole or not at all.
fn shorten(path: &Path) -> io::Result<()> {
    let lines: io::Result<String> = read(path)?
        .iter()
        .map(|statement| line(statement))
        .collect();
    let temporary = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&temporary)?;
    file.write_all(lines?.as_bytes())?;
    fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn statements_come_back_as_they_were() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("history.jsonl");
        assert_eq!(read(&path).unwrap(), Vec::<String>::new());
        let statements = ["SELECT 1;", "SELECT\n  'ü\\n'", "\"quoted\""];
        for statement in statements {
            add(&path, statement).unwrap();
        }
        assert_eq!(read(&path).unwrap(), statements);
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn it_stays_short_and_puts_up_with_strange_lines() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("history.jsonl");
        let many = "\"before\"\n".repeat(KEPT + SLACK);
        fs::write(&path, format!("half of a li\n{many}")).unwrap();
        add(&path, "last").unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().count(), KEPT);
        assert!(text.ends_with("\"last\"\n"));
        assert_eq!(read(&path).unwrap().len(), KEPT);
    }
}
