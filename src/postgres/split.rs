//! Cuts SQL text into statements where psql would. Pure.
//!
//! Semicolons inside quotes, dollar quotes, comments, parentheses and the bodies of SQL functions
//! (`BEGIN ATOMIC … END`) do not end a statement.

use std::ops::Range;

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
        let mut scanner = Scanner {
            text: self.text,
            at: 0,
        };
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
    let mut scanner = Scanner { text, at: 0 };
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
        let from = scanner.at;
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
                span.get_or_insert(from..from).end = scanner.at;
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

#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Space,
    Comment,
    Word(&'a str),
    Quoted,
    Semicolon,
    Open,
    Close,
    Other,
}

/// Walks over a text token by token; every byte belongs to exactly one token.
struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn token(&mut self) -> Option<Token<'a>> {
        let text = self.text;
        let rest = &text[self.at..];
        let first = rest.chars().next()?;
        let (token, length) = match first {
            _ if rest.starts_with("--") => (Token::Comment, rest.find('\n').unwrap_or(rest.len())),
            _ if rest.starts_with("/*") => (Token::Comment, comment_length(rest)),
            '\'' => (Token::Quoted, quoted_length(rest, '\'', false)),
            '"' => (Token::Quoted, quoted_length(rest, '"', false)),
            'e' | 'E' if rest[1..].starts_with('\'') => {
                (Token::Quoted, 1 + quoted_length(&rest[1..], '\'', true))
            }
            '$' => match dollar_quoted_length(rest) {
                Some(length) => (Token::Quoted, length),
                None => (Token::Other, 1),
            },
            ';' => (Token::Semicolon, 1),
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            _ if is_space(first) => (
                Token::Space,
                rest.find(|c| !is_space(c)).unwrap_or(rest.len()),
            ),
            _ if begins_word(first) => {
                let length = rest.find(|c| !continues_word(c)).unwrap_or(rest.len());
                (Token::Word(&rest[..length]), length)
            }
            _ if first.is_ascii_digit() => {
                // `1e5` and `$1` swallow what follows, so that no word begins inside a number.
                let end = |c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.');
                (Token::Other, rest.find(end).unwrap_or(rest.len()))
            }
            _ => (Token::Other, first.len_utf8()),
        };
        self.at += length;
        Some(token)
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

fn begins_word(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_' || !character.is_ascii()
}

fn continues_word(character: char) -> bool {
    begins_word(character) || character.is_ascii_digit() || character == '$'
}

/// The length of the block comment at the beginning; comments nest. To the end when it is open.
fn comment_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while at + 1 < bytes.len() {
        match (bytes[at], bytes[at + 1]) {
            (b'/', b'*') => {
                depth += 1;
                at += 2;
            }
            (b'*', b'/') => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of the quoted text at the beginning, where a doubled quote stands for itself. To the end when it is open.
fn quoted_length(text: &str, quote: char, backslashes: bool) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if backslashes && character == '\\' {
            characters.next();
        } else if character == quote {
            let doubled = characters.next_if(|(_, next)| *next == quote).is_some();
            if !doubled {
                return at + quote.len_utf8();
            }
        }
    }
    text.len()
}

