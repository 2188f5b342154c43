//! What came of the last fault: predicted beside observed, differences first, and why.

use std::collections::BTreeMap;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    Bench,
    matrix::{verb, verbs},
    say,
};
use crate::{
    app::{Viewport, laboratory::Trial},
    cluster::{Agreement, ComparisonRow, Outcome, StatementKind},
    ui::{
        text::{age, one_line, scrollbar, wrap, write},
        theme::Role,
    },
};

/// Rows that it would like to have.
pub(super) fn wanted(bench: &Bench<'_>) -> usize {
    let trial = bench.tour.laboratory.trial.as_ref();
    trial.map_or(2, |trial| content(bench, trial, 64).len())
}

/// Draws the comparison.
pub(super) fn draw(bench: &Bench<'_>, chosen: bool, area: Rect, buffer: &mut Buffer) -> Viewport {
    let pane = &bench.tour.laboratory;
    let Some(trial) = &pane.trial else {
        let words = "Nothing has happened while the probes run. Kill, stop or freeze a node (k), or type a plan (f): \
                     what was predicted and what is observed will stand here side by side.";
        say(bench, words, Role::Dim, area, buffer);
        return Viewport::default();
    };
    let lines = content(bench, trial, usize::from(area.width));
    let viewport = Viewport {
        height: usize::from(area.height),
        width: usize::from(area.width),
        content: lines.len(),
    };
    let offset = if chosen {
        pane.offset.min(viewport.last_offset())
    } else {
        0
    };
    for (y, line) in (area.y..area.bottom()).zip(lines.into_iter().skip(offset)) {
        let place = Rect {
            y,
            height: 1,
            ..area
        };
        write(buffer, place, line);
    }
    scrollbar(bench.theme, viewport, offset, area, buffer);
    viewport
}

fn content(bench: &Bench<'_>, trial: &Trial, width: usize) -> Vec<Line<'static>> {
    let theme = bench.theme;
    let comparison = &trial.comparison;
    let (right, all) = (comparison.right(), comparison.rows.len());
    let ago = age(bench.model.now.saturating_duration_since(trial.at));
    let dot = theme.glyphs.dot;
    let head = format!(" {} {dot} {ago} ago {dot} ", one_line(&trial.words));
    let waiting = comparison
        .not_observed
        .iter()
        .filter(|it| it.subject.kind != StatementKind::Rebalance)
        .count();
    let (score, role) = match (right * 100).checked_div(all) {
        None => ("nothing observed yet".to_owned(), Role::Busy),
        Some(percent) => {
            let role = if right == all {
                Role::Good
            } else {
                Role::Alert
            };
            (format!("{percent} %: {right} of {all} as predicted"), role)
        }
    };
    let mut spans = vec![
        Span::styled(head, theme.style(Role::Strong)),
        Span::styled(score, theme.style(role)),
    ];
    if waiting > 0 && all > 0 {
        let words = format!(", {waiting} not seen yet");
        spans.push(Span::styled(words, theme.style(Role::Busy)));
    }
    let mut lines = vec![Line::from(spans)];
    for (sign, role, words) in sentences(bench, &comparison.rows) {
        let lead = format!(" {sign} ");
        let room = width.saturating_sub(4).max(8);
        for (index, line) in wrap(&one_line(&words), room).into_iter().enumerate() {
            let lead = if index == 0 {
                lead.clone()
            } else {
                "   ".to_owned()
            };
            lines.push(Line::from(vec![
                Span::styled(lead, theme.style(role)),
                Span::styled(
                    line,
                    theme.style(if role == Role::Alert {
                        role
                    } else {
                        Role::Text
                    }),
                ),
            ]));
        }
    }
    lines
}

/// What one sentence tells: how near it is, whether it works, the kind, predicted, observed, and why.
type Told = (Agreement, bool, StatementKind, Outcome, Outcome, String);

/// What belongs together as one sentence: first what differs, then what fails as predicted, then what works.
fn sentences(bench: &Bench<'_>, rows: &[ComparisonRow]) -> Vec<(&'static str, Role, String)> {
    let glyphs = bench.theme.glyphs;
    let mut told: BTreeMap<Told, Vec<usize>> = BTreeMap::new();
    for row in rows {
        let reason = row
            .reason
            .as_ref()
            .map_or_else(String::new, ToString::to_string);
        let works = row.observed == Outcome::Works;
        let key = (
            row.agreement(),
            works,
            row.subject.kind,
            row.predicted,
            row.observed,
            // Why something works is told only where it nearly did not.
            reason,
        );
        let groups = told.entry(key).or_default();
        let group = row.subject.group.and_then(|key| bench.tour.view.group(key));
        groups.extend(group.map(|group| group.ordinal));
    }
    let sentences = told
        .into_iter()
        .map(|((agreement, _, kind, is, was, reason), groups)| {
            let numbers: Vec<String> = groups.iter().map(|it| format!("{it:02}")).collect();
            let subject = match numbers.as_slice() {
                [] => kind.to_string(),
                numbers => format!("{kind} {}", numbers.join(" ")),
            };
            let because = if reason.is_empty() {
                String::new()
            } else {
                format!(": {reason}")
            };
            if agreement == Agreement::Same {
                let (glyph, role) = super::cells::outcome(bench.theme, was);
                (glyph, role, format!("{subject} {}{because}", verb(was)))
            } else {
                let words = format!(
                    "{subject}: predicted to {}, and it {}{because}",
                    verb(is),
                    verbs(was)
                );
                (glyphs.failed, Role::Alert, words)
            }
        });
    sentences.collect()
}
