//! Asks workers for a sign of life, so that statements are not sent over connections that would hang.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::postgres::{ApplicationName, PostgresError, Session, Target};

/// How long a worker may take to answer nothing before it counts as silent. Being wrong costs a few new connections.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a sentinel waits for a silent worker before it asks anew.
const DEADLINE: Duration = Duration::from_secs(60);

type Answer = oneshot::Sender<()>;

#[derive(Debug)]
struct Sentinel {
    questions: mpsc::Sender<Answer>,
    /// The answer that a silent worker owes.
    owed: Option<oneshot::Receiver<()>>,
}

/// One for each worker.
#[derive(Debug)]
pub(super) struct Sentinels {
    all: Vec<Sentinel>,
    _tasks: JoinSet<()>,
}

impl Sentinels {
    pub(super) fn start(workers: Vec<Target>) -> Self {
        let mut tasks = JoinSet::new();
        let sentinel = |worker| {
            let (questions, asked) = mpsc::channel(1);
            tasks.spawn(stand(worker, asked));
            Sentinel {
                questions,
                owed: None,
            }
        };
        let all = workers.into_iter().map(sentinel).collect();
        Self { all, _tasks: tasks }
    }

    /// Asks all workers that are not known to be silent, and says whether one of them has fallen silent. A server that is gone is not
    /// silent: it refuses at once.
    pub(super) async fn ask(&mut self) -> bool {
        let asked = self.all.iter_mut().map(Sentinel::ask);
        join_all(asked).await.contains(&true)
    }
}

impl Sentinel {
    async fn ask(&mut self) -> bool {
        if let Some(owed) = &mut self.owed {
            if matches!(owed.try_recv(), Err(oneshot::error::TryRecvError::Empty)) {
                return false;
            }
            self.owed = None;
        }
        let (answer, mut answered) = oneshot::channel();
        if self.questions.try_send(answer).is_err() {
            return false;
        }
        if timeout(PATIENCE, &mut answered).await.is_ok() {
            return false;
        }
        self.owed = Some(answered);
        true
    }
}

async fn stand(worker: Target, mut questions: mpsc::Receiver<Answer>) {
    let mut session: Option<Session> = None;
    while let Some(answer) = questions.recv().await {
        loop {
            let heard = match session.as_mut().filter(|session| session.is_connected()) {
                // An empty statement: the least that there is to answer.
                Some(session) => session.run("", DEADLINE).await.map(drop),
                None => Session::connect(&worker, ApplicationName::Workload, DEADLINE)
                    .await
                    .map(|opened| session = Some(opened)),
            };
            match heard {
                Err(PostgresError::NoAnswer { .. }) => session = None,
                _ => break,
            }
        }
        let _ = answer.send(());
    }
}