/// The length of the dollar-quoted text at the beginning, if there is one. To the end when it is open.
fn dollar_quoted_length(text: &str) -> Option<usize> {
    let inner = &text[1..];
    let tag = inner.find(|c| c == '$' || !continues_word(c))?;
    if !inner[tag..].starts_with('$') || inner.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let delimiter = &text[..tag + 2];
    let body = &text[delimiter.len()..];
    Some(
        body.find(delimiter)
            .map_or(text.len(), |at| at + 2 * delimiter.len()),
    )
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
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        split(text)
            .into_iter()
            .map(|statement| statement.text)
            .collect()
    }

    #[test]
    fn semicolons_end_statements() {
        assert_eq!(
            texts("SELECT 1; SELECT 2 ;\n;; SELECT 3"),
            ["SELECT 1", "SELECT 2", "SELECT 3"]
        );
        assert_eq!(texts(""), [""; 0]);
        assert_eq!(texts(" ; -- nothing\n /* at all */ ;"), [""; 0]);
    }

    #[test]
    fn lines_and_ends_are_known() {
        let statements = split("-- first\nSELECT 1;\n\n/* a\n b */ SELECT\n 2;  SELECT 3\n");
        let seen: Vec<_> = statements
            .iter()
            .map(|s| (s.line, s.text, s.terminated))
            .collect();
        assert_eq!(
            seen,
            [
                (2, "SELECT 1", true),
                (5, "SELECT\n 2", true),
                (6, "SELECT 3", false)
            ]
        );
    }

    #[test]
    fn quotes_hide_semicolons() {
        for whole in [
            "SELECT ';', 'it''s;', \"a;\"\"b;\"",
            r"SELECT E'a\';b', e'\\', ';'",
            r"SELECT 'C:\', ';'",
            "SELECT $$a;b$$, $tag$ $$ ; $tag ; $tag$, $größe$;$größe$",
            "SELECT 1 /* ; /* nested; */ still; */ + 2",
            "SELECT 1 -- ; not here\n + 2",
            "SELECT U&'d\\0061t;', B'1', N'x;'",
            "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2))",
        ] {
            assert_eq!(
                texts(&format!("{whole}; SELECT 9")),
                [whole, "SELECT 9"],
                "{whole}"
            );
        }
    }

    #[test]
    fn a_dollar_within_a_name_or_a_parameter_quotes_nothing() {
        assert_eq!(
            texts("SELECT a$b$c; SELECT d$b$e"),
            ["SELECT a$b$c", "SELECT d$b$e"]
        );
        assert_eq!(texts("SELECT $1; SELECT $2$"), ["SELECT $1", "SELECT $2$"]);
    }

    #[test]
    fn bodies_of_sql_functions_stay_whole() {
        let function = "CREATE OR REPLACE FUNCTION f(a int) RETURNS int LANGUAGE sql BEGIN ATOMIC \
                        SELECT CASE WHEN a > 0 THEN 1 END; SELECT 2; END";
        assert_eq!(
            texts(&format!("{function}; SELECT 3;")),
            [function, "SELECT 3"]
        );
        let procedure = "create procedure p() begin atomic insert into t values (1); end";
        assert_eq!(
            texts(&format!("{procedure};BEGIN;COMMIT")),
            [procedure, "BEGIN", "COMMIT"]
        );
        assert_eq!(texts("BEGIN; SELECT 1; END;"), ["BEGIN", "SELECT 1", "END"]);
        assert_eq!(
            texts("CREATE TABLE begin_ (function int); SELECT 1").len(),
            2
        );
    }

    #[test]
    fn what_is_left_open_reaches_the_end() {
        for open in [
            "SELECT 'a; b",
            "SELECT $$a; b",
            "SELECT \"a; b",
            "SELECT (1; 2",
            "SELECT E'\\",
        ] {
            assert_eq!(texts(open), [open]);
        }
        assert_eq!(texts("SELECT 1 /* ; "), ["SELECT 1"]);
    }

    #[test]
    fn keywords_are_found_behind_comments() {
        let statements = split("create /* or */ Table t (a int); 'x'");
        assert_eq!(statements[0].keywords(2), ["CREATE", "TABLE"]);
        assert_eq!(statements[0].keyword(), "CREATE");
        assert_eq!(statements[1].keyword(), "");
    }

    fn sql() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            ";",
            "'",
            "\"",
            "$",
            "$$",
            "$a$",
            "--",
            "/*",
            "*/",
            "\n",
            " ",
            "E'",
            "\\",
            "(",
            ")",
            "a",
            "1",
            "é",
            "begin",
            "case",
            "end",
            "create function",
            "select",
            "\u{1F418}",
        ]);
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_panics(text in sql()) {
            let statements = split(&text);
            let mut end = 0;
            for statement in &statements {
                prop_assert_eq!(&text[statement.range.clone()], statement.text);
                prop_assert!(statement.range.start >= end && !statement.text.is_empty());
                prop_assert_eq!(statement.line, text[..statement.range.start].matches('\n').count() + 1);
                prop_assert!(split(&text[end..statement.range.start]).is_empty());
                end = statement.range.end;
            }
            prop_assert!(split(&text[end..]).is_empty());
        }

        #[test]
        fn any_text_is_split(text in any::<String>()) {
            for statement in split(&text) {
                let _ = statement.keywords(3);
            }
        }

        #[test]
        fn what_was_split_can_be_joined(text in sql()) {
            let mut statements = split(&text);
            statements.retain(|statement| statement.terminated);
            let joined = statements.iter().map(|s| s.text).collect::<Vec<_>>().join(";\n");
            let again = split(&joined);
            prop_assert_eq!(
                again.iter().map(|s| s.text).collect::<Vec<_>>(),
                statements.iter().map(|s| s.text).collect::<Vec<_>>()
            );
        }
    }
}
