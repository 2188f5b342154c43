//! A lesson as it grows: which step and which `<details>` we are in, and what may stand there.

use super::problem::Problems;
use super::{Block, Expect, Step, slug};

/// What a `<details>` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfolds {
    Hint,
    Solution,
    Setup,
    Check,
    Unknown,
}

/// A `<details>` that is open.
#[derive(Debug)]
struct Unfolding {
    kind: Unfolds,
    line: usize,
    blocks: Vec<Block>,
}

/// The parts of a lesson that were read so far.
#[derive(Debug)]
pub(super) struct Outline<'file> {
    pub(super) problems: Problems<'file>,
    pub(super) title: Option<String>,
    pub(super) introduction: Vec<Block>,
    pub(super) steps: Vec<Step>,
    unfolding: Option<Unfolding>,
}

impl<'file> Outline<'file> {
    pub(super) fn new(problems: Problems<'file>) -> Self {
        Self {
            problems,
            title: None,
            introduction: Vec::new(),
            steps: Vec::new(),
            unfolding: None,
        }
    }

    /// Whether a `<details>` is open.
    pub(super) fn is_unfolding(&self) -> bool {
        self.unfolding.is_some()
    }

    /// A heading below the steps' level.
    pub(super) fn small_heading(&mut self, line: usize) {
        if self.steps.is_empty() {
            self.problems.add(
                line,
                "a small heading stands before the first step",
                "begin a step with `## …`, or leave the heading out",
            );
        }
    }

    /// The heading of the whole lesson.
    pub(super) fn title(&mut self, heading: &str, line: usize) {
        self.begin_section(heading, line);
        if self.title.is_some() || !self.steps.is_empty() {
            self.problems.add(
                line,
                "the lesson has a second title",
                "use `## …` for a step; a lesson has one `# …`",
            );
        } else {
            self.title = Some(heading.to_owned());
        }
    }

    /// The heading of a step.
    pub(super) fn step(&mut self, heading: &str, line: usize) {
        self.begin_section(heading, line);
        let id = slug(heading);
        if let Some(first) = self.steps.iter().find(|step| step.id == id) {
            self.problems.add(
                line,
                format!("the step `{id}` is there already, on line {}", first.line),
                "give it another heading: progress is stored under the step's id",
            );
        }
        self.steps.push(Step {
            id,
            title: heading.to_owned(),
            line,
            blocks: Vec::new(),
        });
    }

    fn begin_section(&mut self, heading: &str, line: usize) {
        self.end_unfolding();
        if heading.is_empty() {
            self.problems.add(
                line,
                "a heading has no text",
                "name the step: its id is made of its heading",
            );
        }
    }

    /// Where blocks go: what unfolds, the step, or the introduction.
    fn blocks(&mut self) -> &mut Vec<Block> {
        match (&mut self.unfolding, self.steps.last_mut()) {
            (Some(unfolding), _) => &mut unfolding.blocks,
            (None, Some(step)) => &mut step.blocks,
            (None, None) => &mut self.introduction,
        }
    }

    /// Like [`Self::blocks`], but never what unfolds.
    fn outer_blocks(&mut self) -> &mut Vec<Block> {
        match self.steps.last_mut() {
            Some(step) => &mut step.blocks,
            None => &mut self.introduction,
        }
    }

    /// Markdown to read.
    pub(super) fn prose(&mut self, prose: &str) {
        if !prose.is_empty() {
            self.blocks().push(Block::Prose(prose.to_owned()));
        }
    }

    /// What the run before it prints.
    pub(super) fn expect(&mut self, expect: Expect, line: usize) {
        if let Some(Block::Run(run)) = self.blocks().last_mut()
            && run.expect.is_none()
        {
            run.expect = Some(expect);
        } else {
            self.problems.add(
                line,
                "this expectation does not follow a `sql run`",
                "put it directly behind the run whose output it shows",
            );
        }
    }

