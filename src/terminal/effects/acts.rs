//! What is done to nodes: by the learner's buttons and by those of lessons. Never behind a statement: a frozen node must be thawed while
//! one hangs on it.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    context::{Context, unbroken},
    facts::facts,
    open::{Generation, Running},
    sql::Statements,
};
use crate::{
    app::{BootEvent, Msg, lesson::ItemId, nodes::ActId},
    lesson::Action,
    player::{Performed, Verdict, experiment::CallOff, mark_kind, perform},
    runtime::Act,
    workload::Mark,
};

/// How often the map is told of a node's state while something is done to it.
const LOOK: Duration = Duration::from_millis(50);
/// The widest line of a report that stands under a lesson's button: so many columns the lesson has on the smallest screen that shows panes
/// beside each other. The laboratory shows the report in full width.
pub(super) const LESSON_COLUMNS: usize = 42;

/// Everything that an act concerns.
#[derive(Clone)]
pub(super) struct Acting {
    pub(super) context: Context,
    pub(super) generation: Generation,
    pub(super) running: Arc<Running>,
    pub(super) statements: Statements,
}

impl Acting {
    /// Does an act.
    pub(super) async fn act(self, id: ActId, act: Act, node: String, mark: impl Fn(Mark)) {
        let work = self.running.cluster.act(act, &node);
        let result = match self.watching(work).await {
            Ok(Ok(())) => {
                mark(Mark::new(Instant::now(), mark_kind(act), node.clone()));
                Ok(())
            }
            Ok(Err(error)) => Err(error.to_string()),
            Err(broken) => Err(broken),
        };
        self.over(Some(&node), Some(act)).await;
        let done = Msg::Acted {
            id,
            act,
            node,
            result,
        };
        self.context.send(done).await;
    }

    /// Does what a button of a lesson says.
    pub(super) async fn act_for_lesson(self, item: ItemId, action: Action) {
        // A cluster that is made anew meanwhile has nothing to do with it.
        let generation = self.generation.get();
        let mut stage = self.running.stage();
        let never = CallOff::new();
        let mut unheard = |_| {};
        let work = Box::pin(perform(&mut stage, &action.kind, &never, &mut unheard));
        let (performed, verdict) = match self.watching(work).await {
            Ok(Ok(performed)) => {
                let verdict = performed.verdict();
                (performed, verdict)
            }
            Ok(Err(error)) => (Performed::default(), Verdict::Failed(error.to_string())),
            Err(broken) => (Performed::default(), Verdict::Failed(broken)),
        };
        self.over(None, None).await;
        let done = Msg::ActionDone {
            generation,
            item,
            report: performed.report(LESSON_COLUMNS),
            nodes: performed.nodes,
            verdict,
        };
        self.context.send(done).await;
    }

    /// Does the work, and has the map follow meanwhile.
    pub(super) async fn watching<Output>(
        &self,
        work: impl Future<Output = Output>,
    ) -> Result<Output, String> {
        let following = async {
            loop {
                self.running.refresh();
                tokio::time::sleep(LOOK).await;
            }
        };
        tokio::select! {
            done = unbroken(work) => done,
            () = following => Err(String::new()),
        }
    }

    /// Afterwards: ports and commands are others, and so are sessions.
    pub(super) async fn over(&self, node: Option<&str>, act: Option<Act>) {
        self.running.refresh();
        let same_server = matches!(act, Some(Act::Freeze | Act::Thaw | Act::Start));
        if let Some(node) = node.filter(|_| act.is_some() && !same_server) {
            self.statements.forget(node.to_owned());
        }
        let facts = BootEvent::Facts(facts(self.running.cluster.as_ref()));
        self.context
            .send(Msg::Boot(self.generation.get(), facts))
            .await;
    }
}
