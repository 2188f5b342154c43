//! Latency over time on an axis of powers of ten, with what happened on top and errors below.

use std::time::Duration;

use ratatui::{buffer::Buffer, layout::Rect, text::Span};

use super::{
    Bench,
    axis::{self, Axis},
    cells::State,
};
use crate::{
    ui::{text::write, theme::Role},
    workload::{Cell, LoadInterval, Quantiles},
};

/// Columns of the scale at the left.
pub(super) const SCALE: u16 = 8;

/// From here on it is drawn, in microseconds.
const LOWEST: f64 = 100.0;
/// Powers of ten that are drawn: to 10 s.
const DECADES: f64 = 5.0;

/// How high above the ground a latency is drawn, in rows.
fn height(latency: Duration, rows: u16) -> u16 {
    let micros = f64::from(u32::try_from(latency.as_micros()).unwrap_or(u32::MAX)).max(LOWEST);
    let share = ((micros / LOWEST).log10() / DECADES).min(1.0);
    let top = f64::from(rows.saturating_sub(1));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a number of rows is a number of rows"
    )]
    let height = (share * top).round() as u16;
    height
}

/// What is drawn of the seconds that a column stands for: the worst of them, never a mean of quantiles.
#[derive(Debug, Clone, Copy, Default)]
struct Column {
    quantiles: Option<Quantiles>,
    oldest: Option<Duration>,
    cell: Cell,
}

impl Column {
    fn add(&mut self, interval: &LoadInterval) {
        self.quantiles = match (self.quantiles, interval.total.latency) {
            (Some(a), Some(b)) => Some(Quantiles {
                p50: a.p50.max(b.p50),
                p95: a.p95.max(b.p95),
                p99: a.p99.max(b.p99),
                max: a.max.max(b.max),
            }),
            (a, b) => a.or(b),
        };
        self.oldest = self.oldest.max(interval.oldest);
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        self.cell.ok = self.cell.ok.saturating_add(small(interval.total.done));
        let errors = interval.total.errors.values().sum();
        self.cell.failed = self.cell.failed.saturating_add(small(errors));
        self.cell.waiting = self.cell.waiting.saturating_add(small(interval.in_flight));
        self.cell.dropped = self.cell.dropped.saturating_add(small(interval.dropped));
    }
}

/// Draws the chart.
pub(super) fn draw(bench: &Bench<'_>, axis: Axis, area: Rect, buffer: &mut Buffer) {
    if area.height < 5 || area.width <= SCALE + 4 {
        return;
    }
    let Bench { tour, theme, .. } = *bench;
    let pane = &tour.laboratory;
    let row = |y: u16| Rect {
        x: area.x + SCALE,
        width: area.width - SCALE,
        height: 1,
        y,
    };
    if let Some(availability) = &pane.availability {
        axis::marks(bench, axis, availability.marks(), row(area.y), buffer);
    }
    let ground = area.bottom() - 3;
    let rows = ground - area.y;
    scale(bench, area, ground, rows, buffer);
    let mut columns = vec![Column::default(); axis.cells];
    for interval in &pane.load.intervals {
        // An interval belongs to where it began: its end is the beginning of the next one.
        if let Some(column) = axis.cell(interval.from).and_then(|at| columns.get_mut(at)) {
            column.add(interval);
        }
    }
    for (x, column) in (row(ground).x..row(ground).right()).zip(&columns) {
        paint(bench, column, x, ground, rows, buffer);
        let (glyph, role) = State::of(column.cell).look(theme);
        buffer.set_string(x, ground + 1, glyph, theme.style(role));
    }
    let style = theme.style(Role::Dim);
    let name = Rect {
        width: SCALE,
        ..area
    };
    write(
        buffer,
        Rect {
            y: ground + 1,
            height: 1,
            ..name
        },
        Span::styled(" ended", style),
    );
    axis::ages(bench, axis, row(ground + 2), buffer);
    legend(bench, row(ground + 2), buffer);
}

/// The powers of ten at the left.
fn scale(bench: &Bench<'_>, area: Rect, ground: u16, rows: u16, buffer: &mut Buffer) {
    let theme = bench.theme;
    for (words, micros) in [
        ("0.1 ms", 100_u64),
        ("1 ms", 1_000),
        ("10 ms", 10_000),
        ("100 ms", 100_000),
        ("1 s", 1_000_000),
        ("10 s", 10_000_000),
    ] {
        let y = ground - height(Duration::from_micros(micros), rows);
        let words = format!("{words:>6} ");
        write(
            buffer,
            Rect {
                y,
                height: 1,
                width: SCALE,
                ..area
            },
            Span::styled(words, theme.style(Role::Dim)),
        );
        let line = theme.glyphs.leftover;
        for x in (area.x + SCALE..area.right()).step_by(4) {
            buffer.set_string(x, y, line, theme.style(Role::Border));
        }
    }
}

/// A column: from p50 to p95 full, to p99 shaded, the slowest a dot; how long the oldest waits where it waits long.
fn paint(bench: &Bench<'_>, column: &Column, x: u16, ground: u16, rows: u16, buffer: &mut Buffer) {
    let theme = bench.theme;
    let mut put = |above: u16, glyph: &str, role: Role| {
        buffer.set_string(x, ground - above, glyph, theme.style(role));
    };
    let waits = column
        .oldest
        .filter(|oldest| *oldest >= Duration::from_millis(500));
    if let Some(oldest) = waits {
        let floor = height(Duration::from_millis(500), rows);
        for above in floor..=height(oldest, rows) {
            put(above, theme.glyphs.waits, Role::Alert);
        }
    }
    if let Some(it) = column.quantiles {
        put(height(it.max, rows), theme.glyphs.bullet, Role::Warning);
        for above in height(it.p95, rows)..=height(it.p99, rows) {
            put(above, theme.glyphs.levels[2], Role::Busy);
        }
        for above in height(it.p50, rows)..=height(it.p95, rows) {
            put(above, theme.glyphs.levels[4], Role::Good);
        }
    }
}

fn legend(bench: &Bench<'_>, area: Rect, buffer: &mut Buffer) {
    let theme = bench.theme;
    let glyphs = theme.glyphs;
    let parts = [
        (glyphs.levels[4], Role::Good, "p50-p95"),
        (glyphs.levels[2], Role::Busy, "p99"),
        (glyphs.bullet, Role::Warning, "max"),
        (glyphs.waits, Role::Alert, "oldest waiting"),
    ];
    let mut x = area.x;
    for (glyph, role, words) in parts {
        let needed = u16::try_from(words.len() + 4).unwrap_or(0);
        if x + needed + 24 > area.right() {
            return;
        }
        buffer.set_string(x, area.y, glyph, theme.style(role));
        let words = format!(" {words}  ");
        buffer.set_string(x + 1, area.y, &words, theme.style(Role::Dim));
        x += needed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_power_of_ten_has_as_much_room() {
        let at = |micros: u64| height(Duration::from_micros(micros), 11);
        let heights = [
            1, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 90_000_000,
        ]
        .map(at);
        assert_eq!(heights, [0, 0, 2, 4, 6, 8, 10, 10]);
    }
}
