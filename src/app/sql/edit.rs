//! Editing: what keys and the clipboard do to the text.

use ratatui::style::{Modifier, Style};
use tui_textarea::{CursorMove, Input, Key as Typed, TextArea};

use super::SqlPane;
use crate::{
    app::input::{Chord, Key},
    postgres::visible_text,
};

/// Changes that can be taken back.
const CHANGES: usize = 2000;

/// Lines that the editor takes; its widget counts rows in 16 bits.
const MOST_LINES: usize = 50_000;

/// Bytes of a line that it takes.
const LONGEST_LINE: usize = 30_000;

/// A change of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Edit {
    /// Take back the last change.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Cut the selection.
    Cut,
    /// Copy the selection.
    Copy,
    /// Paste what was cut or copied.
    Paste,
    /// Select everything.
    SelectAll,
    /// Delete to the beginning of the line.
    DeleteToHead,
    /// Delete to the end of the line.
    DeleteToEnd,
    /// Delete the word before the cursor.
    DeleteWord,
    /// Delete the word behind the cursor.
    DeleteNextWord,
    /// Delete the character under the cursor.
    DeleteNext,
    /// Empty the editor.
    Clear,
}

/// A movement of the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// One character back.
    Left,
    /// One character on.
    Right,
    /// One word back.
    WordLeft,
    /// One word on.
    WordRight,
    /// To the beginning of the line.
    Head,
    /// To its end.
    End,
    /// To the beginning of the text.
    Top,
    /// To its end.
    Bottom,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
}

/// An editor with these lines. Its cursor is the terminal's own, and colours are painted over it.
pub(super) fn editor(lines: &[String]) -> TextArea<'static> {
    let mut editor = TextArea::new(lines.to_vec());
    editor.set_max_histories(CHANGES);
    editor.set_cursor_style(Style::new());
    editor.set_cursor_line_style(Style::new());
    editor.set_selection_style(Style::new().add_modifier(Modifier::REVERSED));
    editor.set_tab_length(TAB);
    editor
}

/// Columns between the stops of tabs.
pub const TAB: u8 = 4;

/// Text that was pasted or recalled, as an editor takes it: line ends of one kind, the hard spaces of web pages as spaces, and nothing
/// that cannot be seen.
pub(super) fn clean(text: &str) -> String {
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    unix.chars()
        .filter_map(|character| match character {
            '\n' | '\t' => Some(character),
            '\u{a0}' | '\u{202f}' => Some(' '),
            plain if plain.is_ascii_graphic() || plain == ' ' => Some(plain),
            other if visible_text(other.encode_utf8(&mut [0; 4])).starts_with(other) => Some(other),
            _ => None,
        })
        .collect()
}

impl SqlPane {
    /// Takes in that the text has changed.
    pub(super) fn edited(&mut self) {
        self.written.take(self.editor.lines());
        self.mark = None;
    }

    /// Shows lines from their beginning again where the cursor allows it: the widget scrolls to the right and never back further than it
    /// must, so that a short line after a long one would be out of sight. `width` is the room for a line.
    pub(super) fn settle(&mut self, width: usize) {
        let left = self.editor.scroll_offset().1;
        if left == 0 || self.editor.screen_cursor().col + 1 >= width {
            return;
        }
        let cursor = self.editor.cursor();
        let back = i16::try_from(left).unwrap_or(i16::MAX);
        self.editor.scroll((0, -back));
        let near = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        let there = CursorMove::Jump(near(cursor.0), near(cursor.1));
        self.editor.move_cursor(there);
    }

    /// Why so much text cannot be taken, if it cannot.
    fn too_much(&self, text: &str) -> Option<String> {
        let lines = text.split('\n').count() + self.editor.lines().len();
        if lines > MOST_LINES {
            return Some(format!(
                "that is too much for the editor, which takes {MOST_LINES} lines: `citus-tour psql` reads files"
            ));
        }
        let longest = text.split('\n').map(str::len).max().unwrap_or(0);
        (longest + self.line_length() > LONGEST_LINE)
            .then(|| format!("that line is too long for the editor, which takes {LONGEST_LINE} bytes: break it, or use `citus-tour psql`"))
    }

    fn line_length(&self) -> usize {
        let row = self.editor.cursor().0;
        self.editor.lines().get(row).map_or(0, String::len)
    }

    /// Puts text in place of the selection, as one change.
    ///
    /// # Errors
    /// When it is too much.
    pub(super) fn insert(&mut self, text: &str) -> Result<(), String> {
        let text = clean(text);
        if let Some(problem) = self.too_much(&text) {
            return Err(problem);
        }
        if !text.is_empty() {
            self.editor.insert_str(text);
            self.edited();
        }
        Ok(())
    }

    /// Puts text in place of everything, as changes that can be taken back.
    ///
    /// # Errors
    /// When it is too much.
    pub(super) fn replace(&mut self, text: &str) -> Result<(), String> {
        let text = clean(text);
        let longest = text.split('\n').map(str::len).max().unwrap_or(0);
        if text.split('\n').count() > MOST_LINES || longest > LONGEST_LINE {
            return Err("that statement is too long for the editor".to_owned());
        }
        self.editor.select_all();
        self.editor.insert_str(text);
        self.editor.cancel_selection();
        self.edited();
        Ok(())
    }

