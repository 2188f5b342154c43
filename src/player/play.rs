//! Plays lessons: each block in turn, each with a verdict.

use super::{
    check::CheckState,
    error::PlayError,
    event::{Event, Item, Verdict},
    stage::Stage,
};
use crate::{
    cluster::View,
    lesson::{Block, Step, Tour},
};

/// How many items passed and failed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Runs, actions and checks that went as the lesson says.
    pub passed: usize,
    /// The others.
    pub failed: usize,
}

impl std::fmt::Display for Tally {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

/// Plays the lessons of one tour on one cluster.
pub struct Player<'tour> {
    pub(super) tour: &'tour Tour,
    pub(super) stage: Stage,
    pub(super) view: Option<View>,
    pub(super) tally: Tally,
    /// The lesson whose end the cluster is at; `None` on a fresh cluster.
    pub(super) at_end_of: Option<String>,
    /// Whether a check that is true before its step counts as a failure.
    pub(super) demands_work: bool,
    /// Nobody watches: experiments leave behind what they would, and take no time.
    pub(super) hurries: bool,
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
            hurries: false,
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
        let lesson = self.tour.lesson(index);
        self.at_end_of = lesson.map(|lesson| lesson.ends_at().to_owned());
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
        if self.at_end_of != lesson.start {
            self.rebuild(index, 0).await?;
        }
        self.set_up_lesson(lesson).await?;
        Ok(true)
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
                    if self.check_once(check).await == CheckState::Holds {
                        self.conclude(Item::Check(check), Verdict::Passed, listener);
                    } else {
                        self.play_solution(&mut solutions, listener).await?;
                        self.play_check(check, listener).await;
                    }
                }
                Block::Setup(setup) => self.set_up(setup).await?,
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

    /// Counts and tells how an item went.
    pub(super) fn conclude(
        &mut self,
        item: Item<'_>,
        verdict: Verdict,
        listener: &mut Listener<'_>,
    ) {
        match verdict {
            Verdict::Passed => self.tally.passed += 1,
            Verdict::Failed(_) => self.tally.failed += 1,
        }
        listener(Event::Verdict { item, verdict });
    }
}
