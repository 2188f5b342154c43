//! Plays lessons: each block in turn, each with a verdict.

use std::time::{Duration, Instant};

use super::{
    error::PlayError,
    event::{Event, Item, Verdict},
    expect,
    stage::Stage,
};
use crate::{
    cluster::{View, diff},
    lesson::{Action, Block, Check, Lesson, Run, Step, Tour},
    postgres::{Outcome, PostgresError, Report, format, split, state_matches},
};

/// How often a check that does not hold yet is asked again.
const POLL: Duration = Duration::from_millis(50);

/// How many items passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Runs, actions and checks that went as the lesson says.
    pub passed: usize,
    /// The others.
    pub failed: usize,
}

/// What a check says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckState {
    /// It is true.
    Holds,
    /// It is not, with what differs where the check says so.
    Differs(String),
}

/// Plays the lessons of one tour on one cluster.
pub struct Player<'tour> {
    tour: &'tour Tour,
    stage: Stage,
    view: Option<View>,
    tally: Tally,
    /// The lesson whose end the cluster is at; `None` on a fresh cluster.
    at_end_of: Option<String>,
    /// Whether a check that is true before its step counts as a failure.
    demands_work: bool,
}

/// Hears what happens.
pub type Listener<'a> = dyn FnMut(Event<'_>) + Send + 'a;

impl<'tour> Player<'tour> {
    /// A player on a fresh cluster.
    #[must_use]
    pub fn new(tour: &'tour Tour, stage: Stage) -> Self {
        Self {
            tour,
            stage,
            view: None,
            tally: Tally::default(),
            at_end_of: None,
            demands_work: false,
        }
    }

    /// Makes a check that is true before its step count as a failure, as `verify` demands.
    #[must_use]
    pub fn demanding_work(mut self) -> Self {
        self.demands_work = true;
        self
    }

