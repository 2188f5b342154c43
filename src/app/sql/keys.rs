//! The keys of editor and results.

use super::{Browse, Edit, SqlCommand, Step};
use crate::app::keys::{Binding, Command, Context};

const fn key(
    command: SqlCommand,
    name: &'static str,
    title: &'static str,
    says: &'static str,
) -> Binding {
    Binding::new(Command::Sql(command), name, title, says)
}

const fn editing(
    edit: Edit,
    name: &'static str,
    title: &'static str,
    says: &'static str,
    chords: &'static [&'static str],
) -> Binding {
    key(SqlCommand::Edit(edit), name, title, says).on(Context::Editor, chords)
}

const fn step(
    step: Step,
    name: &'static str,
    says: &'static str,
    chords: &'static [&'static str],
) -> Binding {
    key(SqlCommand::Step(step, false), name, "move", says)
        .on(Context::Editor, chords)
        .movement()
}

const fn select(
    step: Step,
    name: &'static str,
    says: &'static str,
    chords: &'static [&'static str],
) -> Binding {
    key(SqlCommand::Step(step, true), name, "select", says)
        .on(Context::Editor, chords)
        .movement()
}

const fn browse(
    browse: Browse,
    name: &'static str,
    title: &'static str,
    says: &'static str,
    chords: &'static [&'static str],
) -> Binding {
    key(SqlCommand::Browse(browse), name, title, says).on(Context::Results, chords)
}

