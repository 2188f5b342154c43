//! Kinds of statements by shard groups: predicted and observed side by side, what differs marked.

use std::collections::BTreeMap;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{Bench, cells::outcome, say};
use crate::{
    app::Viewport,
    cluster::{GroupKey, GroupKind, Outcome, Prediction, ShardGroup, StatementKind, Subject},
    ui::{
        text::{clip_line, scrollbar, write},
        theme::Role,
    },
};

/// Columns of a row's name.
const NAME: usize = 18;
/// Columns of a pair of cells.
const PAIR: usize = 5;

/// Rows that it would like to have.
pub(super) fn wanted(bench: &Bench<'_>) -> usize {
    content(bench, 60).len().max(2)
}

/// Draws the matrix.
pub(super) fn draw(bench: &Bench<'_>, chosen: bool, area: Rect, buffer: &mut Buffer) -> Viewport {
    let theme = bench.theme;
    if bench.tour.laboratory.expected.is_empty() {
        say(
            bench,
            "there is nothing to predict while the probes rest",
            Role::Dim,
            area,
            buffer,
        );
        return Viewport::default();
    }
    let lines = content(bench, usize::from(area.width));
    let viewport = Viewport {
        height: usize::from(area.height),
        width: usize::from(area.width),
        content: lines.len(),
    };
    let offset = if chosen {
        bench.tour.laboratory.offset.min(viewport.last_offset())
    } else {
        0
    };
    for (y, line) in (area.y..area.bottom()).zip(lines.into_iter().skip(offset)) {
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
    scrollbar(theme, viewport, offset, area, buffer);
    viewport
}

/// What is predicted: of the last fault, while it is the last thing that happened; else of the cluster as it looks.
fn predicted<'a>(bench: &Bench<'a>) -> &'a [Prediction] {
    let pane = &bench.tour.laboratory;
    match &pane.trial {
        Some(trial) => &trial.predicted,
        None => &pane.expected,
    }
}

