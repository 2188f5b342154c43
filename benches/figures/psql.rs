//! psql as a person's hands: statements go in, and it is known when their answers have come out.

use std::io::{BufRead, BufReader, PipeReader, Write, pipe};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use anyhow::{Context, Result, bail};
use citus_tour::player::seed;
use citus_tour::postgres::Address;

const MARK: &str = "==== answered ====";

/// A psql with a session on one server. What it prints is read like a terminal would, and thrown away.
pub(crate) struct Psql {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<PipeReader>,
}

impl Psql {
    /// As somebody types it; `bare` prints values without a frame, for scripts.
    pub(crate) fn connect(bindir: &Path, address: &Address, bare: bool) -> Result<Self> {
        // One pipe for results and errors, as a terminal is: psql writes a result out when it is complete, so that they keep their order.
        let (output, end) = pipe()?;
        let mut command = Command::new(bindir.join("psql"));
        command
            .args([
                "-X",
                "-h",
                &address.host,
                "-p",
                &address.port.to_string(),
                "-U",
                &address.user,
            ])
            .args(["-d", &address.database])
            .args(bare.then_some("-qAt"))
            .env("PGPASSWORD", &address.password)
            .stdin(Stdio::piped())
            .stdout(end.try_clone()?)
            .stderr(end);
        let mut child = command.spawn().context("starting psql")?;
        let input = child.stdin.take();
        Ok(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// Sends statements and waits for the last one's answer. Gives the lines that came.
    pub(crate) fn run(&mut self, statements: &str) -> Result<Vec<String>> {
        let input = self.input.as_mut().context("psql has ended")?;
        // psql 15 reads no further when an empty statement follows a COPY.
        let complete = statements.trim_end().ends_with([';', '.']);
        let end = if complete { "" } else { "\n;" };
        // `\echo` would stay in a buffer.
        write!(input, "{statements}{end}\n\\warn {MARK}\n")?;
        input.flush()?;
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line)? == 0 {
                bail!("psql ended at: {statements}");
            }
            if line.trim_end() == MARK {
                return Ok(lines);
            }
            lines.push(line);
        }
    }
}

impl Drop for Psql {
    fn drop(&mut self) {
        // Its end of input is its order to go.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// The journey's rows as psql takes them.
pub(crate) fn seed_script() -> Result<String> {
    let mut script = String::new();
    for table in seed::tables("journey").context("the journey has no rows")? {
        script.push_str(&table.copy_statement());
        script.push_str(";\n");
        script.extend(table.chunks());
        script.push_str("\\.\n");
    }
    Ok(script)
}
