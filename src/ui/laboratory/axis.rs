//! The axis of time: cells of equal spans, the last one now, with what happened marked on it.

use std::time::{Duration, Instant};

use ratatui::{buffer::Buffer, layout::Rect, text::Span};
use unicode_width::UnicodeWidthStr;

use super::Bench;
use crate::{
    ui::{
        text::{one_line, write},
        theme::Role,
    },
    workload::Mark,
};

/// Cells of equal spans that end now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Axis {
    /// Where the first one begins.
    pub(super) from: Instant,
    /// How much time one stands for.
    pub(super) span: Duration,
    /// How many there are.
    pub(super) cells: usize,
}

impl Axis {
    /// So many cells, the last of which holds `now`. They stand where they stood a moment ago: what is drawn does not swim.
    pub(super) fn new(origin: Instant, now: Instant, span: Duration, cells: usize) -> Self {
        let age = now.saturating_duration_since(origin);
        let whole =
            u32::try_from(age.as_millis() / span.as_millis().max(1)).unwrap_or(u32::MAX - 1);
        let end = origin + span * (whole + 1);
        let length = span * u32::try_from(cells).unwrap_or(u32::MAX);
        Self {
            from: end.checked_sub(length).unwrap_or(origin),
            span,
            cells,
        }
    }

    /// The cell that holds a moment.
    pub(super) fn cell(&self, at: Instant) -> Option<usize> {
        let age = at.checked_duration_since(self.from)?;
        let cell = usize::try_from(age.as_millis() / self.span.as_millis().max(1)).ok()?;
        (cell < self.cells).then_some(cell)
    }
}

/// What happened, each at its cell with its words as far as there is room: later things before earlier ones.
pub(super) fn marks(
    bench: &Bench<'_>,
    axis: Axis,
    marks: &[Mark],
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = bench.theme;
    let sign = theme.glyphs.unfolded;
    let mut free = usize::from(area.width);
    for mark in marks.iter().rev() {
        let Some(cell) = axis.cell(mark.at) else {
            continue;
        };
        if cell >= free {
            // Something later stands here: only the sign, if that.
            continue;
        }
        let role = if mark.kind.breaks() {
            Role::Alert
        } else if mark.kind.mends() {
            Role::Good
        } else {
            Role::Strong
        };
        let words = one_line(&mark.to_string());
        let room = free - cell - 1;
        // The words stand behind the sign, before it where they would leave the picture.
        let (at, text) = if words.width() <= room {
            (cell, format!("{sign}{words}"))
        } else if words.width() <= cell && free >= axis.cells {
            (cell - words.width(), format!("{words}{sign}"))
        } else {
            (cell, sign.to_owned())
        };
        let place = Rect {
            x: area.x + u16::try_from(at).unwrap_or(0),
            width: area.width.saturating_sub(u16::try_from(at).unwrap_or(0)),
            height: area.height.min(1),
            ..area
        };
        write(buffer, place, Span::styled(text, theme.style(role)));
        free = at;
    }
}

/// Ages below the cells: `-30s       -20s      -10s   now`.
pub(super) fn ages(bench: &Bench<'_>, axis: Axis, area: Rect, buffer: &mut Buffer) {
    let theme = bench.theme;
    let style = theme.style(Role::Dim);
    let width = usize::from(area.width);
    let now = "now";
    let mut free = width.saturating_sub(now.len());
    let end = Rect {
        x: area.x + u16::try_from(free).unwrap_or(0),
        width: area.width.min(3),
        ..area
    };
    write(buffer, end, Span::styled(now, style));
    let mut back = 10;
    while back < axis.cells {
        let age = axis.span * u32::try_from(back).unwrap_or(0);
        let words = match age.as_secs() {
            seconds @ ..120 => format!("-{seconds}s"),
            seconds => format!("-{}m{:02}", seconds / 60, seconds % 60),
        };
        let at = axis.cells - 1 - back;
        if at + words.len() < free {
            let place = Rect {
                x: area.x + u16::try_from(at).unwrap_or(0),
                width: area.width.saturating_sub(u16::try_from(at).unwrap_or(0)),
                ..area
            };
            write(buffer, place, Span::styled(words, style));
            free = at;
        }
        back += 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stay_where_they_are_until_one_is_full() {
        let origin = Instant::now();
        let second = Duration::from_secs(1);
        let at = |millis| Axis::new(origin, origin + Duration::from_millis(millis), second, 5);
        assert_eq!(at(10_000), at(10_999));
        assert_eq!(at(11_000).from, at(10_000).from + second);
        let axis = at(10_400);
        assert_eq!(axis.cell(origin + Duration::from_millis(10_400)), Some(4));
        assert_eq!(axis.cell(origin + Duration::from_secs(6)), Some(0));
        assert_eq!(axis.cell(origin + Duration::from_millis(5_999)), None);
        assert_eq!(axis.cell(origin + Duration::from_secs(11)), None);
    }
}
