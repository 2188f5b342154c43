//! Runs statements and actions, and judges what they brought.

use super::{
    error::PlayError,
    event::{Event, Item, Verdict},
    experiment::{CallOff, ExperimentEvent},
    judge::Judge,
    perform::{hurry, perform},
    play::{Listener, Player},
};
use crate::{
    cluster::{View, diff},
    lesson::{Action, Block, Lesson, Run, Sql},
    postgres::{Outcome, split},
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
        if run.on.is_none() {
            self.stage.come_home().await?;
        }
        let mut judge = Judge::new(run);
        for statement in split(&run.sql.text) {
            if judge.has_failure() {
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
                    judge.hear(&sql, &outcome);
                }
                Err(PlayError::Postgres(error)) if !self.has_crashed(&node) => {
                    listener(Event::Unreachable(&error));
                    judge.hear_of_loss(error.code(), &error.to_string());
                }
                Err(error) => return Err(error),
            }
            self.look(listener).await;
        }
        self.conclude(Item::Run(run), judge.verdict(), listener);
        Ok(())
    }

    /// Brings about, without a word, what a setup says.
    ///
    /// # Errors
    /// When a statement of it fails.
    pub async fn set_up(&mut self, setup: &Sql) -> Result<(), PlayError> {
        self.stage.set_up(setup).await
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
        let verdict = if self.hurries {
            match hurry(&mut self.stage, &action.kind).await {
                Ok(()) => Verdict::Passed,
                Err(error) => Verdict::Failed(error.to_string()),
            }
        } else {
            // Whoever wants it to end before its time ends the player.
            let never = CallOff::new();
            let mut hear = |event: ExperimentEvent| listener(Event::Trial(&event));
            match perform(&mut self.stage, &action.kind, &never, &mut hear).await {
                Ok(performed) => {
                    listener(Event::Performed(&performed));
                    performed.verdict()
                }
                Err(error) => Verdict::Failed(error.to_string()),
            }
        };
        self.look(listener).await;
        self.conclude(Item::Action(action), verdict, listener);
        Ok(())
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
