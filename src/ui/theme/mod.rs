//! Looks by role. Code names what a thing is, a theme says how that looks.

mod glyphs;
mod palette;
mod role;

use ratatui::style::{Modifier, Style};

pub use glyphs::Glyphs;
pub use role::Role;

use crate::app::{Settings, ThemeName};

/// How everything looks.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    name: ThemeName,
    palette: &'static palette::Palette,
    /// The characters to draw with.
    pub glyphs: &'static Glyphs,
}

impl Theme {
    /// The theme that the settings ask for.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        Self {
            name: settings.theme,
            palette: palette::of(settings.theme, settings.depth),
            glyphs: if settings.ascii {
                &glyphs::ASCII
            } else {
                &glyphs::UNICODE
            },
        }
    }

    /// How a role looks.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        role::style(role, self.palette, self.is_mono())
    }

    /// How the tiles of a colocation group look: one of few colours, in turn.
    #[must_use]
    pub fn group(&self, index: usize) -> Style {
        let base = Style::new().bg(self.palette.background);
        if self.is_mono() {
            return base.fg(self.palette.text);
        }
        base.fg(self.palette.groups[index % self.palette.groups.len()])
    }

    /// Selection on top of whatever something looks like: reversed, so that it is seen without colours too.
    #[must_use]
    pub fn selected(&self, style: Style) -> Style {
        style.add_modifier(Modifier::REVERSED | Modifier::BOLD)
    }

    /// Whether it does without colours.
    #[must_use]
    pub fn is_mono(&self) -> bool {
        self.name == ThemeName::Mono
    }
}
