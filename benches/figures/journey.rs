//! The journey played by the program, against the same statements typed into psql on the same kind of cluster.
//!
//! What the player does is written down once; psql then does the same deeds in the same order: statements, checks (asked again until
//! they hold, at the player's pace), rows by COPY, and the acts on servers, which are the runtime's on both sides.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use citus_tour::lesson::{ActionKind, Check, NodeReference};
use citus_tour::player::{Event, Item, Player, Stage, Verdict, runtime_act};
use citus_tour::runtime::Act;

use crate::by_hand::ByHand;
use crate::figure::{Bar, Figure};
use crate::ground::{Ground, PROGRAM, journey};
use crate::psql::{Psql, seed_script};

/// The player's pace for a check that does not hold yet.
const POLL: Duration = Duration::from_millis(50);

/// One thing that the player did.
enum Deed {
    /// A lesson began: sessions are new ones.
    Lesson,
    Statement {
        node: String,
        sql: String,
    },
    Check {
        check: Check,
        deadline: Duration,
    },
    Act(ActionKind),
}

pub(crate) async fn measure(rounds: usize) -> Result<Vec<Figure>> {
    let ground = Ground::new()?;
    let by_hand = ByHand::prepare(&ground).await?;
    let (mut stage, deeds) = record(&ground).await?;
    let (mut playing, mut whole, mut statements_only) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let played = play(ground.home())?;
        stage.start_afresh().await?;
        let typed = replay(&ground, &mut stage, &deeds).await?;
        let started = by_hand.start()?;
        by_hand.stop()?;
        playing.push((played.playing, typed.everything));
        statements_only.push((
            played.playing,
            typed.everything.saturating_sub(typed.checks),
        ));
        whole.push((played.whole, typed.everything + started));
    }
    stage.runtime().end().await?;
    by_hand.end().await?;
    Ok(vec![
        Figure::ratio(
            "`play journey` without its start, against psql",
            &playing,
            Bar::Ratio(1.15),
        ),
        Figure::ratio(
            "… against psql that asks no checks",
            &statements_only,
            Bar::None,
        ),
        Figure::ratio(
            "`play journey`, whole process, against `pg_ctl` and psql",
            &whole,
            Bar::None,
        ),
    ])
}

/// Plays the journey once and writes down what is done. The cluster stays, so that its addresses stay what they are.
async fn record(ground: &Ground) -> Result<(Stage, Vec<Deed>)> {
    let tour = journey()?;
    let mut player = Player::new(&tour, ground.stage().await?);
    let mut deeds = Vec::new();
    let mut failures = Vec::new();
    player
        .play_from(0, 0, &mut |event| match event {
            Event::Lesson { .. } => deeds.push(Deed::Lesson),
            Event::Statement { node, sql } => {
                deeds.push(Deed::Statement {
                    node: node.to_owned(),
                    sql: sql.to_owned(),
                });
            }
            Event::Action(action) => deeds.push(Deed::Act(action.kind.clone())),
            Event::Verdict { item, verdict } => {
                if let Item::Check(check) = item {
                    deeds.push(Deed::Check {
                        check: check.clone(),
                        deadline: check.within + POLL,
                    });
                }
                if let Verdict::Failed(reason) = verdict {
                    failures.push(format!("{item}: {reason}"));
                }
            }
            _ => {}
        })
        .await?;
    ensure!(
        failures.is_empty(),
        "the journey does not pass: {}",
        failures.join("; ")
    );
    Ok((player.into_stage(), deeds))
}

/// How long the program took.
struct Played {
    /// From the line that says that the cluster is up to the tally.
    playing: Duration,
    /// From its start to its end.
    whole: Duration,
}

