//! The lines below the pictures: the plan that is typed, or the one that is carried out with what comes next.

use std::time::Duration;

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::Bench;
use crate::{
    app::{Pane, Regions, laboratory::RunningPlan},
    lesson::in_words,
    ui::{
        text::{clip, clip_line, one_line, wrap, write},
        theme::Role,
    },
};

/// What stands before what is typed.
const PROMPT: &str = "plan";
/// An example, for who has not typed anything yet.
const EXAMPLE: &str = "kill worker2 at 5 s, freeze worker3 at 10 s, back at 30 s";

/// How many rows the lines take.
pub(super) fn rows(bench: &Bench<'_>, area: Rect) -> u16 {
    let plan = &bench.tour.laboratory.plan;
    let rows = if plan.input.is_some() {
        1 + problem(bench, area.width).len().max(1)
    } else {
        usize::from(plan.running.is_some())
    };
    u16::try_from(rows).unwrap_or(1).min(area.height)
}

/// Draws them.
pub(super) fn draw(bench: &Bench<'_>, area: Rect, buffer: &mut Buffer, regions: &mut Regions) {
    if area.is_empty() {
        return;
    }
    let Bench { model, tour, theme } = *bench;
    let plan = &tour.laboratory.plan;
    let first = Rect { height: 1, ..area };
    if let Some(line) = &plan.input {
        let prompt = format!(" {PROMPT} {} ", theme.glyphs.folded);
        let room = usize::from(area.width).saturating_sub(prompt.width() + 1);
        let (shown, column) = window(&line.text, line.cursor, room);
        let spans = vec![
            Span::styled(prompt.clone(), theme.style(Role::Marked)),
            Span::styled(shown, theme.style(Role::Strong)),
        ];
        write(buffer, first, Line::from(spans));
        if model.focus == Pane::Laboratory && model.overlays.is_empty() {
            let column = u16::try_from(prompt.width() + column).unwrap_or(u16::MAX);
            let x = first.x.saturating_add(column).min(first.right() - 1);
            regions.cursor = Some(Position::new(x, first.y));
        }
        let lines = problem(bench, area.width);
        let role = if lines.is_empty() {
            Role::Dim
        } else {
            Role::Alert
        };
        let hint =
            format!("  for example: {EXAMPLE}. Enter asks before anything is done, Esc leaves it");
        let lines = if lines.is_empty() { vec![hint] } else { lines };
        for (y, line) in (area.y + 1..area.bottom()).zip(lines) {
            let line = clip(&line, usize::from(area.width), theme.glyphs.ellipsis);
            write(
                buffer,
                Rect { y, ..first },
                Span::styled(line, theme.style(role)),
            );
        }
    } else if let Some(running) = &plan.running {
        let line = clip_line(
            carried_out(bench, running),
            usize::from(area.width),
            theme.glyphs.ellipsis,
        );
        write(buffer, first, line);
    }
}

/// Why what is typed cannot be read.
fn problem(bench: &Bench<'_>, width: u16) -> Vec<String> {
    let Some(problem) = &bench.tour.laboratory.plan.problem else {
        return Vec::new();
    };
    let words = format!("{}. {}", problem.message, problem.remedy);
    let mut lines = wrap(
        &one_line(&words),
        usize::from(width).saturating_sub(3).max(8),
    );
    for (index, line) in lines.iter_mut().enumerate() {
        let lead = if index == 0 {
            bench.theme.glyphs.failed
        } else {
            " "
        };
        *line = format!(" {lead} {line}");
    }
    lines
}

/// As much of a line as fits around its cursor, and the cursor's column in it.
fn window(text: &str, cursor: usize, room: usize) -> (String, usize) {
    let clean: Vec<String> = text.chars().map(|it| one_line(&it.to_string())).collect();
    let before: usize = clean.iter().take(cursor).map(|it| it.width()).sum();
    let mut skipped = 0;
    let mut first = 0;
    while before - skipped > room.saturating_sub(1) && first < clean.len() {
        skipped += clean[first].width();
        first += 1;
    }
    let mut shown = String::new();
    for character in &clean[first..] {
        if shown.width() + character.width() > room {
            break;
        }
        shown.push_str(character);
    }
    (shown, before - skipped)
}

/// What comes next of a plan that is carried out: `kill worker3 in 4 s`.
pub(super) fn next(bench: &Bench<'_>) -> Option<String> {
    let running = bench.tour.laboratory.plan.running.as_ref()?;
    if running.cancelling {
        return Some("the plan is called off".to_owned());
    }
    if running.since.is_none() {
        return Some("the plan begins".to_owned());
    }
    if let Some((due, wait)) = running.next(bench.model.now) {
        let names: Vec<String> = due.nodes.iter().map(ToString::to_string).collect();
        let names = one_line(&in_words(&names));
        return Some(format!("{} {names} in {} s", due.act, seconds(wait)));
    }
    let left = running.left(bench.model.now).unwrap_or_default();
    Some(format!("watching, {} s left", seconds(left)))
}

/// Whole seconds, rounded up: it counts down to nothing.
fn seconds(duration: Duration) -> u64 {
    duration
        .as_millis()
        .div_ceil(1000)
        .try_into()
        .unwrap_or(u64::MAX)
}

fn carried_out(bench: &Bench<'_>, running: &RunningPlan) -> Line<'static> {
    let theme = bench.theme;
    let mut spans = vec![Span::styled(
        format!(" {PROMPT} {} ", theme.glyphs.folded),
        theme.style(Role::Marked),
    )];
    let done = running.done(bench.model.now);
    if done > 0 {
        let words = format!("{} {done} done  ", theme.glyphs.done);
        spans.push(Span::styled(words, theme.style(Role::Dim)));
    }
    if let Some(words) = next(bench) {
        let words = format!("{} {words}  ", theme.glyphs.run);
        spans.push(Span::styled(words, theme.style(Role::Warning)));
    }
    // What comes next is told with the time until then.
    let begun = usize::from(running.since.is_some());
    for due in running.plan.due().iter().skip(done + begun) {
        let names: Vec<String> = due.nodes.iter().map(ToString::to_string).collect();
        let words = format!(
            "{} {} at {} s",
            due.act,
            in_words(&names),
            due.at.as_secs_f64()
        );
        let words = format!("{} {}  ", theme.glyphs.open, one_line(&words));
        spans.push(Span::styled(words, theme.style(Role::Text)));
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::window;

    #[test]
    fn the_cursor_stays_in_sight() {
        assert_eq!(
            window("kill worker1", 12, 20),
            ("kill worker1".to_owned(), 12)
        );
        assert_eq!(window("kill worker1", 12, 6), ("rker1".to_owned(), 5));
        assert_eq!(window("kill worker1", 0, 6), ("kill w".to_owned(), 0));
        assert_eq!(window("", 0, 0), (String::new(), 0));
    }
}
