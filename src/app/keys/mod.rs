//! The one table of keys: it feeds dispatch, footer, help, palette, buttons and `docs/keys.md`.

mod binding;
mod command;
mod docs;
mod lookup;

#[cfg(test)]
mod tests;

pub use binding::{Binding, Context};
pub use command::{Command, GlobalCommand};
pub use docs::document;
pub use lookup::{bindings, by_name, chords_of, contexts, footer, is_offered, resolve};
