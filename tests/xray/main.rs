//! What statements touch, asked of real clusters on both engines. What Citus says itself, the emulation says in the same words.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on ends there"
)]

#[expect(dead_code, reason = "its ports are of use to transcripts only")]
#[path = "../support/mod.rs"]
mod support;

mod bench;
mod nodes;
mod statements;
mod words;

use bench::Bench;
use support::{Cluster, Engine};
use words::WORDS;

#[tokio::test(flavor = "multi_thread")]
async fn statements_on_the_emulation() {
    examine_all(Cluster::start(Engine::Emulation).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_on_the_embedded_postgresql() {
    if let Some(cluster) = Cluster::start_embedded().await {
        examine_all(cluster).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_on_citus() {
    if let Some(cluster) = Cluster::start_citus().await {
        examine_all(cluster).await;
    }
}

async fn examine_all(cluster: Cluster) {
    let mut bench = Bench::new(cluster).await;
    bench.plain().await;
    bench.distribute().await;
    bench.assert_words(WORDS).await;
    bench.names_the_shards().await;
    bench.refuses().await;
    bench.changes_nothing().await;
    bench.heeds_settings().await;
    if bench.on_citus() {
        bench.only_on_citus().await;
    } else {
        bench.only_on_the_emulation().await;
    }
    bench.with_shards_on_the_coordinator().await;
    bench.with_a_frozen_worker().await;
    bench.with_a_dead_worker().await;
    bench.cluster.end().await;
}
