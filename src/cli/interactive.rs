//! The tour as a dialogue in plain text: it shows, asks, runs and waits for the learner, and keeps their progress.

use std::path::PathBuf;

use anyhow::Result;

use super::{
    answer::{Answer, answer, numbers},
    output::Output,
    plain::{Plain, question},
    play::at_url,
};
use crate::{
    lesson::{Action, Block, Check, Lesson, Predict, Run, Step},
    player::{
        CheckState, Event, Item, PlayError, Player, Verdict,
        progress::{Progress, TourProgress, key},
    },
};

/// The learner leaves a lesson before its end.
enum Leave {
    /// For today.
    Quit,
    /// To do it again from its beginning.
    Reset,
}

/// Leads a learner through a tour.
pub(super) struct Dialogue<'tour> {
    player: Player<'tour>,
    plain: Plain,
    output: Output,
    progress: Progress,
    file: PathBuf,
    /// What was said and not yet held against what happens.
    predicted: Vec<(Predict, Vec<usize>)>,
}

impl<'tour> Dialogue<'tour> {
    pub(super) fn new(
        player: Player<'tour>,
        output: Output,
        ascii: bool,
        file: PathBuf,
    ) -> Result<Self> {
        let progress = Progress::load(&file)?;
        Ok(Self {
            player,
            plain: Plain::new(output.clone(), true, ascii),
            output,
            progress,
            file,
            predicted: Vec::new(),
        })
    }

    /// From a step to the end of the tour, or until the learner quits.
    pub(super) async fn lead(&mut self, lesson: usize, step: usize) -> Result<()> {
        self.output.line(
            "Enter goes on. At any prompt: SQL is run on the coordinator, h shows a hint, x the solution, s skips, r begins the lesson again, q quits.",
        );
        self.player.rebuild(lesson, step).await?;
        let tour = self.player.tour();
        let mut first_step = step;
        for (index, (phase, lesson)) in tour.lessons().enumerate().skip(lesson) {
            while let Err(leave) = self.lesson(index, &phase.title, lesson, first_step).await? {
                first_step = 0;
                match leave {
                    Leave::Reset => self.begin_again(index, lesson).await?,
                    Leave::Quit => {
                        self.output.line(format_args!(
                            "Until next time. `citus-tour play {}{} --interactive` goes on from here.",
                            tour.id,
                            at_url(tour)
                        ));
                        return Ok(());
                    }
                }
            }
            first_step = 0;
        }
        self.remember(|tour| tour.current = None)?;
        self.output.line("\nThat was the tour.");
        Ok(())
    }

    /// Forgets what was done of a lesson, in the cluster as in the progress.
    async fn begin_again(&mut self, index: usize, lesson: &Lesson) -> Result<()> {
        self.output
            .line("The cluster is made anew, as it is before this lesson.");
        self.remember(|tour| tour.forget_lesson(&lesson.id))?;
        Ok(self.player.rebuild(index, 0).await?)
    }

    async fn lesson(
        &mut self,
        index: usize,
        phase: &str,
        lesson: &Lesson,
        first_step: usize,
    ) -> Result<Result<(), Leave>> {
        self.player.begin(index).await?;
        self.plain.tell(&Event::Lesson { phase, lesson });
        if first_step == 0 {
            for block in &lesson.introduction {
                self.plain.tell(&Event::Shown(block));
            }
        }
        for step in lesson.steps.iter().skip(first_step) {
            self.remember(|tour| tour.current = Some(key(&lesson.id, &step.id)))?;
            if let Err(leave) = self.step(lesson, step).await? {
                return Ok(Err(leave));
            }
            self.remember(|tour| tour.finish(&lesson.id, &step.id))?;
        }
        self.player.end(index);
        Ok(Ok(()))
    }

    async fn step(&mut self, lesson: &Lesson, step: &Step) -> Result<Result<(), Leave>> {
        self.plain.tell(&Event::Step(step));
        for block in &step.blocks {
            let done = match block {
                Block::Run(run) => self.run(step, run).await?,
                Block::Action(action) => self.action(step, action).await?,
                Block::Check(check) => self.check(step, check).await?,
                Block::Predict(predict) => self.predict(lesson, step, predict).await?,
                Block::Setup(setup) => {
                    self.player.set_up(setup).await?;
                    Ok(())
                }
                shown => {
                    self.plain.tell(&Event::Shown(shown));
                    Ok(())
                }
            };
            if done.is_err() {
                return Ok(done);
            }
            if matches!(block, Block::Run(_) | Block::Action(_)) {
                self.compare_predictions();
            }
        }
        Ok(Ok(()))
    }

    /// Holds what the learner said against what has just happened.
    fn compare_predictions(&mut self) {
        for (predict, said) in self.predicted.drain(..) {
            let happens: Vec<usize> = predict.right().collect();
            let numbers = |of: &[usize]| {
                of.iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(", ")
            };
            let verdict = if said == happens {
                "and so it is"
            } else {
                "and it is not"
            };
            self.output
                .line(format_args!("  You said {}, {verdict}:", numbers(&said)));
            for number in happens {
                self.output.line(format_args!(
                    "    {number}. {}",
                    predict.options[number - 1].text
                ));
            }
        }
    }

