//! The task that runs statements, with the sessions that it keeps.

use std::{sync::Arc, time::Duration};

use tokio::{sync::mpsc::UnboundedReceiver, time::Instant};

use super::{
    super::{
        context::{Context, unbroken},
        open::Running,
    },
    Command, Known,
    control::Control,
    statement::{Ending, Statement, in_words},
};
use crate::{
    app::{
        Msg, SqlEvent,
        sql::{Job, JobId, Origin},
    },
    lesson::{NodeReference, Sql, Tour, parse_duration},
    player::{Event, Item, Judge, PlayError, Player, Stage, Verdict},
    postgres::{ApplicationName, Session, TransactionStatus, split},
};

/// How long a statement of a lesson may take; what the learner types has all the time they give it.
const OF_LESSON: Duration = Duration::from_secs(120);

/// What the task keeps between commands.
#[derive(Default)]
struct Sessions {
    stage: Option<Box<Stage>>,
    running: Option<Arc<Running>>,
    known: Known,
    /// The lesson whose statements ran last: the next one begins with new sessions, as if the learner came back another day.
    lesson: Option<usize>,
    in_transaction: bool,
    /// The screen knows how long statements of the session wait for a node.
    told_patience: bool,
}

/// How long the session may take to say for how long it waits.
const ASKING: Duration = Duration::from_secs(2);

/// For how long a statement of this session waits for a new connection to a node.
async fn patience(session: &mut Session) -> SqlEvent {
    let asked = "SELECT pg_catalog.current_setting('citus.node_connection_timeout', true)";
    let answer = session.query(asked, ASKING).await;
    let rows = answer.map(crate::postgres::Outcome::into_rows);
    let words = rows.ok().and_then(|rows| Some(rows.scalar()?.to_owned()));
    SqlEvent::Patience(words.as_deref().and_then(parse_duration))
}

/// Whether a statement can change for how long the session waits.
fn can_set(sql: &str) -> bool {
    let sql = sql.to_ascii_lowercase();
    let first = sql.split_whitespace().next().unwrap_or_default();
    matches!(first, "reset" | "discard") || sql.contains("node_connection_timeout")
}

/// Does what it is asked, one thing after the other.
pub(super) async fn work(
    context: Context,
    mut commands: UnboundedReceiver<(u64, Command)>,
    control: Arc<Control>,
) {
    let mut sessions = Sessions::default();
    while let Some((epoch, command)) = commands.recv().await {
        let mourners = Mourners::of(&command);
        if epoch < control.epoch() {
            mourners.tell(&context, GONE).await;
            continue;
        }
        let broken = tokio::select! {
            done = unbroken(sessions.obey(command, &context, &control)) => done.err(),
            () = control.abandoned(epoch) => {
                sessions = Sessions::default();
                Some(GONE.to_owned())
            }
        };
        control.set_current(None);
        if let Some(words) = broken {
            mourners.tell(&context, &words).await;
        }
        if let (None, Some(running)) = (&sessions.stage, &sessions.running) {
            // What broke had it.
            sessions.stage = Some(Box::new(running.stage()));
        }
    }
}

const GONE: &str = "the cluster is ended or made anew";

/// Who waits for a command's end, also when it breaks.
enum Mourners {
    Job(JobId, bool),
    SetUp(u64),
    Step(u64, (usize, usize)),
    Nobody,
}

impl Mourners {
    fn of(command: &Command) -> Self {
        match command {
            Command::Run(job) => Self::Job(job.id, matches!(job.origin, Origin::Lesson(..))),
            Command::SetUp { generation, .. } => Self::SetUp(*generation),
            Command::PlayStep {
                generation, place, ..
            } => Self::Step(*generation, *place),
            Command::Adopt { .. } | Command::Forget(_) | Command::Enter(_) => Self::Nobody,
        }
    }

