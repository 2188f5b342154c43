//! Statements on their way, and what they brought.

use std::time::{Duration, Instant};

use super::measure;
use crate::{
    app::lesson::ItemId,
    lesson::{NodeReference, Run},
    postgres::{Column, Report, TransactionStatus},
    xray::Touched,
};

/// Tells one job's answers from another's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

/// Who asked for a job.
#[derive(Debug, Clone, PartialEq)]
pub enum Origin {
    /// The learner, in the editor.
    Editor,
    /// A button of the lesson; its verdict goes there.
    Lesson(ItemId, Box<Run>),
}

/// Statements to run, one after the other, until one fails.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// The cluster's generation.
    pub generation: u64,
    /// Who asked.
    pub origin: Origin,
    /// On which node; `None`: the coordinator.
    pub node: Option<NodeReference>,
    /// One or more statements.
    pub text: String,
    /// How many rows of a result are kept.
    pub limit: usize,
}

/// Rows that were kept, and how many came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grid {
    /// In order.
    pub columns: Vec<Column>,
    /// Those that were kept.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many more came.
    pub beyond: u64,
    /// How wide each column is, head and kept values.
    pub widths: Vec<usize>,
}

impl Grid {
    /// Without rows yet.
    #[must_use]
    pub fn new(columns: Vec<Column>) -> Self {
        let widths = columns
            .iter()
            .map(|column| measure::width(&column.name))
            .collect();
        Self {
            columns,
            widths,
            ..Self::default()
        }
    }

    /// Takes rows in and measures them; says how many bytes they have.
    pub(super) fn take(&mut self, rows: Vec<Vec<Option<String>>>) -> usize {
        let mut bytes = 0;
        for row in &rows {
            for (width, value) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(value.as_deref().map_or(NULL.len(), measure::width));
                bytes += value.as_ref().map_or(0, String::len) + size_of::<Option<String>>();
            }
        }
        self.rows.extend(rows);
        bytes
    }

    /// A value; `None` also where there is none.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> Option<&str> {
        self.rows.get(row)?.get(column)?.as_deref()
    }
}

/// How a value that is none is written.
pub const NULL: &str = "(null)";

/// One thing that a statement brought.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Rows.
    Grid(Grid),
    /// A notice.
    Notice(Report),
    /// Text of a COPY.
    CopyOut(String),
    /// A command's tag.
    Tag(String),
    /// An error.
    Error(Report),
    /// The server could not be reached, or was lost.
    Unreachable(String),
    /// A word of the program: cancelled, session opened anew.
    Remark(String),
}

/// What one statement brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its job.
    pub job: JobId,
    /// Its place in the job.
    pub index: usize,
    /// To which node it was sent.
    pub node: String,
    /// As it was sent.
    pub statement: String,
    /// A button of the lesson asked for it.
    pub of_lesson: bool,
    /// In order.
    pub pieces: Vec<Piece>,
    /// When it was sent.
    pub started: Instant,
    /// How long it took; `None` while it runs.
    pub duration: Option<Duration>,
    /// Where it left the session.
    pub transaction: TransactionStatus,
    /// What it touches, once that is known.
    pub touched: Option<Result<Touched, String>>,
    /// About how much memory it takes.
    pub bytes: usize,
}

impl Answer {
    /// Its rows: of several results the last one.
    #[must_use]
    pub fn grid(&self) -> Option<&Grid> {
        self.pieces.iter().rev().find_map(|piece| match piece {
            Piece::Grid(grid) => Some(grid),
            _ => None,
        })
    }

    /// Whether it failed.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.pieces
            .iter()
            .any(|piece| matches!(piece, Piece::Error(_) | Piece::Unreachable(_)))
    }
}
