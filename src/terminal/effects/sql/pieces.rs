//! What a statement brings, gathered into messages: rows together, as many as are wanted and no more than memory bears. Pure.

use crate::{
    app::SqlEvent,
    postgres::{Incoming, Outcome},
};

/// Bytes of values that are kept of a statement, however few its rows are.
const MOST_BYTES: usize = 32 << 20;
/// Bytes of COPY's text that are kept.
const MOST_COPIED: usize = 1 << 20;
/// Bytes of a notice's message, detail, hint and context that are shown, each.
const LONGEST_NOTICE: usize = 1 << 10;
/// The same of an error.
const LONGEST_ERROR: usize = 16 << 10;
/// Notices that are kept.
const MOST_NOTICES: usize = 1000;

/// What came and was not handed on yet.
#[derive(Debug)]
pub(super) struct Pieces {
    limit: usize,
    waiting: Vec<SqlEvent>,
    rows: usize,
    beyond: u64,
    bytes: usize,
    copied: usize,
    notices: usize,
    failed: bool,
}

impl Pieces {
    /// Of a statement of whose results so many rows are wanted.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            waiting: Vec::new(),
            rows: 0,
            beyond: 0,
            bytes: 0,
            copied: 0,
            notices: 0,
            failed: false,
        }
    }

    /// Adds what came.
    pub(super) fn take(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Columns(columns) => {
                self.end_result();
                self.waiting.push(SqlEvent::Columns(columns));
            }
            Incoming::Row(row) => self.take_row(row),
            Incoming::Complete(tag) => {
                self.end_result();
                self.waiting.push(SqlEvent::Complete(tag));
            }
            Incoming::Empty => self.waiting.push(SqlEvent::Empty),
            Incoming::CopyOut(text) => self.take_copied(text),
            Incoming::Notice(report) => {
                self.notices += 1;
                if self.notices <= MOST_NOTICES {
                    self.waiting
                        .push(SqlEvent::Notice(report.shortened(LONGEST_NOTICE)));
                }
            }
            Incoming::Error(report) => {
                self.end_result();
                self.failed = true;
                self.waiting
                    .push(SqlEvent::Error(report.shortened(LONGEST_ERROR)));
            }
            // Nobody can have asked for it in a pane that waits for answers only.
            Incoming::Notification(_) => {}
        }
    }

    fn take_row(&mut self, row: Vec<Option<String>>) {
        if self.rows >= self.limit || self.bytes >= MOST_BYTES {
            self.beyond += 1;
            return;
        }
        self.rows += 1;
        self.bytes += row.iter().flatten().map(String::len).sum::<usize>();
        match self.waiting.last_mut() {
            Some(SqlEvent::Rows(rows)) => rows.push(row),
            _ => self.waiting.push(SqlEvent::Rows(vec![row])),
        }
    }

    fn take_copied(&mut self, mut text: String) {
        let room = MOST_COPIED.saturating_sub(self.copied);
        self.copied += text.len();
        if text.len() > room {
            let end = (0..=room).rev().find(|end| text.is_char_boundary(*end));
            text.truncate(end.unwrap_or(0));
            if room > 0 {
                text.push_str("…\n");
            }
        }
        if text.is_empty() {
            return;
        }
        match self.waiting.last_mut() {
            Some(SqlEvent::CopyOut(before)) => before.push_str(&text),
            _ => self.waiting.push(SqlEvent::CopyOut(text)),
        }
    }

    fn end_result(&mut self) {
        if self.beyond > 0 {
            self.waiting.push(SqlEvent::Beyond(self.beyond));
        }
        (self.rows, self.beyond) = (0, 0);
    }

    /// Whether an error came.
    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Whether there is anything to hand on.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// What there is to hand on.
    pub(super) fn drain(&mut self) -> Vec<SqlEvent> {
        std::mem::take(&mut self.waiting)
    }
}

/// The last word about a statement that the server answered.
pub(super) fn finished(outcome: &Outcome) -> SqlEvent {
    SqlEvent::Finished {
        duration: outcome.duration,
        transaction: outcome.transaction,
        expired: outcome.expired.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::{Column, Report, Severity};

    fn row(value: &str) -> Incoming {
        Incoming::Row(vec![Some(value.to_owned())])
    }

    fn columns() -> Incoming {
        Incoming::Columns(vec![Column {
            name: "a".to_owned(),
            type_oid: 25,
        }])
    }

    #[test]
    fn rows_come_together_and_those_beyond_are_counted() {
        let mut pieces = Pieces::new(2);
        for incoming in [columns(), row("1"), row("2"), row("3"), row("4")] {
            pieces.take(incoming);
        }
        let value = |value: &str| vec![Some(value.to_owned())];
        let first = pieces.drain();
        assert!(
            matches!(first.as_slice(), [SqlEvent::Columns(_), SqlEvent::Rows(rows)]
            if *rows == [value("1"), value("2")])
        );
        assert!(pieces.is_empty());
        pieces.take(Incoming::Complete("SELECT 4".to_owned()));
        pieces.take(columns());
        pieces.take(row("5"));
        assert!(matches!(
            pieces.drain().as_slice(),
            [SqlEvent::Beyond(2), SqlEvent::Complete(_), SqlEvent::Columns(_), SqlEvent::Rows(rows)]
            if *rows == [value("5")]
        ));
    }

    #[test]
    fn a_result_of_few_huge_rows_is_bounded_too() {
        let mut pieces = Pieces::new(1000);
        let huge = "x".repeat(MOST_BYTES / 4);
        pieces.take(columns());
        for _ in 0..10 {
            pieces.take(row(&huge));
        }
        pieces.take(Incoming::Complete("SELECT 10".to_owned()));
        assert!(matches!(
            pieces.drain().as_slice(),
            [_, SqlEvent::Rows(rows), SqlEvent::Beyond(6), _] if rows.len() == 4
        ));
    }

    #[test]
    fn copied_text_and_notices_end_somewhere() {
        let mut pieces = Pieces::new(1);
        for _ in 0..3 {
            pieces.take(Incoming::CopyOut("ü".repeat(MOST_COPIED / 3)));
        }
        let events = pieces.drain();
        assert!(matches!(events.as_slice(), [SqlEvent::CopyOut(text)]
            if text.len() < MOST_COPIED + 10 && text.ends_with("…\n")));
        let report = Report::new(Severity::Notice, "00000", "again");
        for _ in 0..MOST_NOTICES + 5 {
            pieces.take(Incoming::Notice(report.clone()));
        }
        assert_eq!(pieces.drain().len(), MOST_NOTICES);
    }
}