    async fn tell(self, context: &Context, words: &str) {
        let failure = || Verdict::Failed(words.to_owned());
        match self {
            Self::Job(id, of_lesson) => {
                let lost = SqlEvent::Unreachable {
                    message: words.to_owned(),
                    code: "57014".to_owned(),
                };
                context.send(Msg::Sql(id, lost)).await;
                let verdict = of_lesson.then(failure);
                context.send(Msg::Sql(id, SqlEvent::Done(verdict))).await;
            }
            Self::SetUp(generation) => {
                context
                    .send(Msg::SetUp(generation, Err(words.to_owned())))
                    .await;
            }
            Self::Step(generation, place) => {
                let failures = vec![words.to_owned()];
                context
                    .send(Msg::StepPlayed {
                        generation,
                        place,
                        failures,
                    })
                    .await;
            }
            Self::Nobody => {}
        }
    }
}

impl Sessions {
    async fn obey(&mut self, command: Command, context: &Context, control: &Control) {
        match command {
            Command::Adopt {
                stage,
                running,
                lesson,
            } => {
                *self = Self {
                    stage: Some(stage),
                    running: Some(running),
                    lesson: Some(lesson),
                    ..Self::default()
                };
            }
            Command::Enter(lesson) => self.enter(lesson),
            Command::Forget(node) => {
                if let Some(stage) = &mut self.stage {
                    stage.forget_sessions_on(&node);
                }
            }
            Command::Run(job) => {
                let verdict = self.run(&job, context, control).await;
                control.forget(job.id);
                context
                    .send(Msg::Sql(job.id, SqlEvent::Done(verdict)))
                    .await;
            }
            Command::SetUp { generation, setups } => {
                let result = self.set_up(setups).await;
                context.send(Msg::SetUp(generation, result)).await;
            }
            Command::PlayStep {
                generation,
                tour,
                place,
            } => {
                let failures = self.play_step(&tour, place).await;
                context
                    .send(Msg::StepPlayed {
                        generation,
                        place,
                        failures,
                    })
                    .await;
            }
        }
    }

    /// Runs the statements of a job until one fails.
    async fn run(&mut self, job: &Job, context: &Context, control: &Control) -> Option<Verdict> {
        let mut judge = match &job.origin {
            Origin::Lesson(item, run) => {
                self.enter(item.lesson);
                Some(Judge::new(run))
            }
            Origin::Editor => None,
        };
        let statement = Statement {
            context,
            control,
            job: job.id,
            limit: job.limit,
            deadline: judge.as_ref().map_or(Duration::MAX, |_| OF_LESSON),
            collects: judge.is_some(),
        };
        if judge.is_some()
            && job.node.is_none()
            && let Some(stage) = &mut self.stage
        {
            // A session that is lost is told of with the first statement.
            let _ = statement.unless_cancelled(stage.come_home()).await;
        }
        for (index, one) in split(&job.text).into_iter().enumerate() {
            if control.cancellations(job.id) > 0 {
                break;
            }
            let failed = match self.run_one((job, index), one.text, &statement).await {
                (sql, Ending::Answered(outcome, failed)) => {
                    if let Some(judge) = &mut judge {
                        judge.hear(&sql, &outcome);
                    }
                    failed
                }
                (_, Ending::Lost(code, words)) => {
                    if let Some(judge) = &mut judge {
                        judge.hear_of_loss(&code, &words);
                    }
                    true
                }
            };
            if failed {
                break;
            }
        }
        judge.map(|judge| judge.verdict())
    }

    /// A lesson begins with sessions of its own, as if the learner came back another day.
    fn enter(&mut self, lesson: usize) {
        if self.lesson.replace(lesson) == Some(lesson) {
            return;
        }
        if let Some(stage) = &mut self.stage {
            stage.forget_sessions();
        }
        if !self.in_transaction {
            // Nothing is lost that would have to be told.
            self.known.clear();
        }
    }

