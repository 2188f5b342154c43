//! Containers of the images behave as clusters expect of the official ones.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use bollard::query_parameters::StopContainerOptionsBuilder;
use tokio_postgres::error::SqlState;

use crate::bench::{Bench, Wishes, column, connect, on_citus, on_emulation};

const WITH_PASSWORD: &str = "POSTGRES_PASSWORD=correct horse";

/// As the tours' topologies have it.
const NODE: &[&str] = &[
    WITH_PASSWORD,
    "POSTGRES_HOST_AUTH_METHOD=scram-sha-256",
    "POSTGRES_INITDB_ARGS=--auth-host=scram-sha-256",
    "PGUSER=postgres",
    "PGPASSWORD=correct horse",
];
const COMMAND: &[&str] = &[
    "postgres",
    "-cwal_level=logical",
    "-cmax_prepared_transactions=200",
    "-ccitus.node_connection_timeout=3s",
    "-cfsync=off",
    "-cshared_buffers=32MB",
];
const SCRIPTS: &str = "/docker-entrypoint-initdb.d";

fn plain() -> Wishes<'static> {
    Wishes {
        environment: &[WITH_PASSWORD],
        ..Wishes::default()
    }
}

#[tokio::test]
async fn a_healthy_container_lets_in_whoever_knows_the_password() {
    on_emulation(async |bench| {
        let container = bench.start("node", &plain()).await;
        bench.healthy(&container).await;

        let session = bench.session(&container).await;
        assert_eq!(
            column(&session, "SHOW password_encryption").await,
            ["scram-sha-256"]
        );
        assert_eq!(
            column(&session, "SHOW allow_system_table_mods").await,
            ["on"]
        );
        assert_eq!(column(&session, "SHOW citus.shard_count").await, ["32"]);
        assert_eq!(
            column(
                &session,
                "SELECT extname FROM pg_extension WHERE extname = 'citus'"
            )
            .await,
            ["citus"]
        );

        let mut wrong = bench.target(&container).await;
        wrong.password("wrong");
        let refusal = connect(&wrong).await.err().unwrap();
        assert_eq!(refusal.code(), Some(&SqlState::INVALID_PASSWORD));
    })
    .await;
}

#[tokio::test]
async fn the_first_start_heeds_names_scripts_and_settings() {
    on_emulation(async |bench| {
        let scripts = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = scripts.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        };
        fs::set_permissions(scripts.path(), PermissionsExt::from_mode(0o755)).unwrap();
        write("10-table.sql", "CREATE TABLE said (word text);");
        write(
            "20-row.sh",
            "#!/bin/bash\npsql --username \"$POSTGRES_USER\" --dbname \"$POSTGRES_DB\" \
             --command \"INSERT INTO said VALUES ('from a script')\"\n",
        );
        let container = bench
            .start(
                "node",
                &Wishes {
                    environment: &[
                        WITH_PASSWORD,
                        "POSTGRES_USER=clerk",
                        "POSTGRES_DB=shop",
                        "POSTGRES_INITDB_ARGS=--data-checksums --encoding=UTF8",
                    ],
                    // The server's program need not be named.
                    command: &["-cwork_mem=5MB"],
                    scripts: scripts.path().to_str(),
                    ..Wishes::default()
                },
            )
            .await;
        bench.healthy(&container).await;

        let mut target = bench.target(&container).await;
        let session = connect(target.user("clerk").dbname("shop")).await.unwrap();
        assert_eq!(
            column(&session, "SELECT word FROM said").await,
            ["from a script"]
        );
        assert_eq!(column(&session, "SHOW work_mem").await, ["5MB"]);
        assert_eq!(column(&session, "SHOW data_checksums").await, ["on"]);
    })
    .await;
}

