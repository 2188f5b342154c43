//! `play`, and what opens when no command is given.

use anyhow::Result;

use super::{
    arguments::{ClusterArguments, FIRST_TOUR, OwnCluster, PlayArguments},
    cluster,
    failure::Ending,
    guest::{SCHEMA_DROPPED, Venue},
    interactive::Dialogue,
    interrupt::{CLUSTER_ENDED, until_interrupted},
    lint::{place, tour},
    output::{Output, is_interactive},
    plain::Plain,
};
use crate::{
    lesson::Tour,
    player::{Player, Stage, progress::Progress},
    runtime::Directories,
};

/// Without a command and without a screen: leads a learner through the first tour on a terminal, plays it as plain text without one.
pub(super) async fn open(
    arguments: &ClusterArguments,
    ascii: bool,
    output: &Output,
) -> Result<Ending> {
    let play = PlayArguments {
        tour: FIRST_TOUR.to_owned(),
        at: None,
        read: false,
        interactive: is_interactive(),
        ascii,
        own: OwnCluster::default(),
    };
    self::play(arguments, &play, output).await
}

/// Plays a tour on a cluster of its own, which ends with it, or as a guest on somebody's.
pub(super) async fn play(
    arguments: &ClusterArguments,
    play: &PlayArguments,
    output: &Output,
) -> Result<Ending> {
    let tour = tour(arguments, &play.tour)?;
    let file = Directories::from_environment()?
        .data()
        .join("progress.json");
    let remembered = if play.interactive {
        Progress::load(&file)?.tour(&tour.id).current
    } else {
        None
    };
    let at = play
        .at
        .clone()
        .or_else(|| remembered.filter(|place| tour.place(place).is_some()));
    let (lesson, step) = place(&tour, at.as_deref())?;

    let venue = Venue::default();
    let work = async {
        let (runtime, stage) = venue.prepare(arguments, &tour, &play.own).await?;
        output.line(cluster::header(runtime.as_ref(), &tour.title));
        let player = Player::new(&tour, stage);
        let result = if play.interactive {
            let mut dialogue = Dialogue::new(player, output.clone(), play.ascii, file)?;
            dialogue.lead(lesson, step).await.map(|()| Ending::Well)
        } else {
            headless(player, play, (lesson, step), output).await
        };
        let ended = venue.end(runtime.as_ref()).await;
        let ending = result?;
        ended?;
        Ok(ending)
    };
    let mut consequence = consequence(&tour).to_owned();
    if play.interactive {
        consequence = format!(
            "{consequence}. Your progress is kept: `citus-tour play {}{} --interactive` goes on from there",
            tour.id,
            at_url(&tour)
        );
    }
    let ending = until_interrupted(Box::pin(work), output, &consequence).await;
    let left = venue.leave().await;
    let ending = ending?;
    left?;
    Ok(ending)
}

/// What a command needs besides the tour's name.
pub(super) fn at_url(tour: &Tour) -> &'static str {
    if tour.is_for_attached() {
        " --url URL --allow-writes"
    } else {
        ""
    }
}

/// What an interruption of a tour means for what it runs on.
pub(super) fn consequence(tour: &Tour) -> &'static str {
    if tour.is_for_attached() {
        SCHEMA_DROPPED
    } else {
        CLUSTER_ENDED
    }
}

async fn headless(
    mut player: Player<'_>,
    play: &PlayArguments,
    (lesson, step): (usize, usize),
    output: &Output,
) -> Result<Ending> {
    let mut plain = Plain::new(output.clone(), play.read, play.ascii);
    player
        .play_from(lesson, step, &mut |event| plain.tell(&event))
        .await?;
    let tally = player.tally();
    output.line(format_args!("\n{tally}"));
    Ok(tally.into())
}

/// Brings a cluster to a place of its tour without a word.
pub(super) async fn bring_to(
    tour: &Tour,
    stage: Stage,
    (lesson, step): (usize, usize),
) -> Result<()> {
    Player::new(tour, stage).rebuild(lesson, step).await?;
    Ok(())
}
