//! What stands above and below a result: the statement, where and how long it ran, what it touched, what runs now.

use ratatui::{buffer::Buffer, layout::Rect, text::Line};
use unicode_width::UnicodeWidthStr;

use super::{
    super::{
        highlight,
        text::{self, clip, write},
        theme::{Role, Theme},
    },
    paint,
};
use crate::{
    app::{
        Model, OpenTour, Regions, Target,
        keys::{self, Command},
        sql::{Answer, SPIN, SqlCommand, measure::fit, waiting, words},
        wrap,
    },
    postgres::visible_text,
};

/// Rows from which on a statement's touch may take two of them.
const ROOMY: u16 = 9;

/// The statement in one line, where it ran and how long it took.
pub(super) fn head(answer: &Answer, theme: &Theme, area: Rect, buffer: &mut Buffer) {
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
pub(super) fn status(
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
pub(super) fn progress(
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
    let cancel = Command::Sql(SqlCommand::Cancel);
    let chord = keys::chords_of(cancel).first().copied().unwrap_or_default();
    // A server that is frozen does not hear of a cancellation.
    let what = if tour.sql.cancelling {
        "give up"
    } else {
        "cancel"
    };
    let label = format!("{what} {chord}");
    let text = format!("{} {words}", sign.unwrap_or("-"));
    // However much there is to say, the way out is in sight.
    let room = usize::from(line.width).saturating_sub(label.width() + 3);
    let text = clip(&visible_text(&text), room, theme.glyphs.ellipsis);
    let text = format!("{text} ");
    let used = write(buffer, line, Line::styled(text, theme.style(Role::Busy)));
    let rest = Rect {
        x: line.x + used,
        width: line.width.saturating_sub(used),
        height: 1,
        ..line
    };
    text::button(
        buffer,
        rest,
        &label,
        theme.style(Role::Button),
        Target::Press(cancel),
        regions,
    );
    true
}
