//! Carries a plan of faults out, for the learner or for a lesson, and tells what happens; or puts a lesson's load on the cluster.

use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::{
    super::acts::{Acting, LESSON_COLUMNS},
    batches,
    probing::tenants,
};
use crate::{
    app::{
        Msg,
        laboratory::{ExperimentNews, IncidentReport, LoadNews, ProbeNews},
        lesson::ItemId,
    },
    lesson::{Action, ActionKind},
    player::{
        Incident, Performed, PlayError, Stage, Verdict,
        experiment::{self, CallOff, ExperimentEvent, Hearing, Request},
        perform,
    },
    workload::Batch,
};

/// The number of loads that belong to an experiment or a lesson.
const FOREIGN: u64 = 0;

/// What is to be carried out.
#[derive(Debug)]
pub(in crate::terminal::effects) enum Order {
    /// A plan of the learner's.
    Plan(Request),
    /// An experiment or a load of a lesson, and its button.
    Lesson(ItemId, Action),
}

impl Order {
    /// Whether a plan of faults is carried out.
    pub(super) fn is_plan(&self) -> bool {
        match self {
            Self::Plan(_) => true,
            Self::Lesson(_, action) => matches!(action.kind, ActionKind::Experiment(_)),
        }
    }

    async fn carry_out(
        &self,
        stage: &mut Stage,
        call_off: &CallOff,
        hear: &mut Hearing<'_>,
    ) -> Result<Performed, PlayError> {
        match self {
            Self::Plan(request) => {
                let incident = experiment::run(stage, request, call_off, hear).await?;
                Ok(Performed {
                    incident: Some(Box::new(incident)),
                    ..Performed::default()
                })
            }
            Self::Lesson(_, action) => perform(stage, &action.kind, call_off, hear).await,
        }
    }
}

/// Does it and tells what happens, and how it ended.
pub(super) async fn carry_out(acting: Acting, order: Order, call_off: CallOff) {
    let teller = Teller {
        generation: acting.generation.get(),
        acting: &acting,
    };
    if !order.is_plan() {
        teller.load(LoadNews::Began).await;
    }
    let (sender, events) = mpsc::unbounded_channel();
    let mut stage = acting.running.stage();
    let work = async {
        // Nobody listens any more only when nobody waits for it either.
        let mut hear = move |event| {
            let _ = sender.send(event);
        };
        order.carry_out(&mut stage, &call_off, &mut hear).await
    };
    let (outcome, ()) = tokio::join!(acting.watching(work), teller.tell_all(events));
    acting.over(None, None).await;
    let outcome = match outcome {
        Ok(Ok(performed)) => Ok(performed),
        Ok(Err(error)) => Err(error.to_string()),
        Err(broken) => Err(broken),
    };
    let over = match &outcome {
        Ok(Performed {
            incident: Some(incident),
            ..
        }) => Msg::Experiment(
            teller.generation,
            ExperimentNews::Ended(Box::new(report(incident))),
        ),
        Ok(_) => Msg::Tick,
        Err(reason) if order.is_plan() => {
            let news = ExperimentNews::Failed(reason.clone());
            Msg::Experiment(teller.generation, news)
        }
        Err(reason) => Msg::Load(teller.generation, FOREIGN, LoadNews::Failed(reason.clone())),
    };
    teller.tell(over).await;
    if let Order::Lesson(item, _) = order {
        let (performed, verdict) = match outcome {
            Ok(performed) => {
                let verdict = performed.verdict();
                (performed, verdict)
            }
            Err(reason) => (Performed::default(), Verdict::Failed(reason)),
        };
        let done = Msg::ActionDone {
            generation: teller.generation,
            item,
            report: performed.report(LESSON_COLUMNS),
            nodes: performed.nodes,
            verdict,
        };
        teller.tell(done).await;
    }
}

fn report(incident: &Incident) -> IncidentReport {
    IncidentReport {
        title: format!("experiment: {}", incident.plan),
        text: incident.to_string(),
        markdown: incident.markdown(),
        saved: None,
    }
}

struct Teller<'a> {
    acting: &'a Acting,
    generation: u64,
}

impl Teller<'_> {
    async fn tell(&self, message: Msg) {
        self.acting.context.send(message).await;
    }

    async fn load(&self, news: LoadNews) {
        self.tell(Msg::Load(self.generation, FOREIGN, news)).await;
    }

    /// Tells everything that happens, what probes see no more often than a screen is drawn.
    async fn tell_all(&self, mut events: UnboundedReceiver<ExperimentEvent>) {
        let mut seen: Option<Batch> = None;
        let mut pace = tokio::time::interval(batches::PACE);
        pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Some(ExperimentEvent::Probed(batch)) => match &mut seen {
                        Some(seen) => batches::join(seen, batch),
                        None => seen = Some(batch),
                    },
                    Some(event) => {
                        // What was seen before it is told before it.
                        self.saw(&mut seen).await;
                        for message in self.messages(event) {
                            self.tell(message).await;
                        }
                    }
                    None => break,
                },
                _ = pace.tick(), if seen.is_some() => self.saw(&mut seen).await,
            }
        }
        self.saw(&mut seen).await;
    }

    async fn saw(&self, seen: &mut Option<Batch>) {
        if let Some(batch) = seen.take() {
            let news = ProbeNews::Saw(Box::new(batch));
            self.tell(Msg::Probed(self.generation, news)).await;
        }
    }

    fn messages(&self, event: ExperimentEvent) -> Vec<Msg> {
        let experiment = |news| vec![Msg::Experiment(self.generation, news)];
        let load = |news| vec![Msg::Load(self.generation, FOREIGN, news)];
        match event {
            ExperimentEvent::Began { specs, .. } => vec![
                Msg::Experiment(self.generation, ExperimentNews::Began),
                Msg::Probed(self.generation, ProbeNews::Began(tenants(&specs))),
            ],
            ExperimentEvent::Acted {
                act, node, result, ..
            } => experiment(ExperimentNews::Acted { act, node, result }),
            ExperimentEvent::Predicted { after, predictions } => {
                experiment(ExperimentNews::Predicted { after, predictions })
            }
            ExperimentEvent::CalledOff => experiment(ExperimentNews::CalledOff),
            ExperimentEvent::Loaded(interval) => load(LoadNews::Interval(interval)),
            ExperimentEvent::LoadEnded(report) => load(LoadNews::Ended(report)),
            // The log hears of it by itself.
            ExperimentEvent::Acting { .. }
            | ExperimentEvent::Happened(_)
            | ExperimentEvent::Probed(_) => Vec::new(),
        }
    }
}
