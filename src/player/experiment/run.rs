//! Carries an experiment out.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::{BoxFuture, join_all};
use tokio::{
    sync::{broadcast, mpsc},
    time::sleep_until,
};

use super::{
    CallOff, ExperimentEvent, Hearing, Request,
    damage::needed,
    loading::LoadUnderWay,
    outlook::Settling,
    record::{Record, in_one},
    warming::{remembered, warmed_up},
};
use crate::{
    cluster::View,
    lesson::{FaultPlan, parse_duration},
    observe::Watch,
    player::{Incident, MomentKind, PlayError, Stage, mark_kind, runtime_act},
    postgres::ApplicationName,
    runtime::{Act, Exit, Runtime},
    workload::{Acquaintance, Batch, LoadInterval, Mark, Probes, probe_specs},
};

/// How long the coordinator may take to tell what there is to ask for.
const ASKING: Duration = Duration::from_secs(5);
/// Whoever hears of probes may lag behind by so many batches.
const BATCHES: usize = 64;

/// Acts that are done at once.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Due {
    at: Duration,
    acts: Vec<(Act, String)>,
}

/// What came of acts.
struct Done {
    begun: Instant,
    over: Instant,
    acts: Vec<(Act, String, Result<(), String>)>,
}

/// Carries a plan out while probes ask, and reports.
///
/// When it is called off, what the plan broke is put back first, unless it is to be left. Nothing that it started is left behind: neither
/// probes nor their connections.
///
/// # Errors
/// When it is to last longer than is remembered, a node of the plan is unknown or a tenant nowhere, the runtime cannot do an act, or the coordinator cannot be reached. Nothing
/// was done then. What fails later is in the report.
pub async fn run(
    stage: &mut Stage,
    request: &Request,
    call_off: &CallOff,
    hear: &mut Hearing<'_>,
) -> Result<Incident, PlayError> {
    remembered(request.lasts)?;
    let due = resolved(stage, &request.plan).await?;
    // What an observer of before knows may be what was before: each node is looked at over a connection of now.
    let (watched, mut watch) = stage.watch();
    let view = watch.changed().await.unwrap_or_default();
    let coordinator = stage.coordinator().to_owned();
    let session = stage.session(ApplicationName::Check, &coordinator).await?;
    let acquaintance = Acquaintance::make(session, &view, ASKING).await?;
    let asked = "SELECT pg_catalog.current_setting('citus.node_connection_timeout', true)";
    let timeout = session.query(asked, ASKING).await?.into_rows();
    let connecting = timeout.scalar().and_then(parse_duration);
    let specs = probe_specs(&view, &acquaintance);
    let connecting = connecting.unwrap_or(request.pace.deadline);
    let settling = Settling::new(&request.pace, specs.len(), connecting);
    let (batches, mut seen) = mpsc::channel(BATCHES);
    let probes = Probes::start(
        stage.target(&coordinator)?,
        stage.workers(),
        specs.clone(),
        request.pace,
        batches,
    );
    let warm = warmed_up(&specs, request.pace.deadline, &mut seen, hear);
    let unanswered = tokio::select! {
        unanswered = warm => unanswered,
        () = call_off.called() => None,
    };
    let load = match &request.load {
        Some(plan) => match LoadUnderWay::start(stage, &view, plan.clone()).await {
            Ok(load) => Some(load),
            Err(error) => {
                probes.stop().await;
                return Err(error);
            }
        },
        None => None,
    };
    let started = Instant::now();
    let mut record = Record::new(started, view, specs.clone(), settling);
    hear(ExperimentEvent::Began { at: started, specs });
    hear(ExperimentEvent::Predicted {
        after: String::new(),
        predictions: record.predictions().to_vec(),
    });
    if let Some(words) = unanswered {
        let moment = record.happened(started, MomentKind::Seen, words);
        hear(ExperimentEvent::Happened(moment));
    }
    let mut trial = Trial {
        runtime: Arc::clone(stage.runtime()),
        record,
        started,
        end: started + request.lasts,
        due,
        probed: seen,
        exits: stage.runtime().exits(),
        watch,
        load,
        acting: None,
    };
    let called_off = trial
        .go(call_off, hear, &mut || {
            watched.send_if_modified(|known| {
                let now = stage.watched();
                let changed = *known != now;
                *known = now;
                changed
            });
        })
        .await;
    if called_off {
        hear(ExperimentEvent::CalledOff);
        let words = "called off".to_owned();
        trial
            .record
            .happened(Instant::now(), MomentKind::Act, words);
        if !request.leave {
            trial.put_back(hear).await;
        }
    }
    let report = match trial.load.take() {
        Some(load) => {
            let report = load.load.stop().await;
            hear(ExperimentEvent::LoadEnded(Box::new(report.clone())));
            Some(report)
        }
        None => None,
    };
    probes.stop().await;
    stage.forget_sessions_after_faults();
    let over = Instant::now();
    Ok(trial
        .record
        .finish(over, request.plan.to_string(), called_off, report))
}

