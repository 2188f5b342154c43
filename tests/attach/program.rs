//! The program itself, without a terminal.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::owned::{Owned, PASSWORD};

/// A home that the servers' user could enter: for others the program keeps its runs elsewhere.
pub(crate) fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let tour = home.path().join("tour");
    fs::create_dir(&tour).unwrap();
    for directory in [home.path(), &tour] {
        fs::set_permissions(directory, fs::Permissions::from_mode(0o711)).unwrap();
    }
    home
}

/// Runs it with nothing around but a home.
pub(crate) fn run(home: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = command(home, arguments);
    command.envs(variables.iter().copied()).output().unwrap()
}

/// The same, to be started otherwise.
pub(crate) fn command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_citus-tour"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home)
        .env("CITUS_TOUR_HOME", home.join("tour"))
        .stdin(Stdio::null());
    command
}

pub(crate) fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_looks_and_leaves_alone() {
    let mut owned = Owned::emulated().await;
    owned.grant().await;
    let home = home();
    let url = owned.readers_url();
    let shown = run(home.path(), &["attach", &url], &[]);
    let words = text(&shown);
    assert!(shown.status.success(), "{words}");
    for expected in [
        "attach",
        "read-only",
        "not encrypted",
        "GRANT pg_monitor TO reader",
        "users",
        "up",
    ] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
    assert!(!words.contains(PASSWORD), "{words}");

    let json = run(
        home.path(),
        &["attach", "--json"],
        &[("CITUS_TOUR_URL", &url)],
    );
    let status: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(status["runtime"], "attach");
    assert_eq!(status["read_only"], true);
    assert_eq!(status["encrypted"], false);
    assert_eq!(status["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(status["placements"].as_array().unwrap().len(), 8);

    // A password from the file, once nobody else can read it.
    let without = url.replace("rea%3Ad%2Fer%401", "");
    let file = home.path().join(".pgpass");
    fs::write(&file, "*:*:postgres:reader:rea\\:d/er@1\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let refused = run(home.path(), &["attach", &without], &[]);
    assert_eq!(refused.status.code(), Some(3), "{}", text(&refused));
    assert!(text(&refused).contains("chmod 600"), "{}", text(&refused));
    assert!(
        text(&refused).contains("asks for the password of reader"),
        "{}",
        text(&refused)
    );
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let filed = run(home.path(), &["status", "--url", &without, "--json"], &[]);
    assert!(filed.status.success(), "{}", text(&filed));

    let survival = run(home.path(), &["survival", "--url", &url], &[]);
    assert!(survival.status.success(), "{}", text(&survival));
    assert!(text(&survival).contains("tenant"), "{}", text(&survival));
    let load = run(
        home.path(),
        &["load", "--url", &url, "shop", "--for", "1s"],
        &[],
    );
    assert_eq!(load.status.code(), Some(2), "{}", text(&load));
    assert!(text(&load).contains("read-only"), "{}", text(&load));
    let faults = run(
        home.path(),
        &["node", "--url", &url, "kill", "coordinator"],
        &[],
    );
    assert_eq!(faults.status.code(), Some(2), "{}", text(&faults));
    owned.end().await;
}
