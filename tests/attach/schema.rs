//! The schema of lessons on somebody's own cluster: where names lead, what is dropped and what is not, and how long it is in use.

use std::sync::Arc;

use citus_tour::player::Stage;
use citus_tour::postgres::{ApplicationName, Session, Target};
use citus_tour::runtime::Runtime;
use citus_tour::runtime::attach::AttachedCluster;
use citus_tour::workload::{Acquaintance, probe_specs};
use citus_tour::xray::{Examiner, Settings};
use tokio::time::Instant;

use crate::owned::{Owned, attach, learner};
use crate::support::DEADLINE;

#[tokio::test(flavor = "multi_thread")]
async fn names_lead_to_the_lessons_schema_only_while_there_is_one() {
    let mut owned = Owned::emulated().await;
    let cluster = attach(&owned.url(), true).await.unwrap();
    assert_eq!(owned.lesson_schemas().await, [""; 0]);
    assert_eq!(count_of_users(&cluster).await, Ok("100".to_owned()));
    cluster.start_afresh().await.unwrap();
    assert_eq!(owned.lesson_schemas().await, [cluster.lesson_schema()]);
    assert_eq!(count_of_users(&cluster).await, Err("42P01".to_owned()));
    let mut session = learner(&cluster).await;
    for statement in [
        "CREATE TABLE users (user_id bigint)",
        "DISCARD ALL",
        "DROP TABLE users",
    ] {
        session.query(statement, DEADLINE).await.unwrap();
    }
    session
        .query("CREATE TABLE left_here (one int)", DEADLINE)
        .await
        .unwrap();
    drop(session);
    // Anew: what was there is gone.
    cluster.start_afresh().await.unwrap();
    let mut session = learner(&cluster).await;
    session
        .query("CREATE TABLE left_here (one int)", DEADLINE)
        .await
        .unwrap();
    drop(session);
    cluster.end().await.unwrap();
    cluster.end().await.unwrap();
    assert_eq!(owned.lesson_schemas().await, [""; 0]);
    assert_eq!(count_of_users(&cluster).await, Ok("100".to_owned()));

    let reading = attach(&owned.url(), false).await.unwrap();
    let refused = reading.start_afresh().await.unwrap_err().to_string();
    assert!(refused.contains("--allow-writes"), "{refused}");
    drop((cluster, reading));
    owned.end().await;
}