/// The plan's acts on nodes by name, those of one time together.
async fn resolved(stage: &mut Stage, plan: &FaultPlan) -> Result<VecDeque<Due>, PlayError> {
    let mut all: VecDeque<Due> = VecDeque::new();
    for due in plan.due() {
        let act = runtime_act(due.act);
        stage.can(act)?;
        let nodes = stage.resolve_all(&due.nodes).await?;
        for node in &nodes {
            // An unknown one is told before anything is broken.
            stage.runtime().state(node)?;
        }
        let acts = nodes.into_iter().map(|node| (act, node));
        match all.back_mut().filter(|last| last.at == due.at) {
            Some(last) => last.acts.extend(acts),
            None => all.push_back(Due {
                at: due.at,
                acts: acts.collect(),
            }),
        }
    }
    Ok(all)
}

/// An experiment under way.
struct Trial {
    runtime: Arc<dyn Runtime>,
    record: Record,
    started: Instant,
    end: Instant,
    due: VecDeque<Due>,
    probed: mpsc::Receiver<Batch>,
    exits: broadcast::Receiver<Exit>,
    watch: Watch,
    load: Option<LoadUnderWay>,
    acting: Option<BoxFuture<'static, Done>>,
}

/// What comes next.
enum Next {
    Probed(Batch),
    Loaded(Box<LoadInterval>),
    Exit(Exit),
    View(Box<View>),
    Due(Due),
    Done(Done),
    CalledOff,
    Over,
}

impl Trial {
    /// Until its time is over, or it is called off: true then.
    async fn go(
        &mut self,
        call_off: &CallOff,
        hear: &mut Hearing<'_>,
        renew_watch: &mut (dyn FnMut() + Send),
    ) -> bool {
        let mut called_off = false;
        loop {
            // What is being done is never left half done.
            if (called_off || Instant::now() >= self.end) && self.acting.is_none() {
                return called_off;
            }
            match self.next(call_off, called_off).await {
                Next::Probed(batch) => {
                    self.record.probed(&batch);
                    hear(ExperimentEvent::Probed(batch));
                }
                Next::Loaded(interval) => hear(ExperimentEvent::Loaded(interval)),
                Next::Exit(exit) => {
                    let moment = self.record.exited(Instant::now(), &exit);
                    hear(ExperimentEvent::Happened(moment));
                    renew_watch();
                }
                Next::View(view) => {
                    for moment in self.record.looked(Instant::now(), *view) {
                        hear(ExperimentEvent::Happened(moment));
                    }
                }
                Next::Due(due) => {
                    let now = Instant::now();
                    self.record.acting(now);
                    hear(ExperimentEvent::Acting {
                        at: now,
                        acts: due.acts.clone(),
                    });
                    self.acting = Some(Box::pin(perform(Arc::clone(&self.runtime), due.acts)));
                }
                Next::Done(done) => {
                    self.acting = None;
                    self.mark_load(&done);
                    self.did(done, hear);
                    renew_watch();
                }
                Next::CalledOff => called_off = true,
                Next::Over => {}
            }
        }
    }

