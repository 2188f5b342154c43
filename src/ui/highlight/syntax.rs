//! Our syntaxes, and what their scopes are on the screen.

use std::sync::OnceLock;

use syntect::parsing::{
    ParseState, Scope, ScopeStack, SyntaxDefinition, SyntaxSet, SyntaxSetBuilder,
};

use super::{Language, Token};
use crate::ui::theme::Role;

/// Where a line begins: inside a comment, a string, or outside of everything.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct State {
    parser: ParseState,
    scopes: ScopeStack,
}

/// The syntaxes, ready to use.
pub(super) struct Syntaxes {
    set: SyntaxSet,
    sql: State,
    console: State,
    roles: Vec<(Scope, Role)>,
}

/// `None` inside when they cannot be read, which a test rules out.
pub(super) static SYNTAXES: OnceLock<Option<Syntaxes>> = OnceLock::new();

/// Scopes and roles; where scopes lie in one another the innermost that is listed counts.
const ROLES: &[(&str, Role)] = &[
    ("comment", Role::Comment),
    ("string", Role::String),
    ("constant.numeric", Role::Number),
    ("keyword", Role::Keyword),
    ("storage.type", Role::Type),
    ("support.function", Role::Function),
    ("variable.parameter", Role::Number),
    ("meta.output", Role::Dim),
];

/// Reads the syntaxes.
pub(super) fn load() -> Option<Syntaxes> {
    let mut builder = SyntaxSetBuilder::new();
    for text in [
        include_str!("../../../assets/postgresql.sublime-syntax"),
        include_str!("../../../assets/console.sublime-syntax"),
    ] {
        builder.add(SyntaxDefinition::load_from_str(text, true, None).ok()?);
    }
    let set = builder.build();
    let start = |name: &str| {
        let syntax = set.find_syntax_by_name(name)?;
        Some(State {
            parser: ParseState::new(syntax),
            scopes: ScopeStack::new(),
        })
    };
    let (sql, console) = (start("PostgreSQL")?, start("Console")?);
    let roles = ROLES
        .iter()
        .map(|(scope, role)| Some((Scope::new(scope).ok()?, *role)))
        .collect::<Option<Vec<_>>>()?;
    Some(Syntaxes {
        set,
        sql,
        console,
        roles,
    })
}

impl Syntaxes {
    /// The state before the first line.
    pub(super) fn start(&self, language: Language) -> State {
        match language {
            Language::Sql => self.sql.clone(),
            Language::Console => self.console.clone(),
        }
    }

    /// The parts of a line; moves the state behind it.
    pub(super) fn line(&self, state: &mut State, line: &str) -> Vec<Token> {
        let mut tokens: Vec<Token> = Vec::new();
        let mut add = |from: usize, to: usize, role: Role| {
            let (from, to) = (from.min(line.len()), to.min(line.len()));
            match tokens.last_mut() {
                _ if from >= to => {}
                Some((range, last)) if *last == role => range.end = to,
                _ => tokens.push((from..to, role)),
            }
        };
        let with_end = format!("{line}\n");
        let Ok(operations) = state.parser.parse_line(&with_end, &self.set) else {
            add(0, line.len(), Role::Code);
            return tokens;
        };
        let mut at = 0;
        for (next, operation) in operations {
            if next > at {
                add(at, next, self.role(&state.scopes));
                at = next;
            }
            // An operation that does not fit would be a fault of the syntax: the line loses colour, nothing else.
            let _ = state.scopes.apply(&operation);
        }
        add(at, line.len(), self.role(&state.scopes));
        tokens
    }

    fn role(&self, scopes: &ScopeStack) -> Role {
        let found = scopes.as_slice().iter().rev().find_map(|scope| {
            let listed = self
                .roles
                .iter()
                .find(|(known, _)| known.is_prefix_of(*scope));
            listed.map(|(_, role)| *role)
        });
        found.unwrap_or(Role::Code)
    }
}
