//! The lines at the top and at the bottom, and what is said to a screen that is too small.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    layout::SMALLEST,
    text::{clip, write},
    theme::{Role, Theme},
};
use crate::{
    app::{
        Boot, Model, OpenTour, Regions, Target,
        input::Chord,
        keys::{self, Binding},
    },
    postgres::visible_text,
};

/// Places in the footer from which on a key stands at the right and is always shown.
const ALWAYS: u8 = 90;

/// How the line of place begins.
const NAME: &str = " citus-tour  ";

/// Columns from which on the line has room for all that is known of the engine.
const WIDE: u16 = 110;

/// The line of place and engine.
pub(super) fn header(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    _regions: &mut Regions,
) {
    let bar = theme.style(Role::Bar);
    buffer.set_style(area, bar);
    let (engine, emulated) = engine_words(tour, theme, area.width < WIDE);
    let role = if emulated {
        Role::EngineEmulated
    } else {
        Role::EngineReal
    };
    let width = usize::from(area.width);
    // The engine's name is always on the screen: the place gives way first.
    let engine = clip(
        &format!(" {engine} "),
        width.saturating_sub(12),
        theme.glyphs.ellipsis,
    );
    let room = width.saturating_sub(engine.width());
    let place = place(model, tour, theme, room);
    write(buffer, area, Line::from(Span::styled(place, bar)));
    let right = u16::try_from(engine.width())
        .unwrap_or(area.width)
        .min(area.width);
    let at = Rect {
        x: area.right() - right,
        width: right,
        ..area
    };
    write(
        buffer,
        at,
        Line::from(Span::styled(engine, theme.style(role))),
    );
}

/// What the cluster is, in words, and whether it is the emulation.
fn engine_words(tour: &OpenTour, theme: &Theme, narrow: bool) -> (String, bool) {
    let Some(facts) = &tour.facts else {
        return ("starting".to_owned(), false);
    };
    let nodes = tour
        .view
        .nodes
        .iter()
        .filter(|node| node.membership.is_some() || node.reachability.answers())
        .count();
    let nodes = match nodes {
        0 => facts.nodes.len(),
        some => some,
    };
    let plural = if nodes == 1 { "" } else { "s" };
    let dot = theme.glyphs.dot;
    // Which PostgreSQL it runs on can give way where there is little room; whose engine it is cannot.
    let engine = match facts.engine.split_once(" on ") {
        Some((engine, _)) if narrow => engine,
        _ => &facts.engine,
    };
    let words = format!(
        "{} {dot} {} {dot} {nodes} node{plural}",
        visible_text(engine),
        facts.runtime
    );
    (words, !facts.real)
}

/// Where in the tour the learner is. Without room for all of it the outermost names give way; how far the lesson is stays.
fn place(model: &Model, tour: &OpenTour, theme: &Theme, room: usize) -> String {
    let mut parts = vec![visible_text(&tour.tour.title)];
    let mut before = 0;
    for phase in &tour.tour.phases {
        before += phase.lessons.len();
        if tour.lesson.lesson < before {
            parts.push(visible_text(&phase.title));
            break;
        }
    }
    let mut behind = String::new();
    if let Some(lesson) = tour.current_lesson() {
        let steps = lesson.steps.len();
        let step = (tour.lesson.step + 1).min(steps);
        if lesson.minutes == 0 {
            // No lesson, but a page about somebody's own cluster, which has that name already.
            parts.truncate(1);
        } else {
            parts.push(visible_text(&lesson.title));
            behind = format!(" {step}/{steps}");
        }
    }
    behind += match &tour.boot {
        Boot::Starting { .. } => "  the cluster starts",
        Boot::Rebuilding { .. } => "  the cluster is made ready",
        Boot::Failed(_) if tour.facts.is_some() => "  not ready",
        Boot::Failed(_) => "  no cluster",
        Boot::Leaving => "  leaving",
        Boot::Ready => "",
    };
    if !model.settings.mouse {
        behind += "  (mouse released)";
    }
    let between = format!(" {} ", theme.glyphs.folded);
    let names = (0..parts.len()).map(|from| parts[from..].join(&between));
    let whole = names.map(|names| format!("{NAME}{names}{behind}"));
    if let Some(fitting) = whole.into_iter().find(|words| words.width() <= room) {
        return fitting;
    }
    let ellipsis = theme.glyphs.ellipsis;
    let left = room.saturating_sub(NAME.width() + behind.width());
    let name = parts.last().map_or("", String::as_str);
    clip(
        &format!("{NAME}{}{behind}", clip(name, left, ellipsis)),
        room,
        ellipsis,
    )
}

