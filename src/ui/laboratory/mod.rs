//! Draws the laboratory: strips over time, a matrix, what came of the last fault, the load; and a line for plans of faults.

mod axis;
mod cells;
mod chart;
mod load;
mod matrix;
mod outcome;
mod prompt;
mod strips;

#[cfg(test)]
mod tests;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    text::{self, button, clip_line, count, write},
    theme::{Role, Theme},
};
use crate::app::{
    Model, OpenTour, Pane, Regions, Target, Viewport,
    keys::Command,
    laboratory::{LaboratoryCommand, LaboratoryTarget, Picture, Probing},
};

/// Columns from which on two pictures stand side by side.
const WIDE: u16 = 132;

/// What drawing needs everywhere.
struct Bench<'a> {
    model: &'a Model,
    tour: &'a OpenTour,
    theme: &'a Theme,
}

/// Draws the pane.
pub(super) fn draw(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let bench = Bench { model, tour, theme };
    let title = clip_line(
        title(&bench),
        usize::from(area.width.saturating_sub(4)),
        theme.glyphs.ellipsis,
    );
    let mut inner = text::pane(model, theme, Pane::Laboratory, title, area, buffer, regions);
    if inner.is_empty() {
        return;
    }
    let head = Rect { height: 1, ..inner };
    tabs(&bench, head, buffer, regions);
    inner.y += 1;
    inner.height -= 1;
    let below = prompt::rows(&bench, inner);
    inner.height -= below;
    let foot = Rect {
        y: inner.bottom(),
        height: below,
        ..inner
    };
    prompt::draw(&bench, foot, buffer, regions);
    regions
        .viewports
        .insert(Pane::Laboratory, Viewport::default());
    for (index, (picture, place)) in places(&bench, inner).into_iter().enumerate() {
        let is_chosen = index == 0;
        paint(&bench, picture, is_chosen, place, buffer, regions);
    }
}

fn paint(
    bench: &Bench<'_>,
    picture: Picture,
    is_chosen: bool,
    mut place: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    if place.is_empty() {
        return;
    }
    if !is_chosen {
        let theme = bench.theme;
        let words = format!("{} {} ", theme.glyphs.rule, picture.word());
        let rule = theme
            .glyphs
            .rule
            .repeat(usize::from(place.width).saturating_sub(words.width()));
        write(
            buffer,
            place,
            Span::styled(format!("{words}{rule}"), theme.style(Role::Border)),
        );
        place.y += 1;
        place.height -= 1;
    }
    let viewport = match picture {
        Picture::Strips => strips::draw(bench, place, buffer, regions),
        Picture::Matrix => matrix::draw(bench, is_chosen, place, buffer),
        Picture::Outcome => outcome::draw(bench, is_chosen, place, buffer),
        Picture::Load => load::draw(bench, place, buffer),
    };
    if is_chosen {
        regions.viewports.insert(Pane::Laboratory, viewport);
    }
}

