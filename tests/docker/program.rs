//! The program with `--runtime docker`, as its users call it.

use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::home::{Home, until};

async fn plays(home: Option<Home>, tour: &str) {
    let Some(home) = home else {
        return;
    };
    let printed = home.well(&["play", tour]).await;
    assert!(printed.contains(" · docker"), "{printed}");
    assert!(printed.contains(", 0 failed"), "{printed}");
    home.assert_clean().await;
}

#[tokio::test]
async fn the_journey_passes() {
    plays(Home::new().await, "journey").await;
}

#[tokio::test]
async fn the_journey_passes_on_citus() {
    plays(Home::on_citus().await, "journey").await;
}

#[tokio::test]
async fn the_active_active_tour_passes() {
    plays(Home::new().await, "active-active").await;
}

#[tokio::test]
async fn the_active_active_tour_passes_on_citus() {
    plays(Home::on_citus().await, "active-active").await;
}

#[tokio::test]
async fn a_kept_cluster_is_used_by_every_command() {
    let Some(home) = Home::new().await else {
        return;
    };
    let up = home
        .well(&[
            "up",
            "journey",
            "--at",
            "a-worker-dies",
            "--cluster",
            "class",
        ])
        .await;
    assert!(up.contains("citus-tour down --cluster class"), "{up}");
    let status = home.well(&["status", "--json"]).await;
    assert!(status.contains("\"runtime\": \"docker\""), "{status}");
    let cut = home.well(&["node", "partition", "worker1"]).await;
    assert!(cut.contains("worker1") || cut.is_empty(), "{cut}");
    let status = home.well(&["status", "--ascii"]).await;
    assert!(status.contains("cut off"), "{status}");
    home.well(&["node", "heal", "worker1"]).await;
    let survival = home.well(&["survival", "--fail", "worker1"]).await;
    assert!(survival.contains("worker1 is down"), "{survival}");
    let logs = home.well(&["logs", "worker1", "-n", "3"]).await;
    assert!(logs.lines().count() <= 3 && !logs.is_empty(), "{logs}");
    home.well(&["down", "--cluster", "class"]).await;
    home.assert_clean().await;
}

#[tokio::test]
async fn a_program_that_is_killed_leaves_nothing() {
    let Some(home) = Home::new().await else {
        return;
    };
    let mut command = home.program(&["play", "journey"]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let docker = home.engine.connect().await;
    until("containers", async || home.left(&docker).await.len() > 3).await;
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
    kill(pid, Signal::SIGKILL).unwrap();
    child.wait().unwrap();
    home.assert_clean().await;
}

#[tokio::test]
async fn an_image_that_cannot_be_had_is_told_with_what_to_do() {
    let Some(home) = Home::new().await else {
        return;
    };
    let missing = "127.0.0.1:1/citus-tour-test/nothing:1";
    let output = home.run(&["play", "journey", "--image", missing]).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains(missing) && said.contains("--bundle"),
        "{said}"
    );
    home.assert_clean().await;
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_told_with_what_to_do() {
    let Some(home) = Home::new().await else {
        return;
    };
    let nowhere = home.path().join("nothing.sock");
    let mut command = home.program(&["play", "journey"]);
    let host = format!("unix://{}", nowhere.display());
    let output = command.env("DOCKER_HOST", &host).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(
        said.contains(&host) && said.contains("Start the engine"),
        "{said}"
    );
}
