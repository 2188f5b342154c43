//! How the screen shall look and behave.

/// Which colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ThemeName {
    /// On a dark background.
    #[default]
    Dark,
    /// On a light background.
    Light,
    /// Without any colour.
    Mono,
}

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ColourDepth {
    /// The 16 that its user has chosen.
    Sixteen,
    /// The 256 of xterm.
    #[default]
    Indexed,
    /// 24 bits.
    True,
}

/// How the screen shall look and behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Which colours.
    pub theme: ThemeName,
    /// How many.
    pub depth: ColourDepth,
    /// ASCII characters only.
    pub ascii: bool,
    /// Things may move: spinners, fading marks.
    pub motion: bool,
    /// The mouse is ours; otherwise it selects text for the terminal.
    pub mouse: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeName::Dark,
            depth: ColourDepth::Indexed,
            ascii: false,
            motion: true,
            mouse: true,
        }
    }
}