    /// A key that types.
    pub(super) fn type_chord(&mut self, chord: Chord) {
        let key = match chord.key {
            Key::Char(character) if chord.types() => {
                if clean(character.encode_utf8(&mut [0; 4])).is_empty()
                    || self.line_length() > LONGEST_LINE
                {
                    return;
                }
                Typed::Char(character)
            }
            Key::Enter if !chord.control && !chord.alt => {
                if self.editor.lines().len() < MOST_LINES {
                    self.break_line();
                }
                return;
            }
            Key::Backspace => Typed::Backspace,
            Key::Delete => Typed::Delete,
            _ => return,
        };
        let input = Input {
            key,
            ..Input::default()
        };
        if self.editor.input_without_shortcuts(input) {
            self.edited();
        }
    }

    /// A new line as far to the right as the one before, so that statements keep their shape.
    fn break_line(&mut self) {
        let cursor = self.editor.cursor();
        let line = self.editor.lines().get(cursor.0);
        let indent: String = line.map_or_else(String::new, |line| {
            line.chars()
                .take(cursor.1)
                .take_while(|character| *character == ' ')
                .collect()
        });
        self.editor.insert_str(format!("\n{indent}"));
        self.edited();
    }

    /// Changes the text; gives what is to be copied.
    pub(super) fn edit(&mut self, edit: Edit) -> Option<String> {
        let editor = &mut self.editor;
        let changed = match edit {
            Edit::Undo => travel(editor, TextArea::undo, TextArea::redo),
            Edit::Redo => travel(editor, TextArea::redo, TextArea::undo),
            Edit::Cut => editor.cut(),
            Edit::Copy => {
                let range = self.selected()?;
                let text = self.written.text().get(range)?.to_owned();
                self.editor.set_yank_text(text.clone());
                return Some(text);
            }
            Edit::Paste => editor.paste(),
            Edit::SelectAll => {
                editor.select_all();
                false
            }
            Edit::DeleteToHead => editor.delete_line_by_head(),
            Edit::DeleteToEnd => editor.delete_line_by_end(),
            Edit::DeleteWord => editor.delete_word(),
            Edit::DeleteNextWord => editor.delete_next_word(),
            Edit::DeleteNext => editor.delete_next_char(),
            Edit::Clear => {
                editor.select_all();
                editor.cut()
            }
        };
        if changed {
            self.edited();
        }
        (changed && edit == Edit::Cut).then(|| self.editor.yank_text())
    }

    /// Moves the cursor, selecting on its way or not.
    pub(super) fn step(&mut self, step: Step, selects: bool) {
        let editor = &mut self.editor;
        let to = match step {
            Step::Up => CursorMove::Up,
            Step::Down => CursorMove::Down,
            Step::Left => CursorMove::Back,
            Step::Right => CursorMove::Forward,
            Step::WordLeft => CursorMove::WordBack,
            Step::WordRight => CursorMove::WordForward,
            Step::Head => CursorMove::Head,
            Step::End => CursorMove::End,
            Step::Top => CursorMove::Top,
            Step::Bottom => CursorMove::Bottom,
            Step::PageUp | Step::PageDown => {
                if selects && !editor.is_selecting() {
                    editor.start_selection();
                } else if !selects {
                    editor.cancel_selection();
                }
                editor.scroll(if step == Step::PageUp {
                    tui_textarea::Scrolling::PageUp
                } else {
                    tui_textarea::Scrolling::PageDown
                });
                return;
            }
        };
        self.move_cursor(to, selects);
        if step == Step::Bottom && !selects {
            // The widget's end of the text is the beginning of its last line.
            self.editor.move_cursor(CursorMove::End);
        } else if step == Step::Bottom {
            self.move_cursor(CursorMove::End, true);
        } else if step == Step::Top {
            self.move_cursor(CursorMove::Head, selects);
        }
    }

    /// Moves the cursor to a place, selecting on its way or not.
    pub(super) fn jump(&mut self, row: usize, column: usize, selects: bool) {
        let near = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        self.move_cursor(CursorMove::Jump(near(row), near(column)), selects);
    }

    fn move_cursor(&mut self, to: CursorMove, selects: bool) {
        if !selects {
            self.editor.cancel_selection();
        } else if !self.editor.is_selecting() {
            self.editor.start_selection();
        }
        self.editor.move_cursor(to);
    }
}

/// Takes changes back, or does them again: letters typed one after the other are one word and go together.
fn travel(
    editor: &mut TextArea<'static>,
    step: fn(&mut TextArea<'static>) -> bool,
    back: fn(&mut TextArea<'static>) -> bool,
) -> bool {
    let mut letters = 0_usize;
    loop {
        let before = (shape(editor), current_line(editor).to_owned());
        if !step(editor) {
            return letters > 0;
        }
        let after = current_line(editor);
        let is_letter = before.0 == shape(editor)
            && before.1.chars().count().abs_diff(after.chars().count()) == 1
            && differing(&before.1, after).is_some_and(char::is_alphanumeric);
        if !is_letter {
            if letters > 0 {
                // Only by going too far is it seen where the word ends.
                back(editor);
            }
            return true;
        }
        letters += 1;
    }
}

/// Lines, and the one that the cursor is on: the same as long as letters of one line come and go.
fn shape(editor: &TextArea<'static>) -> (usize, usize) {
    (editor.lines().len(), editor.cursor().0)
}

fn current_line<'e>(editor: &'e TextArea<'static>) -> &'e str {
    editor
        .lines()
        .get(editor.cursor().0)
        .map_or("", String::as_str)
}

/// The character that one of two lines has and the other has not.
fn differing(one: &str, other: &str) -> Option<char> {
    let (long, short) = if one.len() > other.len() {
        (one, other)
    } else {
        (other, one)
    };
    let mut short = short.chars();
    long.chars().find(|it| short.next() != Some(*it))
}
