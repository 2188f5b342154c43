//! A worker dies or freezes, with one placement a shard: its tenants fail, the others answer, nothing changes halfway.

use std::time::Duration;

use citus_tour::runtime::{Act, Runtime};

use crate::client::{Client, timed};
use crate::support::{Cluster, Engine};

/// Tenants that are asked for.
const TENANTS: std::ops::RangeInclusive<u32> = 1..=16;

/// A node that does not answer is noticed within seconds, also on a busy machine.
const NOTICED: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_worker_on_the_emulation() {
    let cluster = Cluster::start(Engine::Emulation).await;
    lose_workers(&cluster).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_worker_on_the_embedded_postgresql() {
    let Some(cluster) = Cluster::start_embedded().await else {
        return;
    };
    lose_workers(&cluster).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_worker_on_citus() {
    let Some(cluster) = Cluster::start_citus().await else {
        return;
    };
    lose_workers(&cluster).await;
    cluster.end().await;
}

async fn lose_workers(cluster: &Cluster) {
    let mut client = Client::connect(cluster, "coordinator", None).await;
    client.run("CREATE EXTENSION citus").await;
    client.join_nodes(cluster).await;
    for statement in [
        "SET citus.shard_count = 8",
        "CREATE TABLE tenants (id int PRIMARY KEY, n int)",
        "CREATE TABLE rates (code text PRIMARY KEY, rate int)",
        "SELECT create_distributed_table('tenants', 'id')",
        "SELECT create_reference_table('rates')",
        "INSERT INTO tenants SELECT n, 0 FROM generate_series(1, 100) n",
        "INSERT INTO rates VALUES ('EUR', 1), ('USD', 2)",
    ] {
        client.run(statement).await;
    }
    killed_between_statements(cluster, &mut client).await;
    killed_in_a_transaction(cluster, &mut client).await;
    frozen(cluster, &mut client).await;
}

/// Whether each tenant lives on a node.
async fn lives_on(cluster: &Cluster, client: &mut Client, tenant: u32, node: &str) -> bool {
    let port = cluster.runtime.inside_address(node).unwrap().1;
    let query = format!(
        "SELECT nodeport = {port} FROM citus_shards WHERE shardid = get_shard_id_for_distribution_column('tenants', {tenant})"
    );
    client.value(&query).await == "t"
}

async fn tenant_of(cluster: &Cluster, client: &mut Client, node: &str) -> u32 {
    for tenant in TENANTS {
        if lives_on(cluster, client, tenant, node).await {
            return tenant;
        }
    }
    panic!("{node} has none of the tenants");
}

async fn fails_for_want_of_a_connection(client: &mut Client, statement: &str) {
    let (code, message) = client.refused(statement).await;
    assert!(code.starts_with("08"), "{statement}: {code}: {message}");
}

/// All is as it was: rows, definitions, reference copies; and every kind of statement works.
async fn all_is_well(client: &mut Client) {
    assert_eq!(
        client.rows("SELECT count(*), sum(n) FROM tenants").await,
        ["100|0"]
    );
    assert_eq!(
        client.rows("SELECT count(*), sum(rate) FROM rates").await,
        ["2|3"]
    );
    let copies = "SELECT count(*), count(DISTINCT result), min(result) FROM run_command_on_placements('rates', 'SELECT sum(rate) FROM %s')";
    assert_eq!(client.rows(copies).await, ["3|1|3"]);
    let columns = "SELECT DISTINCT result FROM run_command_on_placements('tenants', \
        'SELECT string_agg(attname, '','' ORDER BY attnum) FROM pg_attribute WHERE attrelid = %L::regclass AND attnum > 0 AND NOT attisdropped')";
    assert_eq!(client.rows(columns).await, ["id,n"]);
    let indexes = "SELECT DISTINCT result FROM run_command_on_placements('tenants', 'SELECT count(*) FROM pg_index WHERE indrelid = %L::regclass')";
    assert_eq!(client.rows(indexes).await, ["1"]);
    assert_eq!(client.rows("SELECT attname FROM pg_attribute WHERE attrelid = 'tenants'::regclass AND attname = 'note'").await, [""; 0]);
    for statement in [
        "UPDATE tenants SET n = n + 1",
        "UPDATE tenants SET n = n - 1",
        "INSERT INTO rates VALUES ('CHF', 3)",
        "DELETE FROM rates WHERE code = 'CHF'",
        "ALTER TABLE tenants ADD COLUMN note text",
        "ALTER TABLE tenants DROP COLUMN note",
    ] {
        client.run(statement).await;
    }
}

/// Every change to the table as a whole or to a reference table needs every node.
async fn changes_fail(client: &mut Client) {
    for statement in [
        "SELECT count(*) FROM tenants",
        "UPDATE tenants SET n = 5",
        "INSERT INTO tenants SELECT n, 7 FROM generate_series(101, 120) n",
        "TRUNCATE tenants",
        "INSERT INTO rates VALUES ('JPY', 9)",
        "UPDATE rates SET rate = 9",
        "ALTER TABLE tenants ADD COLUMN note text",
        "CREATE INDEX tenants_n ON tenants (n)",
        "DROP TABLE tenants",
    ] {
        fails_for_want_of_a_connection(client, statement).await;
    }
}

async fn killed_between_statements(cluster: &Cluster, client: &mut Client) {
    let mut on_worker2 = Vec::new();
    for tenant in TENANTS {
        on_worker2.push((tenant, lives_on(cluster, client, tenant, "worker2").await));
    }
    cluster.runtime.act(Act::Kill, "worker2").await.unwrap();
    let mut newcomer = Client::connect(cluster, "coordinator", None).await;
    for client in [&mut *client, &mut newcomer] {
        for (tenant, is_lost) in &on_worker2 {
            let read = format!("SELECT n FROM tenants WHERE id = {tenant}");
            let write = format!("UPDATE tenants SET n = n WHERE id = {tenant}");
            if *is_lost {
                fails_for_want_of_a_connection(client, &read).await;
                fails_for_want_of_a_connection(client, &write).await;
            } else {
                assert_eq!(client.value(&read).await, "0");
                client.run(&write).await;
            }
        }
        assert_eq!(client.value("SELECT sum(rate) FROM rates").await, "3");
        changes_fail(client).await;
    }
    let places =
        "SELECT count(*) FROM citus_check_cluster_node_health() WHERE result IS DISTINCT FROM true";
    assert_eq!(client.value(places).await, "5");
    cluster.runtime.act(Act::Start, "worker2").await.unwrap();
    all_is_well(client).await;
    all_is_well(&mut newcomer).await;
}

async fn killed_in_a_transaction(cluster: &Cluster, client: &mut Client) {
    let lost = tenant_of(cluster, client, "worker1").await;
    let other = tenant_of(cluster, client, "worker2").await;
    client.run("BEGIN").await;
    client
        .run(&format!("UPDATE tenants SET n = 50 WHERE id = {other}"))
        .await;
    client
        .run(&format!("UPDATE tenants SET n = 50 WHERE id = {lost}"))
        .await;
    cluster.runtime.act(Act::Kill, "worker1").await.unwrap();
    let (code, message) = client
        .refused(&format!("UPDATE tenants SET n = 60 WHERE id = {lost}"))
        .await;
    assert!(
        code.starts_with("08") || code.starts_with("57P"),
        "{code}: {message}"
    );
    client.run("ROLLBACK").await;
    cluster.runtime.act(Act::Start, "worker1").await.unwrap();
    all_is_well(client).await;
}

async fn frozen(cluster: &Cluster, client: &mut Client) {
    let lost = tenant_of(cluster, client, "worker1").await;
    let other = tenant_of(cluster, client, "worker2").await;
    cluster.runtime.act(Act::Freeze, "worker1").await.unwrap();
    let mut newcomer = Client::connect(cluster, "coordinator", None).await;
    for statement in [
        format!("SELECT n FROM tenants WHERE id = {lost}"),
        "ALTER TABLE tenants ADD COLUMN note text".to_owned(),
        "INSERT INTO rates VALUES ('JPY', 9)".to_owned(),
    ] {
        let ((), taken) = timed(fails_for_want_of_a_connection(&mut newcomer, &statement)).await;
        assert!(taken < NOTICED, "{statement} took {taken:?}");
    }
    assert_eq!(
        newcomer
            .value(&format!("SELECT n FROM tenants WHERE id = {other}"))
            .await,
        "0"
    );
    cluster.runtime.act(Act::Thaw, "worker1").await.unwrap();
    all_is_well(&mut newcomer).await;
    all_is_well(client).await;
}
