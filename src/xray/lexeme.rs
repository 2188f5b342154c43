//! SQL text as names, literals and symbols: enough to see which tables a text names and what is compared with what.

use crate::postgres::split::{Scanner, Token};

/// One piece of a text; spaces and comments are left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lexeme<'a> {
    /// A word, in lower case as the server reads it: a keyword or a name.
    Word(String),
    /// A name in double quotes, as it is meant.
    Quoted(String),
    /// A number or a string, as it is written.
    Literal(&'a str),
    /// One character of an operator or a bracket.
    Symbol(&'a str),
}

impl Lexeme<'_> {
    /// What it names, if it is a name.
    pub(super) fn name(&self) -> Option<&str> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name),
            Self::Literal(_) | Self::Symbol(_) => None,
        }
    }

    /// Whether it is this keyword, written in lower case.
    pub(super) fn is(&self, keyword: &str) -> bool {
        matches!(self, Self::Word(word) if word == keyword)
    }

    /// Whether it is this character.
    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self, Self::Symbol(found) if *found == symbol)
    }
}

/// The pieces of a text, each with the place in bytes at which it begins.
pub(super) fn placed_lexemes(text: &str) -> Vec<(usize, Lexeme<'_>)> {
    let mut scanner = Scanner::new(text);
    let mut found = Vec::new();
    loop {
        let from = scanner.place();
        let Some(token) = scanner.token() else {
            return found;
        };
        let written = &text[from..scanner.place()];
        let lexeme = match token {
            Token::Space | Token::Comment => continue,
            Token::Word(word) => Lexeme::Word(word.to_lowercase()),
            Token::Quoted => match written.strip_prefix('"') {
                Some(name) => {
                    Lexeme::Quoted(name.strip_suffix('"').unwrap_or(name).replace("\"\"", "\""))
                }
                None => Lexeme::Literal(written),
            },
            Token::Other if written.starts_with(|c: char| c.is_ascii_digit()) => {
                Lexeme::Literal(written)
            }
            _ => Lexeme::Symbol(written),
        };
        found.push((from, lexeme));
    }
}

/// The pieces of a text.
pub(super) fn lexemes(text: &str) -> Vec<Lexeme<'_>> {
    let placed = placed_lexemes(text);
    placed.into_iter().map(|(_, lexeme)| lexeme).collect()
}

/// A name of one or two parts that begins at `at`: its schema if it has one, its last part, and where it ends.
pub(super) fn path<'a>(
    lexemes: &'a [Lexeme<'_>],
    at: usize,
) -> Option<(Option<&'a str>, &'a str, usize)> {
    let first = lexemes.get(at)?.name()?;
    let dotted = lexemes.get(at + 1).is_some_and(|next| next.is_symbol("."));
    match lexemes.get(at + 2).and_then(Lexeme::name) {
        Some(second) if dotted => Some((Some(first), second, at + 3)),
        _ => Some((None, first, at + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_the_server_reads_it() {
        let text = "Select 'a_102008' -- b\n FROM \"We\"\"ird\".T_1 /* c */ = -1.5";
        let expected = [
            Lexeme::Word("select".into()),
            Lexeme::Literal("'a_102008'"),
            Lexeme::Word("from".into()),
            Lexeme::Quoted("We\"ird".into()),
            Lexeme::Symbol("."),
            Lexeme::Word("t_1".into()),
            Lexeme::Symbol("="),
            Lexeme::Symbol("-"),
            Lexeme::Literal("1.5"),
        ];
        assert_eq!(lexemes(text), expected);
        assert_eq!(path(&expected, 3), Some((Some("We\"ird"), "t_1", 6)));
        assert_eq!(path(&expected, 5), Some((None, "t_1", 6)));
        assert_eq!(path(&expected, 6), None);
    }
}
