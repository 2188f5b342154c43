//! `verify`: plays every lesson and demands that each check is false before its step and true after it.

use std::sync::Arc;

use anyhow::Result;

use super::{
    arguments::{ClusterArguments, VerifyArguments},
    cluster,
    failure::Ending,
    interrupt::{CLUSTER_ENDED, until_interrupted},
    lint::{topology_of, tour, tours},
    output::Output,
};
use crate::{
    lesson::Tour,
    player::{Event, Player, Stage, Tally, Verdict},
};

/// Verifies one tour, or all.
pub(super) async fn verify(
    arguments: &ClusterArguments,
    verify: &VerifyArguments,
    output: &Output,
) -> Result<Ending> {
    let tours = match &verify.tour {
        Some(id) => vec![tour(arguments, id)?],
        None => tours(arguments)?,
    };
    let work = async {
        let mut total = Tally::default();
        for tour in &tours {
            let tally = verify_tour(arguments, tour, output).await?;
            total.passed += tally.passed;
            total.failed += tally.failed;
        }
        output.line(total);
        Ok(total.into())
    };
    until_interrupted(Box::pin(work), output, CLUSTER_ENDED).await
}

async fn verify_tour(arguments: &ClusterArguments, tour: &Tour, output: &Output) -> Result<Tally> {
    let topology = topology_of(tour)?;
    let runtime = cluster::start(arguments, topology.clone(), None).await?;
    output.line(cluster::header(runtime.as_ref(), &tour.title));
    let mut player = Player::new(tour, Stage::new(Arc::clone(&runtime), topology)).demanding_work();
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
    runtime.end().await?;
    result?;
    Ok(player.tally())
}