    /// Puts a block where it belongs, when it may stand there.
    pub(super) fn place(&mut self, block: Block, line: usize) {
        let what = match &block {
            Block::Run(_) => "a run",
            Block::Check(_) => "a check",
            Block::Setup(_) => "a setup",
            Block::Action(_) => "an action",
            _ => "a prediction",
        };
        let here = self.unfolding.as_ref().map(|unfolding| unfolding.kind);
        let wrong_place = match (here, &block) {
            (Some(Unfolds::Solution), Block::Run(_) | Block::Action(_))
            | (Some(Unfolds::Setup), Block::Setup(_))
            | (Some(Unfolds::Check), Block::Check(_))
            | (Some(Unfolds::Unknown), _) => None,
            (Some(Unfolds::Hint), _) => Some("in a hint"),
            (Some(Unfolds::Solution), _) => Some("in a solution"),
            (Some(Unfolds::Setup), _) => Some("in a setup"),
            (Some(Unfolds::Check), _) => Some("among folded checks"),
            (None, Block::Setup(_)) => Some("outside `<details><summary>Setup</summary>`"),
            (None, _) => self.steps.is_empty().then_some("before the first step"),
        };
        match wrong_place {
            None => self.blocks().push(block),
            Some(place) => self.problems.add(
                line,
                format!("{what} stands {place}"),
                "all but setups stand in a step; a solution holds runs and actions; setups have their `<details>`",
            ),
        }
    }

    /// Begins a `<details>`.
    pub(super) fn open(&mut self, summary: &str, line: usize) {
        self.end_unfolding();
        let kind = match summary {
            "Hint" => Unfolds::Hint,
            "Solution" => Unfolds::Solution,
            "Setup" => Unfolds::Setup,
            "Check" => Unfolds::Check,
            _ => {
                self.problems.add(
                    line,
                    format!("nothing unfolds under `{summary}`"),
                    "the summaries are Hint, Solution, Setup and Check",
                );
                Unfolds::Unknown
            }
        };
        if self.steps.is_empty()
            && matches!(kind, Unfolds::Hint | Unfolds::Solution | Unfolds::Check)
        {
            self.problems.add(
                line,
                format!("a `{summary}` stands before the first step"),
                "move it into the step that it belongs to",
            );
        }
        self.unfolding = Some(Unfolding {
            kind,
            line,
            blocks: Vec::new(),
        });
    }

    /// Ends a `<details>`.
    pub(super) fn close(&mut self, line: usize) {
        let Some(Unfolding {
            kind,
            line,
            mut blocks,
        }) = self.unfolding.take()
        else {
            self.problems
                .add(line, "`</details>` closes nothing", "take it away");
            return;
        };
        if blocks.is_empty() {
            self.problems.add(
                line,
                match kind {
                    Unfolds::Hint => "this hint is empty",
                    Unfolds::Solution => "this solution is empty",
                    _ => "nothing stands in this `<details>`",
                },
                "write what helps the learner, or take it away",
            );
            return;
        }
        match kind {
            Unfolds::Hint => {
                let prose: Vec<_> = blocks
                    .iter()
                    .filter_map(|block| match block {
                        Block::Prose(prose) => Some(prose.as_str()),
                        _ => None,
                    })
                    .collect();
                let hint = Block::Hint(prose.join("\n\n"));
                self.outer_blocks().push(hint);
            }
            Unfolds::Solution => self.outer_blocks().push(Block::Solution(blocks)),
            Unfolds::Setup | Unfolds::Check | Unfolds::Unknown => {
                self.outer_blocks().append(&mut blocks);
            }
        }
    }

    /// Closes what the author forgot to close.
    pub(super) fn end_unfolding(&mut self) {
        if let Some(unfolding) = &self.unfolding {
            let line = unfolding.line;
            self.problems.add(
                line,
                "this `<details>` is not closed",
                "write `</details>` on a line of its own behind it",
            );
            self.close(line);
        }
    }

    /// A comment: a note for the presenter, or for the map.
    pub(super) fn comment(&mut self, comment: &str, line: usize) {
        let (key, text) = comment.split_once(':').unwrap_or((comment, ""));
        let text = text.trim().to_owned();
        let block = match key.trim() {
            "note" => Block::Note(text.clone()),
            "map" => Block::Map(text.clone()),
            _ => {
                self.problems.add(
                    line,
                    "this comment is neither a note nor for the map",
                    "write `<!-- note: … -->` or `<!-- map: focus=… -->`",
                );
                return;
            }
        };
        if text.is_empty() {
            self.problems.add(
                line,
                "this comment says nothing",
                "write something behind the colon",
            );
        }
        self.outer_blocks().push(block);
    }
}
