//! What is wrong with a lesson, where, and what to do about it.

use std::fmt;
use std::path::PathBuf;

/// One mistake in a lesson, `SUMMARY.md` or the like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, relative to the lessons' directory.
    pub file: String,
    /// One-based.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}:{}: {}; {}",
            self.file, self.line, self.message, self.hint
        )
    }
}

/// Why lessons cannot be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LessonError {
    /// The directory or one of its files cannot be read.
    #[error("cannot read {path}: {source}; name a directory with a SUMMARY.md and its lessons")]
    Unreadable {
        /// What could not be read.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// They are read, and wrong.
    #[error("{}", listed(.0))]
    Problems(Vec<Problem>),
}

fn listed(problems: &[Problem]) -> String {
    let mut text = match problems.len() {
        1 => "the lessons have 1 problem; put it right and try again".to_owned(),
        count => format!("the lessons have {count} problems; put them right and try again"),
    };
    for problem in problems {
        text.push_str("\n  ");
        text.push_str(&problem.to_string());
    }
    text
}

/// Collects the problems of one file.
#[derive(Debug)]
pub(super) struct Problems<'a> {
    file: &'a str,
    found: Vec<Problem>,
}

impl<'a> Problems<'a> {
    pub(super) fn of(file: &'a str) -> Self {
        Self {
            file,
            found: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, line: usize, message: impl Into<String>, hint: impl Into<String>) {
        self.found.push(Problem {
            file: self.file.to_owned(),
            line,
            message: message.into(),
            hint: hint.into(),
        });
    }

    pub(super) fn into_vec(self) -> Vec<Problem> {
        self.found
    }
}
