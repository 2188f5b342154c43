//! Commands found by what is typed.

use crate::app::Screen;
use crate::app::{
    Model,
    keys::{Binding, Command, Context, bindings, contexts, is_offered},
};

/// The commands that fit the screen and the words typed, the best first. Each word must be part of the name or of what is said of it.
#[must_use]
pub fn matching(model: &Model, query: &str) -> Vec<&'static Binding> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    let here = contexts(model);
    let mut seen: Vec<Command> = Vec::new();
    let mut found: Vec<(bool, bool, &'static Binding)> = Vec::new();
    for binding in bindings() {
        let fits = match model.screen {
            Screen::Home => matches!(binding.context, Context::Home | Context::Global),
            Screen::Tour => binding.context != Context::Home,
        };
        let says = format!("{} {}", binding.name, binding.says).to_lowercase();
        if fits
            && binding.palette
            && is_offered(model, binding)
            && !seen.contains(&binding.command)
            && words.iter().all(|word| says.contains(word.as_str()))
        {
            seen.push(binding.command);
            let by_name = words
                .first()
                .is_some_and(|word| binding.name.starts_with(word.as_str()));
            found.push((!by_name, !here.contains(&binding.context), binding));
        }
    }
    found.sort_by_key(|(not_by_name, elsewhere, _)| (*not_by_name, *elsewhere));
    found.into_iter().map(|(_, _, binding)| binding).collect()
}
