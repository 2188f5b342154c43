//! As much of SQL as a lesson's texts need: strings, comments and words told apart, and SQLSTATE classes.

/// The two-character classes of SQLSTATE that servers answer with.
const CLASSES: &[&str] = &[
    "00", "01", "02", "03", "08", "09", "0A", "0B", "0F", "0L", "0P", "0Z", "10", "20", "21", "22",
    "23", "24", "25", "26", "27", "28", "2B", "2D", "2F", "34", "38", "39", "3B", "3D", "3F", "40",
    "42", "44", "53", "54", "55", "57", "58", "72", "F0", "HV", "P0", "XX",
];

/// Whether `code` is a SQLSTATE, or the beginning of one, in a class that there is.
pub(super) fn is_sqlstate(code: &str) -> bool {
    let characters = code
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase());
    characters
        && (2..=5).contains(&code.len())
        && code.get(..2).is_some_and(|class| CLASSES.contains(&class))
}

/// A piece of SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// What stands between single quotation marks, as written.
    Text(&'a str),
    /// An identifier or a keyword, as written; quoted ones with their quotation marks.
    Word(&'a str),
    /// Digits.
    Number(&'a str),
    /// One character of punctuation.
    Sign(char),
}

/// The pieces of `sql` with their offsets; spaces and comments are left out. Whatever the text is, it comes to an end.
pub(super) fn tokens(sql: &str) -> Vec<(usize, Token<'_>)> {
    let mut tokens = Vec::new();
    let mut offset = 0;
    while let Some(first) = sql[offset..].chars().next() {
        let rest = &sql[offset..];
        let (length, token) = token(rest, first);
        if let Some(token) = token {
            tokens.push((offset, token));
        }
        offset += length;
    }
    tokens
}

/// The length of the first piece of `rest`, and what it is, when it counts.
fn token(rest: &str, first: char) -> (usize, Option<Token<'_>>) {
    if rest.starts_with("--") {
        (rest.find('\n').unwrap_or(rest.len()), None)
    } else if rest.starts_with("/*") {
        (rest.find("*/").map_or(rest.len(), |end| end + 2), None)
    } else if first == '\'' {
        let length = quoted(rest, '\'');
        let inside = rest[1..length]
            .strip_suffix('\'')
            .unwrap_or(&rest[1..length]);
        (length, Some(Token::Text(inside)))
    } else if first == '"' {
        let length = quoted(rest, '"');
        (length, Some(Token::Word(&rest[..length])))
    } else if let Some(length) = dollar_quoted(rest) {
        (length, None)
    } else if first.is_ascii_digit() {
        let length = length_while(rest, |character| character.is_ascii_digit());
        (length, Some(Token::Number(&rest[..length])))
    } else if first.is_alphabetic() || first == '_' {
        let length = length_while(rest, |character| {
            character.is_alphanumeric() || matches!(character, '_' | '$')
        });
        (length, Some(Token::Word(&rest[..length])))
    } else if first.is_whitespace() {
        (first.len_utf8(), None)
    } else {
        (first.len_utf8(), Some(Token::Sign(first)))
    }
}

fn length_while(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|character| !belongs(character))
        .unwrap_or(text.len())
}

/// The length of a quoted piece, in which the mark doubled stands for itself.
fn quoted(text: &str, mark: char) -> usize {
    let mut from = 1;
    while let Some(found) = text[from..].find(mark) {
        from += found + 1;
        if !text[from..].starts_with(mark) {
            return from;
        }
        from += 1;
    }
    text.len()
}

/// The length of a `$tag$ … $tag$` piece.
fn dollar_quoted(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('$')?;
    let tag = length_while(inside, |character| {
        character.is_alphanumeric() || character == '_'
    });
    let starts_with_digit = inside.starts_with(|first: char| first.is_ascii_digit());
    if starts_with_digit || !inside[tag..].starts_with('$') {
        return None;
    }
    let mark = &text[..tag + 2];
    let body = &text[mark.len()..];
    Some(
        body.find(mark)
            .map_or(text.len(), |end| mark.len() + end + mark.len()),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(sql: &str) -> Vec<Token<'_>> {
        tokens(sql).into_iter().map(|(_, token)| token).collect()
    }

    #[test]
    fn strings_comments_and_words() {
        assert_eq!(
            pieces("SELECT 'it''s', 5432 -- 'no'\n/* 'no' */ \"A b\" $x$ 'no' $x$ $1;"),
            [
                Token::Word("SELECT"),
                Token::Text("it''s"),
                Token::Sign(','),
                Token::Number("5432"),
                Token::Word("\"A b\""),
                Token::Sign('$'),
                Token::Number("1"),
                Token::Sign(';'),
            ]
        );
        assert_eq!(pieces("'open"), [Token::Text("open")]);
        assert_eq!(pieces("'"), [Token::Text("")]);
    }

    #[test]
    fn sqlstates() {
        assert!(is_sqlstate("08") && is_sqlstate("57P01") && is_sqlstate("0A000"));
        assert!(!is_sqlstate("8") && !is_sqlstate("99") && !is_sqlstate("0a000"));
        assert!(!is_sqlstate("42P011") && !is_sqlstate(""));
    }

    proptest! {
        #[test]
        fn any_text_comes_to_an_end(sql in r#"(['"$\-/*a-z0-9 \n;,é]|\PC){0,80}"#) {
            tokens(&sql);
        }
    }
}
