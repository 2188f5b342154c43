//! Draws the event log: what happened, with times, the last thing at the bottom.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    text::{self, clip, count, one_line, scrollbar, write},
    theme::{Role, Theme},
};
use crate::app::{
    Model, OpenTour, Pane, Regions, Viewport,
    log::{LogEntry, LogKind},
};

/// Draws the pane.
pub(super) fn draw(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let log = &tour.log;
    let dot = theme.glyphs.dot;
    let mut title = format!(" log {dot} {} ", count(log.entries.len(), "event"));
    let inner_height = usize::from(area.height.saturating_sub(2));
    let last = log.entries.len().saturating_sub(inner_height);
    let up = log.up.min(last);
    if up > 0 {
        title = format!("{title}{dot} {up} newer below ");
    }
    let title = clip(
        &title,
        usize::from(area.width.saturating_sub(4)),
        theme.glyphs.ellipsis,
    );
    let title = Line::styled(title, theme.style(Role::Title));
    let inner = text::pane(model, theme, Pane::Log, title, area, buffer, regions);
    let viewport = Viewport {
        height: usize::from(inner.height),
        width: usize::from(inner.width),
        content: log.entries.len(),
    };
    regions.viewports.insert(Pane::Log, viewport);
    if inner.is_empty() {
        return;
    }
    if log.entries.is_empty() {
        let words = "nothing has happened yet";
        write(buffer, inner, Span::styled(words, theme.style(Role::Dim)));
        return;
    }
    let first = last - up;
    let shown = log.entries.iter().skip(first);
    for (row, entry) in (inner.y..inner.bottom()).zip(shown) {
        let place = Rect {
            y: row,
            height: 1,
            ..inner
        };
        write(buffer, place, line(entry, theme, usize::from(inner.width)));
    }
    scrollbar(theme, viewport, first, inner, buffer);
}

/// Time, mark of the kind, sentence.
fn line(entry: &LogEntry, theme: &Theme, width: usize) -> Line<'static> {
    let glyphs = theme.glyphs;
    let (mark, role) = match entry.kind {
        LogKind::Node => (glyphs.node_up, Role::Text),
        LogKind::Move => (glyphs.moving, Role::Busy),
        LogKind::Metadata => (glyphs.active, Role::Text),
        LogKind::Learner => (glyphs.folded, Role::Strong),
        LogKind::Failure => (glyphs.failed, Role::Alert),
        LogKind::Program => (glyphs.bullet, Role::Dim),
    };
    let seconds = entry.at.as_secs();
    let time = format!("{:02}:{:02} ", seconds / 60, seconds % 60);
    // The last column is the scroll bar's.
    let room = width.saturating_sub(time.len() + 3);
    Line::from(vec![
        Span::styled(time, theme.style(Role::Dim)),
        Span::styled(format!("{mark} "), theme.style(role)),
        Span::styled(
            clip(&one_line(&entry.text), room, glyphs.ellipsis),
            theme.style(role),
        ),
    ])
}
