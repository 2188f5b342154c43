//! The editor's text as the splitter sees it. Pure.

use std::ops::Range;

use crate::postgres::split;

/// One statement of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    range: Range<usize>,
    /// Just after its semicolon, or its end.
    stop: usize,
}

/// The editor's text with its lines and statements.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    text: String,
    /// Where each line begins, in bytes.
    lines: Vec<usize>,
    pieces: Vec<Piece>,
    /// Grows with each change.
    version: u64,
}

impl Written {
    /// Takes in the editor's lines after a change.
    pub(super) fn take(&mut self, lines: &[String]) {
        self.version += 1;
        self.text = lines.join("\n");
        self.lines.clear();
        let mut at = 0;
        for line in lines {
            self.lines.push(at);
            at += line.len() + 1;
        }
        self.pieces = split(&self.text)
            .into_iter()
            .map(|statement| Piece {
                stop: if statement.terminated {
                    after_semicolon(&self.text, statement.range.end)
                } else {
                    statement.range.end
                },
                range: statement.range,
            })
            .collect();
    }

    /// All of it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Which state of the text this is.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Its statements, in bytes.
    #[must_use]
    pub fn statements(&self) -> impl DoubleEndedIterator<Item = Range<usize>> + ExactSizeIterator {
        self.pieces.iter().map(|piece| piece.range.clone())
    }

    /// A row and a character of it, in bytes of the text.
    #[must_use]
    pub fn offset(&self, row: usize, column: usize) -> usize {
        let Some(start) = self.lines.get(row).copied() else {
            return self.text.len();
        };
        let line = self.line(row);
        start
            + line
                .char_indices()
                .nth(column)
                .map_or(line.len(), |(at, _)| at)
    }

    /// The row and the character at a byte of the text.
    #[must_use]
    pub fn place(&self, offset: usize) -> (usize, usize) {
        let row = self.row(offset);
        let start = self.lines.get(row).copied().unwrap_or_default();
        let column = self
            .text
            .get(start..offset)
            .map_or(0, |before| before.chars().count());
        (row, column)
    }

