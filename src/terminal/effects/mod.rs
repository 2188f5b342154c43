//! Effects as tasks: each does its work beside all others, and answers with messages.

mod acts;
mod boot;
mod checks;
mod context;
mod copy;
mod facts;
mod follow;
mod group;
mod history;
mod laboratory;
mod leave;
mod observing;
mod open;
mod progress;
mod sql;
mod survey;
mod tenant;
mod xray;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::mpsc::Sender, task::JoinSet, time::timeout};

use super::Launch;
use crate::{
    app::{Effect, Leave, Msg},
    lesson::{ActionKind, Tour},
    player::experiment::Request,
    ui::highlight,
};
use acts::Acting;
use boot::Making;
use context::{Context, blocking};
use copy::Copier;
use history::History;
use laboratory::{Laboratory, Order};
use open::{Open, Task};
use progress::ProgressWriter;
use xray::Question;

/// How long files and servers have at the very end. What is left then is the guard's.
const END: Duration = Duration::from_secs(10);
/// What lessons made on somebody's own cluster has no guard: dropping it may wait for locks and workers.
const END_AS_GUEST: Duration = Duration::from_secs(60);

/// Everything that is under way.
#[derive(Debug)]
pub(super) struct Effects {
    context: Context,
    progress: ProgressWriter,
    history: History,
    copier: Copier,
    open: Option<Open>,
    /// A cluster that could not be let go comes back here.
    returned: Arc<Mutex<Option<Box<Open>>>>,
    /// The name under which a cluster was let go last.
    kept: Arc<Mutex<Option<String>>>,
    /// What goes on whatever tour is open.
    tasks: JoinSet<()>,
}

impl Effects {
    pub(super) fn new(messages: Sender<Msg>, launch: &Launch) -> Self {
        let context = Context::new(messages, launch);
        Self {
            progress: ProgressWriter::start(context.clone()),
            history: History::start(context.clone()),
            copier: Copier::default(),
            open: None,
            returned: Arc::default(),
            kept: Arc::default(),
            tasks: JoinSet::new(),
            context,
        }
    }

    /// What nobody has to ask for.
    pub(super) fn begin(&mut self) {
        // Colours of code take longer to learn than the first frame may take.
        let context = self.context.clone();
        self.spawn(async move {
            if blocking(highlight::warm_up).await.is_ok() {
                context.send(Msg::Tick).await;
            }
        });
        self.run(Effect::Survey);
    }

    /// Begins to do it.
    pub(super) fn run(&mut self, effect: Effect) {
        self.take_back();
        match effect {
            Effect::Survey => self.spawn(survey::survey(self.context.clone())),
            Effect::RemoveLeftovers => self.spawn(survey::remove(self.context.clone())),
            // A page about somebody's own cluster has no progress.
            Effect::SaveProgress(_) if self.context.machine.attached.is_some() => {}
            Effect::SaveProgress(progress) => self.progress.save(progress),
            Effect::Remember(statement) => self.history.add(statement),
            Effect::Boot {
                generation,
                tour,
                place,
                kept,
            } => self.boot(generation, tour, place, kept),
            Effect::Leave(leave) => self.leave(leave),
            of_tour => self.of_tour(of_tour),
        }
    }

    /// Text to be copied. Gives what asks the terminal for it, where that is possible.
    pub(super) fn copy(&mut self, text: String) -> Option<Vec<u8>> {
        let asked = copy::through_terminal(&text);
        let (context, copier) = (self.context.clone(), self.copier.clone());
        self.spawn(copy::copy(context, copier, text, asked.is_some()));
        asked
    }

    /// Ends everything. Files are written to their end; a cluster that nobody has decided about ends. Gives the name under which the
    /// last one was let go.
    pub(super) async fn finish(mut self) -> Option<String> {
        self.take_back();
        let end = match self.context.machine.attached {
            Some(_) => END_AS_GUEST,
            None => END,
        };
        let last = async {
            if let Some(open) = self.open.take() {
                let name = open.running().and_then(|running| running.cluster.kept_as());
                let leave = name.map_or(Leave::End, Leave::Keep);
                let left = leave::leave(open, leave).await;
                if let Err((problem, _)) = left {
                    tracing::error!(problem, "the cluster could not be ended");
                }
            }
            self.tasks.shutdown().await;
            self.progress.finish().await;
            self.history.finish().await;
        };
        if timeout(end, last).await.is_err() {
            tracing::error!("something did not end in time");
        }
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clone()
    }

    fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        while self.tasks.try_join_next().is_some() {}
        self.tasks.spawn(work);
    }

    fn boot(
        &mut self,
        generation: u64,
        tour: Arc<Tour>,
        place: (usize, usize),
        kept: Option<String>,
    ) {
        // The statements of earlier runs are wanted by a tour that is open.
        self.history.tell();
        let mut open = Open::new(&self.context, generation, tour);
        let making = Making::of(&open, self.context.clone(), place);
        open.making = Some(Task::start(making.start(kept)));
        self.open = Some(open);
    }

    fn leave(&mut self, leave: Leave) {
        let open = self.open.take();
        let (context, kept) = (self.context.clone(), Arc::clone(&self.kept));
        let returned = Arc::clone(&self.returned);
        self.spawn(async move {
            let left = match open {
                Some(open) => leave::leave(open, leave).await,
                None => Ok(None),
            };
            let result = match left {
                Ok(name) => {
                    *kept.lock().unwrap_or_else(PoisonError::into_inner) = name;
                    Ok(())
                }
                Err((problem, open)) => {
                    *returned.lock().unwrap_or_else(PoisonError::into_inner) = open;
                    Err(problem)
                }
            };
            context.send(Msg::Left(result)).await;
        });
    }

    /// What could not be let go is ours again.
    fn take_back(&mut self) {
        let mut returned = self.returned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = returned.take() {
            self.open = Some(*open);
        }
    }

    /// What concerns the cluster of a tour; without one there is nothing to do.
    fn of_tour(&mut self, effect: Effect) {
        let Some(open) = &mut self.open else { return };
        let context = self.context.clone();
        match effect {
            Effect::Rebuild { generation, place } => {
                open.generation.set(generation);
                let elsewhere = open.running().is_some_and(|it| it.cluster.is_elsewhere());
                if !elsewhere {
                    open.statements.abandon();
                }
                open.checks.watch(None, Vec::new());
                let before = open.making.take();
                let quieting = std::mem::replace(
                    &mut open.laboratory,
                    Laboratory::new(context.clone(), open.generation.clone()),
                );
                let making = Making::of(open, context, place);
                let statements = open.statements.clone();
                open.making = Some(Task::start(async move {
                    if elsewhere {
                        // Its server would go on with them, and hold what is to be dropped.
                        statements.cancel_on_server().await;
                        statements.abandon();
                    }
                    if let Some(before) = before {
                        before.end().await;
                    }
                    quieting.end().await;
                    making.rebuild().await;
                }));
            }
            Effect::SetUp { generation, setups } => open.statements.set_up(generation, setups),
            Effect::PlayStep { generation, place } => {
                let tour = Arc::clone(&open.tour);
                open.statements.play_step(generation, tour, place);
            }
            Effect::WatchChecks { checks, .. } => {
                if let Some((item, _)) = checks.first() {
                    open.statements.enter(item.lesson);
                }
                let running = open.running();
                open.checks.watch(running, checks);
            }
            Effect::AskChecks => open.checks.ask(),
            Effect::Run(job) => open.statements.run(job),
            Effect::Cancel(job) => open.statements.cancel(job),
            of_cluster => self.of_cluster(of_cluster),
        }
    }

    /// What is done to, or asked of, servers that run.
    fn of_cluster(&mut self, effect: Effect) {
        let Some(open) = &mut self.open else { return };
        let Some(running) = open.running() else {
            return;
        };
        let context = self.context.clone();
        let marker = open.laboratory.marker();
        let acting = Acting {
            context: context.clone(),
            generation: open.generation.clone(),
            running: Arc::clone(&running),
            statements: open.statements.clone(),
        };
        match effect {
            Effect::Do { item, action, .. } => match action.kind {
                ActionKind::Experiment(_) | ActionKind::Load(_) => {
                    let order = Order::Lesson(item, action);
                    open.laboratory.carry_out(acting, order);
                }
                ActionKind::Nodes(..) | ActionKind::Seed(_) => {
                    open.spawn(acting.act_for_lesson(item, action));
                }
            },
            Effect::Act { id, act, node } => open.spawn(acting.act(id, act, node, marker)),
            Effect::Probe { view, .. } => open.laboratory.probe(running, view),
            Effect::StopProbes => open.laboratory.stop_probes(),
            Effect::StartLoad {
                number, plan, view, ..
            } => open.laboratory.load(running, number, plan, view),
            Effect::StopLoad => open.laboratory.stop_load(),
            Effect::Experiment { plan, lasts, .. } => {
                let order = Order::Plan(Request::new(plan, lasts));
                open.laboratory.carry_out(acting, order);
            }
            Effect::CancelExperiment => open.laboratory.call_off(),
            Effect::SaveReport {
                generation,
                tour,
                markdown,
            } => open.spawn(laboratory::save(context, generation, tour, markdown)),
            Effect::FollowLog(node) => {
                open.follower =
                    node.map(|node| Task::start(follow::follow(context, running, node)));
            }
            Effect::AskGroup {
                generation,
                group,
                view,
            } => open.spawn(group::look(context, generation, running, group, view)),
            Effect::AskTenant {
                generation,
                table,
                value,
            } => open.spawn(tenant::look(context, generation, running, table, value)),
            Effect::Xray {
                job,
                index,
                statement,
                view,
            } => open.xray.ask(Question {
                job,
                index,
                statement,
                view,
            }),
            _ => {}
        }
    }
}