    async fn next(&mut self, call_off: &CallOff, called_off: bool) -> Next {
        let next_due = self.due.front().map(|due| self.started + due.at);
        let is_idle = self.acting.is_none();
        let acting = async {
            match &mut self.acting {
                Some(acting) => acting.await,
                None => std::future::pending().await,
            }
        };
        let loaded = async {
            match &mut self.load {
                Some(load) => load.intervals.recv().await,
                None => None,
            }
        };
        tokio::select! {
            // What was seen first is taken in first; an act that is due waits for no flood of batches, since each is taken in at once.
            biased;
            done = acting => Next::Done(done),
            () = call_off.called(), if !called_off => Next::CalledOff,
            () = until(next_due), if is_idle && !called_off => match self.due.pop_front() {
                Some(due) => Next::Due(due),
                None => Next::Over,
            },
            Ok(exit) = self.exits.recv() => Next::Exit(exit),
            Some(view) = self.watch.changed() => Next::View(Box::new(view)),
            Some(batch) = self.probed.recv() => Next::Probed(batch),
            Some(interval) = loaded => Next::Loaded(Box::new(interval)),
            () = until(Some(self.end)), if is_idle => Next::Over,
        }
    }

    /// The load's report tells of acts too.
    fn mark_load(&self, done: &Done) {
        let Some(load) = &self.load else { return };
        for (act, node, _) in done.acts.iter().filter(|(.., result)| result.is_ok()) {
            load.load
                .mark(Mark::new(done.begun, mark_kind(*act), node.clone()));
        }
    }

    /// Acts were done: they are told, and what is predicted of them.
    fn did(&mut self, done: Done, hear: &mut Hearing<'_>) {
        self.record.acted((done.begun, done.over), &done.acts);
        let succeeded = done.acts.iter().filter(|(.., result)| result.is_ok());
        let succeeded: Vec<(Act, &str)> = succeeded
            .map(|(act, node, _)| (*act, node.as_str()))
            .collect();
        let words = in_one(&succeeded);
        for (act, node, result) in done.acts {
            hear(ExperimentEvent::Acted {
                at: done.begun,
                act,
                node,
                result,
            });
        }
        hear(ExperimentEvent::Predicted {
            after: words,
            predictions: self.record.predictions().to_vec(),
        });
    }

    /// Starts and thaws what was broken.
    async fn put_back(&mut self, hear: &mut Hearing<'_>) {
        let repairs = self.record.damage.repairs().into_iter();
        let repairs: Vec<(Act, String)> = repairs
            .filter_map(|(act, node)| Some((needed(act, self.runtime.state(&node).ok())?, node)))
            .collect();
        if repairs.is_empty() {
            return;
        }
        let now = Instant::now();
        self.record.acting(now);
        hear(ExperimentEvent::Acting {
            at: now,
            acts: repairs.clone(),
        });
        let done = perform(Arc::clone(&self.runtime), repairs).await;
        self.did(done, hear);
    }
}

/// Does acts at once and waits for the effect of each.
async fn perform(runtime: Arc<dyn Runtime>, acts: Vec<(Act, String)>) -> Done {
    let begun = Instant::now();
    let doing = acts.iter().map(|(act, node)| runtime.act(*act, node));
    let results = join_all(doing).await;
    Done {
        begun,
        over: Instant::now(),
        acts: acts
            .into_iter()
            .zip(results)
            .map(|((act, node), result)| (act, node, result.map_err(|error| error.to_string())))
            .collect(),
    }
}

/// Until a moment; for ever where there is none.
async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment.into()).await,
        None => std::future::pending().await,
    }
}
