//! Moving over results, and taking something out of them.

use super::{
    Answer, SqlPane,
    layout::{self, Section, place},
    measure::Columns,
    value,
};
use crate::app::{Effect, Model, Pane, Viewport, overlay::Overlay};

/// What can be done in the results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Browse {
    /// The row above, or scroll.
    Up,
    /// The row below, or scroll.
    Down,
    /// The column at the left.
    Left,
    /// The column at the right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The first column.
    First,
    /// The last column.
    Last,
    /// The first row.
    Top,
    /// The last row.
    Bottom,
    /// The answer before.
    Before,
    /// The answer after.
    After,
    /// One column a line, or a grid.
    Expand,
    /// The chosen value in full.
    Inspect,
    /// Copy the chosen value.
    CopyCell,
    /// Copy the chosen row.
    CopyRow,
    /// Copy all rows.
    CopyAll,
    /// Copy the statement.
    CopyStatement,
    /// Put the statement into the editor.
    EditStatement,
}

/// Does what is asked in the results.
pub(super) fn browse(model: &mut Model, browse: Browse) -> Vec<Effect> {
    let viewport = model.regions.viewport(Pane::Results);
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    let pane = &mut tour.sql;
    match browse {
        Browse::Before => pane.show(pane.shown.saturating_sub(1)),
        Browse::After => pane.show(pane.shown + 1),
        Browse::Expand => pane.expand(viewport),
        Browse::Inspect => {
            if let Some(overlay) = pane.answer().and_then(|it| value::inspect(it, pane.cell)) {
                model.overlays.push(overlay);
            }
        }
        Browse::EditStatement => {
            if let Some(statement) = pane.answer().map(|answer| answer.statement.clone()) {
                super::put(model, &statement);
            }
        }
        Browse::CopyCell | Browse::CopyRow | Browse::CopyAll | Browse::CopyStatement => {
            let text = pane
                .answer()
                .and_then(|answer| value::copied(answer, pane.cell, browse));
            if text.is_none() {
                model.say("there is nothing to copy here");
            }
            return text.map(Effect::Copy).into_iter().collect();
        }
        _ => pane.walk(browse, viewport),
    }
    Vec::new()
}

/// Shows a message of the whole answer.
pub(super) fn whole(answer: &Answer) -> Overlay {
    Overlay::Message {
        title: super::words::short(&answer.statement),
        text: value::text(answer),
        offset: 0,
    }
}

impl SqlPane {
    fn expand(&mut self, viewport: Viewport) {
        let Some(answer) = self.answer() else {
            return;
        };
        self.expanded = Some(!layout::is_expanded(self, answer, viewport.width));
        self.offset = (0, 0);
        self.follow(viewport);
    }

    /// Moves the chosen cell, or scrolls where there is none.
    pub(super) fn walk(&mut self, browse: Browse, viewport: Viewport) {
        let Some(answer) = self.answer() else {
            return;
        };
        let expanded = layout::is_expanded(self, answer, viewport.width);
        let size = answer
            .grid()
            .map(|grid| (grid.rows.len(), grid.columns.len()));
        let Some((rows, columns)) = size.filter(|(rows, columns)| *rows > 0 && *columns > 0) else {
            return self.leaf(browse, viewport);
        };
        let page = viewport.height.saturating_sub(2).max(1);
        let (row, column) = self.cell;
        let (last_row, last_column) = (rows - 1, columns - 1);
        self.cell = match (browse, expanded) {
            (Browse::Up, true) if column > 0 => (row, column - 1),
            (Browse::Up, true) if row > 0 => (row - 1, last_column),
            (Browse::Down, true) if column < last_column => (row, column + 1),
            (Browse::Down, true) if row < last_row => (row + 1, 0),
            (Browse::Up, _) if row > 0 && !expanded => (row - 1, column),
            (Browse::Down, _) if row < last_row && !expanded => (row + 1, column),
            (Browse::Up, _) => return self.scroll_rows(-1, viewport),
            (Browse::Down, _) => return self.scroll_rows(1, viewport),
            (Browse::PageUp, true) => (row.saturating_sub((page / (columns + 1)).max(1)), column),
            (Browse::PageDown, true) => (row + (page / (columns + 1)).max(1), column),
            (Browse::PageUp, false) => (row.saturating_sub(page), column),
            (Browse::PageDown, false) => (row + page, column),
            (Browse::Left, _) => (row, column.saturating_sub(1)),
            (Browse::Right, _) => (row, column + 1),
            (Browse::First, _) => (row, 0),
            (Browse::Last, _) => (row, last_column),
            (Browse::Top, _) => (0, column),
            (Browse::Bottom, _) => (last_row, column),
            _ => self.cell,
        };
        self.cell = (self.cell.0.min(last_row), self.cell.1.min(last_column));
        self.follow(viewport);
    }

    /// Scrolls an answer that has no rows to choose from.
    fn leaf(&mut self, browse: Browse, viewport: Viewport) {
        let page = isize::try_from(viewport.height.max(2) - 1).unwrap_or(1);
        match browse {
            Browse::Up => self.scroll_rows(-1, viewport),
            Browse::Down => self.scroll_rows(1, viewport),
            Browse::PageUp => self.scroll_rows(-page, viewport),
            Browse::PageDown => self.scroll_rows(page, viewport),
            Browse::Top => self.scroll_rows(-isize::MAX, viewport),
            Browse::Bottom => self.scroll_rows(isize::MAX, viewport),
            Browse::Left => self.show(self.shown.saturating_sub(1)),
            Browse::Right => self.show(self.shown + 1),
            _ => {}
        }
    }

    /// Scrolls without choosing another cell.
    pub(super) fn scroll_rows(&mut self, by: isize, viewport: Viewport) {
        let Some(answer) = self.answer() else {
            return;
        };
        let expanded = layout::is_expanded(self, answer, viewport.width);
        let content = layout::height(&place(answer, expanded, viewport.width));
        let last = content.saturating_sub(viewport.height);
        self.offset.0 = self.offset.0.saturating_add_signed(by).min(last);
    }

    /// Scrolls by columns without choosing another cell.
    pub(super) fn scroll_columns(&mut self, by: isize) {
        let columns = self
            .answer()
            .and_then(Answer::grid)
            .map_or(0, |grid| grid.columns.len());
        self.offset.1 = self
            .offset
            .1
            .saturating_add_signed(by)
            .min(columns.saturating_sub(1));
    }

    /// Scrolls so that the chosen cell is seen.
    pub(super) fn follow(&mut self, viewport: Viewport) {
        let Some(answer) = self.answer() else {
            return;
        };
        let expanded = layout::is_expanded(self, answer, viewport.width);
        let placed = place(answer, expanded, viewport.width);
        let rows = layout::reveal(&placed, self.cell, self.offset.0, viewport.height);
        let columns = placed
            .iter()
            .rev()
            .find_map(|placed| match &placed.section {
                Section::Grid(_, columns) => Some(columns),
                _ => None,
            });
        let reveal = |columns: &Columns| columns.reveal(self.cell.1, self.offset.1, viewport.width);
        self.offset = (rows, columns.map_or(0, reveal));
    }
}
