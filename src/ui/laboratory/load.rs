//! The load: offered and reached, latency over time, errors, by node and by class.

use std::{collections::BTreeMap, time::Duration};

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{Bench, axis::Axis, chart, say};
use crate::{
    app::{
        Viewport,
        laboratory::{Loading, load_words},
    },
    ui::{
        text::{clip, clip_line, one_line, write},
        theme::Role,
    },
    workload::{Availability, Class, LoadInterval, Tally},
};

/// Seconds that the numbers beside the chart stand for.
const LATELY: usize = 5;
/// Columns of what is told of a class or a node.
const ENTRY: usize = 35;
/// Rows of text besides the chart.
const TEXT: usize = 3;
/// Rows of a chart that is worth drawing.
const CHART: u16 = 8;

/// Rows that it would like to have.
pub(super) fn wanted(bench: &Bench<'_>) -> usize {
    let tables = bench
        .tour
        .laboratory
        .load
        .intervals
        .back()
        .map_or(0, |last| last.by_node.len() + last.by_class.len() + 1);
    TEXT + usize::from(CHART) + 2 + tables.div_ceil(2)
}

/// Draws the load.
pub(super) fn draw(bench: &Bench<'_>, area: Rect, buffer: &mut Buffer) -> Viewport {
    let Bench { tour, theme, .. } = *bench;
    let pane = &tour.laboratory;
    let load = &pane.load;
    let dot = format!(" {} ", theme.glyphs.dot);
    let (state, role) = match &load.state {
        Loading::Resting if load.report.is_some() => ("over", Role::Dim),
        Loading::Resting => ("rests", Role::Dim),
        Loading::Starting => ("starts", Role::Busy),
        Loading::Running => ("runs", Role::Good),
        Loading::Ending => ("ends", Role::Busy),
        Loading::Failed(_) => ("failed", Role::Alert),
    };
    let head = Line::from(vec![
        Span::styled(format!(" {state}"), theme.style(role)),
        Span::styled(
            format!("{dot}{}", load_words(load)),
            theme.style(Role::Text),
        ),
        Span::styled(
            format!(
                "{dot}c {}",
                if load.closed {
                    "opens the loop"
                } else {
                    "closes it"
                }
            ),
            theme.style(Role::Dim),
        ),
    ]);
    let mut at = Rect {
        height: area.height.min(1),
        ..area
    };
    let mut line = |line: Line<'static>, at: &mut Rect| {
        let clipped = clip_line(line, usize::from(area.width), theme.glyphs.ellipsis);
        write(buffer, *at, clipped);
        at.y += at.height;
        at.height = u16::from(at.y < area.bottom());
    };
    line(head, &mut at);
    if let Loading::Failed(reason) = &load.state {
        let rest = rest(area, at.y);
        say(bench, reason, Role::Alert, rest, buffer);
        return Viewport::default();
    }
    let Some(last) = load.intervals.back() else {
        let words = "An open loop sends by a schedule, as users come, and counts from when a statement was due: \
                     a server that hangs is seen. A closed loop waits for each answer before it asks again: \
                     a server that hangs is asked less, and the figures flatter it.";
        let rest = rest(area, at.y);
        say(bench, words, Role::Dim, rest, buffer);
        return Viewport::default();
    };
    line(numbers(bench, last), &mut at);
    line(latency(bench, last), &mut at);
    let tables = tables(bench, last, area.width);
    let left = rest(area, at.y);
    let table_rows = u16::try_from(tables.len()).unwrap_or(u16::MAX);
    let table_rows = table_rows.min(left.height.saturating_sub(CHART));
    let chart = Rect {
        height: left.height - table_rows,
        ..left
    };
    let origin = pane
        .availability
        .as_ref()
        .map_or(last.from, Availability::started);
    let width = usize::from(chart.width.saturating_sub(chart::SCALE));
    let axis = Axis::new(
        origin,
        bench.model.now,
        pane.span().max(Duration::from_secs(1)),
        width,
    );
    chart::draw(bench, axis, chart, buffer);
    for (y, line) in (chart.bottom()..area.bottom()).zip(tables) {
        let place = Rect {
            y,
            height: 1,
            ..area
        };
        write(
            buffer,
            place,
            clip_line(line, usize::from(area.width), theme.glyphs.ellipsis),
        );
    }
    Viewport::default()
}

fn rest(area: Rect, y: u16) -> Rect {
    Rect {
        y,
        height: area.bottom().saturating_sub(y),
        ..area
    }
}

/// The last seconds of the load.
fn lately<'a>(bench: &Bench<'a>) -> impl Iterator<Item = &'a LoadInterval> {
    bench
        .tour
        .laboratory
        .load
        .intervals
        .iter()
        .rev()
        .take(LATELY)
}

