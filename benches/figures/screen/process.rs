//! What the system says of a process: Linux's `/proc`.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::pty::Terminal;

/// Linux tells processor time in hundredths of a second, whatever its clock's pace.
const TICK: Duration = Duration::from_millis(10);
const KIBIBYTE: f64 = 1024.0;
const MEGABYTE: f64 = 1_000_000.0;

/// The program in a terminal.
pub(super) struct Process(u32);

impl Process {
    pub(super) fn of(terminal: &Terminal) -> Self {
        Self(terminal.child.id())
    }

    /// Memory that it holds, in MB.
    pub(super) fn resident(&self) -> Result<f64> {
        self.megabytes("VmRSS:")
    }

    /// The most that it ever held, in MB.
    pub(super) fn peak(&self) -> Result<f64> {
        self.megabytes("VmHWM:")
    }

    /// The most is counted from now on.
    pub(super) fn forget_peak(&self) -> Result<()> {
        Ok(fs::write(format!("/proc/{}/clear_refs", self.0), "5")?)
    }

    /// The time that it has been on a processor.
    pub(super) fn processor(&self) -> Result<Duration> {
        Ok(times(self.0).context("the program has ended")?.own)
    }

    /// How often its threads were taken from a processor or went.
    pub(super) fn switches(&self) -> Result<f64> {
        let mut sum = 0.0;
        for thread in fs::read_dir(format!("/proc/{}/task", self.0))? {
            let status = fs::read_to_string(thread?.path().join("status"))?;
            sum += ["voluntary_ctxt_switches:", "nonvoluntary_ctxt_switches:"]
                .iter()
                .filter_map(|name| field(&status, name))
                .sum::<f64>();
        }
        Ok(sum)
    }

    fn megabytes(&self, name: &str) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let kibibytes = field(&status, name).with_context(|| format!("there is no {name}"))?;
        Ok(kibibytes * KIBIBYTE / MEGABYTE)
    }
}

/// The time that the servers of a home have been on a processor, those of their processes included that have ended.
pub(super) fn servers(home: &Path) -> Result<Duration> {
    let home = home.as_os_str().as_encoded_bytes();
    let mut processes = Vec::new();
    for entry in fs::read_dir("/proc")?.flatten() {
        let id = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        processes.extend(id.and_then(|id: u32| times(id).map(|times| (id, times))));
    }
    let is_server = |id: u32| {
        let words = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let mut words = words.split(|byte| *byte == 0);
        words
            .next()
            .is_some_and(|program| program.ends_with(b"/postgres"))
            && words.any(|word| word.windows(home.len()).any(|part| part == home))
    };
    let masters: Vec<u32> = processes
        .iter()
        .map(|(id, _)| *id)
        .filter(|id| is_server(*id))
        .collect();
    Ok(processes
        .iter()
        .map(|(id, times)| {
            if masters.contains(id) {
                times.own + times.children
            } else if masters.contains(&times.parent) {
                times.own
            } else {
                Duration::ZERO
            }
        })
        .sum())
}

struct Times {
    parent: u32,
    own: Duration,
    children: Duration,
}

/// `None` when it has ended.
fn times(id: u32) -> Option<Times> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // A program's name may hold anything, but it ends with the last parenthesis. The state is what comes first behind it.
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<u32> = rest
        .split_whitespace()
        .skip(1)
        .take(14)
        .map(|field| field.parse().unwrap_or_default())
        .collect();
    let ticks = |first: usize| Some(TICK * (fields.get(first)? + fields.get(first + 1)?));
    Some(Times {
        parent: *fields.first()?,
        own: ticks(10)?,
        children: ticks(12)?,
    })
}

fn field(text: &str, name: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
