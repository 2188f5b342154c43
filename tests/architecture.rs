//! The house's rules about itself: imports run one way, and a file has one reason to exist.

#![expect(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, a line each level. A room may use those of the lines below its own.
const LEVELS: &[&[&str]] = &[
    &["cli", "terminal"],
    &["ui"],
    &["app"],
    &["player"],
    &["observe", "xray", "workload", "engine", "runtime"],
    &["postgres"],
    &["cluster", "lesson", "topology"],
];

/// Arrows within a level that the house needs, each with its reason.
const ALLOWED: &[(&str, &str, &str)] = &[
    (
        "lesson",
        "topology",
        "lint holds a lesson's actions to the nodes that its topology has",
    ),
    ("cli", "terminal", "a command opens the screen"),
    (
        "engine",
        "runtime",
        "an engine says how its servers are to be configured, in the runtime's plain types",
    ),
];

/// Lines beyond which a file must say why it is one.
const LONGEST: usize = 400;

/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut waiting = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).expect("src can be listed") {
            let path = entry.expect("an entry of src").path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source can be read");
                let name = path.strip_prefix(&root).expect("it lies in src").to_owned();
                found.push((name, text));
            }
        }
    }
    found.sort();
    found
}

fn level(room: &str) -> Option<usize> {
    LEVELS.iter().position(|rooms| rooms.contains(&room))
}

/// The rooms that a source names by a path from the crate's root.
fn rooms_used(text: &str) -> BTreeSet<String> {
    let mut rooms = BTreeSet::new();
    let code: String = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |mut code, line| {
            code.push_str(line);
            code.push('\n');
            code
        });
    for root in ["crate::", "super::super::"] {
        for (at, _) in code.match_indices(root) {
            rooms.extend(first_names(&code[at + root.len()..]));
        }
    }
    rooms.retain(|room| level(room).is_some());
    rooms
}

/// The first names of a path, or of each path of a group in braces.
fn first_names(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect()
    };
    let Some(group) = path.strip_prefix('{') else {
        return vec![name(path)];
    };
    let (mut depth, mut names, mut start) = (0_usize, Vec::new(), 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => {
                names.push(name(&group[start..at]));
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                names.push(name(&group[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    names
}

#[test]
fn imports_run_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let first = path.components().next().expect("a name").as_os_str();
        let room = first.to_string_lossy().trim_end_matches(".rs").to_owned();
        if ["main", "lib"].contains(&room.as_str()) {
            continue;
        }
        let Some(own) = level(&room) else {
            wrong.push(format!(
                "{}: the room `{room}` has no place in the house",
                path.display()
            ));
            continue;
        };
        for used in rooms_used(&text).into_iter().filter(|used| *used != room) {
            let allowed = ALLOWED
                .iter()
                .any(|(from, to, _)| *from == room && *to == used);
            if !allowed && level(&used).is_some_and(|level| level <= own) {
                wrong.push(format!("{}: {room} may not import {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_has_a_second_reason() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let (name, lines) = (path.to_string_lossy().into_owned(), text.lines().count());
        let listed = LONG_FILES.iter().any(|(long, _)| *long == name);
        if lines > LONGEST && !listed {
            wrong.push(format!(
                "{name} has {lines} lines: look for its second reason"
            ));
        }
        if lines <= LONGEST && listed {
            wrong.push(format!("{name} is short now: take it off the list"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn paths_are_read_as_the_compiler_reads_them() {
    let used = |text: &str| rooms_used(text).into_iter().collect::<Vec<_>>();
    assert_eq!(used("use crate::player::Stage;"), ["player"]);
    assert_eq!(
        used("use crate::{\n    cluster::{View, diff},\n    engine, lesson::Run };"),
        ["cluster", "engine", "lesson"]
    );
    assert_eq!(
        used("fn f() -> crate::runtime::Act { todo() }"),
        ["runtime"]
    );
    assert_eq!(used("use super::super::ui;"), ["ui"]);
    assert_eq!(
        used("// crate::ui\n/// [`crate::app`]\nuse super::sample; use crate::macros;"),
        [""; 0]
    );
}