    /// The row at a byte of the text.
    #[must_use]
    pub fn row(&self, offset: usize) -> usize {
        self.lines
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    fn line(&self, row: usize) -> &str {
        let start = self.lines.get(row).copied().unwrap_or(self.text.len());
        let end = self
            .lines
            .get(row + 1)
            .map_or(self.text.len(), |next| next - 1);
        self.text.get(start..end).unwrap_or_default()
    }

    /// The statement that a cursor at a byte means: just after a semicolon, and behind it on the same line, it is the one before.
    #[must_use]
    pub fn statement_at(&self, offset: usize) -> Option<Range<usize>> {
        let next = self
            .pieces
            .partition_point(|piece| piece.range.start <= offset);
        let Some(before) = next.checked_sub(1) else {
            return self.pieces.first().map(|piece| piece.range.clone());
        };
        let adjoining = before
            .checked_sub(1)
            .filter(|earlier| self.pieces[*earlier].stop == offset);
        let piece = &self.pieces[adjoining.unwrap_or(before)];
        let is_near = offset <= piece.stop
            || !self
                .text
                .get(piece.stop..offset)
                .is_some_and(|gap| gap.contains('\n'));
        let chosen = if is_near {
            piece
        } else {
            self.pieces.get(next).unwrap_or(piece)
        };
        Some(chosen.range.clone())
    }

    /// A row at or above `row` at which colours may begin as at the beginning of the text: no quote and no comment is open there. Looks
    /// back `most` rows; further up it is only likely.
    #[must_use]
    pub fn anchor(&self, row: usize, most: usize) -> usize {
        let at = self.lines.get(row).copied().unwrap_or_default();
        let before = self.pieces.partition_point(|piece| piece.range.start <= at);
        let found = before
            .checked_sub(1)
            .map_or(0, |before| self.row(self.pieces[before].range.start));
        found.max(row.saturating_sub(most))
    }

    /// The text of some rows.
    #[must_use]
    pub fn rows(&self, rows: Range<usize>) -> &str {
        let start = self
            .lines
            .get(rows.start)
            .copied()
            .unwrap_or(self.text.len());
        let end = self
            .lines
            .get(rows.end)
            .map_or(self.text.len(), |next| next - 1);
        self.text.get(start..end).unwrap_or_default()
    }
}

/// Just after the semicolon that follows a statement; comments may stand between.
fn after_semicolon(text: &str, end: usize) -> usize {
    use crate::postgres::split::{Scanner, Token};
    let mut scanner = Scanner::new(&text[end..]);
    while let Some(token) = scanner.token() {
        if token == Token::Semicolon {
            return end + scanner.place();
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(text: &str) -> Written {
        let mut written = Written::default();
        let lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        written.take(&lines);
        written
    }

    /// `|` is the cursor.
    fn at(text: &str) -> String {
        let cursor = text.find('|').unwrap();
        let written = written(&text.replace('|', ""));
        let found = written.statement_at(cursor);
        found.map_or_else(String::new, |range| written.text()[range].to_owned())
    }

    #[test]
    fn the_statement_under_the_cursor_is_meant() {
        assert_eq!(at("|SELECT 1; SELECT 2;"), "SELECT 1");
        assert_eq!(at("SEL|ECT 1; SELECT 2;"), "SELECT 1");
        assert_eq!(at("SELECT 1|; SELECT 2;"), "SELECT 1");
        assert_eq!(at("SELECT 1;| SELECT 2;"), "SELECT 1");
        assert_eq!(at("SELECT 1;|SELECT 2;"), "SELECT 1");
        assert_eq!(at("SELECT 1; |SELECT 2;"), "SELECT 2");
        assert_eq!(at("SELECT 1;\n|SELECT 2;"), "SELECT 2");
        assert_eq!(at("SELECT 1;\n-- wh|y\nSELECT 2;"), "SELECT 2");
        assert_eq!(at("SELECT 1; -- wh|y\nSELECT 2;"), "SELECT 1");
        assert_eq!(at("SELECT 1 /* ; */ ;| SELECT 2"), "SELECT 1");
        assert_eq!(at("SELECT 1;\n\n|"), "SELECT 1");
        assert_eq!(at("\n|\nSELECT 1"), "SELECT 1");
        assert_eq!(at("SELECT '日本;本|' ; SELECT 2"), "SELECT '日本;本'");
        assert_eq!(
            at("DO $$ BEGIN\n|PERFORM 1; END $$; SELECT 2"),
            "DO $$ BEGIN\nPERFORM 1; END $$"
        );
        assert_eq!(at("|"), "");
        assert_eq!(at("-- nothing|"), "");
    }

    #[test]
    fn places_are_counted_in_characters() {
        let written = written("日本\nab");
        assert_eq!(written.offset(0, 1), 3);
        assert_eq!(written.offset(1, 1), 8);
        assert_eq!(written.place(8), (1, 1));
        assert_eq!(written.place(6), (0, 2));
        assert_eq!(written.offset(9, 0), 9);
        assert_eq!(written.rows(1..2), "ab");
    }

    #[test]
    fn colours_begin_where_no_quote_is_open() {
        let written = written("SELECT 1;\nSELECT '\na\nb\nc';\nSELECT 2;");
        assert_eq!(written.anchor(3, 100), 1);
        assert_eq!(written.anchor(5, 100), 5);
        assert_eq!(written.anchor(0, 100), 0);
        assert_eq!(written.anchor(4, 1), 3);
    }

    proptest! {
        #[test]
        fn any_text_has_places(text in "[a;'$\\-\\n 日]{0,40}", at in 0_usize..60) {
            let written = written(&text);
            let (row, column) = written.place(written.offset(at, at));
            prop_assert!(written.offset(row, column) <= text.len());
            if let Some(range) = written.statement_at(at) {
                prop_assert!(text.get(range).is_some());
            }
            prop_assert!(written.anchor(at, 10) <= at);
        }
    }
}
