//! How the screen shall look, from the command line and the environment. Pure: no question is ever put to the terminal, since one that does
//! not answer would hold everything up.

use crate::app::{ColourDepth, Settings, ThemeName};

/// What the learner wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Which colours; `None`: what the environment says.
    pub theme: Option<ThemeName>,
    /// ASCII characters only.
    pub ascii: bool,
    /// Nothing moves.
    pub no_motion: bool,
    /// The mouse stays with the terminal.
    pub no_mouse: bool,
}

/// What the terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Looks {
    /// The screen, like this.
    Screen(Settings),
    /// Lines only: it has no places on it.
    Dumb,
}

/// Decides, by the variables that terminals and their users set.
#[must_use]
pub fn look(wanted: Wanted, variable: impl Fn(&str) -> Option<String>) -> Looks {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let terminal = variable("TERM").unwrap_or_default();
    if terminal == "dumb" {
        return Looks::Dumb;
    }
    let theme = wanted.theme.unwrap_or_else(|| {
        if variable("NO_COLOR").is_some() {
            ThemeName::Mono
        } else {
            background(variable("COLORFGBG").as_deref())
        }
    });
    Looks::Screen(Settings {
        theme,
        depth: depth(&terminal, variable("COLORTERM").as_deref()),
        ascii: wanted.ascii || !is_unicode(&variable, &terminal),
        motion: !wanted.no_motion,
        mouse: !wanted.no_mouse,
    })
}

/// `COLORFGBG=15;0`: the last number is the background's, of the 16 colours.
fn background(colours: Option<&str>) -> ThemeName {
    let last = colours.and_then(|colours| colours.rsplit(';').next());
    match last.and_then(|number| number.parse::<u8>().ok()) {
        Some(7 | 9..=15) => ThemeName::Light,
        _ => ThemeName::Dark,
    }
}

fn depth(terminal: &str, colours: Option<&str>) -> ColourDepth {
    match colours {
        Some("truecolor" | "24bit") => ColourDepth::True,
        _ if terminal.ends_with("-direct") => ColourDepth::True,
        _ if terminal.contains("256color") => ColourDepth::Indexed,
        _ => ColourDepth::Sixteen,
    }
}

/// The first of these that is set decides, as for every other program.
fn is_unicode(variable: &impl Fn(&str) -> Option<String>, terminal: &str) -> bool {
    // The system's console has a font of 256 or 512 characters.
    if terminal == "linux" {
        return false;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(variable)
        .unwrap_or_default()
        .to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(wanted: Wanted, variables: &[(&str, &str)]) -> Looks {
        look(wanted, |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn settings(wanted: Wanted, variables: &[(&str, &str)]) -> Settings {
        match looks(wanted, variables) {
            Looks::Screen(settings) => settings,
            Looks::Dumb => panic!("{variables:?}"),
        }
    }

    #[test]
    fn colours_are_as_many_as_the_terminal_says() {
        let depth = |variables| settings(Wanted::default(), variables).depth;
        assert_eq!(depth(&[("TERM", "xterm")]), ColourDepth::Sixteen);
        assert_eq!(depth(&[("TERM", "tmux-256color")]), ColourDepth::Indexed);
        let true_colours = [("TERM", "xterm-256color"), ("COLORTERM", "truecolor")];
        assert_eq!(depth(&true_colours), ColourDepth::True);
    }

    #[test]
    fn what_is_asked_for_comes_before_the_environment() {
        let light = [("COLORFGBG", "0;default;15"), ("NO_COLOR", "")];
        let theme = |wanted, variables: &[_]| settings(wanted, variables).theme;
        assert_eq!(theme(Wanted::default(), &light), ThemeName::Light);
        assert_eq!(
            theme(Wanted::default(), &[("COLORFGBG", "15;0")]),
            ThemeName::Dark
        );
        assert_eq!(
            theme(Wanted::default(), &[("NO_COLOR", "1")]),
            ThemeName::Mono
        );
        let dark = Wanted {
            theme: Some(ThemeName::Dark),
            ..Wanted::default()
        };
        assert_eq!(theme(dark, &[("NO_COLOR", "1")]), ThemeName::Dark);
    }

    #[test]
    fn only_a_locale_of_unicode_has_its_characters() {
        let ascii = |variables| settings(Wanted::default(), variables).ascii;
        assert!(ascii(&[]));
        assert!(ascii(&[("LANG", "C")]));
        assert!(!ascii(&[("LANG", "de_DE.UTF-8")]));
        assert!(!ascii(&[("LANG", "C.utf8")]));
        assert!(ascii(&[("LC_ALL", "POSIX"), ("LANG", "de_DE.UTF-8")]));
        assert!(!ascii(&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]));
        assert!(ascii(&[("LANG", "de_DE.UTF-8"), ("TERM", "linux")]));
    }

    #[test]
    fn a_dumb_terminal_has_no_screen() {
        assert_eq!(looks(Wanted::default(), &[("TERM", "dumb")]), Looks::Dumb);
    }
}
