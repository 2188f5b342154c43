//! The lesson's title, how far the cluster is, and headings of steps.

use ratatui::text::Span;

use super::page::Page;
use crate::{
    app::{
        Boot, NodeBoot,
        lesson::{LessonTarget, Place, prediction::key},
    },
    lesson::{Block, Lesson, Step},
    ui::theme::Role,
};

/// Title, phase, minutes, the cluster's state where it matters, and the introduction.
pub(super) fn title(page: &mut Page<'_>, lesson: &Lesson) {
    let theme = page.theme;
    page.say(Vec::new(), &lesson.title, Role::Heading);
    let place = page.tour.lesson.shown().0;
    let lessons = page.tour.tour.lessons().count();
    let phase = page
        .tour
        .tour
        .lessons()
        .nth(place)
        .map_or("", |(phase, _)| phase.title.as_str());
    let dot = theme.glyphs.dot;
    let facts = format!(
        "{phase} {dot} lesson {} of {lessons} {dot} {} minutes",
        place + 1,
        lesson.minutes,
    );
    // A page about somebody's own cluster takes as long as its reader likes.
    if lesson.minutes > 0 {
        page.say(Vec::new(), &facts, Role::Dim);
    } else {
        page.gap();
    }
    if page.tour.lesson.reading.is_some() {
        page.gap();
        page.say(
            Vec::new(),
            "You are reading back: nothing here touches the cluster. n leads forward again.",
            Role::Busy,
        );
    }
    cluster(page);
    for block in &lesson.introduction {
        if let Block::Prose(text) = block {
            page.markdown(text);
        }
    }
}

/// How far the cluster is, while it is not there.
fn cluster(page: &mut Page<'_>) {
    let spinner = vec![Span::styled(
        format!("{} ", page.spinner()),
        page.theme.style(Role::Busy),
    )];
    let words = match &page.tour.boot {
        Boot::Ready => return,
        Boot::Starting { what, nodes } => {
            let mut words = "the cluster is starting".to_owned();
            if let Some(what) = what {
                words = format!("{words}: {what}");
            }
            if !nodes.is_empty() {
                let ready = nodes
                    .iter()
                    .filter(|(_, state)| matches!(state, Some(NodeBoot::Ready(_))))
                    .count();
                words = format!("{words}, {ready} of {} nodes answer", nodes.len());
            }
            words + ". You can read on meanwhile."
        }
        Boot::Rebuilding { what } if what.is_empty() => {
            "the cluster is being made ready".to_owned()
        }
        Boot::Rebuilding { what } => format!("the cluster is being made ready: {what}"),
        Boot::Leaving => "this tour is being left".to_owned(),
        Boot::Failed(reason) => {
            page.gap();
            let sign = vec![Span::styled(
                format!("{} ", page.theme.glyphs.failed),
                page.theme.style(Role::Alert),
            )];
            let words = match page.tour.facts {
                Some(_) => format!("The cluster could not be made ready: {reason}"),
                None => format!("No cluster: {reason}"),
            };
            page.say(sign, &words, Role::Warning);
            page.button("try again", false, false, LessonTarget::Retry, Vec::new());
            return;
        }
    };
    page.gap();
    page.say(spinner, &words, Role::Busy);
}

fn is_done(page: &Page<'_>, place: Place) -> bool {
    key(&page.tour.tour, place).is_some_and(|key| page.tour.lesson.done.contains(&key))
}

/// The heading of the step that is shown in full.
pub(super) fn current(page: &mut Page<'_>, step: &Step) {
    page.gap();
    page.step_row = page.rows.len();
    let theme = page.theme;
    let done = is_done(page, page.tour.lesson.shown());
    let (glyph, role) = if done {
        (theme.glyphs.done, Role::Good)
    } else {
        (theme.glyphs.unfolded, Role::Heading)
    };
    let sign = vec![Span::styled(format!("{glyph} "), theme.style(role))];
    page.say(sign, &step.title, Role::Heading);
}

/// The heading of another step.
pub(super) fn folded(page: &mut Page<'_>, step: &Step, place: Place) {
    let theme = page.theme;
    // Headings that follow one another stand close; a text before them wants air.
    let is_list = place.1 > 0 && place.1 != page.tour.lesson.shown().1 + 1;
    if !is_list {
        page.gap();
    }
    let (glyph, role) = if is_done(page, place) {
        (theme.glyphs.done, Role::Good)
    } else if place < page.tour.lesson.place() {
        (theme.glyphs.open, Role::Dim)
    } else {
        (theme.glyphs.folded, Role::Dim)
    };
    let from = page.rows.len();
    let sign = vec![Span::styled(format!("{glyph} "), theme.style(role))];
    page.say(sign, &step.title, Role::Dim);
    page.pressable(from, &LessonTarget::Step(place));
}
