//! The learner's load: one at a time, and another in its place when it is changed.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{
        mpsc::{self, Receiver, UnboundedReceiver, UnboundedSender},
        oneshot,
    },
    time::{Instant, timeout, timeout_at},
};

use super::super::{
    context::{Context, unbroken},
    open::{Generation, Running, Task},
};
use crate::{
    app::{Msg, laboratory::LoadNews},
    cluster::View,
    postgres::Target,
    workload::{Load, LoadInterval, LoadPlan, Mark},
};

/// A change that is soon followed by another is not carried out: a key that is held changes much.
const SETTLE: Duration = Duration::from_millis(250);
/// How long the end of a load is waited for.
const END: Duration = Duration::from_secs(5);
/// Seconds that may wait to be told.
const INTERVALS: usize = 16;

/// A load that is wanted.
struct Wanted {
    running: Arc<Running>,
    number: u64,
    plan: LoadPlan,
    view: Box<View>,
}

enum Asked {
    Begin(Box<Wanted>),
    End,
    /// Somebody waits until whatever was asked for before is over.
    Tell(oneshot::Sender<()>),
    Mark(Mark),
}

/// Takes what is asked for, in order.
#[derive(Debug)]
pub(super) struct Loads {
    asked: UnboundedSender<Asked>,
    _task: Task,
}

impl Loads {
    pub(super) fn start(context: Context, generation: Generation) -> Self {
        let (asked, waiting) = mpsc::unbounded_channel();
        let runner = Runner {
            context,
            generation,
            asked: waiting,
            under_way: None,
        };
        Self {
            asked,
            _task: Task::start(runner.run()),
        }
    }

    pub(super) fn begin(
        &self,
        running: Arc<Running>,
        number: u64,
        plan: LoadPlan,
        view: Box<View>,
    ) {
        let wanted = Wanted {
            running,
            number,
            plan,
            view,
        };
        // It takes for as long as we are here.
        let _ = self.asked.send(Asked::Begin(Box::new(wanted)));
    }

    pub(super) fn end(&self) {
        let _ = self.asked.send(Asked::End);
    }

    /// Ends it, and waits until nothing of it is left.
    pub(super) async fn ended(&self) {
        let (tell, over) = oneshot::channel();
        self.end();
        if self.asked.send(Asked::Tell(tell)).is_ok() && timeout(END, over).await.is_err() {
            tracing::warn!("the load did not end in time");
        }
    }

    pub(super) fn marker(&self) -> impl Fn(Mark) + Send + Sync + Clone + 'static {
        let asked = self.asked.clone();
        move |mark| {
            let _ = asked.send(Asked::Mark(mark));
        }
    }
}

struct UnderWay {
    number: u64,
    load: Load,
    intervals: Receiver<LoadInterval>,
}

struct Runner {
    context: Context,
    generation: Generation,
    asked: UnboundedReceiver<Asked>,
    under_way: Option<UnderWay>,
}

impl Runner {
    async fn run(mut self) {
        loop {
            let interval = async {
                match &mut self.under_way {
                    Some(it) => it.intervals.recv().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                asked = self.asked.recv() => match asked {
                    Some(Asked::Begin(wanted)) => self.begin(*wanted).await,
                    Some(Asked::End) => self.end().await,
                    Some(Asked::Tell(tell)) => {
                        let _ = tell.send(());
                    }
                    Some(Asked::Mark(mark)) => self.mark(mark),
                    None => return,
                },
                interval = interval => match interval {
                    Some(interval) => {
                        let number = self.under_way.as_ref().map_or(0, |it| it.number);
                        self.tell(number, LoadNews::Interval(Box::new(interval))).await;
                    }
                    None => self.end().await,
                },
            }
        }
    }

    async fn tell(&self, number: u64, news: LoadNews) {
        let message = Msg::Load(self.generation.get(), number, news);
        self.context.send(message).await;
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(it) = &mut self.under_way {
            it.load.mark(mark);
        }
    }

    /// Ends what runs, and says what it did.
    async fn end(&mut self) {
        if let Some(it) = self.under_way.take() {
            let report = it.load.stop().await;
            self.tell(it.number, LoadNews::Ended(Box::new(report)))
                .await;
        }
    }

    async fn begin(&mut self, mut wanted: Wanted) {
        // The last of several in a row counts.
        if self.under_way.is_some() {
            let until = Instant::now() + SETTLE;
            while let Ok(Some(asked)) = timeout_at(until, self.asked.recv()).await {
                match asked {
                    Asked::Begin(newer) => wanted = *newer,
                    Asked::Mark(mark) => self.mark(mark),
                    // Before it an end is asked for, which is waited for no more then.
                    Asked::Tell(tell) => drop(tell),
                    Asked::End => return self.end_wanted(wanted.number).await,
                }
            }
        }
        if let Some(it) = self.under_way.take() {
            let _ = it.load.stop().await;
        }
        let number = wanted.number;
        let started = unbroken(start(wanted)).await;
        match started.and_then(|started| started) {
            Ok((load, intervals)) => {
                self.under_way = Some(UnderWay {
                    number,
                    load,
                    intervals,
                });
                self.tell(number, LoadNews::Began).await;
            }
            Err(reason) => self.tell(number, LoadNews::Failed(reason)).await,
        }
    }

    /// It was called off before it began: what runs is the load that it would have been.
    async fn end_wanted(&mut self, number: u64) {
        if let Some(it) = &mut self.under_way {
            it.number = number;
        }
        self.end().await;
    }
}

async fn start(wanted: Wanted) -> Result<(Load, Receiver<LoadInterval>), String> {
    let node = wanted.running.coordinator();
    let address = wanted.running.cluster.public_address(&node);
    let target = Target::new(&node, address.map_err(|error| error.to_string())?);
    let (sender, intervals) = mpsc::channel(INTERVALS);
    let load = Load::start(&target, &wanted.view, wanted.plan, sender).await;
    Ok((load.map_err(|error| error.to_string())?, intervals))
}
