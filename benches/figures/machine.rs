//! What the figures were seen on.

use std::fs;
use std::process::Command;

use anyhow::Result;

use crate::ground::Ground;

/// Processor, cores, memory, system and PostgreSQL, a line each.
pub(crate) fn describe() -> Result<String> {
    let ground = Ground::new()?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(format!(
        "- Processor: {}, {cores} cores\n- Memory: {}\n- System: {}\n- PostgreSQL {}, {}\n- Load average at the start: {}",
        field("/proc/cpuinfo", "model name"),
        field("/proc/meminfo", "MemTotal"),
        uname(),
        ground.installation.version,
        ground.installation.bindir.display(),
        load(),
    ))
}

/// The system's load averages over one, five and fifteen minutes.
pub(crate) fn load() -> String {
    fs::read_to_string("/proc/loadavg").map_or_else(
        |_| "unknown".to_owned(),
        |text| {
            text.split_whitespace()
                .take(3)
                .collect::<Vec<_>>()
                .join(" ")
        },
    )
}

fn field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let value = text
        .lines()
        .find(|line| line.starts_with(name))
        .and_then(|line| line.split_once(':'));
    value.map_or_else(
        || "unknown".to_owned(),
        |(_, value)| value.trim().to_owned(),
    )
}

fn uname() -> String {
    let output = Command::new("uname").arg("-srm").output();
    output.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}
