//! A worker dies, freezes or comes back, with two placements a shard: reads go on, a write reaches both placements or fails.

use std::time::Duration;

use citus_tour::runtime::{Act, Runtime};

use crate::client::{Client, place, timed};
use crate::support::Cluster;

/// A node that does not answer is noticed within seconds, also on a busy machine.
const NOTICED: Duration = Duration::from_secs(30);

/// How long a statement waits at least for a node that never answers, before it gives it up.
const GIVEN_UP: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread")]
async fn two_placements_on_the_emulation() {
    let cluster = Cluster::start_tour("active-active").await;
    survive(&cluster).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_placements_on_the_embedded_postgresql() {
    let Some(cluster) = Cluster::start_tour_embedded("active-active").await else {
        return;
    };
    survive(&cluster).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_placements_on_citus() {
    let Some(cluster) = Cluster::start_tour_on_citus("active-active").await else {
        return;
    };
    survive(&cluster).await;
    cluster.end().await;
}

/// A tenant for each shard, by its first placement: the layout that four workers and two copies have.
struct Tenants {
    /// On worker1 and worker2.
    one_two: u32,
    /// On worker2 and worker3.
    two_three: u32,
    /// On worker3 and worker4.
    three_four: u32,
}

async fn survive(cluster: &Cluster) {
    let mut client = Client::connect(cluster, "coordinator", None).await;
    client.run("CREATE EXTENSION citus").await;
    // Its settings reach sessions that come later.
    let mut client = Client::connect(cluster, "coordinator", None).await;
    client.join_nodes(cluster).await;
    for statement in [
        "SET citus.shard_count = 4",
        "SET citus.shard_replication_factor = 2",
        "CREATE TABLE tenants (id int PRIMARY KEY, n int)",
        "CREATE TABLE rates (code text PRIMARY KEY, rate int)",
        "SELECT create_distributed_table('tenants', 'id')",
        "SELECT create_reference_table('rates')",
        "INSERT INTO tenants SELECT n, 0 FROM generate_series(1, 100) n",
        "INSERT INTO rates VALUES ('EUR', 1), ('USD', 2)",
    ] {
        client.run(statement).await;
    }
    let tenants = Tenants {
        one_two: tenant_on(cluster, &mut client, "worker1", "worker2").await,
        two_three: tenant_on(cluster, &mut client, "worker2", "worker3").await,
        three_four: tenant_on(cluster, &mut client, "worker3", "worker4").await,
    };
    killed_and_back(cluster, &mut client, &tenants).await;
    first_worker_lost(cluster, &mut client, &tenants).await;
    killed_in_a_transaction(cluster, &mut client, &tenants).await;
    frozen(cluster, &mut client, &tenants).await;
    disabled_and_back(cluster, &mut client, &tenants).await;
}

async fn tenant_on(cluster: &Cluster, client: &mut Client, first: &str, second: &str) -> u32 {
    let port = |node| cluster.runtime.inside_address(node).unwrap().1;
    let query = format!(
        "SELECT id FROM tenants WHERE (SELECT array_agg(nodeport ORDER BY nodeport) FROM citus_shards \
         WHERE shardid = get_shard_id_for_distribution_column('tenants', id)) = ARRAY[{}, {}] ORDER BY id LIMIT 1",
        port(first),
        port(second)
    );
    client.value(&query).await.parse().unwrap()
}

async fn reads(client: &mut Client, tenant: u32) {
    let read = format!("SELECT count(*) FROM tenants WHERE id = {tenant}");
    assert_eq!(client.value(&read).await, "1");
}

async fn writes(client: &mut Client, tenant: u32) {
    client
        .run(&format!("UPDATE tenants SET n = n + 1 WHERE id = {tenant}"))
        .await;
}

async fn cannot_write(client: &mut Client, tenant: u32) {
    for statement in [
        format!("UPDATE tenants SET n = n + 1 WHERE id = {tenant}"),
        format!("DELETE FROM tenants WHERE id = {tenant}"),
        format!("INSERT INTO tenants VALUES ({tenant}, 1) ON CONFLICT DO NOTHING"),
    ] {
        lost(client, &statement).await;
    }
}

async fn lost(client: &mut Client, statement: &str) {
    let (code, message) = client.refused(statement).await;
    assert!(
        code.starts_with("08") || code.starts_with("57P"),
        "{statement}: {code}: {message}"
    );
}

/// The same rows on both placements of every shard, none of them twice, and the sum that is known.
async fn agree(client: &mut Client, sum: u32) {
    let placements = "SELECT count(*), count(DISTINCT shardid), count(DISTINCT (shardid, result)) FROM run_command_on_placements('tenants', \
        'SELECT count(*) || md5(coalesce(string_agg(t::text, '','' ORDER BY id), '''')) FROM %s t')";
    assert_eq!(client.rows(placements).await, ["8|4|4"]);
    assert_eq!(
        client.rows("SELECT count(*), sum(n) FROM tenants").await,
        [format!("100|{sum}")]
    );
    let rates = "SELECT count(*), count(DISTINCT result) FROM run_command_on_placements('rates', 'SELECT sum(rate) FROM %s')";
    assert_eq!(client.rows(rates).await, ["5|1"]);
}

/// An open session goes on reading through the death of a shard's first placement and its return; what is written then is written once on
/// each.
async fn killed_and_back(cluster: &Cluster, client: &mut Client, tenants: &Tenants) {
    writes(client, tenants.three_four).await;
    agree(client, 1).await;
    for round in 1..=2 {
        cluster.runtime.act(Act::Kill, "worker3").await.unwrap();
        let mut newcomer = Client::connect(cluster, "coordinator", None).await;
        for client in [&mut *client, &mut newcomer] {
            for tenant in [tenants.one_two, tenants.two_three, tenants.three_four] {
                reads(client, tenant).await;
            }
            assert_eq!(client.value("SELECT count(*) FROM tenants").await, "100");
            assert_eq!(client.value("SELECT sum(rate) FROM rates").await, "3");
            cannot_write(client, tenants.two_three).await;
            cannot_write(client, tenants.three_four).await;
            for statement in [
                "UPDATE tenants SET n = 9",
                "TRUNCATE tenants",
                "INSERT INTO tenants SELECT n, 7 FROM generate_series(101, 120) n",
                "INSERT INTO rates VALUES ('JPY', 9)",
                "ALTER TABLE tenants ADD COLUMN note text",
                "BEGIN; CREATE SCHEMA attic",
            ] {
                lost(client, statement).await;
            }
            client.run("ROLLBACK").await;
            client
                .run(&format!(
                    "UPDATE tenants SET n = n WHERE id = {}",
                    tenants.one_two
                ))
                .await;
        }
        cluster.runtime.act(Act::Start, "worker3").await.unwrap();
        // The session has read from the second placement, and may still be bound to it.
        writes(client, tenants.three_four).await;
        writes(&mut newcomer, tenants.three_four).await;
        reads(client, tenants.three_four).await;
        writes(client, tenants.two_three).await;
        agree(client, 1 + 3 * round).await;
    }
}

async fn first_worker_lost(cluster: &Cluster, client: &mut Client, tenants: &Tenants) {
    cluster.runtime.act(Act::Kill, "worker1").await.unwrap();
    for tenant in [tenants.one_two, tenants.two_three, tenants.three_four] {
        reads(client, tenant).await;
        cannot_write(client, tenant).await;
    }
    lost(client, "INSERT INTO rates VALUES ('JPY', 9)").await;
    cluster.runtime.act(Act::Start, "worker1").await.unwrap();
    writes(client, tenants.one_two).await;
    agree(client, 8).await;
}

async fn killed_in_a_transaction(cluster: &Cluster, client: &mut Client, tenants: &Tenants) {
    client.run("BEGIN").await;
    writes(client, tenants.three_four).await;
    cluster.runtime.act(Act::Kill, "worker4").await.unwrap();
    let write = format!(
        "UPDATE tenants SET n = n + 1 WHERE id = {}",
        tenants.three_four
    );
    lost(client, &write).await;
    client.run("ROLLBACK").await;
    client.run("BEGIN").await;
    writes(client, tenants.two_three).await;
    client.run("COMMIT").await;
    cluster.runtime.act(Act::Start, "worker4").await.unwrap();
    agree(client, 9).await;
}

/// A frozen node is given up after a while by whoever does not talk to it yet: reads come late, writes fail late.
async fn frozen(cluster: &Cluster, client: &mut Client, tenants: &Tenants) {
    cluster.runtime.act(Act::Freeze, "worker3").await.unwrap();
    let mut newcomer = Client::connect(cluster, "coordinator", None).await;
    for _ in 1..=2 {
        let ((), taken) = timed(reads(&mut newcomer, tenants.three_four)).await;
        assert!(
            taken > GIVEN_UP && taken < NOTICED,
            "the read took {taken:?}"
        );
    }
    let write = format!(
        "UPDATE tenants SET n = n + 1 WHERE id = {}",
        tenants.three_four
    );
    let ((), taken) = timed(lost(&mut newcomer, &write)).await;
    assert!(taken < NOTICED, "the write took {taken:?}");
    reads(&mut newcomer, tenants.one_two).await;
    writes(&mut newcomer, tenants.one_two).await;
    cluster.runtime.act(Act::Thaw, "worker3").await.unwrap();
    writes(&mut newcomer, tenants.three_four).await;
    writes(client, tenants.three_four).await;
    agree(client, 12).await;
}

/// What a disabled node misses is not read from it when it is back, and new copies are whole.
async fn disabled_and_back(cluster: &Cluster, client: &mut Client, tenants: &Tenants) {
    cluster.runtime.act(Act::Kill, "worker3").await.unwrap();
    let worker3 = place(cluster, "worker3");
    client
        .run(&format!("SELECT citus_disable_node({worker3})"))
        .await;
    client
        .wait_for(
            "SELECT bool_and(metadatasynced) FROM pg_dist_node WHERE isactive",
            "t",
        )
        .await;
    for tenant in [tenants.two_three, tenants.three_four] {
        writes(client, tenant).await;
    }
    client.run("INSERT INTO rates VALUES ('JPY', 9)").await;
    client.run("ALTER TABLE tenants ADD COLUMN note text").await;
    client.run("BEGIN").await;
    client.run("CREATE SCHEMA attic").await;
    client.run("ROLLBACK").await;
    cluster.runtime.act(Act::Start, "worker3").await.unwrap();
    // Citus may find first that a connection which it has kept is dead.
    client
        .succeeds_in_time(&format!("SELECT citus_activate_node({worker3})"))
        .await;
    for tenant in [tenants.two_three, tenants.three_four] {
        writes(client, tenant).await;
    }
    let copies = "SELECT count(*) FROM citus_shards WHERE table_name = 'tenants'::regclass";
    assert_eq!(client.value(copies).await, "6");
    client
        .run("SELECT replicate_table_shards('tenants', 2, shard_transfer_mode := 'block_writes')")
        .await;
    assert_eq!(client.value(copies).await, "8");
    for tenant in [tenants.two_three, tenants.three_four] {
        writes(client, tenant).await;
    }
    agree(client, 18).await;
}
