//! What is read-only stays so, whatever is typed; what a plain role sees is shown, and what it does not is said.

use std::sync::Arc;

use citus_tour::cluster::Reachability;
use citus_tour::player::Stage;
use citus_tour::postgres::{Session, Target, TransactionStatus};
use citus_tour::runtime::{Act, Runtime};
use citus_tour::xray::{Examiner, Settings};

use crate::owned::{Owned, attach, learner};
use crate::support::DEADLINE;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_on_the_emulation() {
    nothing_is_written(Owned::emulated().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_on_citus() {
    if let Some(owned) = Owned::citus().await {
        nothing_is_written(owned).await;
    }
}

/// Each runs as its own session, statement by statement. None may write, though the role may everything.
const ATTEMPTS: &[&[&str]] = &[
    &["INSERT INTO users VALUES (1000, 'x')"],
    &["UPDATE users SET name = 'x' WHERE user_id = 1"],
    &["DELETE FROM users"],
    &["TRUNCATE users"],
    &["DROP TABLE users CASCADE"],
    &["CREATE TABLE made (a int)"],
    &[
        "SET default_transaction_read_only = off",
        "UPDATE users SET name = 'x' WHERE user_id = 1",
    ],
    &[
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        "UPDATE users SET name = 'x'",
    ],
    &["RESET ALL", "DISCARD ALL", "UPDATE users SET name = 'x'"],
    &[
        "SELECT set_config('default_transaction_read_only', 'off', false)",
        "CREATE TABLE made (a int)",
    ],
    &[
        "SELECT set_config('transaction_read_only', 'off', false)",
        "CREATE TABLE made (a int)",
    ],
    &["BEGIN READ WRITE", "CREATE TABLE made (a int)", "COMMIT"],
    &[
        "BEGIN",
        "SET TRANSACTION READ WRITE",
        "CREATE TABLE made (a int)",
        "COMMIT",
    ],
    &[
        "START TRANSACTION READ WRITE",
        "UPDATE users SET name = 'x' WHERE user_id = 1",
        "COMMIT",
    ],
    &[
        "BEGIN READ WRITE",
        "COMMIT AND CHAIN",
        "SET TRANSACTION READ WRITE",
        "CREATE TABLE made (a int)",
        "COMMIT",
    ],
    &[
        "BEGIN",
        "SAVEPOINT a",
        "SET transaction_read_only = off",
        "CREATE TABLE made (a int)",
        "COMMIT",
    ],
    &["COMMIT; CREATE TABLE made (a int)"],
    &["SELECT 1; COMMIT; BEGIN READ WRITE; CREATE TABLE made (a int); COMMIT"],
    &["WITH gone AS (DELETE FROM users RETURNING 1) SELECT count(*) FROM gone"],
    &["EXPLAIN ANALYZE DELETE FROM users"],
    &["PREPARE a AS DELETE FROM users", "EXECUTE a"],
    &[
        "DO $$ BEGIN PERFORM set_config('default_transaction_read_only', 'off', false); COMMIT; CREATE TABLE made (a int); END $$",
    ],
    &["COPY users FROM STDIN"],
    &["COPY (SELECT 1) TO PROGRAM 'cat'"],
    &["COPY (SELECT 1) TO PROGRAM 'cat; echo stdout'"],
    &["SELECT run_command_on_workers('CREATE TABLE made (a int)')"],
    &["SELECT create_distributed_table('users', 'user_id')"],
    &["SELECT update_distributed_table_colocation('secrets', colocate_with => 'none')"],
    &["SELECT citus_internal.delete_shard_metadata(102008)"],
    &[
        "SET application_name = 'citus_internal gpid=10000000001'",
        "SELECT citus_internal.delete_shard_metadata(102008)",
    ],
    &[
        "SELECT * FROM ts_stat('SELECT to_tsvector(''simple'', result) FROM run_comm' || 'and_on_workers(''CREATE TABLE made(a int)'')')",
    ],
    &[
        "PREPARE p AS SELECT ts_rewrite('a'::tsquery, 'SELECT 1')",
        "EXECUTE p",
    ],
    &["SELECT count(*) FROM pg_logical_slot_get_changes('slot', NULL, NULL)"],
    &["SELECT \"lock_relation_if_exists\" ('users', 'ACCESS EXCLUSIVE')"],
    &["SELECT pg_log_backend_memory_contexts(pg_backend_pid())"],
    &["SELECT run_command_on_workers --\r('CREATE TABLE made (a int)')\nAS x"],
    &["SELECT ('CREATE TABLE made (a int)'::text).run_command_on_workers"],
    &["SELECT (pg_backend_pid()).pg_terminate_backend"],
    &["SELECT (1::bigint).pg_advisory_lock"],
    &["SELECT (777777::oid).lo_create"],
    &[
        "SET standard_conforming_strings = off",
        "COPY (SELECT '\\') TO STDOUT --') TO PROGRAM 'cat'\n WITH (FORMAT text)",
    ],
    &["/* set */ SELECT update_distributed_table_colocation('secrets', colocate_with => 'none')"],
    &["-- show\nSELECT (1::bigint).pg_advisory_lock"],
    &["SELECT citus_internal.adjust_local_clock_to_remote('(4000000000000, 0)')"],
    &[
        "BEGIN",
        "SET TRANSACTION READ WRITE",
        "TRUNCATE users",
        "COMMIT",
    ],
    &["VACUUM users"],
    &["SELECT pg_terminate_backend(pg_backend_pid())"],
    &["SELECT 1 FOR UPDATE", "SELECT * FROM users FOR UPDATE"],
];

async fn nothing_is_written(mut owned: Owned) {
    let cluster = attach(&owned.url(), false).await.unwrap();
    assert!(cluster.is_read_only() && cluster.is_elsewhere());
    let sums = "SELECT count(*) || ' ' || sum(hashtext(u::text)::bigint) FROM users u";
    let before = owned.value(sums).await;
    let reading = learner(&cluster).await;
    drop(reading);
    for attempt in ATTEMPTS {
        let mut session = learner(&cluster).await;
        let mut failed = false;
        for statement in *attempt {
            let outcome = session.run(statement, DEADLINE).await.unwrap();
            failed |= outcome.error().is_some();
        }
        let is_harmless = attempt.iter().all(|one| one.starts_with("SELECT 1"));
        assert!(failed || is_harmless, "{attempt:?} went through");
        assert_eq!(owned.value(sums).await, before, "{attempt:?}");
        let made = owned.value("SELECT to_regclass('made') IS NULL").await;
        assert_eq!(made, "t", "{attempt:?}");
    }
    reads(&mut learner(&cluster).await).await;
    // Also our own sessions begin so.
    let mut stage = Stage::new(
        Arc::new(cluster),
        attach(&owned.url(), false)
            .await
            .unwrap()
            .topology()
            .clone(),
    );
    let refused = stage
        .ask("coordinator", "CREATE TABLE made (a int)")
        .await
        .unwrap();
    assert_eq!(refused.error().unwrap().code, "25006");
    assert!(
        stage
            .act(Act::Kill, &["coordinator".to_owned()])
            .await
            .is_err()
    );
    assert!(stage.start_afresh().await.is_err());

    let writing = attach(&owned.url(), true).await.unwrap();
    let mut session = learner(&writing).await;
    session
        .query("INSERT INTO users VALUES (1000, 'x')", DEADLINE)
        .await
        .unwrap();
    assert_ne!(owned.value(sums).await, before);
    drop(session);
    drop(stage);
    owned.end().await;
}

/// All that reading needs goes on as it does in a session that is not held to it.
async fn reads(session: &mut Session) {
    let count = session
        .query("SELECT count(*) FROM users", DEADLINE)
        .await
        .unwrap();
    assert_eq!(count.transaction, TransactionStatus::Idle);
    assert_eq!(count.into_rows().scalar(), Some("100"));
    session
        .query("SET search_path = public", DEADLINE)
        .await
        .unwrap();
    let kept = session.query("SHOW search_path", DEADLINE).await.unwrap();
    assert_eq!(kept.into_rows().scalar(), Some("public"));
    for reading in [
        "SELECT pg_total_relation_size('users'), random(), clock_timestamp()",
        "SELECT get_shard_id_for_distribution_column('users', 1)",
        "SELECT count(*) FROM citus_shards",
        "SELECT count(*) FROM users TABLESAMPLE SYSTEM (100)",
        "SELECT row_number() OVER (ORDER BY user_id), upper(name) FROM users LIMIT 1",
        "BEGIN",
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "SELECT jsonb_agg(u) FROM users u WHERE user_id < 3",
        "COMMIT",
        "SELECT coalesce(max(user_id), 0) FROM users WHERE user_id IN (1, 2)",
    ] {
        session.query(reading, DEADLINE).await.unwrap();
    }
    let copied = session
        .query("COPY (SELECT 1) TO STDOUT", DEADLINE)
        .await
        .unwrap();
    assert_eq!(copied.tags().collect::<Vec<_>>(), ["COPY 1"]);
    let begun = session
        .query("BEGIN ISOLATION LEVEL REPEATABLE READ", DEADLINE)
        .await
        .unwrap();
    assert_eq!(begun.transaction, TransactionStatus::Open);
    session
        .query(
            "DECLARE c CURSOR FOR SELECT user_id FROM users ORDER BY 1",
            DEADLINE,
        )
        .await
        .unwrap();
    let fetched = session.query("FETCH 2 FROM c", DEADLINE).await.unwrap();
    assert_eq!(fetched.into_rows().rows.len(), 2);
    let failed = session.run("SELECT 1 / 0", DEADLINE).await.unwrap();
    assert_eq!(failed.error().unwrap().code, "22012");
    assert_eq!(session.transaction(), TransactionStatus::Failed);
    session.query("ROLLBACK", DEADLINE).await.unwrap();
    assert_eq!(session.transaction(), TransactionStatus::Idle);
    let empty = session.query("", DEADLINE).await.unwrap();
    assert_eq!(empty.transaction, TransactionStatus::Idle);
    let refused = session
        .run("INSERT INTO users VALUES (1, 'x')", DEADLINE)
        .await
        .unwrap();
    let hint = refused.error().unwrap().hint.clone().unwrap();
    assert!(hint.contains("--allow-writes"), "{hint}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_role_sees_the_map_on_the_emulation() {
    a_plain_role_sees_the_map(Owned::emulated().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_role_sees_the_map_on_citus() {
    if let Some(owned) = Owned::citus().await {
        a_plain_role_sees_the_map(owned).await;
    }
}

async fn a_plain_role_sees_the_map(mut owned: Owned) {
    owned.grant().await;
    let cluster = Arc::new(attach(&owned.readers_url(), false).await.unwrap());
    let unseen = cluster.unseen().join("\n");
    assert!(unseen.contains("GRANT pg_monitor TO reader"), "{unseen}");
    assert!(unseen.contains("1 of 2 tables"), "{unseen}");
    let topology = cluster.topology().clone();
    let mut stage = Stage::new(cluster.clone(), topology);
    let view = stage.view().await;
    assert_eq!(view.outdated, None);
    assert_eq!(view.nodes.len(), 3, "{:#?}", view.nodes);
    for node in &view.nodes {
        assert_eq!(node.reachability, Reachability::Up, "{node:?}");
        assert!(node.membership.is_some(), "{node:?}");
    }
    let table = view.table("users").unwrap();
    assert_eq!(table.shard_count, 4);
    let placements: Vec<_> = view
        .groups
        .iter()
        .flat_map(|group| &group.shards)
        .flat_map(|shard| &shard.placements)
        .collect();
    assert_eq!(placements.len(), 8);
    assert!(
        placements.iter().all(|place| place.bytes.is_some()),
        "{placements:?}"
    );
    let mut session = learner(&cluster).await;
    session
        .query("SELECT count(*) FROM users", DEADLINE)
        .await
        .unwrap();
    let closed = session
        .run("SELECT * FROM secrets", DEADLINE)
        .await
        .unwrap();
    assert_eq!(closed.error().unwrap().code, "42501");

    let target = Target::new("coordinator", cluster.address("coordinator").unwrap());
    let mut examiner = Examiner::connect(&target, DEADLINE).await.unwrap();
    let statement = "SELECT * FROM users WHERE user_id = 1";
    let settings = Settings::default();
    let touched = examiner
        .examine(&view, statement, &settings)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(touched.shards.len(), 1, "{touched:?}");
    drop(examiner);

    owned
        .run("GRANT pg_monitor, pg_read_all_data TO reader")
        .await;
    let monitor = attach(&owned.readers_url(), false).await.unwrap();
    assert_eq!(monitor.unseen(), [] as [String; 0]);
    drop((session, stage, cluster));
    owned.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_citus_is_refused_with_a_reason() {
    let owned = Owned::emulated().await;
    let address = owned.cluster.runtime.address("coordinator").unwrap();
    let elsewhere = format!("{}?dbname=template1", owned.url());
    let error = attach(&elsewhere, false).await.unwrap_err().to_string();
    assert!(error.contains("has no Citus"), "{error}");
    assert!(!error.contains(&address.password), "{error}");
    let port = owned.cluster.runtime.inside_address("worker1").unwrap().1;
    let main = owned
        .cluster
        .runtime
        .inside_address("coordinator")
        .unwrap()
        .1;
    let worker = owned
        .url()
        .replace(&format!(":{main}/"), &format!(":{port}/"));
    let error = attach(&worker, false).await.unwrap_err().to_string();
    assert!(error.contains("Name the coordinator"), "{error}");
    let error = attach("postgres://reader@127.0.0.1:1/x?sslmode=disable", false)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("refused the connection"), "{error}");
    let wrong = owned.readers_url().replace("er%401", "wrong");
    let error = attach(&wrong, false).await.unwrap_err().to_string();
    assert!(
        error.contains("password authentication failed") && !error.contains("wrong"),
        "{error}"
    );
    owned.end().await;
}