    async fn run_one(
        &mut self,
        (job, index): (&Job, usize),
        text: &str,
        statement: &Statement<'_>,
    ) -> (String, Ending) {
        let started = Instant::now();
        let Some(stage) = &mut self.stage else {
            let words = "the cluster is not there yet".to_owned();
            let ending = statement
                .lost("08003".to_owned(), words, Duration::ZERO)
                .await;
            return (text.to_owned(), ending);
        };
        let sql = stage.fill_in(text);
        let tell_start = async |node: String| {
            let statement_sent = sql.clone();
            statement
                .tell(SqlEvent::Started {
                    index,
                    node,
                    statement: statement_sent,
                })
                .await;
        };
        let node = match &job.node {
            None => Ok(stage.coordinator().to_owned()),
            Some(NodeReference::Named(name)) => Ok(name.clone()),
            Some(reference) => statement.unless_cancelled(stage.resolve(reference)).await,
        };
        let opened = match node {
            Err(words) => {
                let shown = job.node.as_ref().map(ToString::to_string);
                tell_start(shown.unwrap_or_default()).await;
                Err(words)
            }
            Ok(node) => {
                tell_start(node.clone()).await;
                let anew = !stage.has_session(ApplicationName::Lesson, &node)
                    && self.known.contains(&node);
                let opening = stage.session(ApplicationName::Lesson, &node);
                let opened = statement.unless_cancelled(opening).await;
                if anew && opened.is_ok() {
                    statement.tell(SqlEvent::Reconnected).await;
                }
                opened
                    .inspect(|_| {
                        self.known.insert(node);
                    })
                    .inspect_err(|_| self.told_patience = false)
            }
        };
        let ending = match opened {
            Ok(session) => {
                if !self.told_patience {
                    self.told_patience = true;
                    statement.tell(patience(session).await).await;
                }
                let ending = statement.run(session, &sql).await;
                // It may have been set to another one.
                self.told_patience = !can_set(&sql);
                ending
            }
            Err((code, words)) => statement.lost(code, words, started.elapsed()).await,
        };
        if let Ending::Answered(outcome, _) = &ending {
            let status = outcome.transaction;
            self.in_transaction =
                matches!(status, TransactionStatus::Open | TransactionStatus::Failed);
        }
        (sql, ending)
    }

    async fn set_up(&mut self, setups: Vec<Sql>) -> Result<(), String> {
        let Some(stage) = &mut self.stage else {
            return Err("the cluster is not there yet".to_owned());
        };
        for setup in &setups {
            let done = stage.set_up(setup).await;
            done.map_err(|error| error.to_string())?;
        }
        Ok(())
    }

    /// What did not go as the lesson says.
    async fn play_step(&mut self, tour: &Tour, (lesson, step): (usize, usize)) -> Vec<String> {
        self.enter(lesson);
        let Some(step) = tour.lesson(lesson).and_then(|it| it.steps.get(step)) else {
            return vec!["there is no such step".to_owned()];
        };
        let Some(stage) = self.stage.take() else {
            return vec!["the cluster is not there yet".to_owned()];
        };
        let mut failures = Vec::new();
        let mut player = Player::new(tour, *stage);
        let outcome = player
            .play_step(step, &mut |event| {
                if let Event::Verdict {
                    item,
                    verdict: Verdict::Failed(reason),
                } = event
                {
                    failures.push(failure(item, &reason));
                }
            })
            .await;
        self.stage = Some(Box::new(player.into_stage()));
        failures.extend(outcome.err().map(|error| error.to_string()));
        failures
    }
}

fn failure(item: Item<'_>, reason: &str) -> String {
    format!("{item}: {reason}")
}

impl Statement<'_> {
    /// What cannot be cancelled on a server is simply given up.
    async fn unless_cancelled<Output>(
        &self,
        work: impl Future<Output = Result<Output, PlayError>>,
    ) -> Result<Output, (String, String)> {
        tokio::select! {
            biased;
            done = work => done.map_err(|error| match &error {
                PlayError::Postgres(error) => in_words(error),
                _ => ("08000".to_owned(), error.to_string()),
            }),
            () = self.control.cancelled_beyond(self.job, 0) => {
                Err(("57014".to_owned(), "cancelled before there was a session".to_owned()))
            }
        }
    }
}