/// The keys of editor and results.
pub const KEYS: &[Binding] = &[
    key(
        SqlCommand::Run,
        "run",
        "run",
        "Run the selection, or the statement under the cursor",
    )
    .on(Context::Tour, &["F5", "Alt+Enter"])
    .footer(10),
    key(
        SqlCommand::RunAll,
        "run-all",
        "run all",
        "Run all statements in the editor, until one fails",
    )
    .on(Context::Tour, &["Alt+a"]),
    key(
        SqlCommand::Cancel,
        "cancel",
        "cancel",
        "Cancel the statement that runs; in the editor it copies what is selected when nothing runs",
    )
    .on(Context::Tour, &["Ctrl+C"]),
    key(
        SqlCommand::NextNode,
        "next-node",
        "node",
        "Send statements to the next node",
    )
    .on(Context::Tour, &["Alt+n"]),
    key(
        SqlCommand::History,
        "history",
        "history",
        "Search the statements that were run",
    )
    .on(Context::Tour, &["Ctrl+R", "Alt+h"]),
    key(
        SqlCommand::Recall(true),
        "statement-before",
        "before",
        "Bring back the statement that was run before",
    )
    .on(Context::Editor, &["Ctrl+Up", "Alt+Up"]),
    key(
        SqlCommand::Recall(false),
        "statement-after",
        "after",
        "Go on to the statement that was run after it",
    )
    .on(Context::Editor, &["Ctrl+Down", "Alt+Down"]),
    editing(Edit::Undo, "undo", "undo", "Take back the last change", &["Ctrl+_", "Alt+u"]),
    editing(Edit::Redo, "redo", "redo", "Do again what was taken back", &["Ctrl+Y", "Alt+y"]),
    editing(Edit::Cut, "cut", "cut", "Cut the selection", &["Ctrl+X"]),
    editing(Edit::Copy, "copy", "copy", "Copy the selection", &["Alt+c"]),
    editing(Edit::Paste, "paste", "paste", "Paste what was cut, copied or deleted here", &["Ctrl+V"]),
    editing(Edit::SelectAll, "select-all", "select all", "Select everything", &["Alt+s"]),
    editing(Edit::Clear, "clear-editor", "clear", "Empty the editor", &["Alt+k"]),
    editing(
        Edit::DeleteToHead,
        "delete-to-line-start",
        "delete",
        "Delete to the beginning of the line",
        &["Ctrl+U"],
    ),
    editing(
        Edit::DeleteToEnd,
        "delete-to-line-end",
        "delete",
        "Delete to the end of the line",
        &["Ctrl+K"],
    ),
    editing(
        Edit::DeleteWord,
        "delete-word",
        "delete",
        "Delete the word before the cursor",
        &["Ctrl+W", "Alt+Backspace"],
    ),
    editing(
        Edit::DeleteNextWord,
        "delete-next-word",
        "delete",
        "Delete the word behind the cursor",
        &["Alt+d", "Alt+Delete"],
    ),
    editing(
        Edit::DeleteNext,
        "delete-next",
        "delete",
        "Delete the character under the cursor",
        &["Ctrl+D"],
    ),
    step(Step::Up, "line-up", "Go one line up", &["Up"]),
    step(Step::Down, "line-down", "Go one line down", &["Down"]),
    step(Step::Left, "character-left", "Go one character back", &["Left", "Ctrl+B"]),
    step(Step::Right, "character-right", "Go one character on", &["Right", "Ctrl+F"]),
    step(
        Step::WordLeft,
        "word-left",
        "Go one word back",
        &["Ctrl+Left", "Alt+Left", "Alt+b"],
    ),
    step(
        Step::WordRight,
        "word-right",
        "Go one word on",
        &["Ctrl+Right", "Alt+Right", "Alt+f"],
    ),
    step(Step::Head, "line-start", "Go to the beginning of the line", &["Home", "Ctrl+A"]),
    step(Step::End, "line-end", "Go to the end of the line", &["End", "Ctrl+E"]),
    step(Step::Top, "text-start", "Go to the beginning of the text", &["Ctrl+Home"]),
    step(Step::Bottom, "text-end", "Go to the end of the text", &["Ctrl+End"]),
    step(Step::PageUp, "text-page-up", "Go one page up", &["PgUp"]),
    step(Step::PageDown, "text-page-down", "Go one page down", &["PgDn"]),
    select(Step::Up, "select-up", "Select one line up", &["Shift+Up"]),
    select(Step::Down, "select-down", "Select one line down", &["Shift+Down"]),
    select(Step::Left, "select-left", "Select one character back", &["Shift+Left"]),
    select(Step::Right, "select-right", "Select one character on", &["Shift+Right"]),
    select(
        Step::WordLeft,
        "select-word-left",
        "Select one word back",
        &["Ctrl+Shift+Left"],
    ),
    select(
        Step::WordRight,
        "select-word-right",
        "Select one word on",
        &["Ctrl+Shift+Right"],
    ),
    select(
        Step::Head,
        "select-line-start",
        "Select to the beginning of the line",
        &["Shift+Home"],
    ),
    select(Step::End, "select-line-end", "Select to the end of the line", &["Shift+End"]),
    select(
        Step::Top,
        "select-text-start",
        "Select to the beginning of the text",
        &["Ctrl+Shift+Home"],
    ),
    select(
        Step::Bottom,
        "select-text-end",
        "Select to the end of the text",
        &["Ctrl+Shift+End"],
    ),
    browse(
        Browse::Inspect,
        "inspect-cell",
        "whole value",
        "Show the chosen value in full",
        &["Enter", "Space"],
    )
    .footer(1),
    browse(
        Browse::Before,
        "previous-result",
        "result before",
        "Show the result before",
        &["["],
    )
    .footer(2),
    browse(
        Browse::After,
        "next-result",
        "result after",
        "Show the result after",
        &["]"],
    )
    .footer(3),
    browse(
        Browse::Expand,
        "expanded",
        "expanded",
        "Show one column a line, or a grid again",
        &["x"],
    )
    .footer(4),
    browse(
        Browse::CopyCell,
        "copy-cell",
        "copy",
        "Copy the chosen value; where there is none, all of the text",
        &["y"],
    )
    .footer(5),
    browse(
        Browse::CopyRow,
        "copy-row",
        "copy row",
        "Copy the chosen row, with tabs between its values",
        &["Y"],
    ),
    browse(
        Browse::CopyAll,
        "copy-result",
        "copy all",
        "Copy all rows that are kept, with their column names, with tabs between the values",
        &["c"],
    ),
    browse(
        Browse::CopyStatement,
        "copy-statement",
        "copy statement",
        "Copy the statement",
        &["s"],
    ),
    browse(
        Browse::EditStatement,
        "edit-statement",
        "edit",
        "Put the statement into the editor",
        &["e"],
    )
    .footer(6),
    browse(Browse::Up, "row-up", "up", "Choose the row above, or scroll", &["Up"]).movement(),
    browse(Browse::Down, "row-down", "down", "Choose the row below, or scroll", &["Down"])
        .movement(),
    browse(
        Browse::Left,
        "column-left",
        "left",
        "Choose the column at the left; without columns, show the result before",
        &["Left"],
    )
    .movement(),
    browse(
        Browse::Right,
        "column-right",
        "right",
        "Choose the column at the right; without columns, show the result after",
        &["Right"],
    )
    .movement(),
    browse(Browse::PageUp, "rows-page-up", "page up", "A page up", &["PgUp"]).movement(),
    browse(Browse::PageDown, "rows-page-down", "page down", "A page down", &["PgDn"]).movement(),
    browse(Browse::First, "first-column", "first", "Choose the first column", &["Home"]).movement(),
    browse(Browse::Last, "last-column", "last", "Choose the last column", &["End"]).movement(),
    browse(Browse::Top, "first-row", "top", "Go to the first row", &["Ctrl+Home", "g"]).movement(),
    browse(Browse::Bottom, "last-row", "bottom", "Go to the last row", &["Ctrl+End", "G"])
        .movement(),
];
