//! Prints what a player tells as plain text: for pipes, for screen readers, for CI.

use std::fmt::Write as _;

use super::{
    output::Output,
    trial,
    wrap::{reflow, width},
};
use crate::{
    cluster::{Change, Charset, View, text_map},
    lesson::{ActionKind, Block, Predict},
    player::{Event, Item, Verdict, experiment::ExperimentEvent},
    postgres::format,
};

/// The widest line of a table or a map.
const WIDTH: usize = 100;
/// The widest line of a report.
const REPORT: usize = 80;

/// Prints events.
#[derive(Debug, Clone)]
pub(super) struct Plain {
    output: Output,
    /// Print the lessons' text too.
    reads: bool,
    ascii: bool,
    statement: String,
    phase: String,
}

impl Plain {
    pub(super) fn new(output: Output, reads: bool, ascii: bool) -> Self {
        Self {
            output,
            reads,
            ascii,
            statement: String::new(),
            phase: String::new(),
        }
    }

    pub(super) fn tell(&mut self, event: &Event<'_>) {
        match event {
            Event::Lesson { phase, lesson } => {
                if self.phase != *phase {
                    (*phase).clone_into(&mut self.phase);
                    self.output.line(format_args!("\n=== {phase} ==="));
                }
                let minutes = lesson.minutes;
                self.output
                    .line(format_args!("\n# {} ({minutes} minutes)", lesson.title));
            }
            Event::Step(step) => self.output.line(format_args!("\n## {}\n", step.title)),
            Event::Shown(block) => self.show(block),
            Event::Statement { node, sql } => {
                (*sql).clone_into(&mut self.statement);
                self.output.line(prompted(node, sql));
            }
            Event::Outcome(outcome) => {
                let style = format::Style {
                    width: Some(WIDTH),
                    states: format::States::OfErrors,
                };
                self.output
                    .write(format::outcome(outcome, &self.statement, style));
            }
            Event::Unreachable(error) => self.output.line(error),
            Event::Action(action) => self
                .output
                .line(format_args!("$ {}", action.shown.trim_end())),
            Event::Trial(event) => self.follow(event),
            Event::Performed(performed) => {
                if let Some(report) = performed.report(REPORT) {
                    self.output.write(format_args!("\n{report}\n"));
                }
            }
            Event::Changed { view, changes } => self.draw(view, changes),
            Event::Verdict { item, verdict } => self.conclude(*item, verdict),
        }
    }

    /// What changed, and the map where it changed.
    fn draw(&self, view: &View, changes: &[Change]) {
        for change in changes {
            self.output
                .line(format_args!("  {} {change}", self.glyph("·", "-")));
        }
        if changes.iter().any(Change::shows_on_map) {
            let charset = if self.ascii {
                Charset::Ascii
            } else {
                Charset::Unicode
            };
            self.output.line(text_map(view, charset));
        }
    }

    /// What goes on in an experiment or a load, line by line.
    fn follow(&self, event: &ExperimentEvent) {
        if let Some(line) = trial::line(event) {
            self.output
                .line(format_args!("  {} {line}", self.glyph("·", "-")));
        }
    }

    fn show(&self, block: &Block) {
        if !self.reads {
            return;
        }
        match block {
            Block::Prose(text) => self.output.line(reflow(text.trim_end(), width())),
            Block::Predict(predict) => self.output.line(question(predict)),
            _ => {}
        }
    }

    fn conclude(&self, item: Item<'_>, verdict: &Verdict) {
        let text = match (item, verdict) {
            (Item::Check(check), Verdict::Passed) => {
                format!("{} {}", self.passed(), check.sentence)
            }
            (Item::Run(run), Verdict::Passed) if run.fails.is_some() => {
                format!("{} it failed, as it should", self.passed())
            }
            (Item::Run(run), Verdict::Passed) if run.expect.is_some() => {
                format!("{} as expected", self.passed())
            }
            (Item::Action(action), Verdict::Passed) => {
                let said = match action.kind {
                    ActionKind::Experiment(_) => "nothing came otherwise than predicted",
                    _ => "done",
                };
                format!("{} {said}", self.passed())
            }
            (Item::Run(_), Verdict::Passed) => return,
            (item, Verdict::Failed(reason)) => format!("{} {item}: {reason}", self.failed()),
        };
        self.output.line(format_args!("  {text}"));
    }

    fn passed(&self) -> &'static str {
        self.glyph("✓", "ok:")
    }

    fn failed(&self) -> &'static str {
        self.glyph("✗", "FAILED:")
    }

    fn glyph(&self, glyph: &'static str, ascii: &'static str) -> &'static str {
        if self.ascii { ascii } else { glyph }
    }
}

/// A statement behind the node's prompt, as psql shows it.
fn prompted(node: &str, sql: &str) -> String {
    let indent = " ".repeat(node.len() + 3);
    let mut text = format!("{node}=> ");
    for (number, line) in sql.lines().enumerate() {
        if number > 0 {
            text.push('\n');
            text.push_str(&indent);
        }
        text.push_str(line);
    }
    text.push(';');
    text
}

/// A prediction's question and its numbered answers.
pub(super) fn question(predict: &Predict) -> String {
    let mut text = predict.question.trim_end().to_owned();
    for (number, option) in predict.options.iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  {}. {}", number + 1, option.text);
    }
    text.push('\n');
    text
}
