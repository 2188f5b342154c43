//! Colours of code. In: a text and its language. Out: for each line what its parts are.
//!
//! The syntaxes are our own and compiled in. Reading them takes longer than a frame may, so that it happens once, on a thread that nobody
//! waits for ([`warm_up`]); until then code is plain.

mod syntax;

use std::{
    collections::HashMap,
    ops::Range,
    sync::{LazyLock, Mutex, PoisonError},
};

use super::theme::Role;
use syntax::{SYNTAXES, State};

/// A part of a line, in bytes, and what it is. The parts of a line follow one another and cover it.
pub type Token = (Range<usize>, Role);

/// A language that has colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Language {
    /// PostgreSQL's SQL, with psql's commands.
    Sql,
    /// What is typed into a shell, after `$`, and what comes back.
    Console,
}

impl Language {
    /// The language of a fence's first word.
    #[must_use]
    pub fn of_fence(word: &str) -> Option<Self> {
        match word {
            "sql" | "postgresql" | "psql" | "plpgsql" => Some(Self::Sql),
            "console" | "sh" | "bash" | "shell" => Some(Self::Console),
            _ => None,
        }
    }
}

/// Lines that are remembered with their colours; beyond that everything is forgotten and learned again.
const REMEMBERED: usize = 8192;

/// Longer lines stay plain: to colour one could take longer than a frame may.
const LONGEST_LINE: usize = 4096;

/// What is known of lines: a line has the same parts wherever it stands behind the same state. So that a key typed into a long text costs
/// as much as the line that it changes, and a frame of what was drawn before costs nothing.
#[derive(Default)]
struct Memory {
    states: Vec<State>,
    lines: HashMap<(usize, String), (Vec<Token>, usize)>,
}

static MEMORY: LazyLock<Mutex<Memory>> = LazyLock::new(Mutex::default);

/// Reads the syntaxes, so that colours are there from now on. Takes a while: meant for a thread of its own.
pub fn warm_up() {
    let _ = sql_now("SELECT 1;");
}

/// Whether colours are there.
#[must_use]
pub fn is_ready() -> bool {
    SYNTAXES.get().is_some()
}

/// The parts of each line of SQL. Never waits: plain until [`warm_up`] is through.
#[must_use]
pub fn sql(text: &str) -> Vec<Vec<Token>> {
    code(Language::Sql, text)
}

/// The same of any language.
#[must_use]
pub fn code(language: Language, text: &str) -> Vec<Vec<Token>> {
    if is_ready() {
        coloured(language, text)
    } else {
        text.split('\n').map(plain).collect()
    }
}

/// The parts of each line of SQL, waiting for the syntaxes if need be.
#[must_use]
pub fn sql_now(text: &str) -> Vec<Vec<Token>> {
    SYNTAXES.get_or_init(syntax::load);
    coloured(Language::Sql, text)
}

fn plain(line: &str) -> Vec<Token> {
    if line.is_empty() {
        Vec::new()
    } else {
        vec![(0..line.len(), Role::Code)]
    }
}

fn coloured(language: Language, text: &str) -> Vec<Vec<Token>> {
    let Some(Some(syntaxes)) = SYNTAXES.get() else {
        return text.split('\n').map(plain).collect();
    };
    let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    if memory.lines.len() > REMEMBERED {
        *memory = Memory::default();
    }
    let mut state = memory.number(syntaxes.start(language));
    text.split('\n')
        .map(|line| {
            if line.len() > LONGEST_LINE {
                return plain(line);
            }
            let key = (state, line.to_owned());
            if let Some((tokens, after)) = memory.lines.get(&key) {
                state = *after;
                return tokens.clone();
            }
            let mut after = memory.states[state].clone();
            let tokens = syntaxes.line(&mut after, line);
            state = memory.number(after);
            memory.lines.insert(key, (tokens.clone(), state));
            tokens
        })
        .collect()
}

impl Memory {
    /// The number of a state. There are few: one outside of everything, one for each kind and depth of quotes and comments.
    fn number(&mut self, state: State) -> usize {
        let known = self.states.iter().position(|known| *known == state);
        known.unwrap_or_else(|| {
            self.states.push(state);
            self.states.len() - 1
        })
    }
}

#[cfg(test)]
mod tests;
