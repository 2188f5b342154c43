//! A key with its modifiers.

use std::fmt;

/// A key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// A character, with Shift already in it.
    Char(char),
    /// F1, F2, …
    F(u8),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab; with Shift it is [`Key::BackTab`].
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// An arrow.
    Up,
    /// An arrow.
    Down,
    /// An arrow.
    Left,
    /// An arrow.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

/// A key with its modifiers. Shift is kept only for keys that are no characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Chord {
    /// Which key.
    pub key: Key,
    /// Ctrl is held.
    pub control: bool,
    /// Alt (or Meta) is held.
    pub alt: bool,
    /// Shift is held.
    pub shift: bool,
}

impl Chord {
    /// A key alone.
    #[must_use]
    pub const fn plain(key: Key) -> Self {
        Self {
            key,
            control: false,
            alt: false,
            shift: false,
        }
    }

    /// A character alone.
    #[must_use]
    pub const fn character(character: char) -> Self {
        Self::plain(Key::Char(character))
    }

    /// Whether it types something into a text.
    #[must_use]
    pub fn types(self) -> bool {
        matches!(self.key, Key::Char(_)) && !self.control && !self.alt
    }

    /// Reads `F5`, `Ctrl+C`, `Alt+Enter`, `Shift+Tab`, `?`, `Space`, `Up`, …
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut chord = Self::plain(Key::Esc);
        let mut rest = text;
        loop {
            rest = if let Some(rest) = rest.strip_prefix("Ctrl+") {
                chord.control = true;
                rest
            } else if let Some(rest) = rest.strip_prefix("Alt+") {
                chord.alt = true;
                rest
            } else if let Some(rest) = rest.strip_prefix("Shift+").filter(|rest| !rest.is_empty()) {
                chord.shift = true;
                rest
            } else {
                break;
            };
        }
        let mut characters = rest.chars();
        chord.key = match (characters.next(), characters.next()) {
            (Some(only), None) if chord.control => Key::Char(only.to_ascii_lowercase()),
            (Some(only), None) => Key::Char(only),
            _ => match rest {
                "Space" => Key::Char(' '),
                "Enter" => Key::Enter,
                "Esc" => Key::Esc,
                "Tab" if chord.shift => {
                    chord.shift = false;
                    Key::BackTab
                }
                "Tab" => Key::Tab,
                "Backspace" => Key::Backspace,
                "Delete" => Key::Delete,
                "Insert" => Key::Insert,
                "Up" => Key::Up,
                "Down" => Key::Down,
                "Left" => Key::Left,
                "Right" => Key::Right,
                "Home" => Key::Home,
                "End" => Key::End,
                "PgUp" => Key::PageUp,
                "PgDn" => Key::PageDown,
                _ => Key::F(rest.strip_prefix('F')?.parse().ok()?),
            },
        };
        Some(chord)
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [
            (self.control, "Ctrl+"),
            (self.alt, "Alt+"),
            (self.shift, "Shift+"),
        ] {
            if held {
                formatter.write_str(name)?;
            }
        }
        match self.key {
            Key::Char(' ') => formatter.write_str("Space"),
            Key::Char(character) if self.control => {
                write!(formatter, "{}", character.to_ascii_uppercase())
            }
            Key::Char(character) => write!(formatter, "{character}"),
            Key::F(number) => write!(formatter, "F{number}"),
            Key::Enter => formatter.write_str("Enter"),
            Key::Esc => formatter.write_str("Esc"),
            Key::Tab => formatter.write_str("Tab"),
            Key::BackTab => formatter.write_str("Shift+Tab"),
            Key::Backspace => formatter.write_str("Backspace"),
            Key::Delete => formatter.write_str("Delete"),
            Key::Insert => formatter.write_str("Insert"),
            Key::Up => formatter.write_str("Up"),
            Key::Down => formatter.write_str("Down"),
            Key::Left => formatter.write_str("Left"),
            Key::Right => formatter.write_str("Right"),
            Key::Home => formatter.write_str("Home"),
            Key::End => formatter.write_str("End"),
            Key::PageUp => formatter.write_str("PgUp"),
            Key::PageDown => formatter.write_str("PgDn"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chords_are_read_as_they_are_written() {
        for text in [
            "F5",
            "Ctrl+C",
            "Alt+Enter",
            "Shift+Tab",
            "?",
            "Space",
            "Up",
            "PgDn",
            "K",
            "+",
            "Shift+Right",
            "Alt+1",
        ] {
            assert_eq!(Chord::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Chord::parse("Hyper"), None);
    }
}