    async fn run(&mut self, step: &Step, run: &Run) -> Result<Result<(), Leave>> {
        let sql = self.player.stage().fill_in(run.sql.text.trim_end());
        self.output.line(indented(&sql));
        loop {
            match self.ask("Enter runs it").await {
                Answer::Go => {
                    let plain = &mut self.plain;
                    self.player
                        .play_run(run, &mut |event| plain.tell(&event))
                        .await?;
                    return Ok(Ok(()));
                }
                answer => {
                    if let Some(end) = self.other(step, answer).await? {
                        return Ok(end);
                    }
                }
            }
        }
    }

    async fn action(&mut self, step: &Step, action: &Action) -> Result<Result<(), Leave>> {
        self.output
            .line(indented(&format!("$ {}", action.shown.trim_end())));
        loop {
            match self.ask("Enter does it").await {
                Answer::Go => {
                    let plain = &mut self.plain;
                    self.player
                        .play_action(action, &mut |event| plain.tell(&event))
                        .await?;
                    return Ok(Ok(()));
                }
                answer => {
                    if let Some(end) = self.other(step, answer).await? {
                        return Ok(end);
                    }
                }
            }
        }
    }

    async fn check(&mut self, step: &Step, check: &Check) -> Result<Result<(), Leave>> {
        // What a button of the lesson set going is given its time; what the learner is to find is asked for first.
        let is_theirs = step.solutions().next().is_some();
        let mut asked = false;
        loop {
            let state = self.player.check_once(check).await;
            let plain = &mut self.plain;
            match state {
                CheckState::Differs(reason) if is_theirs && asked => {
                    plain.tell(&Event::Verdict {
                        item: Item::Check(check),
                        verdict: Verdict::Failed(reason),
                    });
                }
                CheckState::Differs(_) if is_theirs => self
                    .output
                    .line(format_args!("  To do: {}", check.sentence)),
                state => {
                    if state != CheckState::Holds {
                        let seconds = check.within.as_secs();
                        self.output.line(format_args!(
                            "  Waiting up to {seconds} s until {}",
                            check.sentence
                        ));
                    }
                    if self
                        .player
                        .play_check(check, &mut |event| plain.tell(&event))
                        .await
                        == Verdict::Passed
                    {
                        return Ok(Ok(()));
                    }
                }
            }
            asked = true;
            loop {
                match self.ask("Enter checks").await {
                    Answer::Go => break,
                    answer => {
                        if let Some(end) = self.other(step, answer).await? {
                            return Ok(end);
                        }
                    }
                }
            }
        }
    }

    async fn predict(
        &mut self,
        lesson: &Lesson,
        step: &Step,
        predict: &Predict,
    ) -> Result<Result<(), Leave>> {
        self.output.line(question(predict));
        let count = predict.options.len();
        loop {
            self.output
                .write("What will happen? Numbers, or Enter to pass: ");
            let answer = answer().await;
            let numbers = match &answer {
                Answer::Go => return Ok(Ok(())),
                Answer::Sql(text) => numbers(text),
                _ => None,
            };
            let Some(numbers) = numbers else {
                if let Some(end) = self.other(step, answer).await? {
                    return Ok(end);
                }
                continue;
            };
            if !numbers.iter().all(|number| (1..=count).contains(number)) {
                self.output
                    .line(format_args!("The answers are 1 to {count}."));
                continue;
            }
            let place = key(&lesson.id, &step.id);
            self.remember(|tour| {
                let chosen = numbers.iter().map(|number| number - 1).collect();
                tour.predictions.insert(place, chosen);
            })?;
            self.output.line("Kept. Let us see.\n");
            self.predicted.push((predict.clone(), numbers));
            return Ok(Ok(()));
        }
    }

    /// What an answer other than Enter does. `None`: ask again.
    async fn other(&mut self, step: &Step, answer: Answer) -> Result<Option<Result<(), Leave>>> {
        match answer {
            Answer::Go => {}
            Answer::Skip => return Ok(Some(Ok(()))),
            Answer::Quit => return Ok(Some(Err(Leave::Quit))),
            Answer::Reset => return Ok(Some(Err(Leave::Reset))),
            Answer::Hint => {
                let hints: Vec<&str> = step.hints().collect();
                if hints.is_empty() {
                    self.output.line("This step has no hint.");
                }
                for hint in hints {
                    self.output.line(hint.trim());
                }
            }
            Answer::Solution => {
                let solutions: Vec<String> = step
                    .solutions()
                    .flatten()
                    .filter_map(|block| self.shown(block))
                    .collect();
                if solutions.is_empty() {
                    self.output.line("This step shows its own way.");
                }
                for solution in solutions {
                    self.output.line(solution);
                }
            }
            Answer::Sql(sql) => {
                let plain = &mut self.plain;
                match self
                    .player
                    .run_freely(&sql, &mut |event| plain.tell(&event))
                    .await
                {
                    Ok(()) => {}
                    Err(PlayError::Postgres(error)) => self.output.line(error),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(None)
    }

    fn shown(&mut self, block: &Block) -> Option<String> {
        match block {
            Block::Prose(text) => Some(text.trim_end().to_owned()),
            Block::Run(run) => Some(indented(
                &self.player.stage().fill_in(run.sql.text.trim_end()),
            )),
            Block::Action(action) => Some(indented(action.shown.trim_end())),
            _ => None,
        }
    }

    async fn ask(&self, what: &str) -> Answer {
        self.output.write(format_args!("[{what}] "));
        answer().await
    }

    fn remember(&mut self, change: impl FnOnce(&mut TourProgress)) -> Result<()> {
        change(self.progress.tour_mut(&self.player.tour().id));
        Ok(self.progress.save(&self.file)?)
    }
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
