//! The lesson pane's part of the table of keys.

use super::LessonCommand;
use crate::app::keys::{Binding, Command, Context};

const fn key(
    command: LessonCommand,
    name: &'static str,
    title: &'static str,
    says: &'static str,
    chords: &'static [&'static str],
) -> Binding {
    Binding::new(Command::Lesson(command), name, title, says).on(Context::Lesson, chords)
}

const fn choose(number: u8, name: &'static str, chords: &'static [&'static str]) -> Binding {
    key(
        LessonCommand::Choose(number),
        name,
        "choose",
        "Choose the prediction's answer of that number",
        chords,
    )
    .movement()
}

/// Its keys.
pub const KEYS: &[Binding] = &[
    key(
        LessonCommand::Do,
        "do",
        "do it",
        "Do what is marked: run, act, choose, unfold, go on",
        &["Enter", "Space"],
    )
    .footer(1),
    key(
        LessonCommand::Next,
        "next-step",
        "next",
        "Go to the next step",
        &["n"],
    )
    .footer(2),
    key(
        LessonCommand::Previous,
        "previous-step",
        "back",
        "Read the step before again; the cluster stays as it is",
        &["b"],
    )
    .footer(3),
    key(
        LessonCommand::Hint,
        "hint",
        "hint",
        "Unfold the next hint",
        &["h"],
    )
    .footer(4),
    key(
        LessonCommand::Solution,
        "solution",
        "solution",
        "Unfold the solution",
        &["x"],
    )
    .footer(5),
    key(
        LessonCommand::ShowMe,
        "do-it-for-me",
        "do it for me",
        "Let the program do this step",
        &[],
    ),
    key(
        LessonCommand::Contents,
        "contents",
        "contents",
        "Show the table of contents, to jump",
        &["c"],
    )
    .footer(6),
    key(
        LessonCommand::ResetStep,
        "reset-step",
        "reset step",
        "Bring the cluster back to the beginning of this step",
        &["r"],
    )
    .footer(7),
    key(
        LessonCommand::ResetLesson,
        "reset-lesson",
        "reset lesson",
        "Bring the cluster back to the beginning of this lesson",
        &["R"],
    ),
    key(
        LessonCommand::Up,
        "lesson-up",
        "up",
        "Mark what is above, or scroll",
        &["Up"],
    )
    .movement(),
    key(
        LessonCommand::Down,
        "lesson-down",
        "down",
        "Mark what is below, or scroll",
        &["Down"],
    )
    .movement(),
    key(
        LessonCommand::PageUp,
        "lesson-page-up",
        "page up",
        "Scroll a page up",
        &["PgUp"],
    )
    .movement(),
    key(
        LessonCommand::PageDown,
        "lesson-page-down",
        "page down",
        "Scroll a page down",
        &["PgDn"],
    )
    .movement(),
    key(
        LessonCommand::Top,
        "lesson-top",
        "top",
        "Go to the beginning of the lesson",
        &["Home"],
    )
    .movement(),
    key(
        LessonCommand::Bottom,
        "lesson-end",
        "end",
        "Go to the end of the lesson",
        &["End"],
    )
    .movement(),
    choose(1, "choose-1", &["1"]),
    choose(2, "choose-2", &["2"]),
    choose(3, "choose-3", &["3"]),
    choose(4, "choose-4", &["4"]),
    choose(5, "choose-5", &["5"]),
    choose(6, "choose-6", &["6"]),
    choose(7, "choose-7", &["7"]),
    choose(8, "choose-8", &["8"]),
    choose(9, "choose-9", &["9"]),
];
