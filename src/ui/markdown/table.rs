//! Tables, fitted to a width.

use pulldown_cmark::Alignment;
use ratatui::text::{Line, Span};

use super::{parse::Text, wrap};
use crate::ui::theme::{Role, Theme};

/// Columns between two cells.
const GAP: usize = 3;

/// Columns below which a cell is not squeezed; a table that would need that is written row by row.
const LEAST: usize = 4;

/// Draws a table: a line a row where it fits, cells wrapped where it does not, and one cell a line where even that is too wide.
pub(super) fn draw(
    alignments: &[Alignment],
    head: &[Text],
    rows: &[Vec<Text>],
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let columns = head.len();
    if columns == 0 {
        return Vec::new();
    }
    let Some(widths) = fit(head, rows, width) else {
        return one_by_one(head, rows, width, theme);
    };
    let head: Vec<Text> = head
        .iter()
        .map(|text| {
            let style = theme.style(Role::Strong);
            let spans = text.iter();
            let bold =
                spans.map(|span| Span::styled(span.content.clone(), span.style.patch(style)));
            bold.collect()
        })
        .collect();
    let mut drawn = row(alignments, &head, &widths, theme);
    let rule: Vec<String> = widths
        .iter()
        .map(|width| theme.glyphs.rule.repeat(*width))
        .collect();
    let cross = theme.glyphs.rule.repeat(GAP);
    drawn.push(Line::styled(rule.join(&cross), theme.style(Role::Border)));
    for cells in rows {
        drawn.extend(row(alignments, cells, &widths, theme));
    }
    drawn
}

fn columns_of(text: &Text) -> usize {
    text.iter().map(Span::width).sum()
}

/// The width of each column; `None` when they cannot all stand side by side.
fn fit(head: &[Text], rows: &[Vec<Text>], width: usize) -> Option<Vec<usize>> {
    let mut widths: Vec<usize> = head.iter().map(columns_of).collect();
    for cells in rows {
        for (widest, cell) in widths.iter_mut().zip(cells) {
            *widest = (*widest).max(columns_of(cell));
        }
    }
    for widest in &mut widths {
        *widest = (*widest).max(1);
    }
    let room = width.checked_sub(GAP * (widths.len() - 1))?;
    let mut sum: usize = widths.iter().sum();
    if sum > room && room < LEAST * widths.len() {
        return None;
    }
    // The widest gives first: narrow columns hold names and numbers, which are not to be cut.
    while sum > room {
        let widest = widths.iter_mut().max()?;
        *widest -= 1;
        sum -= 1;
    }
    Some(widths)
}

fn row(
    alignments: &[Alignment],
    cells: &[Text],
    widths: &[usize],
    theme: &Theme,
) -> Vec<Line<'static>> {
    let empty = Text::new();
    let wrapped: Vec<Vec<Line<'static>>> = widths
        .iter()
        .enumerate()
        .map(|(column, width)| wrap(cells.get(column).unwrap_or(&empty), *width, *width, false))
        .collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    let separator = format!(" {} ", theme.glyphs.track);
    let space = theme.style(Role::Text);
    (0..height)
        .map(|index| {
            let mut spans: Vec<Span<'static>> = Vec::new();
            for (column, (lines, width)) in wrapped.iter().zip(widths).enumerate() {
                if column > 0 {
                    spans.push(Span::styled(separator.clone(), theme.style(Role::Border)));
                }
                let line = lines.get(index).cloned().unwrap_or_default();
                let missing = width.saturating_sub(line.width());
                let left = match alignments.get(column) {
                    Some(Alignment::Right) => missing,
                    Some(Alignment::Center) => missing / 2,
                    _ => 0,
                };
                spans.push(Span::styled(" ".repeat(left), space));
                spans.extend(line.spans);
                spans.push(Span::styled(" ".repeat(missing - left), space));
            }
            spans.retain(|span| !span.content.is_empty());
            Line::from(spans)
        })
        .collect()
}

fn one_by_one(
    head: &[Text],
    rows: &[Vec<Text>],
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let mut drawn = Vec::new();
    for (index, cells) in rows.iter().enumerate() {
        if index > 0 {
            drawn.push(Line::default());
        }
        for (title, cell) in head.iter().zip(cells) {
            let mut text = title.clone();
            text.push(Span::styled(": ", theme.style(Role::Dim)));
            text.extend(cell.iter().cloned());
            drawn.extend(wrap(&text, width, width, false));
        }
    }
    drawn
}
