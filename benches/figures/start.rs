//! A cluster ready, and ready with the journey's rows, against the same servers started by hand.

use std::time::{Duration, Instant};

use anyhow::Result;
use citus_tour::player::Stage;
use citus_tour::postgres::split;

use crate::by_hand::ByHand;
use crate::figure::{Bar, Figure};
use crate::ground::{Ground, run_all};
use crate::psql::seed_script;

const SCHEMA: &str = include_str!("../../sql/schema/journey.sql");
const UNDO: &str = "DROP TABLE order_items, orders, users, regions";

/// As any start but the first: the runs before have left a template, and data directories copied from it.
pub(crate) async fn measure(rounds: usize) -> Result<Vec<Figure>> {
    let ground = Ground::new()?;
    let by_hand = ByHand::prepare(&ground).await?;
    let (mut ready, mut seeded, mut copying) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        ground.throw_stock_away()?;
        let (without_stock, _) = start_and_seed(&ground, true).await?;
        let ours = start_and_seed(&ground, false).await?;
        let theirs = start_and_seed_by_hand(&by_hand)?;
        ready.push((ours.0, theirs.0));
        seeded.push((ours.1, theirs.1));
        copying.push((without_stock, theirs.0));
    }
    by_hand.end().await?;
    Ok(vec![
        Figure::ratio(
            "cluster ready, template and copies of it in the cache, against `pg_ctl -w start`",
            &ready,
            Bar::Ratio(1.5),
        ),
        Figure::ratio(
            "… and seeded, against `pg_ctl` and psql",
            &seeded,
            Bar::Ratio(1.5),
        ),
        Figure::ratio(
            "cluster ready, template in the cache but no copies",
            &copying,
            Bar::None,
        ),
    ])
}

/// In a home where nothing was ever started.
pub(crate) async fn measure_first_run(rounds: usize) -> Result<Vec<Figure>> {
    let lasting = Ground::new()?;
    let by_hand = ByHand::prepare(&lasting).await?;
    let (mut ready, mut seeded) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let ours = start_and_seed(&Ground::new()?, false).await?;
        let theirs = start_and_seed_by_hand(&by_hand)?;
        ready.push((ours.0, theirs.0));
        seeded.push((ours.1, theirs.1));
    }
    by_hand.end().await?;
    Ok(vec![
        Figure::ratio(
            "cluster ready, first run ever, against `pg_ctl -w start`",
            &ready,
            Bar::Ratio(3.0),
        ),
        Figure::ratio(
            "… and seeded, against `pg_ctl` and psql",
            &seeded,
            Bar::Ratio(3.0),
        ),
    ])
}

/// Until the cluster is ready, and until it is seeded. With `stay` it runs on until the next start is prepared.
async fn start_and_seed(ground: &Ground, stay: bool) -> Result<(Duration, Duration)> {
    let since = Instant::now();
    let mut stage: Stage = ground.stage().await?;
    let ready = since.elapsed();
    let statements: Vec<&str> = split(SCHEMA)
        .into_iter()
        .map(|statement| statement.text)
        .collect();
    run_all(&mut stage, &statements).await?;
    stage.seed("journey").await?;
    let seeded = since.elapsed();
    if stay {
        ground.wait_for_stock().await?;
    }
    stage.runtime().end().await?;
    Ok((ready, seeded))
}

fn start_and_seed_by_hand(by_hand: &ByHand<'_>) -> Result<(Duration, Duration)> {
    let script = seed_script()?;
    let since = Instant::now();
    let ready = by_hand.start()?;
    let mut psql = by_hand.psql()?;
    psql.run(SCHEMA)?;
    psql.run(&script)?;
    let seeded = since.elapsed();
    psql.run(UNDO)?;
    drop(psql);
    by_hand.stop()?;
    Ok((ready, seeded))
}
