//! What things are, and how that looks with a palette.

use ratatui::style::{Modifier, Style};

use super::palette::Palette;

/// What a thing on the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// Text that matters less.
    Dim,
    /// Text that matters more.
    Strong,
    /// Slanted text in prose.
    Emphasis,
    /// A heading of a lesson.
    Heading,
    /// The name of a pane.
    Title,
    /// A border.
    Border,
    /// The border of the pane that takes keys.
    BorderFocused,
    /// The lines at the top and at the bottom.
    Bar,
    /// A key's name.
    Key,
    /// A button.
    Button,
    /// A button that is chosen.
    ButtonFocused,
    /// A button that cannot be pressed now.
    ButtonDisabled,
    /// A button that makes something stop working.
    ButtonDanger,
    /// What is marked as the next thing to do.
    Marked,
    /// Something that is as it should be.
    Good,
    /// Something to look at.
    Warning,
    /// Something that failed or is gone.
    Alert,
    /// Something under way.
    Busy,
    /// A shard that the last statement touched.
    Touched,
    /// Code.
    Code,
    /// A keyword of a language.
    Keyword,
    /// A string.
    String,
    /// A number.
    Number,
    /// A comment.
    Comment,
    /// A function's name.
    Function,
    /// A type's name.
    Type,
    /// NULL in a result.
    Null,
    /// The head of a column.
    ColumnHead,
    /// A layer above the screen.
    Overlay,
    /// A name that wears the engine's: real.
    EngineReal,
    /// The engine is the emulation.
    EngineEmulated,
}

/// How a role looks.
pub(super) fn style(role: Role, palette: &Palette, mono: bool) -> Style {
    let base = Style::new().fg(palette.text).bg(palette.background);
    let bar = Style::new().fg(palette.bar_text).bg(palette.bar);
    let styled = match role {
        Role::Text | Role::Overlay => base,
        Role::Dim | Role::Comment | Role::ButtonDisabled => base.fg(palette.dim),
        Role::Strong => base.add_modifier(Modifier::BOLD),
        Role::Emphasis => base.add_modifier(Modifier::ITALIC),
        Role::Heading | Role::Title | Role::BorderFocused | Role::Marked => {
            base.fg(palette.accent).add_modifier(Modifier::BOLD)
        }
        Role::Border => base.fg(palette.border),
        Role::Bar => bar,
        Role::Key | Role::EngineReal => bar.add_modifier(Modifier::BOLD),
        Role::Button => base.fg(palette.accent).add_modifier(Modifier::UNDERLINED),
        Role::ButtonFocused => base
            .fg(palette.accent)
            .add_modifier(Modifier::REVERSED | Modifier::BOLD),
        Role::ButtonDanger => base.fg(palette.alert).add_modifier(Modifier::UNDERLINED),
        Role::Good => base.fg(palette.good),
        Role::Warning => base.fg(palette.warning),
        Role::Alert => base.fg(palette.alert).add_modifier(Modifier::BOLD),
        Role::Busy => base.fg(palette.busy),
        Role::Touched => base.add_modifier(Modifier::UNDERLINED | Modifier::BOLD),
        Role::Code => base.fg(palette.code),
        Role::Keyword => base.fg(palette.keyword).add_modifier(Modifier::BOLD),
        Role::String => base.fg(palette.string),
        Role::Number => base.fg(palette.number),
        Role::Function => base.fg(palette.function),
        Role::Type => base.fg(palette.keyword),
        Role::Null => base.fg(palette.dim).add_modifier(Modifier::ITALIC),
        Role::ColumnHead => base.add_modifier(Modifier::BOLD | Modifier::UNDERLINED),
        Role::EngineEmulated => bar.fg(palette.bar_warning).add_modifier(Modifier::BOLD),
    };
    if mono {
        without_colour(role, styled)
    } else {
        styled
    }
}

/// What colours say has to be said by weight and reversal instead.
fn without_colour(role: Role, style: Style) -> Style {
    match role {
        Role::Bar | Role::Key | Role::EngineReal | Role::EngineEmulated => {
            style.add_modifier(Modifier::REVERSED)
        }
        Role::Dim | Role::Comment | Role::ButtonDisabled | Role::Null => {
            style.add_modifier(Modifier::DIM)
        }
        Role::Alert => style.add_modifier(Modifier::BOLD | Modifier::REVERSED),
        _ => style,
    }
}
