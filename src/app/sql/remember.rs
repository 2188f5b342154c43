//! The statements of earlier runs, brought back.

use crate::app::{Model, Pane, overlay::Overlay};

use super::{SqlPane, command::settle};

/// The statements of earlier runs; what was run meanwhile comes after them.
pub fn history(model: &mut Model, mut statements: Vec<String>) {
    statements.dedup();
    if let Some(tour) = &mut model.tour {
        let since = std::mem::replace(&mut tour.sql.history, statements);
        let told = tour.sql.history.ends_with(&since);
        if !told {
            tour.sql.history.extend(since);
        }
    }
}

/// Puts a statement into the editor, and the focus there.
pub fn put(model: &mut Model, statement: &str) {
    let Some(tour) = &mut model.tour else {
        return;
    };
    tour.sql.recalled = None;
    tour.sql.draft = None;
    let replaced = tour.sql.replace(&ended(statement));
    model.focus = Pane::Editor;
    if let Err(problem) = replaced {
        model.warn(problem);
    }
    settle(model);
}

/// Shows the statements to choose from.
pub(super) fn show(model: &mut Model) {
    model.overlays.push(Overlay::History {
        query: String::new(),
        selected: 0,
    });
}

/// Brings back the statement before or after the one that is shown.
pub(super) fn recall(model: &mut Model, back: bool) {
    let Some(tour) = &mut model.tour else {
        return;
    };
    if let Err(problem) = tour.sql.recall(back) {
        model.warn(problem);
    }
    settle(model);
}

fn ended(statement: &str) -> String {
    let trimmed = statement.trim_end();
    let ends_in_comment = trimmed
        .lines()
        .next_back()
        .is_some_and(|line| line.contains("--"));
    if trimmed.ends_with(';') || trimmed.starts_with('\\') || ends_in_comment {
        trimmed.to_owned()
    } else {
        format!("{trimmed};")
    }
}

impl SqlPane {
    fn recall(&mut self, back: bool) -> Result<(), String> {
        let next = match (self.recalled, back) {
            (None, true) => Some(0),
            (Some(at), true) => Some((at + 1).min(self.history.len().saturating_sub(1))),
            (None | Some(0), false) => None,
            (Some(at), false) => Some(at - 1),
        };
        if next == self.recalled {
            return Ok(());
        }
        let text = match next {
            None => self.draft.take().unwrap_or_default(),
            Some(at) => {
                let Some(entry) = self.history.iter().rev().nth(at) else {
                    return Ok(());
                };
                let entry = ended(entry);
                if self.recalled.is_none() {
                    self.draft = Some(self.written.text().to_owned());
                }
                entry
            }
        };
        self.recalled = next;
        self.replace(&text)
    }
}
