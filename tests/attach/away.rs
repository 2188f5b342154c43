//! The coordinator goes away and comes back, and a worker that cannot be reached from here is not called dead.

use std::sync::Arc;

use citus_tour::cluster::{Reachability, View};
use citus_tour::player::Stage;
use citus_tour::runtime::{Act, Runtime};
use tokio::time::timeout;

use crate::owned::{Owned, attach};
use crate::support::DEADLINE;

async fn until(watch: &mut citus_tour::observe::Watch, holds: impl Fn(&View) -> bool) -> View {
    let mut last = View::default();
    let seen = timeout(DEADLINE, async {
        loop {
            last = watch.changed().await.unwrap();
            if holds(&last) {
                return;
            }
        }
    })
    .await;
    assert!(seen.is_ok(), "never came; last: {last:#?}");
    last
}

fn of(view: &View, node: &str) -> Reachability {
    view.node(node).unwrap().reachability
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_that_goes_and_comes_back_on_the_emulation() {
    goes_and_comes_back(Owned::emulated().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_that_goes_and_comes_back_on_citus() {
    if let Some(owned) = Owned::citus().await {
        goes_and_comes_back(owned).await;
    }
}

async fn goes_and_comes_back(owned: Owned) {
    let runtime = Arc::clone(&owned.cluster.runtime);
    let cluster = Arc::new(attach(&owned.url(), false).await.unwrap());
    let workers = cluster.nodes()[1..].to_vec();
    let stage = Stage::new(cluster.clone(), cluster.topology().clone());
    let (_nodes, mut watch) = stage.watch();
    until(&mut watch, |view| {
        of(view, "coordinator") == Reachability::Up && view.table("users").is_some()
    })
    .await;
    runtime.act(Act::Kill, "coordinator").await.unwrap();
    let gone = until(&mut watch, |view| {
        !of(view, "coordinator").answers() && view.outdated.is_some()
    })
    .await;
    // What was known of the shards is still shown.
    assert!(gone.table("users").is_some());
    runtime.act(Act::Start, "coordinator").await.unwrap();
    until(&mut watch, |view| {
        of(view, "coordinator") == Reachability::Up && view.outdated.is_none()
    })
    .await;

    // Seen alive before, its end is known as an end.
    runtime.act(Act::Kill, "worker1").await.unwrap();
    until(&mut watch, |view| {
        of(view, &workers[0]) == Reachability::Down
    })
    .await;
    // Nobody who begins to look now has seen it alive.
    let mut later = Stage::new(cluster.clone(), cluster.topology().clone());
    let view = later.view().await;
    assert_eq!(of(&view, &workers[0]), Reachability::Unknown);
    assert_eq!(of(&view, &workers[1]), Reachability::Up);
    drop((later, stage, watch, cluster, runtime));
    owned.end().await;
}
