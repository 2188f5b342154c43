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
    xray::{Examiner, Settings, Touched, XrayError},
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
    if let Some((_, mut examiner)) = usable {
        let looked = examine(&mut examiner, question).await;
        // The server behind the session may be another one by now: that says nothing about the statement.
        if !matches!(looked, Err(XrayError::Postgres(_))) {
            *session = Some((target, examiner));
            return looked.map_err(|error| error.to_string());
        }
    }
    let mut examiner = Examiner::connect(&target, CONNECT)
        .await
        .map_err(|error| error.to_string())?;
    let looked = examine(&mut examiner, question).await;
    *session = Some((target, examiner));
    looked.map_err(|error| error.to_string())
}

async fn examine(
    examiner: &mut Examiner,
    question: &Question,
) -> Result<Option<Touched>, XrayError> {
    examiner
        .examine(&question.view, &question.statement, &Settings::default())
        .await
}
