//! What statements brought.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    super::{
        highlight,
        text::{self, clip, write},
        theme::{Role, Theme},
    },
    grid::Canvas,
    paint,
};
use crate::{
    app::{
        Model, OpenTour, Pane, Regions, Target, Viewport,
        keys::{self, Command},
        sql::{
            Answer, SPIN, SqlCommand, SqlTarget,
            layout::{self, Placed, Section},
            measure::fit,
            waiting,
            words::{self, Tone},
        },
        wrap,
    },
    postgres::visible_text,
};

/// Rows from which on a statement's touch may take two of them.
const ROOMY: u16 = 9;

/// Draws the results.
pub(in crate::ui) fn draw(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let inner = frame(model, tour, theme, area, buffer, regions);
    if inner.width < 2 || inner.height == 0 {
        return;
    }
    let Some(answer) = tour.sql.answer() else {
        if !progress(model, tour, theme, inner, buffer, regions) {
            teach(theme, inner, buffer);
        }
        return;
    };
    let mut body = inner;
    if inner.height >= 2 {
        head(answer, theme, inner, buffer);
        body.y += 1;
        body.height -= 1;
    }
    if body.height >= 2 {
        let height = status(model, tour, answer, theme, body, buffer, regions);
        body.height -= height;
    }
    let width = usize::from(body.width);
    let expanded = layout::is_expanded(&tour.sql, answer, width);
    let placed = layout::place(answer, expanded, width);
    let viewport = Viewport {
        height: usize::from(body.height),
        width,
        content: layout::height(&placed),
    };
    regions.viewports.insert(Pane::Results, viewport);
    pieces(model, tour, &placed, theme, body, buffer, regions);
    let edge = Rect {
        x: inner.right().min(area.right().saturating_sub(1)),
        width: 1,
        ..body
    };
    text::scrollbar(theme, viewport, tour.sql.offset.0, edge, buffer);
}

/// The border with its title, and where in the row of answers this one is.
fn frame(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) -> Rect {
    let count = tour.sql.answers.len();
    let mut spans = vec![Span::styled(" results ", theme.style(Role::Title))];
    let mut places = Vec::new();
    if count > 1 {
        let number = format!(" {}/{count} ", tour.sql.shown + 1);
        for (words, target) in [
            ("[<]", Some(SqlTarget::Before)),
            (number.as_str(), None),
            ("[>]", Some(SqlTarget::After)),
        ] {
            let before: usize = spans.iter().map(Span::width).sum();
            let role = if target.is_some() {
                Role::Button
            } else {
                Role::Title
            };
            places.extend(target.map(|target| (before, words.width(), target)));
            spans.push(Span::styled(words.to_owned(), theme.style(role)));
        }
        spans.push(Span::raw(" "));
    }
    let inner = text::pane(
        model,
        theme,
        Pane::Results,
        Line::from(spans),
        area,
        buffer,
        regions,
    );
    for (before, width, target) in places {
        let x = area.x + 1 + u16::try_from(before).unwrap_or(u16::MAX - area.x - 1);
        let place = Rect {
            x,
            y: area.y,
            width: u16::try_from(width).unwrap_or(0),
            height: 1,
        };
        if x.saturating_add(place.width) < area.right() {
            regions.hit(place, Target::Sql(target));
        }
    }
    inner
}

/// What an empty pane teaches.
fn teach(theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let words = [
        "Results appear here.",
        "Each says how long it took and which shards it touched; those light up on the map.",
    ];
    let lines = words
        .iter()
        .flat_map(|line| wrap(line, usize::from(area.width)));
    for (row, line) in (area.y..area.bottom()).zip(lines) {
        let place = Rect {
            y: row,
            height: 1,
            ..area
        };
        write(buffer, place, Line::styled(line, theme.style(Role::Dim)));
    }
}

