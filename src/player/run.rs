//! Runs statements and actions, and judges what they brought.

use super::{
    error::PlayError,
    event::{Event, Item, Verdict},
    expect,
    play::{Listener, Player},
};
use crate::{
    cluster::{View, diff},
    lesson::{Action, Block, Lesson, Run, Sql},
    postgres::{Outcome, PostgresError, Report, format, split, state_matches},
    runtime::ProcessState,
};

impl Player<'_> {
    /// Runs what a learner typed, on the coordinator; nothing is counted.
    ///
    /// # Errors
    /// When the cluster itself fails.
    pub async fn run_freely(
        &mut self,
        sql: &str,
        listener: &mut Listener<'_>,
    ) -> Result<(), PlayError> {
        let node = self.stage.coordinator().to_owned();
        for statement in split(sql) {
            let sql = self.stage.fill_in(statement.text);
            listener(Event::Statement {
                node: &node,
                sql: &sql,
            });
            let outcome = self.run_and_watch(&node, &sql, listener).await?;
            listener(Event::Outcome(&outcome));
            self.look(listener).await;
        }
        Ok(())
    }

    /// Runs the statements of a button, until one fails that should not.
    ///
    /// # Errors
    /// When the cluster itself fails.
    pub async fn play_run(
        &mut self,
        run: &Run,
        listener: &mut Listener<'_>,
    ) -> Result<(), PlayError> {
        let node = match &run.on {
            Some(reference) => self.stage.resolve(reference).await?,
            None => self.stage.coordinator().to_owned(),
        };
        let mut output = String::new();
        let mut failure: Option<Failure> = None;
        for statement in split(&run.sql.text) {
            if failure.is_some() {
                break;
            }
            let sql = self.stage.fill_in(statement.text);
            listener(Event::Statement {
                node: &node,
                sql: &sql,
            });
            let answer = self.run_and_watch(&node, &sql, listener).await;
            match answer {
                Ok(outcome) => {
                    listener(Event::Outcome(&outcome));
                    output.push_str(&format::outcome(&outcome, &sql, format::Style::default()));
                    failure = outcome.error().map(Failure::reported);
                }
                Err(PlayError::Postgres(error)) if !self.has_crashed(&node) => {
                    listener(Event::Unreachable(&error));
                    failure = Some(Failure::unreachable(&error));
                }
                Err(error) => return Err(error),
            }
            self.look(listener).await;
        }
        let verdict = judge(run, failure.as_ref(), &output);
        self.conclude(Item::Run(run), verdict, listener);
        Ok(())
    }

    /// Brings about, without a word, what a setup says.
    ///
    /// # Errors
    /// When a statement of it fails.
    pub async fn set_up(&mut self, setup: &Sql) -> Result<(), PlayError> {
        let node = self.stage.coordinator().to_owned();
        for statement in split(&setup.text) {
            let sql = self.stage.fill_in(statement.text);
            self.stage.run(&node, &sql).await?.into_success(&node)?;
        }
        Ok(())
    }

    /// Does the setups of a lesson's introduction.
    pub(super) async fn set_up_lesson(&mut self, lesson: &Lesson) -> Result<(), PlayError> {
        for block in &lesson.introduction {
            if let Block::Setup(setup) = block {
                self.set_up(setup).await?;
            }
        }
        Ok(())
    }

    /// Whether a node's server has ended without anybody ordering it: nothing that follows would mean anything.
    fn has_crashed(&self, node: &str) -> bool {
        let state = self.stage.runtime().state(node);
        matches!(state, Ok(ProcessState::Crashed))
    }

    async fn run_and_watch(
        &mut self,
        node: &str,
        sql: &str,
        listener: &mut Listener<'_>,
    ) -> Result<Outcome, PlayError> {
        let Self {
            stage, view: known, ..
        } = self;
        stage
            .run_watching(node, sql, &mut |view| tell_changes(known, view, listener))
            .await
    }

    /// Looks at the cluster and tells what changed.
    async fn look(&mut self, listener: &mut Listener<'_>) {
        let view = self.stage.view().await;
        tell_changes(&mut self.view, view, listener);
    }

    /// Does an action.
    ///
    /// # Errors
    /// When a session is needed for it and the cluster fails.
    pub async fn play_action(
        &mut self,
        action: &Action,
        listener: &mut Listener<'_>,
    ) -> Result<(), PlayError> {
        listener(Event::Action(action));
        let verdict = match self.stage.act(&action.kind).await {
            Ok(()) => Verdict::Passed,
            Err(error) => Verdict::Failed(error.to_string()),
        };
        self.look(listener).await;
        self.conclude(Item::Action(action), verdict, listener);
        Ok(())
    }
}

/// Why a statement failed, with its SQLSTATE.
struct Failure {
    code: String,
    words: String,
}

impl Failure {
    fn reported(report: &Report) -> Self {
        Self {
            code: report.code.clone(),
            words: report.to_string(),
        }
    }

    fn unreachable(error: &PostgresError) -> Self {
        Self {
            code: error.code().to_owned(),
            words: error.to_string(),
        }
    }
}

fn judge(run: &Run, failure: Option<&Failure>, output: &str) -> Verdict {
    match (&run.fails, failure) {
        (None, Some(failure)) => return Verdict::Failed(failure.words.clone()),
        (Some(states), None) => {
            let states = states.0.join(" or ");
            return Verdict::Failed(format!(
                "it should have failed with SQLSTATE {states}, and succeeded"
            ));
        }
        (Some(states), Some(failure)) if !state_matches(&failure.code, &states.0) => {
            let states = states.0.join(" or ");
            return Verdict::Failed(format!(
                "it should have failed with SQLSTATE {states}: {}",
                failure.words
            ));
        }
        _ => {}
    }
    match run
        .expect
        .as_ref()
        .map(|expected| expect::compare(expected, output))
    {
        Some(Err(difference)) => Verdict::Failed(difference.to_string()),
        _ => Verdict::Passed,
    }
}

fn tell_changes(known: &mut Option<View>, view: View, listener: &mut Listener<'_>) {
    let changes = known
        .as_ref()
        .map(|known| diff(known, &view))
        .unwrap_or_default();
    if !changes.is_empty() {
        listener(Event::Changed {
            view: &view,
            changes: &changes,
        });
    }
    *known = Some(view);
}
