//! Questions with buttons.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    super::{
        text::{button, wrap, write},
        theme::{Role, Theme},
    },
    frame::layer,
};
use crate::{
    app::{self, Leave, Model, Regions, Target, overlay::Overlay},
    postgres::visible_text,
    runtime::Act,
};

/// How a consequence begins that is none.
const STILL_WORKS: &str = "still works: ";

/// Columns of a question.
const WIDTH: u16 = 72;

/// Draws a question.
pub(super) fn draw(
    model: &Model,
    layer_of: &Overlay,
    theme: &Theme,
    screen: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let (title, words) = words(model, layer_of);
    let width = WIDTH.min(screen.width.saturating_sub(2));
    let room = usize::from(width.saturating_sub(4));
    let lines: Vec<String> = words
        .iter()
        .flat_map(|line| wrap(&visible_text(line), room))
        .collect();
    let field = match layer_of {
        Overlay::ConfirmAct {
            act: Act::Destroy,
            typed,
            ..
        } => Some(typed.as_str()),
        _ => None,
    };
    let labels = app::buttons(layer_of, app::can_keep(model));
    let extra = u16::from(field.is_some()) + if labels.is_empty() { 0 } else { 2 };
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    // The buttons are always visible: a long text gives way.
    let height = rows
        .saturating_add(extra + 2)
        .min(screen.height.saturating_sub(2));
    let inner = layer(&title, (width, height), theme, screen, buffer, regions);
    let text_rows = inner.height.saturating_sub(extra);
    for (row, line) in (inner.y..inner.y + text_rows).zip(lines) {
        let place = Rect {
            y: row,
            height: 1,
            ..inner
        };
        write(buffer, place, Line::styled(line, theme.style(Role::Text)));
    }
    let mut row = inner.y + text_rows;
    if let Some(typed) = field {
        let place = Rect {
            y: row,
            height: 1.min(inner.height),
            ..inner
        };
        let typed = visible_text(typed);
        let column = inner.x + 2 + u16::try_from(typed.width()).unwrap_or(0);
        let spans = vec![
            Span::styled(
                format!("{} ", theme.glyphs.folded),
                theme.style(Role::Marked),
            ),
            Span::styled(typed, theme.style(Role::Strong)),
        ];
        write(buffer, place, Line::from(spans));
        regions.cursor = Some(Position::new(
            column.min(inner.right().saturating_sub(1)),
            row,
        ));
        row += 1;
    }
    if labels.is_empty() {
        return;
    }
    row += 1;
    let mut at = Rect {
        y: row,
        height: u16::from(row < inner.bottom()),
        ..inner
    };
    let chosen = chosen(layer_of);
    for (index, label) in labels.iter().enumerate() {
        let role = if chosen == Some(index) {
            Role::ButtonFocused
        } else {
            Role::Button
        };
        let words = format!("{} {label}", index + 1);
        let width = button(
            buffer,
            at,
            &words,
            theme.style(role),
            Target::OverlayButton(index),
            regions,
        );
        at.x += width + 2;
        at.width = at.width.saturating_sub(width + 2);
    }
}

fn chosen(layer: &Overlay) -> Option<usize> {
    match layer {
        Overlay::ConfirmAct { selected, .. }
        | Overlay::ConfirmPlan { selected, .. }
        | Overlay::NotDone { selected }
        | Overlay::ConfirmRebuild { selected, .. }
        | Overlay::Leave { selected, .. } => Some(*selected),
        _ => None,
    }
}

/// Title and text of a question.
fn words(model: &Model, layer: &Overlay) -> (String, Vec<String>) {
    match layer {
        Overlay::ConfirmAct {
            act,
            nodes,
            consequences,
            counted,
            ..
        } => {
            let node = nodes.join(", ");
            let mut words = Vec::new();
            if consequences.is_empty() {
                words.push(match nodes.as_slice() {
                    [_] => "Nothing depends on it now.".to_owned(),
                    _ => "Nothing depends on them now.".to_owned(),
                });
            } else {
                let (unharmed, harmed): (Vec<_>, Vec<_>) = consequences
                    .iter()
                    .partition(|line| line.starts_with(STILL_WORKS));
                words.push("What stops working:".to_owned());
                words.extend(harmed.iter().map(|line| format!("- {line}")));
                if !unharmed.is_empty() {
                    words.push("What goes on:".to_owned());
                    let rest = unharmed.iter().map(|line| &line[STILL_WORKS.len()..]);
                    words.extend(rest.map(|line| format!("- {line}")));
                }
            }
            if let Some(counted) = counted {
                words.push(format!("Counted: {counted}."));
            }
            if *act == Act::Destroy {
                words.push(String::new());
                words.push(format!(
                    "Its data is removed and does not come back. Type the node's name, {node}, to do it:"
                ));
            }
            (format!("{act} {node}?"), words)
        }
        Overlay::ConfirmPlan {
            plan, consequences, ..
        } => {
            let mut words = vec![plan.to_string(), String::new()];
            words.extend(consequences.iter().map(|line| format!("- {line}")));
            ("Carry this plan out?".to_owned(), words)
        }
        Overlay::NotDone { .. } => (
            "This step is not done yet".to_owned(),
            vec![
                "Its checks do not hold yet. You can stay and finish it, have it done for you and watch, or skip it: the \
                 cluster is then made ready for the next lesson when you get there."
                    .to_owned(),
            ],
        ),
        Overlay::ConfirmRebuild { words, .. } => {
            let title = if model.home.attached {
                "Go there?"
            } else {
                "Make the cluster anew?"
            };
            (title.to_owned(), vec![words.clone()])
        }
        Overlay::Leave {
            decided: Some(leave),
            ..
        } => (
            "One moment".to_owned(),
            vec![what_becomes(leave, model.home.attached)],
        ),
        Overlay::Leave { home, losses, .. } => {
            let progress = match &model.home.progress_problem {
                None => "Your progress is kept.",
                Some(_) => "Your progress is NOT kept: its file cannot be read.",
            };
            let mut lines = vec![
                format!("{progress} The cluster is still running: what shall become of it?"),
            ];
            lines.extend(losses.iter().map(|loss| format!("- {loss}")));
            if app::can_keep(model) {
                lines.push(
                    "Kept for later, its servers go on running and you find it on the home screen; `citus-tour down` ends it."
                        .to_owned(),
                );
            }
            let title = if *home {
                "Leave this tour?"
            } else {
                "Leave citus-tour?"
            };
            (title.to_owned(), lines)
        }
        _ => (String::new(), Vec::new()),
    }
}

/// What becomes of a cluster that is being left.
fn what_becomes(leave: &Leave, attached: bool) -> String {
    match leave {
        Leave::Keep(_) if attached => {
            "Our sessions end. What lessons made is left behind, and your cluster goes on."
                .to_owned()
        }
        Leave::End if attached => {
            "Our sessions end, and what lessons made is dropped. Your cluster goes on.".to_owned()
        }
        Leave::End => "The servers are stopped and their data is removed.".to_owned(),
        Leave::Keep(name) => format!("The cluster goes on as `{name}`."),
    }
}