fn content(bench: &Bench<'_>, width: usize) -> Vec<Line<'static>> {
    let predicted: BTreeMap<Subject, Outcome> = predicted(bench)
        .iter()
        .map(|prediction| (prediction.subject, prediction.outcome))
        .collect();
    let observed = &bench.tour.laboratory.observed;
    let theme = bench.theme;
    let groups: Vec<GroupKey> = bench
        .tour
        .view
        .groups
        .iter()
        .map(|group| group.key)
        .filter(|key| key.kind != GroupKind::Reference)
        .collect();
    let room = width.saturating_sub(NAME + 14) / PAIR;
    let shown: Vec<GroupKey> = groups.iter().copied().take(room.max(1)).collect();
    let mut lines = heads(bench, &shown, groups.len());
    for kind in StatementKind::ALL {
        let of_kind = predicted.keys().any(|subject| subject.kind == kind);
        if !of_kind {
            continue;
        }
        let name = Span::styled(
            format!(" {:<width$}", kind.to_string(), width = NAME - 1),
            theme.style(Role::Text),
        );
        let mut spans = vec![name];
        if kind.is_about_a_group() {
            for group in &shown {
                let subject = Subject::of_group(kind, *group);
                spans.extend(pair(bench, predicted.get(&subject), observed.get(&subject)));
            }
            let beyond = groups.iter().skip(shown.len());
            let differing = beyond
                .filter(|group| {
                    let subject = Subject::of_group(kind, **group);
                    differs(predicted.get(&subject), observed.get(&subject))
                })
                .count();
            if differing > 0 {
                let words = format!("{}{differing} more differ", theme.glyphs.failed);
                spans.push(Span::styled(words, theme.style(Role::Alert)));
            }
        } else {
            let subject = Subject::whole(kind);
            let (is, was) = (predicted.get(&subject), observed.get(&subject));
            spans.extend(pair(bench, is, was));
            let words = match (is, was) {
                (Some(is), _) if kind == StatementKind::Rebalance => {
                    format!("predicted to {}, not probed", verb(*is))
                }
                (Some(is), None) => format!("predicted to {}", verb(*is)),
                (Some(is), Some(was)) if is == was => format!("{}, as predicted", verbs(*was)),
                (Some(is), Some(was)) => format!("{}, predicted to {}", verbs(*was), verb(*is)),
                _ => String::new(),
            };
            let role = if differs(is, was) {
                Role::Alert
            } else {
                Role::Dim
            };
            spans.push(Span::styled(words, theme.style(role)));
        }
        lines.push(Line::from(spans));
    }
    lines.push(legend(bench));
    lines
}

/// The groups' numbers, and on which nodes their copies are.
fn heads(bench: &Bench<'_>, groups: &[GroupKey], all: usize) -> Vec<Line<'static>> {
    let theme = bench.theme;
    let mut numbers = format!(" {:<width$}", "shard group", width = NAME - 1);
    let mut holders = format!(" {:<width$}", "copies on worker", width = NAME - 1);
    for key in groups {
        let group = bench.tour.view.group(*key);
        let ordinal = group.map_or(0, |group| group.ordinal);
        let number = format!("{ordinal:02}");
        let number = format!("{number:<PAIR$}");
        numbers.push_str(&number);
        let on = group.map(ShardGroup::holders).unwrap_or_default();
        let short: Vec<String> = on
            .iter()
            .filter_map(|id| bench.tour.view.node_of_group(*id))
            .map(|node| short(&node.name))
            .collect();
        let mut words = short.join("+");
        if words.len() >= PAIR {
            words = format!("{} of", short.len());
        }
        let words = format!("{words:<PAIR$}");
        holders.push_str(&words);
    }
    if groups.len() < all {
        let beyond = format!("+{}", all - groups.len());
        numbers.push_str(&beyond);
    }
    vec![
        Line::styled(numbers, theme.style(Role::Strong)),
        Line::styled(holders, theme.style(Role::Dim)),
    ]
}

/// `worker3` is 3.
fn short(name: &str) -> String {
    let stem = name.trim_end_matches(|character: char| character.is_ascii_digit());
    match &name[stem.len()..] {
        "" => name.chars().take(1).collect(),
        digits => digits.to_owned(),
    }
}

fn differs(predicted: Option<&Outcome>, observed: Option<&Outcome>) -> bool {
    observed.is_some() && observed != predicted
}

/// Predicted, then observed: `■╳!`.
fn pair(
    bench: &Bench<'_>,
    predicted: Option<&Outcome>,
    observed: Option<&Outcome>,
) -> Vec<Span<'static>> {
    let theme = bench.theme;
    let cell = |it: Option<&Outcome>| match it {
        Some(it) => {
            let (glyph, role) = outcome(theme, *it);
            (glyph, theme.style(role))
        }
        None => (theme.glyphs.dot, theme.style(Role::Dim)),
    };
    let ((left, left_style), (right, right_style)) = (cell(predicted), cell(observed));
    if differs(predicted, observed) {
        let words = format!("{left}{right}{}", theme.glyphs.failed);
        return vec![
            Span::styled(words, theme.selected(theme.style(Role::Alert))),
            Span::raw("  "),
        ];
    }
    vec![
        Span::styled(left, left_style),
        Span::styled(right, right_style),
        Span::raw("   "),
    ]
}

fn legend(bench: &Bench<'_>) -> Line<'static> {
    let theme = bench.theme;
    let mut spans = vec![Span::styled(
        " predicted observed: ".to_owned(),
        theme.style(Role::Dim),
    )];
    for (it, words) in [
        (Outcome::Works, "works"),
        (Outcome::Late, "late"),
        (Outcome::Waits, "waits"),
        (Outcome::Fails, "fails"),
    ] {
        let (glyph, role) = outcome(theme, it);
        spans.push(Span::styled(glyph, theme.style(role)));
        spans.push(Span::styled(format!(" {words}  "), theme.style(Role::Dim)));
    }
    let words = format!("{} not seen", theme.glyphs.dot);
    spans.push(Span::styled(words, theme.style(Role::Dim)));
    Line::from(spans)
}

/// What statements are predicted to do.
pub(super) fn verb(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Works => "work",
        Outcome::Late => "work late",
        Outcome::Waits => "wait, then fail",
        Outcome::Fails => "fail",
    }
}

/// What they do.
pub(super) fn verbs(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Works => "works",
        Outcome::Late => "works late",
        Outcome::Waits => "waits, then fails",
        Outcome::Fails => "fails",
    }
}
