//! What the SQL pane remembers.

use std::{
    ops::Range,
    time::{Duration, Instant},
};

use tui_textarea::TextArea;

use super::{Answer, JobId, Origin, edit, text::Written};
use crate::{lesson::NodeReference, postgres::TransactionStatus};

/// From when on it is shown how long a statement takes: a shorter wait is none.
pub const PATIENCE: Duration = Duration::from_millis(300);

/// How long a step of the sign lasts that something is being done.
pub const SPIN: Duration = Duration::from_millis(200);

/// A job that runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Running {
    /// Who asked for it.
    pub origin: Origin,
    /// Where it runs; `None`: the coordinator.
    pub node: Option<NodeReference>,
    /// Since when the statement that runs does so.
    pub since: Instant,
    /// Where its statements stand in the editor, and at which state of the editor's text.
    pub source: Option<(u64, Vec<Range<usize>>)>,
    /// A word that belongs to the statement that comes next.
    pub remark: Option<String>,
    /// How many statements it has.
    pub statements: usize,
}

/// The SQL pane.
#[derive(Debug)]
pub struct SqlPane {
    /// Where SQL is typed.
    pub editor: TextArea<'static>,
    /// Its text, with its statements; made anew after each change.
    pub written: Written,
    /// Row and column in the editor at which the last statement failed.
    pub mark: Option<(usize, usize)>,
    /// The node that statements go to; `None`: the coordinator.
    pub node: Option<String>,
    /// What statements brought, the last one last.
    pub answers: Vec<Answer>,
    /// The answer that is shown.
    pub shown: usize,
    /// The chosen row and column of its grid.
    pub cell: (usize, usize),
    /// First row and column shown.
    pub offset: (usize, usize),
    /// One column a line instead of a grid; `None`: whichever suits the result.
    pub expanded: Option<bool>,
    /// The job that runs.
    pub running: Option<JobId>,
    /// More about it.
    pub job: Option<Running>,
    /// It was asked to stop.
    pub cancelling: bool,
    /// The number of the last job.
    pub last_job: JobId,
    /// How long a statement waits for a new connection to a node, as far as it is known.
    pub patience: Option<Duration>,
    /// A statement that takes everything away and waits to be asked for again.
    pub asked: Option<String>,
    /// Where the session stands.
    pub transaction: TransactionStatus,
    /// Statements of earlier runs and of this one, the last one last.
    pub history: Vec<String>,
    /// The entry of the history that the editor shows, counted from the end.
    pub recalled: Option<usize>,
    /// What was in the editor before an entry was recalled.
    pub draft: Option<String>,
}

impl Default for SqlPane {
    fn default() -> Self {
        Self {
            editor: edit::editor(&[]),
            written: Written::default(),
            mark: None,
            node: None,
            answers: Vec::new(),
            shown: 0,
            cell: (0, 0),
            offset: (0, 0),
            expanded: None,
            running: None,
            job: None,
            cancelling: false,
            last_job: JobId::default(),
            patience: None,
            asked: None,
            transaction: TransactionStatus::default(),
            history: Vec::new(),
            recalled: None,
            draft: None,
        }
    }
}

impl SqlPane {
    /// The answer that is shown.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        self.answers.get(self.shown)
    }

    /// The statement that would run, in bytes of the text: the one under the cursor.
    #[must_use]
    pub fn current(&self) -> Option<Range<usize>> {
        let cursor = self.editor.cursor();
        let at = self.written.offset(cursor.0, cursor.1);
        self.written.statement_at(at)
    }

    /// The selected part of the text, in bytes, when it is more than nothing.
    #[must_use]
    pub fn selected(&self) -> Option<Range<usize>> {
        let (from, to) = self.editor.selection_range()?;
        let range = self.written.offset(from.0, from.1)..self.written.offset(to.0, to.1);
        (!range.is_empty()).then_some(range)
    }

    /// Shows an answer from its beginning.
    pub fn show(&mut self, index: usize) {
        self.shown = index.min(self.answers.len().saturating_sub(1));
        self.cell = (0, 0);
        self.offset = (0, 0);
    }

    /// How long the statement that runs does so already.
    #[must_use]
    pub fn elapsed(&self, now: Instant) -> Option<Duration> {
        let job = self.job.as_ref()?;
        Some(now.saturating_duration_since(job.since))
    }
}

/// When the pane looks different by itself: the clock of a statement that runs.
#[must_use]
pub fn next_deadline(pane: &SqlPane, motion: bool, now: Instant) -> Option<Instant> {
    let elapsed = pane.elapsed(now)?;
    let step = if elapsed < PATIENCE {
        return Some(now + PATIENCE.saturating_sub(elapsed));
    } else if motion {
        SPIN
    } else {
        Duration::from_secs(1)
    };
    let into = u32::try_from(elapsed.as_millis() % step.as_millis()).unwrap_or(0);
    Some(now + step.saturating_sub(Duration::from_millis(u64::from(into))))
}
