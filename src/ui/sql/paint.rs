//! Colours of SQL, painted over text that is drawn already.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthChar;

use super::super::{
    highlight::{self, Token},
    theme::Theme,
};
use crate::app::sql::{SqlPane, TAB, Written};

/// Rows above the first visible one that are looked at to know whether a quote or a comment is open there.
const LOOK_BACK: usize = 300;

/// Paints the visible rows of the editor.
pub(super) fn editor(pane: &SqlPane, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let (top, left) = pane.editor.scroll_offset();
    let (top, left) = (usize::from(top), usize::from(left));
    let bottom = (top + usize::from(area.height)).min(pane.editor.lines().len());
    let written: &Written = &pane.written;
    let anchor = written.anchor(top, LOOK_BACK);
    let colours = highlight::sql(written.rows(anchor..bottom));
    let visible = colours.iter().skip(top.saturating_sub(anchor));
    let lines = pane.editor.lines().iter().skip(top);
    for ((row, line), tokens) in (area.y..area.bottom()).zip(lines).zip(visible) {
        let row = Rect {
            y: row,
            height: 1,
            ..area
        };
        self::line(line, tokens, left, theme, row, buffer);
    }
}

/// Paints one line of which the first `left` columns are out of sight.
pub(super) fn line(
    line: &str,
    tokens: &[Token],
    left: usize,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) {
    let end = left + usize::from(area.width);
    let mut tokens = tokens.iter().peekable();
    let mut column = 0;
    for (at, character) in line.char_indices() {
        if column >= end {
            break;
        }
        while tokens.next_if(|(range, _)| range.end <= at).is_some() {}
        let width = columns(character, column);
        if let Some((range, role)) = tokens.peek()
            && range.contains(&at)
        {
            let style = theme.style(*role);
            for column in (column..column + width).filter(|column| (left..end).contains(column)) {
                set(buffer, area, column - left, style);
            }
        }
        column += width;
    }
}

fn set(buffer: &mut Buffer, area: Rect, column: usize, style: Style) {
    let x = area.x + u16::try_from(column).unwrap_or(u16::MAX - area.x);
    if let Some(cell) = buffer.cell_mut((x, area.y)) {
        cell.set_style(style);
    }
}

/// How many columns a character takes that stands at a column.
fn columns(character: char, column: usize) -> usize {
    if character == '\t' {
        let tab = usize::from(TAB);
        tab - column % tab
    } else {
        character.width().unwrap_or(0)
    }
}

/// The columns of the word that begins at a character of a line: where an error points at.
pub(super) fn word_at(line: &str, character: usize) -> (usize, usize) {
    let mut column = 0;
    let mut start = None;
    for (index, it) in line.chars().enumerate() {
        let is_word = it.is_alphanumeric() || it == '_';
        match start {
            None if index == character => {
                start = Some(column);
                if !is_word {
                    return (column, column + columns(it, column).max(1));
                }
            }
            Some(start) if !is_word => return (start, column),
            _ => {}
        }
        column += columns(it, column);
    }
    // Behind the last character: the place where something is missing.
    start.map_or((column, column + 1), |start| (start, column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_points_at_a_word() {
        assert_eq!(word_at("SELECT usr_id FROM", 7), (7, 13));
        assert_eq!(word_at("'日本' FORM x", 5), (7, 11));
        assert_eq!(word_at("a ) b", 2), (2, 3));
        assert_eq!(word_at("abc", 3), (3, 4));
        assert_eq!(word_at("\tab", 1), (4, 6));
        assert_eq!(word_at("", 0), (0, 1));
    }
}
