//! The table as a page.

use std::fmt::Write;

use super::{Context, bindings};

/// `docs/keys.md`.
#[must_use]
pub fn document() -> String {
    let mut page = String::from(
        "# Keys\n\nMade from the program's own table by `cargo run -- keys > docs/keys.md`; do not edit. \
         Every command is also in the palette (`Ctrl+P` or `:`) and most have a button.\n",
    );
    for context in Context::ALL {
        let here: Vec<_> = bindings()
            .iter()
            .filter(|binding| binding.context == context)
            .collect();
        if here.is_empty() {
            continue;
        }
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "\n## {}\n\n| keys | command | what it does |\n|---|---|---|\n",
            context.title()
        );
        for binding in here {
            let chords: Vec<String> = binding
                .chords
                .iter()
                .map(|chord| format!("`{chord}`"))
                .collect();
            let _ = writeln!(
                page,
                "| {} | `{}` | {} |",
                chords.join(" "),
                binding.name,
                binding.says
            );
        }
    }
    page
}
