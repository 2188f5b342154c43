//! Load on a cluster, by itself or beside an experiment.

use tokio::sync::mpsc;

use super::{CallOff, ExperimentEvent, Hearing};
use crate::{
    cluster::View,
    player::{PlayError, Stage},
    workload::{Load, LoadInterval, LoadPlan, LoadReport},
};

/// Seconds that may wait until somebody takes them.
const INTERVALS: usize = 64;

/// Puts load on the cluster until its time is over or it is called off.
///
/// # Errors
/// When there is nothing to ask for, or the coordinator cannot be reached.
pub async fn load(
    stage: &mut Stage,
    plan: LoadPlan,
    call_off: &CallOff,
    hear: &mut Hearing<'_>,
) -> Result<LoadReport, PlayError> {
    let view = stage.view().await;
    let mut load = LoadUnderWay::start(stage, &view, plan).await?;
    loop {
        tokio::select! {
            () = load.load.run_out() => break,
            () = call_off.called() => break,
            Some(interval) = load.intervals.recv() => {
                hear(ExperimentEvent::Loaded(Box::new(interval)));
            }
        }
    }
    let report = load.load.stop().await;
    hear(ExperimentEvent::LoadEnded(Box::new(report.clone())));
    Ok(report)
}

/// A load, and what comes of it second by second.
pub(super) struct LoadUnderWay {
    pub(super) load: Load,
    pub(super) intervals: mpsc::Receiver<LoadInterval>,
}

impl LoadUnderWay {
    pub(super) async fn start(
        stage: &Stage,
        view: &View,
        plan: LoadPlan,
    ) -> Result<Self, PlayError> {
        let (sender, intervals) = mpsc::channel(INTERVALS);
        let load = Load::start(&stage.target(stage.coordinator())?, view, plan, sender).await?;
        Ok(Self { load, intervals })
    }
}
