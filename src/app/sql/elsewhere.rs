//! What a button of the lesson brought, for screens on which the results have no place beside the lesson: its first lines stand under
//! the button.

use super::{Answer, JobId, Piece};
use crate::{
    app::{OpenTour, lesson::ItemId},
    postgres::{
        ResultSet,
        format::{self, Style},
    },
};

/// Lines of one run that are kept.
const LINES: usize = 12;

/// Rows of a result that are laid out for them.
const ROWS: usize = 10;

/// Keeps the first lines of what a job brought with the lesson's item.
pub(super) fn keep(tour: &mut OpenTour, job: JobId, item: ItemId) {
    let answers = tour.sql.answers.iter().filter(|answer| answer.job == job);
    let mut lines: Vec<String> = Vec::new();
    for answer in answers {
        let text = answer
            .pieces
            .iter()
            .map(|piece| text(piece, answer))
            .collect::<String>();
        lines.extend(text.lines().map(|line| line.trim_end().to_owned()));
    }
    lines.retain(|line| !line.is_empty());
    if lines.len() > LINES {
        lines.truncate(LINES - 1);
        lines.push("…".to_owned());
    }
    tour.lesson.brought.insert(item, lines);
}

fn text(piece: &Piece, answer: &Answer) -> String {
    match piece {
        Piece::Grid(grid) => {
            let first = ResultSet {
                columns: grid.columns.clone(),
                rows: grid.rows.iter().take(ROWS).cloned().collect(),
            };
            let total = grid.rows.len() as u64 + grid.beyond;
            let table = format::rows(&first, Style::default());
            if total <= ROWS as u64 {
                return table;
            }
            // The count below the table is that of the rows in it.
            let mut shown: Vec<&str> = table.lines().collect();
            shown.pop();
            format!("{}\n({total} rows)\n", shown.join("\n"))
        }
        Piece::Notice(report) | Piece::Error(report) => {
            format::report(report, &answer.statement, Style::default())
        }
        Piece::CopyOut(text) => text.lines().take(LINES).collect::<Vec<_>>().join("\n"),
        // The table says how many rows there are.
        Piece::Tag(_) if answer.grid().is_some() => String::new(),
        Piece::Tag(text) | Piece::Unreachable(text) | Piece::Remark(text) => format!("{text}\n"),
    }
}
