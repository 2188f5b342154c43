//! Finds out what can be asked for, and asks again and again.

use std::{sync::Arc, time::Duration};

use tokio::sync::mpsc;

use super::{
    super::{
        context::{Context, unbroken},
        open::Running,
    },
    batches::Batches,
};
use crate::{
    app::{Msg, laboratory::ProbeNews},
    cluster::{GroupKey, NodeRole, View},
    postgres::{ApplicationName, Session, Target},
    workload::{Acquaintance, Pace, ProbeSpec, Probes, probe_specs},
};

/// How long the coordinator may take to say what there is to ask for.
const ASKING: Duration = Duration::from_secs(5);
/// How soon it is tried again while it cannot.
const AGAIN: Duration = Duration::from_secs(2);
/// Batches that may wait.
const BATCHES: usize = 64;

/// Sends probes and tells what they see, until it is let go.
pub(super) async fn probe(
    context: Context,
    generation: u64,
    running: Arc<Running>,
    view: Box<View>,
) {
    let work = async {
        loop {
            let found = acquainted(&running, &view).await;
            match found {
                Ok((target, specs)) => {
                    let targets = (target, workers(&running, &view));
                    let pace = if running.cluster.is_elsewhere() {
                        Pace::gentle()
                    } else {
                        Pace::default()
                    };
                    return follow(&context, generation, targets, (specs, pace)).await;
                }
                Err(reason) => {
                    tell(&context, generation, ProbeNews::Failed(reason)).await;
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    };
    if let Err(words) = unbroken(work).await {
        tell(&context, generation, ProbeNews::Failed(words)).await;
    }
}

async fn tell(context: &Context, generation: u64, news: ProbeNews) {
    context.send(Msg::Probed(generation, news)).await;
}

async fn acquainted(running: &Running, view: &View) -> Result<(Target, Vec<ProbeSpec>), String> {
    let node = running.coordinator();
    let address = running.cluster.public_address(&node);
    let target = Target::new(&node, address.map_err(|error| error.to_string())?);
    let mut session = Session::connect(&target, ApplicationName::Check, ASKING)
        .await
        .map_err(|error| error.to_string())?;
    let acquaintance = Acquaintance::make(&mut session, view, ASKING)
        .await
        .map_err(|error| error.to_string())?;
    let mut specs = probe_specs(view, &acquaintance);
    if target.address.terms.sealed {
        // Also writes that change nothing take locks.
        specs.retain(|spec| !spec.subject.kind.writes());
    }
    Ok((target, specs))
}

/// The workers that can be reached: whether they live tells how long a probe has to wait for one.
fn workers(running: &Running, view: &View) -> Vec<Target> {
    let workers = view
        .nodes
        .iter()
        .filter(|node| node.role == NodeRole::Worker);
    let targets = workers.filter_map(|node| {
        let address = running.cluster.public_address(&node.name).ok()?;
        Some(Target::new(&node.name, address))
    });
    targets.collect()
}

async fn follow(
    context: &Context,
    generation: u64,
    (target, workers): (Target, Vec<Target>),
    (specs, pace): (Vec<ProbeSpec>, Pace),
) {
    tell(context, generation, ProbeNews::Began(tenants(&specs))).await;
    let (sender, receiver) = mpsc::channel(BATCHES);
    let _probes = Probes::start(target, workers, specs, pace, sender);
    let mut batches = Batches::new(receiver);
    while let Some(batch) = batches.next().await {
        tell(context, generation, ProbeNews::Saw(Box::new(batch))).await;
    }
}

/// Whom the probes ask for, by group.
pub(super) fn tenants(specs: &[ProbeSpec]) -> Vec<(GroupKey, String)> {
    let tenants = specs
        .iter()
        .filter_map(|spec| Some((spec.subject.group?, spec.tenant.clone()?)));
    tenants.collect()
}
