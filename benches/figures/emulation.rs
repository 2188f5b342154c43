//! What the emulation costs: reading a tenant through the coordinator, distributing rows, moving a shard.

use std::time::Duration;

use anyhow::{Context, Result};
use citus_tour::player::Stage;
use citus_tour::postgres::{ApplicationName, Session, Target};

use crate::figure::{Bar, Figure};
use crate::ground::{Ground, enable, run_all, value};

const DEADLINE: Duration = Duration::from_secs(30);
/// Reads of each kind in a round; their median is the round's figure.
const READS: usize = 201;

const TABLE: &str = "CREATE TABLE events (tenant_id bigint, event_id bigint, payload text NOT NULL, PRIMARY KEY (tenant_id, event_id))";
const ROWS: &str = "INSERT INTO events SELECT i % 1000, i, 'payload of event ' || i FROM generate_series(1, 10000) AS i";

/// The ten rows of one tenant of a thousand, through the coordinator and straight from the worker that has them.
pub(crate) async fn measure_reads(rounds: usize) -> Result<Vec<Figure>> {
    let ground = Ground::new()?;
    let mut stage = ground.stage().await?;
    enable(&mut stage).await?;
    let mut figures = Vec::new();
    for shards in [8, 32] {
        let count = format!("SET citus.shard_count = {shards}");
        run_all(
            &mut stage,
            &[
                "DROP TABLE IF EXISTS events",
                &count,
                TABLE,
                ROWS,
                DISTRIBUTE,
                CLEAR,
            ],
        )
        .await?;
        let shard = value(
            &mut stage,
            "SELECT shard_name('events', get_shard_id_for_distribution_column('events', 42))",
        )
        .await?;
        let port = value(
            &mut stage,
            "SELECT nodeport FROM citus_shards WHERE table_name = 'events'::regclass
             AND shardid = get_shard_id_for_distribution_column('events', 42)",
        )
        .await?;
        run_all(
            &mut stage,
            &["SELECT run_command_on_shards('events', 'ANALYZE %s')"],
        )
        .await?;
        let worker = node_at(&stage, port.parse()?)?;
        let mut through = connect(&stage, "coordinator").await?;
        let mut straight = connect(&stage, &worker).await?;
        for (name, prepare, distributed, local) in [
            ("read of one tenant", false, read("events"), read(&shard)),
            (
                "prepared read of one tenant",
                true,
                prepared("events"),
                prepared(&shard),
            ),
        ] {
            let (mut query, mut query_local) = (distributed.clone(), local.clone());
            if prepare {
                through.query(&distributed, DEADLINE).await?;
                straight.query(&local, DEADLINE).await?;
                "EXECUTE one_tenant(42)".clone_into(&mut query);
                "EXECUTE one_tenant(42)".clone_into(&mut query_local);
            }
            let mut pairs = Vec::new();
            for _ in 0..rounds {
                pairs.push(time_reads(&mut through, &query, &mut straight, &query_local).await?);
            }
            let bar = if prepare { Bar::None } else { Bar::Ratio(3.0) };
            figures.push(Figure::ratio(
                format!("{name}, {shards} shards, against the worker itself"),
                &pairs,
                bar,
            ));
        }
    }
    stage.runtime().end().await?;
    Ok(figures)
}

const DISTRIBUTE: &str =
    "SELECT create_distributed_table('events', 'tenant_id', colocate_with => 'none')";
const CLEAR: &str = "SELECT truncate_local_data_after_distributing_table('events')";

fn read(table: &str) -> String {
    format!("SELECT * FROM {table} WHERE tenant_id = 42")
}

fn prepared(table: &str) -> String {
    format!("PREPARE one_tenant (bigint) AS SELECT * FROM {table} WHERE tenant_id = $1")
}

async fn connect(stage: &Stage, node: &str) -> Result<Session> {
    let target = Target::new(node, stage.runtime().address(node)?);
    Ok(Session::connect(&target, ApplicationName::Workload, DEADLINE).await?)
}

fn node_at(stage: &Stage, port: u16) -> Result<String> {
    let listens = |node: &String| {
        stage
            .runtime()
            .inside_address(node)
            .is_ok_and(|(_, its)| its == port)
    };
    stage
        .runtime()
        .nodes()
        .into_iter()
        .find(listens)
        .context("the shard is on no node of ours")
}

/// The medians of reads that take turns.
async fn time_reads(
    through: &mut Session,
    distributed: &str,
    straight: &mut Session,
    local: &str,
) -> Result<(Duration, Duration)> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..READS {
        ours.push(through.query(distributed, DEADLINE).await?.duration);
        theirs.push(straight.query(local, DEADLINE).await?.duration);
    }
    ours.sort_unstable();
    theirs.sort_unstable();
    Ok((ours[READS / 2], theirs[READS / 2]))
}

/// `create_distributed_table` on a table that has its rows.
pub(crate) async fn measure_distribution(rounds: usize) -> Result<Vec<Figure>> {
    let ground = Ground::new()?;
    let mut stage = ground.stage().await?;
    enable(&mut stage).await?;
    let mut times = Vec::new();
    for _ in 0..rounds {
        run_all(
            &mut stage,
            &[
                "DROP TABLE IF EXISTS events",
                "SET citus.shard_count = 8",
                TABLE,
                ROWS,
            ],
        )
        .await?;
        times.push(time(&mut stage, DISTRIBUTE).await?);
    }
    stage.runtime().end().await?;
    Ok(vec![Figure::times(
        "10,000 rows distributed over 8 shards",
        &times,
        Bar::Value(1000.0),
    )])
}

/// A shard that holds ten thousand rows, there and back again.
pub(crate) async fn measure_move(rounds: usize) -> Result<Vec<Figure>> {
    let ground = Ground::new()?;
    let mut stage = ground.stage().await?;
    enable(&mut stage).await?;
    run_all(
        &mut stage,
        &["SET citus.shard_count = 1", TABLE, ROWS, DISTRIBUTE],
    )
    .await?;
    let mut figures = Vec::new();
    for mode in ["block_writes", "force_logical"] {
        let mut times = Vec::new();
        for _ in 0..rounds {
            let statement = value(
                &mut stage,
                &format!(
                    "SELECT format('SELECT citus_move_shard_placement(%s, %L, %s, %L, %s, shard_transfer_mode => ''{mode}'')',
                         s.shardid, s.nodename, s.nodeport, n.nodename, n.nodeport)
                     FROM citus_shards s JOIN pg_dist_node n ON n.groupid > 0 AND n.nodeport <> s.nodeport
                     WHERE s.table_name = 'events'::regclass"
                ),
            )
            .await?;
            times.push(time(&mut stage, &statement).await?);
        }
        figures.push(Figure::times(
            format!("a shard of 10,000 rows moved, `{mode}`"),
            &times,
            Bar::Value(500.0),
        ));
    }
    stage.runtime().end().await?;
    Ok(figures)
}

async fn time(stage: &mut Stage, statement: &str) -> Result<Duration> {
    Ok(run_all(stage, &[statement]).await?.duration)
}
