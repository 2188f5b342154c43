//! Cuts SQL text into statements where psql would. Pure.
//!
//! Semicolons inside quotes, dollar quotes, comments, parentheses and the bodies of SQL functions
//! (`BEGIN ATOMIC … END`) do not end a statement.

mod scanner;

use std::ops::Range;

pub(crate) use scanner::{Scanner, Token};

/// One statement of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement<'a> {
    /// From its first word to its last, without comments before it and without the semicolon.
    pub text: &'a str,
    /// Where `text` stands, in bytes.
    pub range: Range<usize>,
    /// One-based line on which it begins.
    pub line: usize,
    /// Whether a semicolon ends it; the last statement of a text may have none.
    pub terminated: bool,
}

impl Statement<'_> {
    /// Its first word in capitals: `SELECT`, `CREATE`, …; empty when it begins with none.
    #[must_use]
    pub fn keyword(&self) -> String {
        self.keywords(1).pop().unwrap_or_default()
    }

    /// Its first words in capitals, `limit` at most, comments left out.
    #[must_use]
    pub fn keywords(&self, limit: usize) -> Vec<String> {
        let mut words = Vec::new();
        let mut scanner = Scanner::new(self.text);
        while words.len() < limit {
            match scanner.token() {
                Some(Token::Word(word)) => words.push(word.to_ascii_uppercase()),
                Some(Token::Space | Token::Comment) => {}
                _ => break,
            }
        }
        words
    }
}

/// The statements of a text, in order. Empty ones are left out.
#[must_use]
pub fn split(text: &str) -> Vec<Statement<'_>> {
    let mut statements = Vec::new();
    let mut lines = Lines {
        text,
        at: 0,
        line: 1,
    };
    let mut scanner = Scanner::new(text);
    let mut body = Body::default();
    let mut span: Option<Range<usize>> = None;
    let mut push = |span: Range<usize>, terminated: bool| {
        let line = lines.line_of(span.start);
        statements.push(Statement {
            text: &text[span.clone()],
            range: span,
            line,
            terminated,
        });
    };
    loop {
        let from = scanner.place();
        let Some(token) = scanner.token() else { break };
        match token {
            Token::Space | Token::Comment => {}
            Token::Semicolon if !body.is_open() => {
                if let Some(span) = span.take() {
                    push(span, true);
                }
                body = Body::default();
            }
            other => {
                body.see(&other);
                span.get_or_insert(from..from).end = scanner.place();
            }
        }
    }
    if let Some(span) = span {
        push(span, false);
    }
    statements
}

/// Whether a semicolon belongs to something that is still open: parentheses, or the body of an SQL function.
#[derive(Debug, Default)]
struct Body {
    parentheses: usize,
    words: usize,
    creates: bool,
    routine: bool,
    blocks: usize,
}

impl Body {
    fn is_open(&self) -> bool {
        self.parentheses > 0 || self.blocks > 0
    }

    fn see(&mut self, token: &Token<'_>) {
        match token {
            Token::Open => self.parentheses += 1,
            Token::Close => self.parentheses = self.parentheses.saturating_sub(1),
            Token::Word(word) if self.parentheses == 0 => self.see_word(word),
            _ => {}
        }
    }

    fn see_word(&mut self, word: &str) {
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        self.words += 1;
        // CREATE [OR REPLACE] {FUNCTION | PROCEDURE}: the word stands second or fourth.
        if self.words == 1 {
            self.creates = is("create");
        } else if self.creates && self.words <= 4 && (is("function") || is("procedure")) {
            self.routine = true;
        } else if self.routine && (is("begin") || (self.blocks > 0 && is("case"))) {
            self.blocks += 1;
        } else if self.blocks > 0 && is("end") {
            self.blocks -= 1;
        }
    }
}

/// Counts lines forwards, so that a long text is walked once.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn line_of(&mut self, offset: usize) -> usize {
        self.line += self.text[self.at..offset].matches('\n').count();
        self.at = offset;
        self.line
    }
}

#[cfg(test)]
mod tests;
