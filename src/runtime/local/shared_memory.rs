//! What a killed server leaves in the system beside its files.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// A killed server leaves a small segment of System V shared memory, and systems have few of those.
pub(super) fn free(data: &Path) {
    let Some((key, id)) = segment(data) else {
        return;
    };
    let listed = Command::new("ipcs")
        .arg("-m")
        .stderr(Stdio::null())
        .output()
        .is_ok_and(|output| {
            let text = String::from_utf8_lossy(&output.stdout);
            let key = format!("0x{key:08x}");
            text.lines().any(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                words.contains(&key.as_str()) && words.contains(&id.as_str())
            })
        });
    if listed {
        let _ = Command::new("ipcrm")
            .args(["-m", &id])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
}

/// Key and id of the segment, from the seventh line of a `postmaster.pid` that was left behind.
fn segment(data: &Path) -> Option<(u32, String)> {
    let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let mut words = text.lines().nth(6)?.split_whitespace();
    Some((words.next()?.parse().ok()?, words.next()?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seventh_line_tells_key_and_id() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(segment(home.path()), None);
        let text = "42\n/data\n1700000000\n5440\n/sockets\n127.0.0.1\n  5441001         7\nready\n";
        fs::write(home.path().join("postmaster.pid"), text).unwrap();
        assert_eq!(segment(home.path()), Some((5_441_001, "7".to_owned())));
    }
}
