//! Rows of a result, as a grid or one column a line.

use ratatui::{buffer::Buffer, layout::Rect, style::Style};
use unicode_width::UnicodeWidthStr;

use super::super::theme::{Role, Theme};
use crate::app::{
    Regions, Target,
    sql::{
        Grid, NULL, SqlTarget,
        layout::record_height,
        measure::{Columns, GAP, fit},
    },
};

/// What rows are drawn on, and which of their cells is chosen.
pub(super) struct Canvas<'a> {
    pub(super) theme: &'a Theme,
    pub(super) buffer: &'a mut Buffer,
    pub(super) regions: &'a mut Regions,
    /// The chosen cell, when the results have the focus and these are the rows that it is among.
    pub(super) chosen: Option<(usize, usize)>,
    /// These are the rows that keys and mouse choose from.
    pub(super) choosable: bool,
}

impl Canvas<'_> {
    /// The names of the columns.
    pub(super) fn head(&mut self, grid: &Grid, columns: &Columns, first: usize, line: Rect) {
        let style = self.theme.style(Role::ColumnHead);
        for (index, place, width) in columns.seen(first, usize::from(line.width)) {
            let Some(column) = grid.columns.get(index) else {
                break;
            };
            let at = cut(line, place, width);
            self.put(at, &column.name, column.is_numeric(), style);
            if index + 1 < columns.widths.len() {
                self.gap(line, place + width);
            }
        }
    }

    /// A row of a grid.
    pub(super) fn row(
        &mut self,
        grid: &Grid,
        columns: &Columns,
        first: usize,
        row: usize,
        line: Rect,
    ) {
        if self.choosable
            && let Some((last, ..)) = columns.seen(first, usize::from(line.width)).last()
        {
            // Beside the last column the row can be chosen too.
            self.regions
                .hit(line, Target::Sql(SqlTarget::Cell(row, last)));
        }
        for (index, place, width) in columns.seen(first, usize::from(line.width)) {
            let Some(column) = grid.columns.get(index) else {
                break;
            };
            let at = cut(line, place, width);
            self.value(grid, (row, index), column.is_numeric(), at);
            if index + 1 < columns.widths.len() {
                self.gap(line, place + width);
            }
        }
    }

    /// A line of the records: a head, or a value with its column's name.
    pub(super) fn record(&mut self, grid: &Grid, index: usize, line: Rect) {
        let height = record_height(grid);
        let (row, field) = (index / height, index % height);
        let theme = self.theme;
        let Some(field) = field.checked_sub(1) else {
            let rule = theme.glyphs.rule;
            let words = format!("{rule}{rule} row {} ", row + 1);
            let rest = usize::from(line.width).saturating_sub(words.width());
            let text = words + &rule.repeat(rest);
            self.put(line, &text, false, theme.style(Role::Border));
            return;
        };
        let Some(column) = grid.columns.get(field) else {
            return;
        };
        let room = usize::from(line.width);
        let longest = grid.columns.iter().map(|column| column.name.width()).max();
        let names = longest.unwrap_or(1).clamp(1, (room / 3).max(1));
        self.put(
            cut(line, 0, names),
            &column.name,
            false,
            theme.style(Role::Strong),
        );
        self.gap(line, names);
        let place = names + GAP;
        if place < room {
            self.value(grid, (row, field), false, cut(line, place, room - place));
        }
    }

    fn value(&mut self, grid: &Grid, cell: (usize, usize), right: bool, at: Rect) {
        let value = grid.value(cell.0, cell.1);
        let role = if value.is_none() {
            Role::Null
        } else {
            Role::Text
        };
        let style = self.theme.style(role);
        self.put(at, value.unwrap_or(NULL), right, style);
        if self.chosen == Some(cell) {
            self.buffer.set_style(at, self.theme.selected(style));
        }
        if self.choosable {
            let target = SqlTarget::Cell(cell.0, cell.1);
            self.regions.hit(at, Target::Sql(target));
        }
    }

    fn put(&mut self, at: Rect, value: &str, right: bool, style: Style) {
        if at.width == 0 {
            return;
        }
        let glyphs = self.theme.glyphs;
        let room = usize::from(at.width);
        let text = fit(value, room, glyphs.newline, glyphs.ellipsis);
        let free = room.saturating_sub(text.width());
        let indent = if right { free } else { 0 };
        let x = at.x + u16::try_from(indent).unwrap_or(0);
        self.buffer.set_style(at, style);
        self.buffer.set_stringn(x, at.y, text, room - indent, style);
    }

    fn gap(&mut self, line: Rect, place: usize) {
        if place + 1 < usize::from(line.width) {
            let at = cut(line, place + 1, 1);
            let style = self.theme.style(Role::Border);
            self.buffer
                .set_stringn(at.x, at.y, self.theme.glyphs.track, 1, style);
        }
    }
}

/// Some columns of a line.
fn cut(line: Rect, place: usize, width: usize) -> Rect {
    let place = u16::try_from(place).unwrap_or(u16::MAX).min(line.width);
    Rect {
        x: line.x + place,
        width: u16::try_from(width)
            .unwrap_or(u16::MAX)
            .min(line.width - place),
        ..line
    }
}