/// The statement in one line, where it ran and how long it took.
fn head(answer: &Answer, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let dot = theme.glyphs.dot;
    let mut facts = visible_text(&answer.node);
    if let Some(duration) = answer.duration {
        facts = format!("{facts} {dot} {}", words::took(duration));
    }
    if answer.of_lesson {
        facts = format!("lesson {dot} {facts}");
    }
    let room = usize::from(area.width);
    let facts = clip(&facts, room / 2, theme.glyphs.ellipsis);
    let left = room.saturating_sub(facts.width() + 2);
    let line = answer.statement.split_whitespace();
    // Only as much as can be seen, however long it is.
    let mut statement = String::new();
    for word in line {
        if !statement.is_empty() {
            statement.push(' ');
        }
        statement.push_str(word);
        if statement.len() > 4 * left + 8 {
            break;
        }
    }
    let statement = fit(
        &statement,
        left,
        theme.glyphs.newline,
        theme.glyphs.ellipsis,
    );
    let tokens = highlight::sql(&statement);
    let place = Rect {
        width: u16::try_from(left).unwrap_or(0),
        height: 1,
        ..area
    };
    write(
        buffer,
        place,
        Line::styled(statement.clone(), theme.style(Role::Code)),
    );
    if let Some(tokens) = tokens.first() {
        paint::line(&statement, tokens, 0, theme, place, buffer);
    }
    let width = u16::try_from(facts.width()).unwrap_or(0);
    let place = Rect {
        x: area.right() - width,
        width,
        height: 1,
        ..area
    };
    write(buffer, place, Line::styled(facts, theme.style(Role::Dim)));
}

/// The last rows of the pane: what runs, or what was touched and how many rows there are. Says how many rows it took.
fn status(
    model: &Model,
    tour: &OpenTour,
    answer: &Answer,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) -> u16 {
    let bottom = Rect {
        y: area.bottom() - 1,
        height: 1,
        ..area
    };
    let is_last = tour.sql.shown + 1 == tour.sql.answers.len();
    if is_last && answer.duration.is_none() && progress(model, tour, theme, bottom, buffer, regions)
    {
        return 1;
    }
    let (words, role) = match &answer.touched {
        Some(Ok(touched)) => (format!("touched: {}", touched.words), Role::Strong),
        // The error itself stands above.
        Some(Err(problem)) if !answer.has_failed() => {
            (format!("touched: unknown, {problem}"), Role::Dim)
        }
        _ => (String::new(), Role::Dim),
    };
    let count = answer
        .grid()
        .filter(|grid| !(answer.has_failed() && grid.rows.is_empty()))
        .map(|grid| words::count(grid, answer.duration.is_some()));
    let count = count.unwrap_or_default();
    let room = usize::from(area.width);
    let count = clip(&count, room / 2, theme.glyphs.ellipsis);
    let width = u16::try_from(count.width()).unwrap_or(0);
    let right = Rect {
        x: bottom.right() - width,
        width,
        ..bottom
    };
    let left = room.saturating_sub(count.width() + 2);
    let mut lines = wrap(&visible_text(&words), left.max(1));
    let most = if area.height >= ROOMY { 2 } else { 1 };
    if lines.len() > most {
        let rest = lines.split_off(most - 1).join(" ");
        lines.push(clip(&rest, left, theme.glyphs.ellipsis));
    }
    let taken = u16::try_from(lines.len()).unwrap_or(1);
    for (row, line) in (area.bottom() - taken..).zip(lines) {
        let place = Rect { y: row, ..bottom };
        write(buffer, place, Line::styled(line, theme.style(role)));
    }
    let role = if answer.grid().is_some_and(|grid| grid.beyond > 0) {
        Role::Warning
    } else {
        Role::Dim
    };
    write(buffer, right, Line::styled(count, theme.style(role)));
    taken
}

