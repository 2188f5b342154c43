//! Makes the cluster what it is at any place of a tour, by doing silently all that comes before.

use super::{
    error::PlayError,
    event::{Event, Verdict},
    play::Player,
    progress,
};
use crate::lesson::Lesson;

impl Player<'_> {
    /// Makes the cluster what it is before the given step, from nothing, silently.
    ///
    /// # Errors
    /// When the cluster cannot be made anew, or a step on the way does not go as its lesson says.
    pub async fn rebuild(&mut self, lesson: usize, step: usize) -> Result<(), PlayError> {
        self.rebuild_telling(lesson, step, &mut |_| {}).await
    }

    /// The same, told of each lesson that is being done.
    ///
    /// # Errors
    /// As [`Player::rebuild`].
    pub async fn rebuild_telling(
        &mut self,
        lesson: usize,
        step: usize,
        on_lesson: &mut (dyn FnMut(&Lesson) + Send),
    ) -> Result<(), PlayError> {
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
        self.hurries = true;
        let replayed = self.replay_until(target, step, on_lesson).await;
        self.hurries = false;
        replayed?;
        (self.tally, self.demands_work) = (tally, demands_work);
        Ok(())
    }

    /// Plays what comes before a step.
    async fn replay_until(
        &mut self,
        target: &Lesson,
        step: usize,
        on_lesson: &mut (dyn FnMut(&Lesson) + Send),
    ) -> Result<(), PlayError> {
        for before in self.tour.chain_before(target) {
            on_lesson(before);
            self.stage.forget_sessions();
            self.replay(before, before.steps.len()).await?;
            self.at_end_of = Some(before.id.clone());
        }
        if step > 0 {
            on_lesson(target);
            self.stage.forget_sessions();
            self.replay(target, step).await?;
            self.at_end_of = Some(target.id.clone());
        }
        Ok(())
    }

    /// Plays the first `steps` steps of a lesson without a word; the first thing that fails ends it.
    async fn replay(&mut self, lesson: &Lesson, steps: usize) -> Result<(), PlayError> {
        self.set_up_lesson(lesson).await?;
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
                let place = progress::key(&lesson.id, &step.id);
                return Err(PlayError::Rebuild { place, reason });
            }
        }
        Ok(())
    }
}
