//! SQL text as the tokens that matter for cutting it.

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
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
pub(crate) struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    /// At the beginning of a text.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Where the next token begins, in bytes.
    pub(crate) fn place(&self) -> usize {
        self.at
    }

    /// The next token; `None` at the end.
    pub(crate) fn token(&mut self) -> Option<Token<'a>> {
        let text = self.text;
        let rest = &text[self.at..];
        let first = rest.chars().next()?;
        let (token, length) = match first {
            _ if rest.starts_with("--") => (
                Token::Comment,
                rest.find(['\n', '\r']).unwrap_or(rest.len()),
            ),
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
