//! From the terminal library's words to ours.

use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};

use crate::app::{
    Msg,
    input::{Chord, Key, Pointer, PointerKind},
};

/// The message that an event is, if it is any.
pub(super) fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => chord(key).map(Msg::Key),
        Event::Mouse(mouse) => pointer(mouse).map(Msg::Pointer),
        Event::Paste(text) => Some(Msg::Paste(pasted(&text))),
        Event::Resize(columns, rows) => Some(Msg::Resize(columns, rows)),
        Event::FocusGained | Event::FocusLost => None,
    }
}

/// Terminals send line ends as if Enter had been pressed; other control characters in a paste are never meant.
fn pasted(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let is_text = |character: &char| !character.is_control() || matches!(character, '\n' | '\t');
    text.chars().filter(is_text).collect()
}

fn chord(event: KeyEvent) -> Option<Chord> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    let held = |modifier| event.modifiers.contains(modifier);
    let control = held(KeyModifiers::CONTROL);
    let shift = held(KeyModifiers::SHIFT);
    let key = match event.code {
        KeyCode::Char(character) if control => {
            return Some(with_control(character, event.modifiers));
        }
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::F(number) => Key::F(number),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab if shift => Key::BackTab,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        _ => return None,
    };
    Some(Chord {
        key,
        control,
        alt: held(KeyModifiers::ALT) || held(KeyModifiers::META),
        shift: shift && !matches!(key, Key::Char(_) | Key::BackTab),
    })
}

/// Terminals without a protocol of their own send control characters, which the library names as it likes.
fn with_control(character: char, modifiers: KeyModifiers) -> Chord {
    let alt = modifiers.intersects(KeyModifiers::ALT | KeyModifiers::META);
    let key = match character.to_ascii_lowercase() {
        // The code of Ctrl+H is what many a Backspace sends.
        'h' => {
            return Chord {
                alt,
                ..Chord::plain(Key::Backspace)
            };
        }
        '4' => '\\',
        '5' => ']',
        '6' => '^',
        // Ctrl+/ and Ctrl+_ send the same.
        '7' | '/' => '_',
        other => other,
    };
    Chord {
        control: true,
        alt,
        ..Chord::character(key)
    }
}

fn pointer(event: MouseEvent) -> Option<Pointer> {
    let sideways = event.modifiers.contains(KeyModifiers::SHIFT);
    let kind = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => PointerKind::Press,
        MouseEventKind::Up(MouseButton::Left) => PointerKind::Release,
        MouseEventKind::Drag(MouseButton::Left) => PointerKind::Drag,
        MouseEventKind::Moved => PointerKind::Move,
        MouseEventKind::ScrollLeft => PointerKind::ScrollLeft,
        MouseEventKind::ScrollRight => PointerKind::ScrollRight,
        MouseEventKind::ScrollUp if sideways => PointerKind::ScrollLeft,
        MouseEventKind::ScrollDown if sideways => PointerKind::ScrollRight,
        MouseEventKind::ScrollUp => PointerKind::ScrollUp,
        MouseEventKind::ScrollDown => PointerKind::ScrollDown,
        _ => return None,
    };
    Some(Pointer {
        kind,
        column: event.column,
        row: event.row,
    })
}

/// Leaves out what a later message of the same batch makes pointless: sizes and places that have passed.
pub(super) fn coalesce(batch: Vec<Msg>) -> Vec<Msg> {
    let mut kept: Vec<Msg> = Vec::with_capacity(batch.len());
    for message in batch {
        let replaces = match (&message, kept.last()) {
            (Msg::Resize(..), Some(Msg::Resize(..))) => true,
            (Msg::Pointer(now), Some(Msg::Pointer(before))) => {
                now.kind == before.kind && matches!(now.kind, PointerKind::Move | PointerKind::Drag)
            }
            _ => false,
        };
        if replaces {
            kept.pop();
        }
        kept.push(message);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: KeyCode, modifiers: KeyModifiers) -> Option<String> {
        chord(KeyEvent::new(code, modifiers)).map(|chord| chord.to_string())
    }

    #[test]
    fn keys_are_named_as_the_table_names_them() {
        let (none, shift) = (KeyModifiers::NONE, KeyModifiers::SHIFT);
        let (control, alt) = (KeyModifiers::CONTROL, KeyModifiers::ALT);
        for (code, modifiers, name) in [
            (KeyCode::Char('K'), shift, "K"),
            (KeyCode::Char('?'), shift, "?"),
            (KeyCode::Char('C'), control | shift, "Ctrl+C"),
            (KeyCode::Char('c'), control, "Ctrl+C"),
            (KeyCode::Char('h'), control, "Backspace"),
            (KeyCode::Char('7'), control, "Ctrl+_"),
            (KeyCode::Char('1'), alt, "Alt+1"),
            (KeyCode::Enter, alt, "Alt+Enter"),
            (KeyCode::BackTab, shift, "Shift+Tab"),
            (KeyCode::Tab, shift, "Shift+Tab"),
            (KeyCode::Left, shift | control, "Ctrl+Shift+Left"),
            (KeyCode::F(5), none, "F5"),
            (KeyCode::PageDown, none, "PgDn"),
            (KeyCode::Char(' '), none, "Space"),
        ] {
            assert_eq!(read(code, modifiers).as_deref(), Some(name));
            let parsed = Chord::parse(name).unwrap();
            assert_eq!(
                chord(KeyEvent::new(code, modifiers)),
                Some(parsed),
                "{name}"
            );
        }
        assert_eq!(read(KeyCode::CapsLock, none), None);
    }

    #[test]
    fn a_key_that_comes_up_is_no_key() {
        let mut event = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        event.kind = KeyEventKind::Release;
        assert_eq!(chord(event), None);
        event.kind = KeyEventKind::Repeat;
        assert!(chord(event).is_some());
    }

    #[test]
    fn a_paste_is_text_and_nothing_else() {
        assert_eq!(pasted("a\rb\r\nc\x1b[31m\td\0"), "a\nb\nc[31m\td");
    }

    #[test]
    fn shift_turns_the_wheel_sideways() {
        let wheel = |modifiers| {
            let event = MouseEvent {
                kind: MouseEventKind::ScrollDown,
                column: 3,
                row: 4,
                modifiers,
            };
            pointer(event).unwrap().kind
        };
        assert_eq!(wheel(KeyModifiers::NONE), PointerKind::ScrollDown);
        assert_eq!(wheel(KeyModifiers::SHIFT), PointerKind::ScrollRight);
    }

    #[test]
    fn only_the_last_of_many_sizes_counts() {
        let drag = |column| {
            Msg::Pointer(Pointer {
                kind: PointerKind::Drag,
                column,
                row: 0,
            })
        };
        let batch = vec![
            Msg::Resize(1, 1),
            Msg::Resize(2, 2),
            drag(1),
            drag(2),
            Msg::Tick,
            drag(3),
        ];
        let kept = coalesce(batch);
        assert!(matches!(
            kept.as_slice(),
            [
                Msg::Resize(2, 2),
                Msg::Pointer(Pointer { column: 2, .. }),
                Msg::Tick,
                Msg::Pointer(Pointer { column: 3, .. })
            ]
        ));
    }
}