/// Rows that a picture would like to have.
fn wanted(bench: &Bench<'_>, picture: Picture) -> u16 {
    let rows = match picture {
        Picture::Strips => strips::wanted(bench),
        Picture::Matrix => matrix::wanted(bench),
        Picture::Outcome => outcome::wanted(bench),
        Picture::Load => load::wanted(bench),
    };
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// The chosen picture, and others where they have room: at its side, then below.
fn places(bench: &Bench<'_>, area: Rect) -> Vec<(Picture, Rect)> {
    let pane = &bench.tour.laboratory;
    let chosen = pane.picture;
    let has_news = |picture: &Picture| match picture {
        Picture::Strips | Picture::Matrix => pane.availability.is_some(),
        Picture::Outcome => pane.trial.is_some(),
        Picture::Load => !pane.load.intervals.is_empty() || pane.load.is_running(),
    };
    let mut others = Picture::ALL
        .into_iter()
        .filter(|picture| *picture != chosen)
        .filter(has_news);
    let mut placed = Vec::new();
    let columns = if area.width >= WIDE { 2 } else { 1 };
    let gap = columns - 1;
    let width = (area.width - gap) / columns;
    let mut waiting: Option<Picture> = None;
    for column in 0..columns {
        let mut left = Rect {
            x: area.x + column * (width + gap),
            width,
            ..area
        };
        if column == 0 {
            placed.push((chosen, left));
            let rest = left.height.saturating_sub(wanted(bench, chosen));
            left.y += left.height - rest;
            left.height = rest;
        }
        while let Some(picture) = waiting.take().or_else(|| others.next()) {
            let needs = wanted(bench, picture) + 1;
            // A column of its own takes whatever comes.
            let is_first = column > 0 && left.height == area.height;
            if needs > left.height && !is_first {
                waiting = Some(picture);
                break;
            }
            let height = needs.min(left.height);
            if let Some((last, place)) = placed.last_mut().filter(|(_, place)| place.x == left.x) {
                place.height = place
                    .height
                    .min(wanted(bench, *last) + u16::from(*last != chosen));
            }
            placed.push((picture, Rect { height, ..left }));
            left.y += height;
            left.height -= height;
        }
    }
    // What is left below belongs to the last of a column.
    for index in 0..placed.len() {
        let place = placed[index].1;
        let is_last = placed
            .get(index + 1)
            .is_none_or(|(_, next)| next.x != place.x);
        if is_last {
            placed[index].1.height = area.bottom() - place.y;
        }
    }
    placed
}

/// ` laboratory · 22 probes · kill worker3 in 4 s `.
fn title(bench: &Bench<'_>) -> Line<'static> {
    let Bench { tour, theme, .. } = *bench;
    let pane = &tour.laboratory;
    let dot = format!(" {} ", theme.glyphs.dot);
    let mut spans = vec![Span::styled(" laboratory", theme.style(Role::Title))];
    let mut add = |words: String, role: Role| {
        spans.push(Span::styled(format!("{dot}{words}"), theme.style(role)));
    };
    match &pane.probing {
        Probing::Resting => add("the probes rest".to_owned(), Role::Dim),
        Probing::Starting => add("the probes start".to_owned(), Role::Busy),
        Probing::Failed(_) => add("no probes".to_owned(), Role::Alert),
        Probing::Running => {
            let tracks = pane
                .availability
                .as_ref()
                .map_or(0, |all| all.tracks().count());
            let verb = if tracks == 1 { "runs" } else { "run" };
            add(format!("{} {verb}", count(tracks, "probe")), Role::Title);
        }
    }
    if let Some(words) = prompt::next(bench) {
        add(words, Role::Warning);
    } else if pane.load.is_running() && pane.picture != Picture::Load {
        add("load".to_owned(), Role::Busy);
    }
    spans.push(Span::styled(" ", theme.style(Role::Title)));
    Line::from(spans)
}

/// The names of the pictures, and what can be pressed.
fn tabs(bench: &Bench<'_>, area: Rect, buffer: &mut Buffer, regions: &mut Regions) {
    let Bench { tour, theme, .. } = *bench;
    let pane = &tour.laboratory;
    let mut at = area;
    let advance = |by: u16, at: &mut Rect| {
        let by = by.min(at.width);
        at.x += by;
        at.width -= by;
    };
    for picture in Picture::ALL {
        let style = if picture == pane.picture {
            theme.selected(theme.style(Role::Title))
        } else {
            theme.style(Role::Dim)
        };
        let words = format!(" {} ", picture.word());
        let used = write(buffer, at, Span::styled(words, style));
        let place = Rect {
            width: used,
            height: 1,
            ..at
        };
        regions.hit(
            place,
            Target::Laboratory(LaboratoryTarget::Picture(picture)),
        );
        advance(used, &mut at);
    }
    let command = Command::Laboratory;
    let mut buttons = Vec::new();
    if pane.plan.running.is_some() {
        buttons.push((
            "cancel plan",
            command(LaboratoryCommand::CancelPlan),
            Role::ButtonDanger,
        ));
    } else {
        buttons.push(("plan", command(LaboratoryCommand::Plan), Role::Button));
    }
    buttons.push(if pane.load.is_running() {
        ("end load", command(LaboratoryCommand::Load), Role::Button)
    } else {
        ("load", command(LaboratoryCommand::Load), Role::Button)
    });
    if pane.incident.is_some() {
        buttons.push(("report", command(LaboratoryCommand::Report), Role::Button));
    }
    let close = ("close", command(LaboratoryCommand::Close), Role::Button);
    buttons.push(close);
    let needed: usize = buttons.iter().map(|(words, ..)| words.len() + 3).sum();
    let needed = u16::try_from(needed).unwrap_or(u16::MAX);
    if needed > at.width {
        return;
    }
    advance(at.width - needed, &mut at);
    for (words, command, role) in buttons {
        advance(1, &mut at);
        let style = theme.style(role);
        let used = button(buffer, at, words, style, Target::Press(command), regions);
        advance(used, &mut at);
    }
}

/// What is said in place of a picture.
fn say(bench: &Bench<'_>, words: &str, role: Role, area: Rect, buffer: &mut Buffer) {
    let lines = text::wrap(&text::one_line(words), usize::from(area.width).max(8));
    for (row, line) in (area.y..area.bottom()).zip(lines) {
        let place = Rect {
            y: row,
            height: 1,
            ..area
        };
        write(buffer, place, Span::styled(line, bench.theme.style(role)));
    }
}
