//! Does what a lesson's action says: to nodes, to rows, as an experiment or as a load.

use super::{
    Incident, PlayError, Stage, Verdict,
    experiment::{self, CallOff, Hearing, Request},
    runtime_act,
};
use crate::{
    lesson::{ActionKind, FaultPlan},
    runtime::Act,
    workload::LoadReport,
};

/// What an action brought.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Performed {
    /// The nodes that it was done to.
    pub nodes: Vec<String>,
    /// Of an experiment.
    pub incident: Option<Box<Incident>>,
    /// Of a load.
    pub load: Option<Box<LoadReport>>,
}

impl Performed {
    /// Whether it went as the lesson says. An experiment does when nothing that was seen contradicts what had been predicted. On a machine
    /// so busy that too little was seen to judge, the report says so, and the lesson goes on.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let incident = self.incident.as_deref();
        match incident.and_then(Incident::difference) {
            Some(difference) => Verdict::Failed(difference),
            None if incident.is_some_and(|incident| incident.called_off) => {
                Verdict::Failed("it was called off".to_owned())
            }
            None => Verdict::Passed,
        }
    }

    /// The report of it, as text, an experiment's in lines of at most so many columns; `None` for what has none. Messages of servers are in
    /// it.
    #[must_use]
    pub fn report(&self, columns: usize) -> Option<String> {
        let incident = self.incident.as_ref();
        let incident = incident.map(|incident| incident.within(columns));
        incident.or_else(|| self.load.as_ref().map(ToString::to_string))
    }
}

/// Does what a lesson's action says and waits for its effect.
///
/// # Errors
/// When a node is unknown or an act fails.
pub async fn perform(
    stage: &mut Stage,
    action: &ActionKind,
    call_off: &CallOff,
    hear: &mut Hearing<'_>,
) -> Result<Performed, PlayError> {
    let mut performed = Performed::default();
    match action {
        ActionKind::Nodes(act, nodes) => {
            performed.nodes = stage.resolve_all(nodes).await?;
            stage.act(runtime_act(*act), &performed.nodes).await?;
        }
        ActionKind::Seed(tour) => stage.seed(tour).await?,
        ActionKind::Experiment(experiment) => {
            let request = Request::of_lesson(experiment)?;
            let incident = experiment::run(stage, &request, call_off, hear).await?;
            performed.incident = Some(Box::new(incident));
        }
        ActionKind::Load(load) => {
            let plan = experiment::load_plan(load)?;
            let report = experiment::load(stage, plan, call_off, hear).await?;
            performed.load = Some(Box::new(report));
        }
    }
    Ok(performed)
}

/// Brings about what an action leaves behind, without its time: nobody watches.
///
/// # Errors
/// As [`perform`].
pub(super) async fn hurry(stage: &mut Stage, action: &ActionKind) -> Result<(), PlayError> {
    match action {
        ActionKind::Experiment(experiment) => {
            for (act, node) in left_behind(stage, &experiment.plan).await? {
                stage.act(act, std::slice::from_ref(&node)).await?;
            }
        }
        ActionKind::Load(_) => {}
        ActionKind::Nodes(..) | ActionKind::Seed(_) => {
            perform(stage, action, &CallOff::new(), &mut |_| {}).await?;
        }
    }
    Ok(())
}

/// The last act on each node, where that leaves it otherwise than it was.
async fn left_behind(stage: &mut Stage, plan: &FaultPlan) -> Result<Vec<(Act, String)>, PlayError> {
    let mut last: Vec<(Act, String)> = Vec::new();
    let mut touched: Vec<String> = Vec::new();
    for due in plan.due() {
        for node in stage.resolve_all(&due.nodes).await? {
            let is_first = !touched.contains(&node);
            last.retain(|(_, other)| *other != node);
            let act = runtime_act(due.act);
            // What the plan broke and mended is as it was; what it only mended was broken before.
            if is_first || !matches!(act, Act::Restart | Act::Thaw) {
                last.push((act, node.clone()));
            }
            if is_first {
                touched.push(node);
            }
        }
    }
    Ok(last)
}