/// Of the table without a schema; the SQLSTATE where there is none.
async fn count_of_users(cluster: &AttachedCluster) -> Result<String, String> {
    let mut session = learner(cluster).await;
    let outcome = session.run("SELECT count(*) FROM users", DEADLINE).await;
    let outcome = outcome.unwrap();
    match outcome.error() {
        Some(report) => Err(report.code.clone()),
        None => Ok(outcome.into_rows().scalar().unwrap_or_default().to_owned()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_of_a_lesson_means_the_lessons_tables_wherever_the_learner_looks() {
    let owned = Owned::emulated().await;
    let cluster = Arc::new(attach(&owned.url(), true).await.unwrap());
    cluster.start_afresh().await.unwrap();
    let mut stage = Stage::new(cluster.clone(), cluster.topology().clone());
    let path = async |stage: &mut Stage| {
        let shown = stage.run("coordinator", "SHOW search_path").await.unwrap();
        shown.into_rows().scalar().unwrap().to_owned()
    };
    stage
        .run("coordinator", "SET search_path = public")
        .await
        .unwrap();
    assert_eq!(path(&mut stage).await, "public");
    stage.come_home().await.unwrap();
    assert!(path(&mut stage).await.contains(cluster.lesson_schema()));
    // Our own statements go the other way.
    let target = stage.target("coordinator").unwrap();
    let mut session = Session::connect(&target, ApplicationName::Workload, DEADLINE)
        .await
        .unwrap();
    let users = "SELECT count(*) FROM users";
    let users = session.query(users, DEADLINE).await.unwrap().into_rows();
    assert_eq!(users.scalar(), Some("100"));
    drop((session, stage));
    cluster.end().await.unwrap();
    drop(cluster);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_looks_at_the_tables_that_are_meant_on_the_emulation() {
    each_looks_at_the_tables_that_are_meant(Owned::emulated().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_looks_at_the_tables_that_are_meant_on_citus() {
    if let Some(owned) = Owned::citus().await {
        each_looks_at_the_tables_that_are_meant(owned).await;
    }
}

/// The X-ray at those of the lessons, as the learner's statements do, our own statements at the cluster's.
async fn each_looks_at_the_tables_that_are_meant(owned: Owned) {
    let cluster = Arc::new(attach(&owned.url(), true).await.unwrap());
    cluster.start_afresh().await.unwrap();
    let mut stage = Stage::new(cluster.clone(), cluster.topology().clone());
    let view = stage.view().await;
    let target = stage.target("coordinator").unwrap();
    let mut session = Session::connect(&target, ApplicationName::Workload, DEADLINE)
        .await
        .unwrap();
    let known = Acquaintance::make(&mut session, &view, DEADLINE)
        .await
        .unwrap();
    let specs = probe_specs(&view, &known);
    assert!(!specs.is_empty());
    for spec in specs {
        let answer = session.run(&spec.statement, DEADLINE).await.unwrap();
        assert_eq!(answer.error(), None, "{}", spec.statement);
    }

    let users = "CREATE TABLE users (user_id bigint PRIMARY KEY, name text)";
    stage.run("coordinator", users).await.unwrap();
    let target = Target::new("coordinator", cluster.address("coordinator").unwrap());
    let mut examiner = Examiner::connect(&target, DEADLINE).await.unwrap();
    let settings = Settings {
        deadline: DEADLINE,
        ..Settings::default()
    };
    let count = "SELECT count(*) FROM users";
    let view = stage.view().await;
    let local = examiner.examine(&view, count, &settings).await.unwrap();
    // Not "no row can match", as of the table of that name in public.
    assert_eq!(local, None);
    stage
        .run("coordinator", "SET citus.shard_count = 11")
        .await
        .unwrap();
    let distribute = "SELECT create_distributed_table('users', 'user_id', colocate_with => 'none')";
    let distributed = stage.run("coordinator", distribute).await.unwrap();
    assert_eq!(distributed.error(), None);
    let view = stage.view().await;
    let touched = examiner.examine(&view, count, &settings).await.unwrap();
    assert_eq!(touched.unwrap().shards.len(), 11);
    drop((session, examiner, stage));
    cluster.end().await.unwrap();
    drop(cluster);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_may_not_do_is_not_tried_on_the_emulation() {
    what_a_role_may_not_do_is_not_tried(Owned::emulated().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_may_not_do_is_not_tried_on_citus() {
    if let Some(owned) = Owned::citus().await {
        what_a_role_may_not_do_is_not_tried(owned).await;
    }
}

async fn what_a_role_may_not_do_is_not_tried(mut owned: Owned) {
    owned.grant().await;
    let cluster = Arc::new(attach(&owned.readers_url(), true).await.unwrap());
    let mut stage = Stage::new(cluster.clone(), cluster.topology().clone());
    let view = stage.view().await;
    let target = stage.target("coordinator").unwrap();
    let mut session = Session::connect(&target, ApplicationName::Workload, DEADLINE)
        .await
        .unwrap();
    let known = Acquaintance::make(&mut session, &view, DEADLINE)
        .await
        .unwrap();
    assert!(known.defines_nothing);
    let closed: Vec<String> = known.closed.iter().map(ToString::to_string).collect();
    assert_eq!(closed, ["secrets"]);
    let specs = probe_specs(&view, &known);
    assert!(!specs.is_empty());
    for spec in specs {
        let table = spec.table.map(|table| table.to_string());
        assert_eq!(table.as_deref(), Some("users"), "{}", spec.statement);
        assert!(spec.statement.starts_with("SELECT"), "{}", spec.statement);
    }
    drop((session, stage, cluster));
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_is_dropped_with_the_schema() {
    let mut owned = Owned::emulated().await;
    let cluster = attach(&owned.url(), true).await.unwrap();
    cluster.start_afresh().await.unwrap();
    let mut session = learner(&cluster).await;
    for statement in [
        "CREATE TABLE inside (one int)",
        "CREATE TYPE mood AS ENUM ('good', 'bad')",
        "CREATE VIEW public.outside AS SELECT * FROM inside",
        "CREATE TABLE public.moods (one mood)",
        "CREATE TABLE parted (one int) PARTITION BY RANGE (one)",
        "CREATE TABLE public.part (one int)",
        "ALTER TABLE parted ATTACH PARTITION public.part FOR VALUES FROM (0) TO (9)",
        "CREATE COLLATION ours FROM \"C\"",
        "CREATE TABLE public.collated (one text COLLATE ours)",
    ] {
        session.query(statement, DEADLINE).await.unwrap();
    }
    drop(session);
    for error in [cluster.end().await, cluster.start_afresh().await] {
        let error = error.unwrap_err().to_string();
        for dependent in [
            "view outside",
            "column one of table moods",
            "table part",
            "column one of table collated",
        ] {
            assert!(error.contains(dependent), "{dependent}: {error}");
        }
    }
    owned
        .run("DROP VIEW public.outside; DROP TABLE public.moods, public.part, public.collated")
        .await;
    cluster.end().await.unwrap();
    assert_eq!(owned.lesson_schemas().await, [""; 0]);
    drop(cluster);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_in_use_stays_known_as_such_when_its_session_is_ended() {
    let mut owned = Owned::emulated().await;
    let cluster = attach(&owned.url(), true).await.unwrap();
    cluster.start_afresh().await.unwrap();
    let holders = "FROM pg_locks WHERE locktype = 'advisory'";
    let before = owned.value(&format!("SELECT pid {holders}")).await;
    owned
        .run(&format!("SELECT pg_terminate_backend(pid) {holders}"))
        .await;
    let deadline = Instant::now() + DEADLINE;
    loop {
        let now = owned.value(&format!("SELECT pid {holders}")).await;
        if !now.is_empty() && now != before {
            break;
        }
        assert!(Instant::now() < deadline, "nobody held it again");
    }
    assert_eq!(attach(&owned.url(), false).await.unwrap().leftovers(), []);
    cluster.end().await.unwrap();
    // The server takes a moment to see that the session is gone.
    while owned.value(&format!("SELECT count(*) {holders}")).await != "0" {
        assert!(Instant::now() < deadline, "it is held for ever");
    }
    drop(cluster);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_whose_making_nobody_waits_for_goes_too() {
    let mut owned = Owned::emulated().await;
    let cluster = attach(&owned.url(), true).await.unwrap();
    owned
        .run("BEGIN; LOCK TABLE pg_namespace IN SHARE MODE")
        .await;
    let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted";
    {
        let mut making = std::pin::pin!(cluster.start_afresh());
        let mut begun = false;
        while !begun {
            tokio::select! {
                made = &mut making => panic!("it could not have been made: {made:?}"),
                count = owned.value(waiting) => begun = count == "1",
            }
        }
    }
    let ending = async {
        owned.run("COMMIT").await;
    };
    let (ended, ()) = tokio::join!(cluster.end(), ending);
    ended.unwrap();
    assert_eq!(owned.lesson_schemas().await, [""; 0]);
    drop(cluster);
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_without_nodes_is_not_given_one() {
    let mut owned = Owned::alone().await;
    let cluster = attach(&owned.url(), true).await.unwrap();
    let refused = cluster.start_afresh().await.unwrap_err().to_string();
    assert!(refused.contains("citus_set_coordinator_host"), "{refused}");
    let (host, port) = owned.cluster.runtime.inside_address("coordinator").unwrap();
    owned
        .run(&format!(
            "SELECT citus_set_coordinator_host('{host}', {port})"
        ))
        .await;
    let refused = cluster.start_afresh().await.unwrap_err().to_string();
    assert!(refused.contains("shouldhaveshards"), "{refused}");
    drop(cluster);
    owned.end().await;
}