fn numbers(bench: &Bench<'_>, last: &LoadInterval) -> Line<'static> {
    let theme = bench.theme;
    let count = lately(bench).count().max(1) as u64;
    let offered = lately(bench).map(|it| it.offered).sum::<u64>() / count;
    let reached = lately(bench).map(|it| it.total.done).sum::<u64>() / count;
    let dropped: u64 = bench
        .tour
        .laboratory
        .load
        .intervals
        .iter()
        .map(|it| it.dropped)
        .sum();
    let mut spans = vec![Span::styled(
        format!(
            " offered {offered}/s  reached {reached}/s  in flight {}",
            last.in_flight
        ),
        theme.style(if reached + reached / 20 + 1 < offered {
            Role::Warning
        } else {
            Role::Strong
        }),
    )];
    let oldest = last
        .oldest
        .filter(|oldest| *oldest >= Duration::from_millis(500));
    if let Some(oldest) = oldest {
        let words = format!("  oldest in flight {:.1} s", oldest.as_secs_f64());
        spans.push(Span::styled(words, theme.style(Role::Alert)));
    }
    if dropped > 0 {
        let words = format!("  dropped {dropped}");
        spans.push(Span::styled(words, theme.style(Role::Alert)));
    }
    Line::from(spans)
}

/// How long statements take, and how they fail.
fn latency(bench: &Bench<'_>, last: &LoadInterval) -> Line<'static> {
    let mut spans = match last.total.latency {
        None => vec![Span::styled(
            " nothing ended",
            bench.theme.style(Role::Busy),
        )],
        Some(it) => {
            let words = format!(
                " p50 {}  p95 {}  p99 {}  max {}",
                took(it.p50),
                took(it.p95),
                took(it.p99),
                took(it.max)
            );
            vec![Span::styled(words, bench.theme.style(Role::Text))]
        }
    };
    spans.push(Span::raw("  "));
    spans.push(errors(bench));
    Line::from(spans)
}

/// Errors since the load's start, by SQLSTATE.
fn errors(bench: &Bench<'_>) -> Span<'static> {
    let theme = bench.theme;
    let mut all: BTreeMap<&str, u64> = BTreeMap::new();
    for interval in &bench.tour.laboratory.load.intervals {
        for (code, count) in &interval.total.errors {
            *all.entry(code).or_default() += count;
        }
    }
    if all.is_empty() {
        return Span::styled("no errors", theme.style(Role::Good));
    }
    let words: Vec<String> = all
        .iter()
        .map(|(code, count)| format!("{} {count}", one_line(code)))
        .collect();
    Span::styled(
        format!("{} errors: {}", theme.glyphs.failed, words.join("  ")),
        theme.style(Role::Alert),
    )
}

/// What each class and each node did lately, side by side where there is room.
fn tables(bench: &Bench<'_>, last: &LoadInterval, width: u16) -> Vec<Line<'static>> {
    let classes = last.by_class.keys().map(|class| {
        let tallies = lately(bench).filter_map(|it| it.by_class.get(class));
        entry(
            bench,
            class_words(*class),
            tallies,
            last.by_class.get(class),
        )
    });
    let nodes = last.by_node.keys().map(|node| {
        let tallies = lately(bench).filter_map(|it| it.by_node.get(node));
        entry(bench, &holders(node), tallies, last.by_node.get(node))
    });
    let entries: Vec<Vec<Span<'static>>> = classes.chain(nodes).collect();
    let beside = (usize::from(width) / ENTRY).max(1);
    let rows = entries.len().div_ceil(beside);
    let row = |row: usize| {
        let spans = entries.iter().skip(row).step_by(rows.max(1)).flatten();
        Line::from(spans.cloned().collect::<Vec<_>>())
    };
    (0..rows).map(row).collect()
}

/// `worker1, worker2` in short: `worker1+2`.
fn holders(nodes: &str) -> String {
    let mut names = nodes.split(", ");
    let mut short = names.next().unwrap_or_default().to_owned();
    for name in names {
        let stem = name.trim_end_matches(|character: char| character.is_ascii_digit());
        let number = &name[stem.len()..];
        short.push('+');
        short.push_str(if number.is_empty() { name } else { number });
    }
    one_line(&short)
}

fn class_words(class: Class) -> &'static str {
    match class {
        Class::Read => "reads",
        Class::Write => "writes",
        Class::Report => "reports",
    }
}

/// Name, statements a second, the 99th percentile of the last second, and failures.
fn entry<'a>(
    bench: &Bench<'_>,
    name: &str,
    tallies: impl Iterator<Item = &'a Tally>,
    last: Option<&Tally>,
) -> Vec<Span<'static>> {
    let theme = bench.theme;
    let (mut done, mut failed, mut count) = (0, 0, 0);
    for tally in tallies {
        done += tally.done;
        failed += tally.errors.values().sum::<u64>();
        count += 1;
    }
    let (done, failed) = (done / count.max(1), failed.div_ceil(count.max(1)));
    let name = clip(name, 11, theme.glyphs.ellipsis);
    let latency = last.and_then(|last| last.latency);
    let p99 = latency.map_or_else(
        || "none ended".to_owned(),
        |it| format!("p99 {}", took(it.p99)),
    );
    let failures = if failed > 0 {
        format!("{}{failed}/s", theme.glyphs.failed)
    } else {
        String::new()
    };
    vec![
        Span::styled(format!(" {name:<11}"), theme.style(Role::Dim)),
        Span::styled(format!("{done:>4}/s "), theme.style(Role::Text)),
        Span::styled(format!("{p99:<11}"), theme.style(Role::Text)),
        Span::styled(format!("{failures:<5}"), theme.style(Role::Alert)),
    ]
}

/// `0.8 ms`, `12 ms`, `3.0 s`.
pub(super) fn took(duration: Duration) -> String {
    let micros = duration.as_micros();
    match micros {
        ..10_000 => format!("{}.{} ms", micros / 1000, micros / 100 % 10),
        10_000..1_000_000 => format!("{} ms", micros / 1000),
        _ => format!("{:.1} s", duration.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_holds_a_tenant_twice_is_told_in_short() {
        assert_eq!(holders("worker1, worker2"), "worker1+2");
        assert_eq!(holders("worker3"), "worker3");
        assert_eq!(holders("a, b"), "a+b");
    }

    #[test]
    fn times_are_short_and_have_their_unit() {
        let words = [40, 850, 9_990, 12_000, 999_000, 3_040_000]
            .map(|micros| took(Duration::from_micros(micros)));
        assert_eq!(
            words,
            ["0.0 ms", "0.8 ms", "9.9 ms", "12 ms", "999 ms", "3.0 s"]
        );
    }
}
