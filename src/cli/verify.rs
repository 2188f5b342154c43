//! `verify`: plays every lesson and demands that each check is false before its step and true after it.

use anyhow::Result;

use super::{
    arguments::{ClusterArguments, VerifyArguments},
    cluster,
    failure::Ending,
    guest::Venue,
    interrupt::{CLUSTER_ENDED, until_interrupted},
    lint::{tour, tours},
    output::{Output, remark},
    play::consequence,
};
use crate::{
    lesson::Tour,
    player::{Event, Player, Tally, Verdict},
};

/// Verifies one tour, or all.
pub(super) async fn verify(
    arguments: &ClusterArguments,
    verify: &VerifyArguments,
    output: &Output,
) -> Result<Ending> {
    let tours = match &verify.tour {
        Some(id) => vec![tour(arguments, id)?],
        None => all(arguments, verify)?,
    };
    let consequence = match tours.as_slice() {
        [only] => consequence(only),
        _ => CLUSTER_ENDED,
    };
    let venue = Venue::default();
    let work = async {
        let mut total = Tally::default();
        for tour in &tours {
            let tally = verify_tour((arguments, verify), &venue, tour, output).await?;
            total.passed += tally.passed;
            total.failed += tally.failed;
        }
        output.line(total);
        Ok(total.into())
    };
    let ending = until_interrupted(Box::pin(work), output, consequence).await;
    let left = venue.leave().await;
    let ending = ending?;
    left?;
    Ok(ending)
}

/// The tours that can be verified where the command line says: on clusters of their own, or as guests.
fn all(arguments: &ClusterArguments, verify: &VerifyArguments) -> Result<Vec<Tour>> {
    let (guests, others): (Vec<Tour>, Vec<Tour>) = tours(arguments)?
        .into_iter()
        .partition(Tour::is_for_attached);
    if verify.own.url.is_some() {
        return Ok(guests);
    }
    for guest in guests {
        remark(format_args!(
            "not verified: `{}`, which runs on a cluster of yours (--url)",
            guest.id
        ));
    }
    Ok(others)
}

async fn verify_tour(
    (arguments, verify): (&ClusterArguments, &VerifyArguments),
    venue: &Venue,
    tour: &Tour,
    output: &Output,
) -> Result<Tally> {
    let (runtime, stage) = venue.prepare(arguments, tour, &verify.own).await?;
    output.line(cluster::header(runtime.as_ref(), &tour.title));
    let mut player = Player::new(tour, stage).demanding_work();
    let mut file = String::new();
    let result = player
        .play_from(0, 0, &mut |event| match event {
            Event::Lesson { lesson, .. } => {
                lesson.file.clone_into(&mut file);
                output.line(&file);
            }
            Event::Verdict {
                item,
                verdict: Verdict::Failed(reason),
            } => {
                output.line(format_args!("  {file}: {item}: {reason}"));
            }
            _ => {}
        })
        .await;
    let ended = venue.end(runtime.as_ref()).await;
    result?;
    ended?;
    Ok(player.tally())
}