fn play(home: &Path) -> Result<Played> {
    let since = Instant::now();
    let mut child = Command::new(PROGRAM)
        .args(["play", "journey", "--engine", "emulation"])
        .env("CITUS_TOUR_HOME", home)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let output = BufReader::new(child.stdout.take().context("the program has no output")?);
    let (mut begun, mut ended) = (None, None);
    let mut failures = Vec::new();
    for line in output.lines() {
        let line = line?;
        if line.starts_with("citus-tour ") {
            begun.get_or_insert_with(|| since.elapsed());
        } else if line.ends_with(" passed, 0 failed") {
            ended = Some(since.elapsed());
        } else if line.trim_start().starts_with('✗') {
            failures.push(line);
        }
    }
    let status = child.wait()?;
    let whole = since.elapsed();
    match (begun, ended) {
        (Some(begun), Some(ended)) if status.success() => Ok(Played {
            playing: ended.saturating_sub(begun),
            whole,
        }),
        _ => bail!(
            "`citus-tour play journey` ended with {status}: {}",
            failures.join("; ")
        ),
    }
}

/// How long psql took.
struct Typed {
    everything: Duration,
    checks: Duration,
}

/// Does what the player did, by psql.
async fn replay(ground: &Ground, stage: &mut Stage, deeds: &[Deed]) -> Result<Typed> {
    let seed = seed_script()?;
    let mut sessions = Sessions {
        ground,
        open: HashMap::new(),
    };
    let mut typed = Typed {
        everything: Duration::ZERO,
        checks: Duration::ZERO,
    };
    for deed in deeds {
        let mut since = Instant::now();
        match deed {
            Deed::Lesson => sessions.open.clear(),
            Deed::Statement { node, sql } => {
                // A server that was killed takes its psql with it; what the lesson wants then is the failure.
                sessions.of(stage, node, false)?.run(sql)?;
            }
            Deed::Check { check, deadline } => {
                ensure!(
                    check.on.is_none(),
                    "a check on another node than the coordinator"
                );
                let (node, query) = (
                    stage.coordinator().to_owned(),
                    stage.fill_in(&check.sql.text),
                );
                let psql = sessions.of(stage, &node, true)?;
                while !holds(&psql.run(&query)?) {
                    ensure!(
                        since.elapsed() < *deadline,
                        "by psql it is not so: {}",
                        check.sentence
                    );
                    tokio::time::sleep(POLL).await;
                }
                typed.checks += since.elapsed();
            }
            Deed::Act(ActionKind::Seed(_)) => {
                let node = stage.coordinator().to_owned();
                sessions.of(stage, &node, false)?.run(&seed)?;
            }
            Deed::Act(kind) => {
                let (act, reference) = act(kind)?;
                // Which node that is a person would know.
                let node = stage.resolve(reference).await?;
                since = Instant::now();
                stage.runtime().act(act, &node).await?;
                sessions.open.retain(|(of, _), _| *of != node);
            }
        }
        typed.everything += since.elapsed();
    }
    Ok(typed)
}

/// A check's first column is a boolean; warnings may come before it.
fn holds(lines: &[String]) -> bool {
    lines
        .iter()
        .any(|line| line.trim_end() == "t" || line.starts_with("t|"))
}

fn act(kind: &ActionKind) -> Result<(Act, &NodeReference)> {
    let ActionKind::Nodes(act, nodes) = kind else {
        bail!("{} is no act on a server", kind.verb());
    };
    let [node] = nodes.as_slice() else {
        bail!("{act} of several nodes is not measured");
    };
    Ok((runtime_act(*act), node))
}

/// A psql for the lesson and one for its checks, on each node that is needed.
struct Sessions<'a> {
    ground: &'a Ground,
    open: HashMap<(String, bool), Psql>,
}

impl Sessions<'_> {
    fn of(&mut self, stage: &Stage, node: &str, bare: bool) -> Result<&mut Psql> {
        let key = (node.to_owned(), bare);
        if !self.open.contains_key(&key) {
            let address = stage.runtime().address(node)?;
            let psql = Psql::connect(&self.ground.installation.bindir, &address, bare)?;
            self.open.insert(key.clone(), psql);
        }
        self.open
            .get_mut(&key)
            .context("a psql that was just opened")
    }
}
