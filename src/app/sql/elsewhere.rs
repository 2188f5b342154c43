//! What a button of the lesson brought, said in one line where the results have no room beside the lesson.

use super::{Answer, Piece};
use crate::app::{Model, Pane};

/// Values that are named in the line.
const SHOWN: usize = 4;

/// Says what the last statement brought, unless the results can be seen.
pub(super) fn tell(model: &mut Model) {
    let seen = model.regions.viewports.contains_key(&Pane::Results);
    let answer = model
        .tour
        .as_deref()
        .and_then(|tour| tour.sql.answers.last());
    let Some(answer) = answer.filter(|_| !seen) else {
        return;
    };
    let text = format!(
        "{}. Alt+4 shows it in full, Esc comes back",
        summary(answer)
    );
    model.say(text);
}

/// One line: an error's message, the only row, how many rows, or the command's tag.
fn summary(answer: &Answer) -> String {
    let failure = answer.pieces.iter().find_map(|piece| match piece {
        Piece::Error(report) => Some(format!("{}: {}", report.severity, report.message)),
        Piece::Unreachable(words) => Some(words.clone()),
        _ => None,
    });
    if let Some(words) = failure {
        return words;
    }
    if let Some(grid) = answer.grid() {
        let rows = grid.rows.len() as u64 + grid.beyond;
        if let [row] = grid.rows.as_slice()
            && grid.columns.len() <= SHOWN
        {
            let named = grid.columns.iter().zip(row).map(|(column, value)| {
                format!("{} {}", column.name, value.as_deref().unwrap_or("NULL"))
            });
            return named.collect::<Vec<_>>().join(", ");
        }
        let plural = if rows == 1 { "" } else { "s" };
        return format!("{rows} row{plural}");
    }
    let tag = answer.pieces.iter().rev().find_map(|piece| match piece {
        Piece::Tag(tag) => Some(tag.clone()),
        _ => None,
    });
    tag.unwrap_or_else(|| "done".to_owned())
}
