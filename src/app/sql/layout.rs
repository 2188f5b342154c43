//! Where the pieces of an answer stand below one another. Pure: what is drawn and what keys move over come from the same figures.

use super::{
    Answer, Grid, Piece, SqlPane,
    measure::{self, Columns},
    words::{self, Tone},
};

/// A piece of an answer as rows of the pane.
#[derive(Debug, Clone, PartialEq)]
pub enum Section<'a> {
    /// A head, and a line a row.
    Grid(&'a Grid, Columns),
    /// A head for each row, and a line a value.
    Records(&'a Grid),
    /// Lines.
    Lines(Vec<(Tone, String)>),
    /// Text of a COPY, a line a row.
    Copied(&'a str),
}

/// A section and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed<'a> {
    /// Its first row.
    pub top: usize,
    /// How many rows it has.
    pub height: usize,
    /// What it is.
    pub section: Section<'a>,
}

/// Whether an answer's rows are shown one column a line, in a room so wide.
#[must_use]
pub fn is_expanded(pane: &SqlPane, answer: &Answer, width: usize) -> bool {
    let suits = || {
        answer
            .grid()
            .is_some_and(|grid| measure::is_too_wide(&grid.widths, width))
    };
    pane.expanded.unwrap_or_else(suits)
}

/// The sections of an answer, in order, in a room so wide.
#[must_use]
pub fn place(answer: &Answer, expanded: bool, width: usize) -> Vec<Placed<'_>> {
    let mut placed: Vec<Placed<'_>> = Vec::new();
    let mut top = 0;
    let mut before = None;
    let failed = answer.has_failed();
    for piece in &answer.pieces {
        let section = match piece {
            // A head was sent before the first row failed: as psql does, nothing is said of it.
            Piece::Grid(grid) if failed && grid.rows.is_empty() => continue,
            Piece::Grid(grid) if expanded => Section::Records(grid),
            Piece::Grid(grid) => Section::Grid(grid, Columns::fit(&grid.widths, width)),
            Piece::CopyOut(text) => Section::Copied(text),
            Piece::Tag(tag) if words::is_told_by_rows(tag, before) => continue,
            other => Section::Lines(words::lines(other, answer, width)),
        };
        before = Some(piece);
        let height = match &section {
            Section::Grid(grid, _) => grid.rows.len() + 1,
            Section::Records(grid) => grid.rows.len() * record_height(grid),
            Section::Lines(lines) => lines.len(),
            Section::Copied(text) => text.lines().count(),
        };
        placed.push(Placed {
            top,
            height,
            section,
        });
        top += height;
    }
    placed
}

/// How many rows a record has.
#[must_use]
pub fn record_height(grid: &Grid) -> usize {
    grid.columns.len() + 1
}

/// How many rows there are altogether.
#[must_use]
pub fn height(placed: &[Placed<'_>]) -> usize {
    placed.last().map_or(0, |last| last.top + last.height)
}

/// The first row to be shown so that the chosen cell is seen.
#[must_use]
pub fn reveal(
    placed: &[Placed<'_>],
    (row, column): (usize, usize),
    offset: usize,
    room: usize,
) -> usize {
    let last = placed
        .iter()
        .rev()
        .find(|placed| matches!(placed.section, Section::Grid(..) | Section::Records(_)));
    let Some(at) = last else {
        return offset;
    };
    // A head that would scroll away stays at the top, above the rows.
    let line = match &at.section {
        Section::Records(grid) => at.top + row * record_height(grid) + 1 + column,
        _ => at.top + 1 + row,
    };
    if line < offset + 1 {
        line - 1
    } else if line >= offset + room.max(2) {
        line + 1 - room.max(2)
    } else {
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::answer_of, *};

    #[test]
    fn pieces_stand_below_one_another() {
        let answer = answer_of(&["a", "b"], 3);
        let placed = place(&answer, false, 40);
        assert_eq!(placed.len(), 1, "rows tell what their tag tells");
        assert_eq!(height(&placed), 4);
        let placed = place(&answer, true, 40);
        assert_eq!(height(&placed), 9);
    }

    #[test]
    fn the_chosen_cell_is_brought_into_sight() {
        let answer = answer_of(&["a", "b"], 100);
        let grid = place(&answer, false, 40);
        assert_eq!(reveal(&grid, (0, 0), 50, 10), 0);
        assert_eq!(reveal(&grid, (8, 0), 0, 10), 0);
        assert_eq!(reveal(&grid, (9, 0), 0, 10), 1);
        assert_eq!(reveal(&grid, (50, 0), 51, 10), 50, "not below the head");
        let records = place(&answer, true, 40);
        assert_eq!(reveal(&records, (99, 1), 0, 10), 290);
    }
}
