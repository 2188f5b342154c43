//! `host=… port=… password='…'`.

use super::GivenError;

/// Keywords and values: separated by spaces; a value with spaces stands in apostrophes; a backslash takes away any meaning.
pub(super) fn read(text: &str) -> Result<Vec<(String, String)>, GivenError> {
    let mut pairs = Vec::new();
    let mut rest = text.chars().peekable();
    loop {
        while rest.next_if(|next| next.is_whitespace()).is_some() {}
        if rest.peek().is_none() {
            return Ok(pairs);
        }
        let mut name = String::new();
        while let Some(next) = rest.next_if(|next| *next != '=' && !next.is_whitespace()) {
            name.push(next);
        }
        while rest.next_if(|next| next.is_whitespace()).is_some() {}
        if rest.next() != Some('=') {
            // Not what stands there: it may be a piece of a password.
            let words = "a keyword has no `=` behind it".to_owned();
            return Err(GivenError::Unreadable(words));
        }
        while rest.next_if(|next| next.is_whitespace()).is_some() {}
        let quoted = rest.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        loop {
            match rest.next() {
                Some('\'') if quoted => break,
                Some('\\') => value.extend(rest.next()),
                Some(next) if !quoted && next.is_whitespace() => break,
                Some(next) => value.push(next),
                None if quoted => {
                    let words = "a `'` without its end".to_owned();
                    return Err(GivenError::Unreadable(words));
                }
                None => break,
            }
        }
        pairs.push((name, value));
    }
}
