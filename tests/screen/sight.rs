//! What somebody sees on the screen: panes by their titles, and what is marked in them.

use vt100::Screen;

/// A pane as it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pane {
    /// The words on its upper border.
    pub(crate) title: String,
    /// Its inner rows.
    pub(crate) rows: Vec<String>,
    /// Whether keys go to it: its border is drawn heavily.
    pub(crate) has_focus: bool,
    /// Column and row of its first inner cell, from 0.
    pub(crate) at: (usize, usize),
}

/// The cells of a screen, one text each: what is wide leaves an empty one behind it.
fn cells(screen: &Screen) -> Vec<Vec<String>> {
    let (rows, columns) = screen.size();
    let text = |row, column| match screen.cell(row, column) {
        Some(cell) if cell.is_wide_continuation() => String::new(),
        Some(cell) if cell.has_contents() => cell.contents().to_owned(),
        _ => " ".to_owned(),
    };
    (0..rows.get())
        .map(|row| (0..columns.get()).map(|column| text(row, column)).collect())
        .collect()
}

/// The rows of a screen, at their full width.
pub(crate) fn rows(screen: &Screen) -> Vec<String> {
    cells(screen).iter().map(|row| row.concat()).collect()
}

/// The pane or layer whose title begins so.
pub(crate) fn pane(screen: &Screen, title: &str) -> Option<Pane> {
    let cells = cells(screen);
    let is = |row: usize, column: usize, signs: &[&str]| {
        let cell = cells.get(row).and_then(|row| row.get(column));
        cell.is_some_and(|cell| signs.contains(&cell.as_str()))
    };
    for (top, line) in cells.iter().enumerate() {
        for left in 0..line.len() {
            if !is(top, left, &["┌", "┏"])
                || !line[left + 1..].concat().starts_with(&format!(" {title}"))
            {
                continue;
            }
            let right = (left + 1..line.len()).find(|column| is(top, *column, &["┐", "┓"]))?;
            let bottom = (top + 1..cells.len()).find(|row| is(*row, left, &["└", "┗"]))?;
            return Some(Pane {
                title: line[left + 1..right].concat(),
                rows: cells[top + 1..bottom]
                    .iter()
                    .map(|row| row[left + 1..right].concat().trim_end().to_owned())
                    .collect(),
                has_focus: is(top, left, &["┏"]),
                at: (left + 1, top + 1),
            });
        }
    }
    None
}

impl Pane {
    /// What is marked, without the mark.
    pub(crate) fn marked(&self) -> Vec<&str> {
        let marked = self.rows.iter().filter_map(|row| row.strip_prefix('▌'));
        marked.map(str::trim).collect()
    }

    /// Whether these words are in it, wherever its lines break.
    pub(crate) fn says(&self, words: &str) -> bool {
        let text = self.rows.join(" ");
        let text: Vec<&str> = text.split_whitespace().collect();
        text.join(" ").contains(words)
    }

    /// Column and row of these words on the screen, from 1 as a mouse tells them.
    pub(crate) fn find(&self, words: &str) -> Option<(usize, usize)> {
        self.rows.iter().enumerate().find_map(|(row, text)| {
            let (before, _) = text.split_once(words)?;
            Some((self.at.0 + before.chars().count() + 1, self.at.1 + row + 1))
        })
    }
}
