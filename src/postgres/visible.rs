//! Text from a database is data: what could steer a terminal is made visible, never sent.

use std::borrow::Cow;
use std::fmt::Write;

use unicode_width::UnicodeWidthChar;

/// The text with every control character, escape and invisible direction mark written out, as psql writes them.
/// Line breaks stay when `lines` is set; tabs become spaces.
pub(super) fn visible(text: &str, lines: bool) -> Cow<'_, str> {
    if !text
        .chars()
        .any(|character| is_hidden(character) && !(lines && character == '\n'))
    {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    let mut column = 0;
    for character in text.chars() {
        let before = shown.len();
        match character {
            '\n' if lines => {
                shown.push('\n');
                column = 0;
                continue;
            }
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => (column % 8..8).for_each(|_| shown.push(' ')),
            hidden if is_hidden(hidden) => write_code(&mut shown, hidden),
            plain => shown.push(plain),
        }
        column += width(&shown[before..]);
    }
    Cow::Owned(shown)
}

fn write_code(shown: &mut String, character: char) {
    let code = u32::from(character);
    // Writing to a string cannot fail.
    let _ = if character.is_ascii() {
        write!(shown, "\\x{code:02X}")
    } else {
        write!(shown, "\\u{code:04X}")
    };
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{061C}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}'
            | '\u{E0000}'..='\u{E007F}')
}

/// A text of several lines, such as a message, with everything that could steer a terminal written out: tabs and line breaks
/// stay as they are.
#[must_use]
pub fn visible_text(text: &str) -> String {
    let parts = text.split_inclusive(['\n', '\t']).map(|part| {
        let end = part.len() - usize::from(part.ends_with(['\n', '\t']));
        visible(&part[..end], false).into_owned() + &part[end..]
    });
    parts.collect()
}

/// How many cells a text takes. Counted character by character, so that cutting a text and measuring it agree.
pub(super) fn width(text: &str) -> usize {
    text.chars()
        .map(|character| character.width().unwrap_or(0))
        .sum()
}

/// The text, cut so that it takes `limit` cells at most, with `…` where something was left out.
pub(super) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if width(text) <= limit {
        return Cow::Borrowed(text);
    }
    let mut taken = 0;
    let mut kept = String::new();
    for character in text.chars() {
        let cells = character.width().unwrap_or(0);
        if taken + cells + 1 > limit {
            break;
        }
        taken += cells;
        kept.push(character);
    }
    if limit > 0 {
        kept.push('…');
    }
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_gets_through() {
        assert_eq!(visible("plain ü 象", false), "plain ü 象");
        assert_eq!(visible("\x1b[2J\x07", false), "\\x1B[2J\\x07");
        assert_eq!(visible("a\r\nb", true), "a\\r\nb");
        assert_eq!(visible("a\nb", false), "a\\nb");
        assert_eq!(visible("ab\tc\td", false), "ab      c       d");
        assert_eq!(visible("\u{9b}31m\u{202e}x", false), "\\u009B31m\\u202Ex");
    }

    #[test]
    fn running_text_keeps_its_breaks() {
        assert_eq!(visible_text("a\n\tb\r\x1b[0m\n"), "a\n\tb\\r\\x1B[0m\n");
        assert_eq!(visible_text(""), "");
    }

    #[test]
    fn wide_characters_are_cut_whole() {
        assert_eq!(cut("象象象", 6), "象象象");
        assert_eq!(cut("象象象", 5), "象象…");
        assert_eq!(cut("象象象", 4), "象…");
        assert_eq!(cut("abc", 0), "");
    }

    proptest! {
        #[test]
        fn shown_text_is_safe_and_cut_text_fits(text in any::<String>(), limit in 0_usize..40) {
            let shown = visible(&text, false);
            prop_assert!(!shown.chars().any(is_hidden));
            prop_assert!(width(&cut(&shown, limit)) <= limit);
            prop_assert_eq!(visible(&shown, false), shown.clone());
        }
    }
}
