//! The load generator against pgbench: the same statements, as many clients, one after the other on the same cluster.

use std::io::Write;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use citus_tour::player::Stage;
use citus_tour::postgres::Address;
use citus_tour::workload::{Load, LoadPlan, Mix, Pacing, Workload};
use tempfile::NamedTempFile;
use tokio::sync::mpsc;

use crate::figure::{Bar, Figure};
use crate::ground::{Ground, enable, run_all};

const CLIENTS: usize = 8;
/// How long each side runs in a round.
const LASTS: Duration = Duration::from_secs(4);
/// 0.9 of pgbench's throughput, as the time for a statement.
const BAR: f64 = 1.11;

const TABLES: [&str; 5] = [
    "CREATE TABLE rooms (id bigint PRIMARY KEY, room_type int)",
    "CREATE TABLE room_members (room_id bigint, member bigint, PRIMARY KEY (room_id, member))",
    "CREATE TABLE messages (room_id bigint, id bigint, body text, PRIMARY KEY (room_id, id))",
    "INSERT INTO rooms SELECT n, n % 3 FROM generate_series(1, 100) n",
    "INSERT INTO room_members SELECT 1 + n % 100, n FROM generate_series(1, 200) n",
];
const DISTRIBUTE: [&str; 3] = [
    "SELECT create_distributed_table('rooms', 'id')",
    "SELECT create_distributed_table('room_members', 'room_id', colocate_with => 'rooms')",
    "SELECT create_distributed_table('messages', 'room_id', colocate_with => 'rooms')",
];
/// Each client of pgbench counts its own keys, ever greater, as the load's are.
const DRAW: &str = "\\set room random(1, 100)\n\\set number :number + 1\n\\set id :client_id * 1000000000 + :number\n";
/// Every measurement begins with the same rows.
const AFRESH: [&str; 2] = [
    "TRUNCATE messages",
    "INSERT INTO messages SELECT 1 + n % 100, n, 'message ' || n FROM generate_series(1, 500) n",
];

/// What pgbench is given: scripts with their weights.
const READS: [(&str, u32); 2] = [
    (
        "SELECT id, body FROM messages WHERE room_id = :room ORDER BY id DESC LIMIT 10;",
        3,
    ),
    ("SELECT member FROM room_members WHERE room_id = :room;", 1),
];
const WRITES: [(&str, u32); 1] = [(
    "INSERT INTO messages (room_id, id, body) VALUES (:room, :id, 'message 12345678');",
    1,
)];

/// Plain tables of one server, where a statement costs least and the generator most, and tables over the workers.
pub(crate) async fn measure(rounds: usize) -> Result<Vec<Figure>> {
    let ground = Ground::new()?;
    let pgbench = ground.installation.bindir.join("pgbench");
    ensure!(
        pgbench.exists(),
        "there is no pgbench in {}",
        ground.installation.bindir.display()
    );
    let mut stage = ground.stage().await?;
    enable(&mut stage).await?;
    run_all(&mut stage, &TABLES).await?;
    let reads = Mix {
        reads: 1,
        writes: 0,
        reports: 0,
    };
    let writes = Mix {
        reads: 0,
        writes: 1,
        reports: 0,
    };
    let mut figures = Vec::new();
    for place in ["plain tables", "distributed tables"] {
        if place != "plain tables" {
            run_all(&mut stage, &["SET citus.shard_count = 8"]).await?;
            run_all(&mut stage, &DISTRIBUTE).await?;
        }
        for (kind, mix, scripts) in [
            ("reads", reads, &READS[..]),
            ("writes", writes, &WRITES[..]),
        ] {
            let mut pairs = Vec::new();
            for round in 0..rounds {
                // Who comes second finds caches warm and tables larger: they take turns.
                let pair = if round % 2 == 0 {
                    let ours = ours(&mut stage, mix).await?;
                    (ours, theirs(&pgbench, &mut stage, scripts).await?)
                } else {
                    let theirs = theirs(&pgbench, &mut stage, scripts).await?;
                    (ours(&mut stage, mix).await?, theirs)
                };
                pairs.push(pair);
            }
            figures.push(Figure::ratio(
                format!("a thousand {kind} of {CLIENTS} clients by `load --closed`, {place}, against pgbench"),
                &pairs,
                Bar::Ratio(BAR),
            ));
        }
    }
    stage.runtime().end().await?;
    Ok(figures)
}

/// How long a thousand statements take.
async fn ours(stage: &mut Stage, mix: Mix) -> Result<Duration> {
    run_all(stage, &AFRESH).await?;
    let view = stage.view().await;
    let mut plan = LoadPlan::new(Workload::Chat);
    plan.pacing = Pacing::Closed { rate: None };
    plan.clients = CLIENTS;
    plan.duration = Some(LASTS);
    plan.mix = mix;
    let (sender, _intervals) = mpsc::channel(1);
    let target = stage.target(stage.coordinator())?;
    let load = Load::start(&target, &view, plan, sender).await?;
    load.run_out().await;
    let report = load.stop().await;
    ensure!(report.failed == 0, "{report}");
    Ok(Duration::from_secs_f64(1_000.0 / report.total.per_second))
}

async fn theirs(program: &PathBuf, stage: &mut Stage, scripts: &[(&str, u32)]) -> Result<Duration> {
    run_all(stage, &AFRESH).await?;
    let address = stage.runtime().address(stage.coordinator())?;
    let mut command = Command::new(program);
    let mut files = Vec::new();
    for (statement, weight) in scripts {
        let mut file = NamedTempFile::new()?;
        writeln!(file, "{DRAW}{statement}")?;
        command
            .arg("-f")
            .arg(format!("{}@{weight}", file.path().display()));
        files.push(file);
    }
    pgbench(&mut command, &address);
    let output = tokio::task::spawn_blocking(move || command.output()).await??;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "pgbench: {text}{complaint}");
    let rate = text.lines().find_map(|line| {
        line.strip_prefix("tps = ")?
            .split_whitespace()
            .next()?
            .parse::<f64>()
            .ok()
    });
    Ok(Duration::from_secs_f64(
        1_000.0 / rate.context("pgbench says no tps")?,
    ))
}

fn pgbench(command: &mut Command, address: &Address) {
    let (clients, lasts) = (CLIENTS.to_string(), LASTS.as_secs().to_string());
    command
        .args([
            "-D",
            "number=1000",
            "-n",
            "-M",
            "simple",
            "-c",
            &clients,
            "-j",
            "1",
            "-T",
            &lasts,
        ])
        .args([
            "-h",
            &address.host,
            "-p",
            &address.port.to_string(),
            "-U",
            &address.user,
        ])
        .arg(&address.database)
        .env("PGPASSWORD", &address.password);
}