#[tokio::test]
async fn nobody_is_let_in_without_a_password_unless_that_is_meant() {
    on_emulation(async |bench| {
        let container = bench.start("forgotten", &Wishes::default()).await;
        let (code, logs) = bench.ended(&container).await;
        assert_eq!(code, 1, "{logs}");
        assert!(logs.contains("POSTGRES_PASSWORD is empty"), "{logs}");

        let trusting = Wishes {
            environment: &["POSTGRES_HOST_AUTH_METHOD=trust"],
            ..Wishes::default()
        };
        let container = bench.start("trusting", &trusting).await;
        bench.healthy(&container).await;
        let mut target = bench.target(&container).await;
        let session = connect(target.password("any")).await.unwrap();
        assert_eq!(column(&session, "SELECT 1").await, ["1"]);
    })
    .await;
}

#[tokio::test]
async fn data_outlives_a_stop() {
    on_emulation(async |bench| {
        let container = bench.start("node", &plain()).await;
        bench.healthy(&container).await;
        let session = bench.session(&container).await;
        column(&session, "CREATE TABLE kept (); CHECKPOINT").await;

        let patience = StopContainerOptionsBuilder::new().t(60).build();
        bench
            .docker
            .stop_container(&container, Some(patience))
            .await
            .unwrap();
        // 0: the signal asked it to end in order, and it did so in time.
        let (code, logs) = bench.ended(&container).await;
        assert_eq!(code, 0, "{logs}");

        bench
            .docker
            .start_container(&container, None)
            .await
            .unwrap();
        bench.healthy(&container).await;
        let session = bench.session(&container).await;
        assert_eq!(column(&session, "SELECT count(*) FROM kept").await, ["0"]);
    })
    .await;
}

#[tokio::test]
async fn nodes_of_the_emulation_reach_each_other_by_name() {
    on_emulation(a_table_over_two_nodes).await;
}

#[tokio::test]
async fn nodes_of_citus_reach_each_other_by_name() {
    on_citus(a_table_over_two_nodes).await;
}

async fn a_table_over_two_nodes(bench: &Bench) {
    let on_coordinator = Wishes {
        environment: NODE,
        command: COMMAND,
        // There the extension is for the learner to create.
        hidden: &[SCRIPTS],
        ..Wishes::default()
    };
    let on_worker = Wishes {
        hidden: &[],
        ..on_coordinator
    };
    let coordinator = bench.start("coordinator", &on_coordinator).await;
    let workers = [
        bench.start("worker1", &on_worker).await,
        bench.start("worker2", &on_worker).await,
    ];
    for container in workers.iter().chain([&coordinator]) {
        bench.healthy(container).await;
    }

    let session = bench.session(&coordinator).await;
    let extensions = "SELECT extname FROM pg_extension WHERE extname = 'citus'";
    assert!(column(&session, extensions).await.is_empty());
    column(&session, "CREATE EXTENSION citus").await;
    column(
        &session,
        "SELECT citus_set_coordinator_host('coordinator', 5432)",
    )
    .await;
    for worker in ["worker1", "worker2"] {
        column(
            &session,
            &format!("SELECT citus_add_node('{worker}', 5432)"),
        )
        .await;
    }
    column(&session, "CREATE TABLE orders (tenant int PRIMARY KEY)").await;
    column(
        &session,
        "SELECT create_distributed_table('orders', 'tenant', shard_count := 4)",
    )
    .await;
    column(
        &session,
        "INSERT INTO orders SELECT generate_series(1, 100)",
    )
    .await;
    assert_eq!(
        column(&session, "SELECT count(*) FROM orders").await,
        ["100"]
    );
    assert_eq!(
        column(
            &session,
            "SELECT DISTINCT nodename FROM pg_dist_shard_placement ORDER BY nodename"
        )
        .await,
        ["worker1", "worker2"]
    );

    // The rows are where the catalog says, and workers that have the metadata answer for all of them.
    let on_first = bench.session(&workers[0]).await;
    let shards =
        "SELECT count(*) FROM pg_class WHERE relname ~ '^orders_[0-9]+$' AND relkind = 'r'";
    column(
        &on_first,
        "SET citus.show_shards_for_app_name_prefixes = '*'",
    )
    .await;
    assert_eq!(column(&on_first, shards).await, ["2"]);
}
