//! Everything that a key, a button or the palette can ask for.

use super::{Binding, Context};
use crate::app::{
    home::HomeCommand, laboratory::LaboratoryCommand, lesson::LessonCommand, map::MapCommand,
    nodes::NodesCommand, sql::SqlCommand,
};

/// Everything that a key, a button or the palette can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Of the program as a whole.
    Global(GlobalCommand),
    /// Of the home screen.
    Home(HomeCommand),
    /// Of the lesson pane.
    Lesson(LessonCommand),
    /// Of the map.
    Map(MapCommand),
    /// Of editor and results.
    Sql(SqlCommand),
    /// Of the nodes.
    Nodes(NodesCommand),
    /// Of the laboratory.
    Laboratory(LaboratoryCommand),
}

/// A command of the program as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GlobalCommand {
    /// Show the keys that work here.
    Help,
    /// Show every command.
    Palette,
    /// Leave the program; asks when something would be lost.
    Quit,
    /// Leave the tour for the home screen.
    GoHome,
    /// Give the next pane the focus.
    NextPane,
    /// Give the pane before the focus.
    PreviousPane,
    /// Go to the lesson.
    FocusLesson,
    /// Go to the map.
    FocusMap,
    /// Go to the editor.
    FocusEditor,
    /// Go to the results.
    FocusResults,
    /// Go to the nodes.
    FocusNodes,
    /// Go to the event log.
    FocusLog,
    /// Go to the laboratory, and have its probes run.
    FocusLaboratory,
    /// Give the focused pane the whole screen, or take it back.
    Zoom,
    /// Make the focused pane larger.
    Grow,
    /// Make it smaller.
    Shrink,
    /// Next theme.
    Theme,
    /// Let the terminal have the mouse, to select text; or take it back.
    Mouse,
    /// Draw everything anew.
    Redraw,
    /// Go to the background.
    Suspend,
    /// Close the top layer, or go back to the lesson.
    Back,
    /// Scroll the event log up.
    LogUp,
    /// Scroll the event log down.
    LogDown,
}

const fn global(
    command: GlobalCommand,
    name: &'static str,
    title: &'static str,
    says: &'static str,
) -> Binding {
    Binding::new(Command::Global(command), name, title, says)
}

/// Keys of the program as a whole.
pub(super) const KEYS: &[Binding] = &[
    global(
        GlobalCommand::Help,
        "help",
        "keys",
        "Show the keys that work here",
    )
    .on(Context::Global, &["F1", "?"])
    .footer(90),
    global(
        GlobalCommand::Palette,
        "commands",
        "commands",
        "Show every command, to search and run",
    )
    .on(Context::Global, &["Ctrl+P", ":"])
    .footer(91),
    global(
        GlobalCommand::Quit,
        "quit",
        "quit",
        "Leave; asks what becomes of a running cluster",
    )
    .on(Context::Global, &["Ctrl+Q", "q"])
    .footer(92),
    global(
        GlobalCommand::GoHome,
        "home",
        "home",
        "Leave the tour for the home screen",
    )
    .on(Context::Tour, &[]),
    global(
        GlobalCommand::NextPane,
        "next-pane",
        "pane",
        "Go to the next pane",
    )
    .on(Context::Tour, &["Tab", "F6"])
    .footer(2),
    global(
        GlobalCommand::PreviousPane,
        "previous-pane",
        "pane before",
        "Go to the pane before",
    )
    .on(Context::Tour, &["Shift+Tab"])
    .movement(),
    global(
        GlobalCommand::FocusLesson,
        "go-to-lesson",
        "lesson",
        "Go to the lesson",
    )
    .on(Context::Tour, &["Alt+1"]),
    global(
        GlobalCommand::FocusMap,
        "go-to-map",
        "map",
        "Go to the shard map",
    )
    .on(Context::Tour, &["Alt+2"]),
    global(
        GlobalCommand::FocusEditor,
        "go-to-editor",
        "sql",
        "Go to the SQL editor",
    )
    .on(Context::Tour, &["Alt+3", "F4"]),
    global(
        GlobalCommand::FocusResults,
        "go-to-results",
        "results",
        "Go to the results",
    )
    .on(Context::Tour, &["Alt+4"]),
    global(
        GlobalCommand::FocusNodes,
        "go-to-nodes",
        "nodes",
        "Go to the nodes and their buttons",
    )
    .on(Context::Tour, &["Alt+5", "F7"]),
    global(
        GlobalCommand::FocusLog,
        "go-to-log",
        "log",
        "Go to the event log",
    )
    .on(Context::Tour, &["Alt+6"]),
    global(
        GlobalCommand::FocusLaboratory,
        "go-to-laboratory",
        "laboratory",
        "Go to the laboratory: its probes show what works and what does not",
    )
    .on(Context::Tour, &["Alt+7", "F3"]),
    global(
        GlobalCommand::Zoom,
        "zoom",
        "zoom",
        "Give this pane the whole screen, or take it back",
    )
    .on(Context::Tour, &["F11", "z"]),
    global(
        GlobalCommand::Grow,
        "grow-pane",
        "larger",
        "Make this pane larger",
    )
    .on(Context::Tour, &["Alt+="]),
    global(
        GlobalCommand::Shrink,
        "shrink-pane",
        "smaller",
        "Make this pane smaller",
    )
    .on(Context::Tour, &["Alt+-"]),
    global(
        GlobalCommand::Theme,
        "theme",
        "theme",
        "Change the theme: dark, light, mono",
    )
    .on(Context::Global, &[]),
    global(
        GlobalCommand::Mouse,
        "mouse",
        "select text",
        "Let the terminal have the mouse to select text, or take it back",
    )
    .on(Context::Global, &["F9"]),
    global(
        GlobalCommand::Redraw,
        "redraw",
        "redraw",
        "Draw everything anew",
    )
    .on(Context::Global, &["Ctrl+L"]),
    global(
        GlobalCommand::Suspend,
        "suspend",
        "suspend",
        "Go to the background; `fg` in the shell comes back",
    )
    .on(Context::Global, &["Ctrl+Z"]),
    global(
        GlobalCommand::Back,
        "back",
        "back",
        "Close the top layer, or go back to the lesson",
    )
    .on(Context::Tour, &["Esc"])
    .movement(),
    global(
        GlobalCommand::LogUp,
        "log-up",
        "up",
        "Scroll the event log up",
    )
    .on(Context::Log, &["Up"])
    .movement(),
    global(
        GlobalCommand::LogDown,
        "log-down",
        "down",
        "Scroll the event log down",
    )
    .on(Context::Log, &["Down"])
    .movement(),
];