/// The line of keys; for a while what just happened stands in their place.
pub(super) fn footer(
    model: &Model,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    buffer.set_style(area, theme.style(Role::Bar));
    let shown = keys::footer(&keys::contexts(model));
    let (left, right): (Vec<_>, Vec<_>) = shown
        .into_iter()
        .filter(|(_, binding)| keys::is_offered(model, binding))
        .partition(|(_, binding)| binding.footer < Some(ALWAYS));
    let reserved: u16 = right.iter().map(|entry| entry_width(*entry)).sum();
    let mut at = Rect {
        x: area.right().saturating_sub(reserved).max(area.x),
        ..area
    };
    let left_end = at.x;
    for entry in right {
        at = key(theme, entry, at, area.right(), buffer, regions);
    }
    if let Some(notice) = &model.notice {
        let role = if notice.alarming {
            Role::EngineEmulated
        } else {
            Role::Key
        };
        let text = clip(
            &format!(" {} ", visible_text(&notice.text)),
            usize::from(left_end.saturating_sub(area.x)),
            theme.glyphs.ellipsis,
        );
        write(buffer, area, Line::styled(text, theme.style(role)));
        return;
    }
    let mut at = area;
    for entry in left {
        if at.x + entry_width(entry) > left_end {
            break;
        }
        at = key(theme, entry, at, left_end, buffer, regions);
    }
}

fn entry_width((chord, binding): (Chord, &Binding)) -> u16 {
    let width = chord.to_string().width() + binding.title.width() + 3;
    u16::try_from(width).unwrap_or(u16::MAX)
}

/// Writes a key and what it does; a press does the same.
fn key(
    theme: &Theme,
    (chord, binding): (Chord, &Binding),
    at: Rect,
    end: u16,
    buffer: &mut Buffer,
    regions: &mut Regions,
) -> Rect {
    let width = entry_width((chord, binding)).min(end.saturating_sub(at.x));
    let place = Rect { width, ..at };
    let line = Line::from(vec![
        Span::styled(format!(" {chord}"), theme.style(Role::Key)),
        Span::styled(format!(" {} ", binding.title), theme.style(Role::Bar)),
    ]);
    write(buffer, place, line);
    regions.hit(place, Target::Press(binding.command));
    Rect {
        x: at.x + width,
        width: at.width.saturating_sub(width),
        ..at
    }
}

/// Says how large the screen must be.
pub(super) fn too_small(theme: &Theme, screen: Rect, buffer: &mut Buffer) {
    let (columns, rows) = SMALLEST;
    let lines = [
        "This window is too small".to_owned(),
        format!("for the tour: it needs {columns}x{rows},"),
        format!("and has {}x{}.", screen.width, screen.height),
        "Make it larger, or use a".to_owned(),
        "smaller font. q leaves.".to_owned(),
    ];
    let style = theme.style(Role::Text);
    let top = screen.height.saturating_sub(5) / 2;
    for (row, line) in (screen.y + top..screen.bottom()).zip(lines) {
        let clipped = clip(&line, usize::from(screen.width), theme.glyphs.ellipsis);
        let width = u16::try_from(clipped.width()).unwrap_or(0);
        let left = screen.width.saturating_sub(width) / 2;
        let place = Rect {
            x: screen.x + left,
            y: row,
            width: screen.width - left,
            height: 1,
        };
        write(buffer, place, Line::styled(clipped, style));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::Settings,
        lesson::{LessonSource, load},
    };
    use std::{sync::Arc, time::Instant};

    #[test]
    fn how_far_the_lesson_is_outlives_the_names_around_it() {
        let now = Instant::now();
        let model = Model::new(Settings::default(), (120, 36), now);
        let theme = Theme::new(&model.settings);
        let tour = load(&LessonSource::embedded()).unwrap().swap_remove(0);
        let mut open = OpenTour::new(1, Arc::new(tour), (1, 4), Vec::new(), now);
        open.boot = Boot::Ready;
        let place = |room| place(&model, &open, &theme, room);
        assert_eq!(
            place(90),
            " citus-tour  Journey › Regular tables › Predict where every row will go 5/6"
        );
        assert_eq!(
            place(70),
            " citus-tour  Regular tables › Predict where every row will go 5/6"
        );
        assert_eq!(
            place(50),
            " citus-tour  Predict where every row will go 5/6"
        );
        assert_eq!(place(30), " citus-tour  Predict wher… 5/6");
        for room in 0..100 {
            assert!(place(room).width() <= room, "{room}");
        }
    }
}
