//! From chords to commands and back.

use std::{collections::HashMap, sync::LazyLock};

use super::{Binding, Command, Context, command};
use crate::app::{Model, Pane, Screen, home, input::Chord, laboratory, lesson, map, nodes, sql};

static TABLE: LazyLock<Vec<Binding>> = LazyLock::new(|| {
    [
        lesson::KEYS,
        map::KEYS,
        sql::KEYS,
        nodes::KEYS,
        laboratory::KEYS,
        home::KEYS,
        command::KEYS,
    ]
    .concat()
});

static CHORDS: LazyLock<HashMap<(Context, Chord), Command>> = LazyLock::new(|| {
    let chords = |binding: &'static Binding| {
        let parsed = binding.chords.iter().filter_map(|text| Chord::parse(text));
        parsed.map(|chord| ((binding.context, chord), binding.command))
    };
    TABLE.iter().flat_map(chords).collect()
});

/// The whole table.
#[must_use]
pub fn bindings() -> &'static [Binding] {
    &TABLE
}

/// The binding of a command's name.
#[must_use]
pub fn by_name(name: &str) -> Option<&'static Binding> {
    TABLE.iter().find(|binding| binding.name == name)
}

/// The chords that call a command, the most usual one first.
#[must_use]
pub fn chords_of(command: Command) -> &'static [&'static str] {
    let found = TABLE.iter().find(|binding| binding.command == command);
    found.map_or(&[], |binding| binding.chords)
}

/// The contexts that are asked now, the nearest one first. Layers above the screen have keys of their own.
#[must_use]
pub fn contexts(model: &Model) -> Vec<Context> {
    match model.screen {
        Screen::Home => vec![Context::Home, Context::Global],
        Screen::Tour => {
            let pane = match model.focus {
                Pane::Lesson => Context::Lesson,
                Pane::Map => Context::Map,
                Pane::Editor => Context::Editor,
                Pane::Results => Context::Results,
                Pane::Nodes => Context::Nodes,
                Pane::Log => Context::Log,
                Pane::Laboratory => Context::Laboratory,
            };
            vec![pane, Context::Tour, Context::Global]
        }
    }
}

/// The command that a chord calls. What types text goes to the editor where the editor has the focus.
#[must_use]
pub fn resolve(contexts: &[Context], chord: Chord) -> Option<Command> {
    let typing = contexts.contains(&Context::Editor) && chord.types();
    let mut asked = contexts
        .iter()
        .filter(|context| !typing || **context == Context::Editor);
    asked.find_map(|context| CHORDS.get(&(*context, chord)).copied())
}

/// Whether a command is offered. Nothing is broken on somebody's own cluster; who asks for it all the same is told why.
#[must_use]
pub fn is_offered(model: &Model, binding: &Binding) -> bool {
    if !model.home.attached {
        return true;
    }
    match binding.command {
        Command::Nodes(command) => !command.breaks(),
        Command::Laboratory(command) => !command.breaks(),
        // A page about the cluster has nothing to be done.
        Command::Lesson(_) => {
            let tour = model.tour.as_deref();
            tour.is_some_and(|tour| tour.current_step().is_some())
        }
        _ => true,
    }
}

/// What the footer offers, in order: the chord that works here and the binding.
#[must_use]
pub fn footer(contexts: &[Context]) -> Vec<(Chord, &'static Binding)> {
    let mut shown: Vec<(Chord, &'static Binding)> = TABLE
        .iter()
        .filter(|binding| binding.footer.is_some() && contexts.contains(&binding.context))
        .filter_map(|binding| {
            let works = |chord: &Chord| resolve(contexts, *chord) == Some(binding.command);
            let mut chords = binding.chords.iter().filter_map(|text| Chord::parse(text));
            chords.find(works).map(|chord| (chord, binding))
        })
        .collect();
    shown.sort_by_key(|(_, binding)| binding.footer);
    shown
}
