//! What statements touch, asked in a session of its own, one after the other.

use std::{sync::Arc, time::Duration};

use tokio::sync::{
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    watch,
};

use super::{
    context::{Context, unbroken},
    open::Running,
};
use crate::{
    app::{Msg, sql::JobId},
    cluster::View,
    postgres::Target,
    runtime::Runtime,
    xray::{Examiner, Settings, Touched},
};

/// How long the coordinator may take to let us in.
const CONNECT: Duration = Duration::from_secs(3);

/// A statement to look at.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) job: JobId,
    pub(super) index: usize,
    pub(super) statement: String,
    pub(super) view: Box<View>,
}

/// The way to the task.
#[derive(Debug)]
pub(super) struct Xray(UnboundedSender<Question>);

impl Xray {
    /// Starts the task; it ends when this is let go.
    pub(super) fn start(context: Context, cluster: watch::Receiver<Option<Arc<Running>>>) -> Self {
        let (sender, receiver) = unbounded_channel();
        tokio::spawn(work(context, cluster, receiver));
        Self(sender)
    }

    pub(super) fn ask(&self, question: Question) {
        // It lives as long as we do.
        let _ = self.0.send(question);
    }
}

async fn work(
    context: Context,
    cluster: watch::Receiver<Option<Arc<Running>>>,
    mut questions: UnboundedReceiver<Question>,
) {
    let mut session = None;
    while let Some(question) = questions.recv().await {
        let running = cluster.borrow().clone();
        let looked = match running {
            Some(running) => unbroken(look(&mut session, &running, &question)).await,
            None => Err("the cluster is not there".to_owned()),
        };
        let answer = Msg::Touched {
            job: question.job,
            index: question.index,
            touched: looked.and_then(|touched| touched),
        };
        context.send(answer).await;
    }
}

async fn look(
    session: &mut Option<(Target, Examiner)>,
    running: &Running,
    question: &Question,
) -> Result<Option<Touched>, String> {
    let node = running.coordinator();
    let address = running.cluster.address(&node);
    let target = Target::new(node, address.map_err(|error| error.to_string())?);
    let usable = session.take().filter(|(known, _)| *known == target);
    let (_, examiner) = if let Some(usable) = usable {
        session.insert(usable)
    } else {
        let examiner = Examiner::connect(&target, CONNECT)
            .await
            .map_err(|error| error.to_string())?;
        session.insert((target, examiner))
    };
    examiner
        .examine(&question.view, &question.statement, &Settings::default())
        .await
        .map_err(|error| error.to_string())
}