    /// The tour.
    #[must_use]
    pub fn tour(&self) -> &'tour Tour {
        self.tour
    }

    /// The cluster.
    pub fn stage(&mut self) -> &mut Stage {
        &mut self.stage
    }

    /// The cluster, when the playing is over.
    #[must_use]
    pub fn into_stage(self) -> Stage {
        self.stage
    }

    /// What passed and failed so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Plays every lesson from the given one on, beginning at its step `first_step`.
    ///
    /// # Errors
    /// When the cluster itself fails; a step that fails is counted and told.
    pub async fn play_from(
        &mut self,
        lesson: usize,
        first_step: usize,
        listener: &mut Listener<'_>,
    ) -> Result<(), PlayError> {
        let tour = self.tour;
        self.rebuild(lesson, first_step).await?;
        for (index, (phase, lesson)) in tour.lessons().enumerate().skip(lesson) {
            let from = if self.begin(index).await? {
                0
            } else {
                first_step
            };
            listener(Event::Lesson {
                phase: &phase.title,
                lesson,
            });
            if from == 0 {
                for block in &lesson.introduction {
                    listener(Event::Shown(block));
                }
            }
            for step in &lesson.steps[from.min(lesson.steps.len())..] {
                self.play_step(step, listener).await?;
            }
            self.end(index);
        }
        Ok(())
    }

    /// Notes that a lesson is over, so that the next one can begin from there.
    pub fn end(&mut self, index: usize) {
        self.at_end_of = self.tour.lesson(index).map(|lesson| lesson.id.clone());
    }

    /// Brings the cluster to where a lesson begins. False when it is inside that lesson already.
    ///
    /// # Errors
    /// As [`Player::rebuild`].
    pub async fn begin(&mut self, index: usize) -> Result<bool, PlayError> {
        let Some(lesson) = self.tour.lesson(index) else {
            return Ok(true);
        };
        if self.at_end_of.as_deref() == Some(lesson.id.as_str()) {
            return Ok(false);
        }
        self.stage.forget_sessions();
        if self.at_end_of == lesson.start {
            return Ok(true);
        }
        self.rebuild(index, 0).await?;
        Ok(true)
    }

    /// Makes the cluster what it is before the given step, from nothing, silently.
    ///
    /// # Errors
    /// When the cluster cannot be made anew, or a step on the way does not go as its lesson says.
    pub async fn rebuild(&mut self, lesson: usize, step: usize) -> Result<(), PlayError> {
        let Some(target) = self.tour.lesson(lesson) else {
            return Ok(());
        };
        if self.at_end_of.is_some() || self.view.is_some() {
            self.stage.start_afresh().await?;
        }
        self.at_end_of = None;
        self.view = None;
        let (tally, demands_work) = (self.tally, self.demands_work);
        self.demands_work = false;
        for before in self.tour.chain_before(target) {
            self.stage.forget_sessions();
            self.replay(before, before.steps.len()).await?;
            self.at_end_of = Some(before.id.clone());
        }
        if step > 0 {
            self.stage.forget_sessions();
            self.replay(target, step).await?;
            self.at_end_of = Some(target.id.clone());
        }
        (self.tally, self.demands_work) = (tally, demands_work);
        Ok(())
    }

    /// Plays the first `steps` steps of a lesson without a word; the first thing that fails ends it.
    async fn replay(&mut self, lesson: &Lesson, steps: usize) -> Result<(), PlayError> {
        for step in lesson.steps.iter().take(steps) {
            let mut failure = None;
            self.play_step(step, &mut |event| {
                if let Event::Verdict {
                    item,
                    verdict: Verdict::Failed(reason),
                } = event
                {
                    failure.get_or_insert_with(|| format!("{item}: {reason}"));
                }
            })
            .await?;
            if let Some(reason) = failure {
                let place = super::progress::key(&lesson.id, &step.id);
                return Err(PlayError::Rebuild { place, reason });
            }
        }
        Ok(())
    }

    /// Plays one step: its blocks in order, each with a verdict. A solution is run when a check needs it.
    ///
    /// # Errors
    /// When the cluster itself fails.
    pub async fn play_step(
        &mut self,
        step: &Step,
        listener: &mut Listener<'_>,
    ) -> Result<(), PlayError> {
        listener(Event::Step(step));
        if self.demands_work {
            self.demand_that_checks_are_false(step, listener).await;
        }
        let mut solutions = step.solutions();
        for block in &step.blocks {
            match block {
                Block::Run(run) => self.play_run(run, listener).await?,
                Block::Action(action) => self.play_action(action, listener).await?,
                Block::Check(check) => {
                    if self.check_once(check).await != CheckState::Holds {
                        self.play_solution(&mut solutions, listener).await?;
                    }
                    self.play_check(check, listener).await;
                }
                shown => listener(Event::Shown(shown)),
            }
        }
        self.play_solution(&mut solutions, listener).await
    }

    /// Does what a learner would do by themselves: what is left of the step's solutions.
    async fn play_solution(
        &mut self,
        solutions: &mut (dyn Iterator<Item = &[Block]> + Send),
        listener: &mut Listener<'_>,
    ) -> Result<(), PlayError> {
        for block in solutions.flatten() {
            match block {
                Block::Run(run) => self.play_run(run, listener).await?,
                Block::Action(action) => self.play_action(action, listener).await?,
                _ => {}
            }
        }
        Ok(())
    }

    async fn demand_that_checks_are_false(&mut self, step: &Step, listener: &mut Listener<'_>) {
        for check in step.checks() {
            if self.check_once(check).await == CheckState::Holds {
                let reason =
                    "it is true before its step, so it does not tell whether the step was done"
                        .to_owned();
                self.conclude(Item::Check(check), Verdict::Failed(reason), listener);
            }
        }
    }

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
                Err(PlayError::Postgres(error)) => {
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

    /// Asks a check until it holds or its time is over.
    pub async fn play_check(&mut self, check: &Check, listener: &mut Listener<'_>) {
        let deadline = Instant::now() + check.within;
        let verdict = loop {
            match self.check_once(check).await {
                CheckState::Holds => break Verdict::Passed,
                CheckState::Differs(difference) if Instant::now() >= deadline => {
                    break Verdict::Failed(difference);
                }
                CheckState::Differs(_) => tokio::time::sleep(POLL).await,
            }
        };
        self.conclude(Item::Check(check), verdict, listener);
    }

    /// Asks a check once.
    pub async fn check_once(&mut self, check: &Check) -> CheckState {
        let node = match &check.on {
            Some(reference) => match self.stage.resolve(reference).await {
                Ok(node) => node,
                Err(error) => return CheckState::Differs(error.to_string()),
            },
            None => self.stage.coordinator().to_owned(),
        };
        let query = self.stage.fill_in(&check.sql.text);
        match self.stage.ask(&node, &query).await {
            Ok(outcome) => check_state(&outcome),
            Err(error) => CheckState::Differs(error.to_string()),
        }
    }

    fn conclude(&mut self, item: Item<'_>, verdict: Verdict, listener: &mut Listener<'_>) {
        match verdict {
            Verdict::Passed => self.tally.passed += 1,
            Verdict::Failed(_) => self.tally.failed += 1,
        }
        listener(Event::Verdict { item, verdict });
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

fn check_state(outcome: &Outcome) -> CheckState {
    if let Some(report) = outcome.error() {
        return CheckState::Differs(report.to_string());
    }
    let row = outcome
        .results()
        .last()
        .and_then(|result| result.rows.first());
    match row.map(Vec::as_slice) {
        Some([Some(value), ..]) if value == "t" => CheckState::Holds,
        Some([_, Some(difference), ..]) => CheckState::Differs(difference.clone()),
        _ => CheckState::Differs("not yet".to_owned()),
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
