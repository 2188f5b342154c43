//! The line in which a plan is typed.

use crate::app::input::{Chord, Key};

/// A line of text with a cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Line {
    /// What is typed.
    pub text: String,
    /// Where the next character goes, in characters.
    pub cursor: usize,
}

impl Line {
    /// A line with the cursor at its end.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let cursor = text.chars().count();
        Self { text, cursor }
    }

    fn length(&self) -> usize {
        self.text.chars().count()
    }

    /// Where in the text a character begins.
    fn byte(&self, character: usize) -> usize {
        let mut starts = self.text.char_indices().map(|(at, _)| at);
        starts.nth(character).unwrap_or(self.text.len())
    }

    /// Puts text at the cursor, without what steers a terminal.
    pub fn insert(&mut self, text: &str) {
        let clean: String = text
            .chars()
            .map(|character| if character == '\n' { ' ' } else { character })
            .filter(|character| !character.is_control())
            .collect();
        let at = self.byte(self.cursor);
        self.text.insert_str(at, &clean);
        self.cursor += clean.chars().count();
    }

    /// Takes a key; `false`: it is none for a line.
    pub fn key(&mut self, chord: Chord) -> bool {
        match chord.key {
            Key::Char('u') if chord.control => *self = Self::default(),
            Key::Char('w') if chord.control => self.erase_word(),
            Key::Char('a') if chord.control => self.cursor = 0,
            Key::Char('e') if chord.control => self.cursor = self.length(),
            Key::Char(character) if chord.types() => self.insert(&character.to_string()),
            Key::Backspace => self.erase(self.cursor.saturating_sub(1)..self.cursor),
            Key::Delete => self.erase(self.cursor..self.cursor + 1),
            Key::Left => self.cursor = self.cursor.saturating_sub(1),
            Key::Right => self.cursor = (self.cursor + 1).min(self.length()),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.length(),
            _ => return false,
        }
        true
    }

    fn erase(&mut self, characters: std::ops::Range<usize>) {
        let (from, to) = (self.byte(characters.start), self.byte(characters.end));
        self.text.replace_range(from..to, "");
        self.cursor = characters.start;
    }

    fn erase_word(&mut self) {
        let before: Vec<char> = self.text.chars().take(self.cursor).collect();
        let word = before.iter().rposition(|it| !it.is_whitespace());
        let start = word.and_then(|end| before[..end].iter().rposition(|it| it.is_whitespace()));
        self.erase(start.map_or(0, |space| space + 1)..self.cursor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(keys: &[&str]) -> Line {
        let mut line = Line::default();
        line.insert("kill wörker1 at\n5 s");
        for key in keys {
            assert!(line.key(Chord::parse(key).unwrap()), "{key}");
        }
        line
    }

    #[test]
    fn a_line_is_edited_by_characters_whatever_they_take() {
        let cases: [(&[&str], &str, usize); 6] = [
            (&[], "kill wörker1 at 5 s", 19),
            (&["Ctrl+W", "Ctrl+W"], "kill wörker1 at ", 16),
            (
                &["Home", "Delete", "Right", "Backspace"],
                "ll wörker1 at 5 s",
                0,
            ),
            (&["Ctrl+A", "x", "End", "!"], "xkill wörker1 at 5 s!", 21),
            (&["Ctrl+U", "Backspace", "Delete", "Left", "Right"], "", 0),
            (&["Left", "Left", "0"], "kill wörker1 at 50 s", 18),
        ];
        for (keys, text, cursor) in cases {
            let line = typed(keys);
            assert_eq!(
                (line.text.as_str(), line.cursor),
                (text, cursor),
                "{keys:?}"
            );
        }
        assert!(!Line::default().key(Chord::parse("Tab").unwrap()));
    }
}
