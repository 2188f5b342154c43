//! Shards travel to a new worker and back: one move a transaction, whatever dies on the way, and nothing is lost.

use citus_tour::runtime::{Act, Runtime};

use crate::client::{Client, place};
use crate::support::{Cluster, Engine};

/// What the rows come to, wherever they lie.
const ALL_ROWS: &str =
    "SELECT count(*), sum(total), count(DISTINCT user_id) FROM orders JOIN users USING (user_id)";

/// Shards that are not where the catalogs say, or are there in part or twice: none, ever.
const LOST: &str = "SELECT count(*) FROM pg_dist_shard s LEFT JOIN pg_dist_placement p USING (shardid) GROUP BY shardid HAVING count(placementid) <> 1";

#[tokio::test(flavor = "multi_thread")]
async fn moves_on_the_emulation() {
    let cluster = Cluster::start(Engine::Emulation).await;
    travel(&cluster).await;
    cluster.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_on_citus() {
    let Some(cluster) = Cluster::start_citus().await else {
        return;
    };
    travel(&cluster).await;
    cluster.end().await;
}

async fn travel(cluster: &Cluster) {
    let mut client = Client::connect(cluster, "coordinator", None).await;
    client.run("CREATE EXTENSION citus").await;
    client.join_nodes(cluster).await;
    for statement in [
        "SET citus.shard_count = 8",
        "CREATE TABLE users (user_id int PRIMARY KEY, name text)",
        "CREATE TABLE orders (user_id int REFERENCES users, id int, total numeric, PRIMARY KEY (user_id, id))",
        "SELECT create_distributed_table('users', 'user_id'), create_distributed_table('orders', 'user_id')",
        "INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 200) n",
        "INSERT INTO orders SELECT 1 + n % 200, n, n FROM generate_series(1, 10000) n",
    ] {
        client.run(statement).await;
    }
    let rows = client.rows(ALL_ROWS).await;
    cluster.runtime.act(Act::Start, "worker3").await.unwrap();
    client
        .run(&format!(
            "SELECT citus_add_node({})",
            place(cluster, "worker3")
        ))
        .await;

    a_lost_target(cluster, &mut client).await;
    let mut client = Client::connect(cluster, "coordinator", None).await;
    assert_eq!(client.rows(ALL_ROWS).await, rows);
    rebalance(&mut client).await;
    assert_eq!(client.rows(ALL_ROWS).await, rows);
    drain(cluster, &mut client).await;
    assert_eq!(client.rows(ALL_ROWS).await, rows);
    client.run("UPDATE orders SET total = total + 1").await;
    let (code, _) = client
        .refused("INSERT INTO orders VALUES (1000, 1, 1)")
        .await;
    assert_eq!(code, "23503");
}

/// The shard groups that the newest worker has.
async fn arrived(client: &mut Client) -> String {
    let query = "SELECT count(*) FROM pg_dist_placement JOIN pg_dist_shard USING (shardid) \
        WHERE logicalrelid = 'orders'::regclass AND groupid = (SELECT max(groupid) FROM pg_dist_node)";
    client.value(query).await
}

/// The target is dead when the moves begin, and again in the middle of one.
async fn a_lost_target(cluster: &Cluster, client: &mut Client) {
    cluster.runtime.act(Act::Kill, "worker3").await.unwrap();
    let start = "SELECT citus_rebalance_start(shard_transfer_mode => 'block_writes') > 0";
    client.run(start).await;
    let failures = "SELECT count(*) > 0 FROM pg_dist_background_task WHERE retry_count > 0";
    client.wait_for(failures, "t").await;
    client.run("SELECT citus_rebalance_stop()").await;
    client
        .wait_for(
            "SELECT count(*) FROM pg_dist_background_job WHERE state = 'cancelled'",
            "1",
        )
        .await;
    assert_eq!(arrived(client).await, "0");
    assert_eq!(client.rows(LOST).await, [""; 0]);
    cluster.runtime.act(Act::Start, "worker3").await.unwrap();

    // In the middle: all is copied and the move waits for its end when the target goes. A session of its own, for Citus keeps
    // connections that it does not know to be dead.
    let target = place(cluster, "worker3");
    let mut mover = Client::connect(cluster, "coordinator", None).await;
    let shard = mover.value("SELECT min(shardid) FROM pg_dist_shard").await;
    let source = format!(
        "SELECT format('%L, %s', nodename, nodeport) FROM citus_shards WHERE shardid = {shard}"
    );
    let source = mover.value(&source).await;
    mover.run("BEGIN").await;
    mover
        .run(&format!(
            "SELECT citus_move_shard_placement({shard}, {source}, {target}, 'block_writes')"
        ))
        .await;
    cluster.runtime.act(Act::Kill, "worker3").await.unwrap();
    // Citus may have nothing left to do there, or prepares it for later; the emulation cannot commit.
    let ended = mover.outcome("COMMIT").await;
    cluster.runtime.act(Act::Start, "worker3").await.unwrap();
    if ended.error().is_some() {
        assert_eq!(arrived(client).await, "0");
    }
    assert_eq!(client.rows(LOST).await, [""; 0]);
    client
        .succeeds_in_time("UPDATE orders SET total = total")
        .await;
}

async fn rebalance(client: &mut Client) {
    let here = arrived(client).await;
    let moves = client
        .value("SELECT count(*) FROM get_rebalance_table_shards_plan()")
        .await;
    client
        .run("SELECT citus_rebalance_start(shard_transfer_mode => 'block_writes')")
        .await;
    let waited = client.outcome("SELECT citus_rebalance_wait()").await;
    if waited.error().is_some() {
        let tasks = client
            .rows("SELECT status, retry_count, command, message FROM pg_dist_background_task")
            .await;
        panic!("rebalancing does not come to an end:\n{}", tasks.join("\n"));
    }
    assert_eq!(
        client
            .value("SELECT state FROM citus_rebalance_status() ORDER BY job_id DESC LIMIT 1")
            .await,
        "finished"
    );
    let groups = client.value(&format!("SELECT {here} + {moves} / 2")).await;
    assert_eq!(arrived(client).await, groups);
    // Others see a move when it is done, not all of them at the end: each was a transaction of its own.
    let transactions = "SELECT count(DISTINCT xmin::text) FROM pg_dist_placement WHERE groupid = (SELECT max(groupid) FROM pg_dist_node)";
    assert_eq!(client.value(transactions).await, groups);
    assert_eq!(client.rows(LOST).await, [""; 0]);
    assert_eq!(
        client
            .value("SELECT count(*) FROM get_rebalance_table_shards_plan()")
            .await,
        "0"
    );
}

async fn drain(cluster: &Cluster, client: &mut Client) {
    let node = place(cluster, "worker3");
    let (_, message) = client
        .refused(&format!("SELECT citus_remove_node({node})"))
        .await;
    assert!(
        message.contains("because because it contains the only shard placement for shard"),
        "{message}"
    );
    client
        .run(&format!(
            "SELECT citus_drain_node({node}, shard_transfer_mode => 'block_writes')"
        ))
        .await;
    assert_eq!(arrived(client).await, "0");
    client
        .run(&format!("SELECT citus_remove_node({node})"))
        .await;
    assert_eq!(client.value("SELECT count(*) FROM pg_dist_node").await, "3");
    assert_eq!(client.rows(LOST).await, [""; 0]);
}
