//! The scripts, all at once on one cluster: their answers are Citus's, but for one, which is about what only the emulation says.

use futures_util::future::join_all;
use tokio::sync::Mutex;

use crate::script::Script;
use crate::support::{Cluster, Engine};

macro_rules! script {
    ($name:literal) => {
        Script {
            name: $name,
            sql: include_str!(concat!("scripts/", $name, ".sql")),
            answers: include_str!(concat!("scripts/", $name, ".out")),
        }
    };
}

/// Answered by Citus.
const OF_CITUS: &[Script] = &[
    script!("routing"),
    script!("writing"),
    script!("reading"),
    script!("transactions"),
    script!("definitions"),
    script!("foreign_keys"),
    script!("reference_tables"),
    script!("undistribution"),
    script!("moving"),
    script!("refusals"),
];

/// Answered by Citus with four workers: several placements a shard.
const OF_CITUS_WITH_REPLICATION: &[Script] = &[
    script!("replication"),
    script!("replication_refusals"),
    script!("replication_nodes"),
];

/// Answered by the emulation.
const OF_THE_EMULATION: &[Script] = &[script!("not_emulated")];

#[tokio::test(flavor = "multi_thread")]
async fn scripts_on_the_emulation() {
    let cluster = Cluster::start(Engine::Emulation).await;
    play(&cluster, &[OF_CITUS, OF_THE_EMULATION].concat(), true).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_on_the_embedded_postgresql() {
    let Some(cluster) = Cluster::start_embedded().await else {
        return;
    };
    play(&cluster, &[OF_CITUS, OF_THE_EMULATION].concat(), true).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scripts_on_citus() {
    let Some(cluster) = Cluster::start_citus().await else {
        return;
    };
    play(&cluster, OF_CITUS, false).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replication_on_the_emulation() {
    let cluster = Cluster::start_tour("active-active").await;
    play(&cluster, OF_CITUS_WITH_REPLICATION, true).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replication_on_the_embedded_postgresql() {
    let Some(cluster) = Cluster::start_tour_embedded("active-active").await else {
        return;
    };
    play(&cluster, OF_CITUS_WITH_REPLICATION, true).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn replication_on_citus() {
    let Some(cluster) = Cluster::start_tour_on_citus("active-active").await else {
        return;
    };
    play(&cluster, OF_CITUS_WITH_REPLICATION, false).await;
    cluster.end().await;
}

async fn play(cluster: &Cluster, scripts: &[Script], tolerant: bool) {
    let one_by_one = Mutex::new(());
    let plays = scripts
        .iter()
        .map(|script| script.play(cluster, &one_by_one, tolerant));
    let answers = join_all(plays).await;
    let reports: Vec<String> = answers.into_iter().filter_map(Result::err).collect();
    assert!(
        reports.is_empty(),
        "answers differ:\n{}",
        reports.join("\n")
    );
}
