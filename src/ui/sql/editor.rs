//! The editor.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
    widgets::Widget,
};
use unicode_width::UnicodeWidthStr;

use super::{
    super::{
        text::{self, clip, write},
        theme::{Role, Theme},
    },
    paint,
};
use crate::{
    app::{
        Model, OpenTour, Pane, Regions, Target, Viewport, keys,
        sql::{SqlCommand, SqlPane, SqlTarget, node_name},
        wrap,
    },
    postgres::{TransactionStatus, visible_text},
};

/// Draws the editor.
pub(in crate::ui) fn draw(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let room = usize::from(area.width.saturating_sub(2));
    let node = clip(
        &visible_text(&node_name(tour)),
        room.saturating_sub(8),
        theme.glyphs.ellipsis,
    );
    let (state, role) = state(tour.sql.transaction);
    let name = " sql to ";
    let mut title = Line::from(vec![
        Span::styled(name, theme.style(Role::Title)),
        Span::styled(node.clone(), theme.style(Role::Button)),
        Span::styled(format!(" {} ", theme.glyphs.dot), theme.style(Role::Border)),
        Span::styled(format!("{state} "), theme.style(role)),
    ]);
    // On somebody's own cluster it matters which tables a name means.
    if let Some(schema) = tour.facts.as_ref().and_then(|facts| facts.schema.as_ref()) {
        let words = format!("{} in {} ", theme.glyphs.dot, visible_text(schema));
        title.push_span(Span::styled(words, theme.style(Role::Dim)));
    }
    let inner = text::pane(model, theme, Pane::Editor, title, area, buffer, regions);
    if area.height > 0 && area.width > 10 {
        let place = Rect {
            x: area.x + 1 + columns(name),
            y: area.y,
            width: columns(&node).min(area.width - 10),
            height: 1,
        };
        regions.hit(place, Target::Sql(SqlTarget::Node));
    }
    if inner.width < 3 || inner.height == 0 {
        return;
    }
    // The first column says which lines run.
    let body = Rect {
        x: inner.x + 1,
        width: inner.width - 1,
        ..inner
    };
    regions.hit(body, Target::Sql(SqlTarget::Editor));
    let pane = &tour.sql;
    let viewport = Viewport {
        height: usize::from(body.height),
        width: usize::from(body.width),
        content: pane.editor.lines().len(),
    };
    regions.viewports.insert(Pane::Editor, viewport);
    let focused = model.focus == Pane::Editor;
    if pane.editor.is_empty() {
        placeholder(theme, body, buffer);
        if focused {
            regions.cursor = Some(Position::new(body.x, body.y));
        }
        return;
    }
    (&pane.editor).render(body, buffer);
    paint::editor(pane, theme, body, buffer);
    let (top, left) = pane.editor.scroll_offset();
    let (top, left) = (usize::from(top), usize::from(left));
    gutter(pane, theme, top, inner, buffer);
    mark(pane, theme, (top, left), body, buffer);
    let edge = Rect {
        x: inner.right().min(area.right().saturating_sub(1)),
        width: 1,
        ..inner
    };
    text::scrollbar(theme, viewport, top, edge, buffer);
    if focused {
        let cursor = pane.editor.screen_cursor();
        regions.cursor = inside(
            body,
            cursor.row.saturating_sub(top),
            cursor.col.saturating_sub(left),
        );
    }
}

fn columns(text: &str) -> u16 {
    u16::try_from(text.width()).unwrap_or(u16::MAX)
}

/// Where the session stands: a sign and a word.
fn state(transaction: TransactionStatus) -> (&'static str, Role) {
    match transaction {
        TransactionStatus::Idle => ("idle", Role::Dim),
        TransactionStatus::Open => ("* in transaction", Role::Busy),
        TransactionStatus::Failed => ("! transaction failed: ROLLBACK", Role::Alert),
        TransactionStatus::Unknown => ("? no session", Role::Warning),
    }
}

/// A place in the area, if it lies there.
fn inside(area: Rect, row: usize, column: usize) -> Option<Position> {
    let x = u16::try_from(column).ok()?;
    let y = u16::try_from(row).ok()?;
    (x < area.width && y < area.height).then(|| Position::new(area.x + x, area.y + y))
}

/// What an empty editor teaches.
fn placeholder(theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let chord = |command| {
        keys::chords_of(keys::Command::Sql(command))
            .first()
            .copied()
            .unwrap_or_default()
    };
    let words = [
        format!("Type SQL here; {} runs it.", chord(SqlCommand::Run)),
        format!(
            "{} finds what you ran before, {} sends it to another node.",
            chord(SqlCommand::History),
            chord(SqlCommand::NextNode)
        ),
    ];
    let lines = words
        .iter()
        .flat_map(|line| wrap(line, usize::from(area.width.saturating_sub(1))));
    for (row, line) in (area.y..area.bottom()).zip(lines) {
        let place = Rect {
            x: area.x + 1,
            y: row,
            width: area.width - 1,
            height: 1,
        };
        write(buffer, place, Line::styled(line, theme.style(Role::Dim)));
    }
}

/// Marks the lines that would run, where there is a choice.
fn gutter(pane: &SqlPane, theme: &Theme, top: usize, area: Rect, buffer: &mut Buffer) {
    let range = pane.selected().or_else(|| {
        pane.current()
            .filter(|_| pane.written.statements().len() > 1)
    });
    let Some(range) = range else {
        return;
    };
    let first = pane.written.row(range.start);
    let last = pane
        .written
        .row(range.end.saturating_sub(1).max(range.start));
    for (index, row) in (area.y..area.bottom()).enumerate() {
        if (first..=last).contains(&(top + index)) {
            buffer.set_string(area.x, row, theme.glyphs.bar, theme.style(Role::Marked));
        }
    }
}

/// Marks where the last statement failed.
fn mark(
    pane: &SqlPane,
    theme: &Theme,
    (top, left): (usize, usize),
    area: Rect,
    buffer: &mut Buffer,
) {
    let Some((row, character)) = pane.mark else {
        return;
    };
    let Some(line) = pane.editor.lines().get(row) else {
        return;
    };
    let Some(below) = row.checked_sub(top).and_then(|row| u16::try_from(row).ok()) else {
        return;
    };
    if below >= area.height {
        return;
    }
    let style = theme.style(Role::Alert);
    let y = area.y + below;
    buffer.set_string(area.x - 1, y, theme.glyphs.failed, style);
    let (from, to) = paint::word_at(line, character);
    for column in from.max(left)..to {
        if let Some(place) = inside(area, usize::from(below), column - left)
            && let Some(cell) = buffer.cell_mut(place)
        {
            cell.set_style(theme.selected(style));
        }
    }
}
