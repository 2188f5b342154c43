//! The program with `--runtime docker`, as its users call it.

use std::process::Stdio;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::home::{Home, until};

const NO_WISH: Option<bollard::query_parameters::RemoveImageOptions> = None;

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

/// A classroom: the image comes out of the file, and nothing asks a network.
#[tokio::test]
async fn a_bundle_brings_the_image_to_an_engine_without_it() {
    let Some(home) = Home::new().await else {
        return;
    };
    // A name of this test's own for the same image, which can be taken away again.
    let docker = home.engine.connect().await;
    let repository = "citus-tour-test/bundled";
    let tag = std::process::id().to_string();
    let name = format!("{repository}:{tag}");
    let options = bollard::query_parameters::TagImageOptionsBuilder::new()
        .repo(repository)
        .tag(&tag)
        .build();
    docker
        .tag_image(&home.image.name, Some(options))
        .await
        .unwrap();
    let file = home.path().join("class.tar");
    let path = file.to_str().unwrap();
    let said = home.well(&["bundle", path, "--image", &name]).await;
    assert!(said.contains("tar -xf"), "{said}");
    docker.remove_image(&name, NO_WISH, None).await.unwrap();
    let up = home
        .program(&["up", "journey", "--bundle", path])
        .env_remove("CITUS_TOUR_IMAGE")
        .env_remove("CITUS_TOUR_RUNTIME")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&up.stdout);
    let failed = String::from_utf8_lossy(&up.stderr);
    assert!(
        up.status.success() && printed.contains(" · docker"),
        "{printed}{failed}"
    );
    home.well(&["down"]).await;
    docker.remove_image(&name, NO_WISH, None).await.unwrap();
    std::fs::write(&file, "junk").unwrap();
    let junk = home.run(&["up", "journey", "--bundle", path]).await;
    let said = String::from_utf8_lossy(&junk.stderr);
    assert!(said.contains("is no bundle of citus-tour"), "{said}");
    home.assert_clean().await;
}