/// What runs and for how long, with its button; says whether there was anything to say.
fn progress(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    line: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) -> bool {
    let motion = model.settings.motion;
    let Some(words) = waiting(tour, motion, model.now) else {
        return false;
    };
    let steps = theme.glyphs.spinner;
    let elapsed = tour.sql.elapsed(model.now).unwrap_or_default();
    let step = usize::try_from(elapsed.as_millis() / SPIN.as_millis()).unwrap_or(0);
    let sign = if motion {
        steps.get(step % steps.len().max(1)).copied()
    } else {
        steps.first().copied()
    };
    let text = format!("{} {words} ", sign.unwrap_or("-"));
    let text = clip(
        &visible_text(&text),
        usize::from(line.width),
        theme.glyphs.ellipsis,
    );
    let used = write(buffer, line, Line::styled(text, theme.style(Role::Busy)));
    let cancel = Command::Sql(SqlCommand::Cancel);
    let chord = keys::chords_of(cancel).first().copied().unwrap_or_default();
    // A server that is frozen does not hear of a cancellation.
    let what = if tour.sql.cancelling {
        "give up"
    } else {
        "cancel"
    };
    let rest = Rect {
        x: line.x + used,
        width: line.width.saturating_sub(used),
        height: 1,
        ..line
    };
    text::button(
        buffer,
        rest,
        &format!("{what} {chord}"),
        theme.style(Role::Button),
        Target::Press(cancel),
        regions,
    );
    true
}

/// The part of the pieces that is in sight.
fn pieces(
    model: &Model,
    tour: &OpenTour,
    placed: &[Placed<'_>],
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let height = usize::from(area.height);
    let content = layout::height(placed);
    let top = tour.sql.offset.0.min(content.saturating_sub(1));
    let first = tour.sql.offset.1;
    let rows = |section: &Section<'_>| matches!(section, Section::Grid(..) | Section::Records(_));
    let choosable = placed.iter().rposition(|it| rows(&it.section));
    let focused = model.focus == Pane::Results && model.overlays.is_empty();
    for (index, it) in placed.iter().enumerate() {
        let from = top.max(it.top);
        let to = (top + height).min(it.top + it.height);
        if from >= to {
            continue;
        }
        let choosable = choosable == Some(index);
        let mut canvas = Canvas {
            theme,
            buffer: &mut *buffer,
            regions: &mut *regions,
            chosen: (choosable && focused).then_some(tour.sql.cell),
            choosable,
        };
        let line_of = |row: usize| Rect {
            y: area.y + u16::try_from(row - top).unwrap_or(0),
            height: 1,
            ..area
        };
        match &it.section {
            Section::Grid(grid, columns) => {
                let first = first.min(columns.widths.len().saturating_sub(1));
                // The head stays in sight above its rows.
                canvas.head(grid, columns, first, line_of(from));
                for row in (from + 1).max(it.top + 1)..to {
                    canvas.row(grid, columns, first, row - it.top - 1, line_of(row));
                }
            }
            Section::Records(grid) => {
                for row in from..to {
                    canvas.record(grid, row - it.top, line_of(row));
                }
            }
            Section::Lines(lines) => {
                for row in from..to {
                    if let Some((tone, line)) = lines.get(row - it.top) {
                        let text = clip(line, usize::from(area.width), theme.glyphs.ellipsis);
                        write(
                            buffer,
                            line_of(row),
                            Line::styled(text, theme.style(role(*tone))),
                        );
                    }
                }
            }
            Section::Copied(text) => {
                let lines = text.lines().skip(from - it.top);
                for (row, line) in (from..to).zip(lines) {
                    let glyphs = theme.glyphs;
                    let text = fit(
                        &line.replace('\t', "    "),
                        usize::from(area.width),
                        glyphs.newline,
                        glyphs.ellipsis,
                    );
                    write(
                        buffer,
                        line_of(row),
                        Line::styled(text, theme.style(Role::Text)),
                    );
                }
            }
        }
    }
}

fn role(tone: Tone) -> Role {
    match tone {
        Tone::Plain => Role::Text,
        Tone::Dim => Role::Dim,
        Tone::Good => Role::Good,
        Tone::Warning => Role::Warning,
        Tone::Alert => Role::Alert,
    }
}
