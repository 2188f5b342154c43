use std::collections::{HashMap, HashSet};

use super::*;
use crate::app::input::{Chord, Key};

#[test]
fn every_chord_can_be_read_and_is_written_in_one_way() {
    for binding in bindings() {
        for text in binding.chords {
            let chord = Chord::parse(text).unwrap_or_else(|| panic!("{}: {text}", binding.name));
            assert_eq!(chord.to_string(), *text, "{}", binding.name);
        }
    }
}

#[test]
fn a_chord_means_one_thing_in_one_place() {
    let mut seen: HashMap<(Context, &str), &str> = HashMap::new();
    for binding in bindings() {
        for chord in binding.chords {
            let before = seen.insert((binding.context, chord), binding.name);
            assert_eq!(
                before, None,
                "{chord} in {:?} is {} too",
                binding.context, binding.name
            );
        }
    }
}

#[test]
fn a_name_means_one_command() {
    let mut seen: HashMap<&str, Command> = HashMap::new();
    for binding in bindings() {
        let before = seen.insert(binding.name, binding.command);
        assert!(
            before.is_none_or(|before| before == binding.command),
            "{}",
            binding.name
        );
        let is_name = |character: char| {
            character.is_ascii_lowercase() || character == '-' || character.is_ascii_digit()
        };
        assert!(binding.name.chars().all(is_name), "{}", binding.name);
        assert!(
            !binding.says.ends_with('.') && !binding.says.is_empty(),
            "{}",
            binding.name
        );
    }
}

/// Terminals send the same bytes for some chords, and nothing at all for others.
#[test]
fn terminals_can_tell_the_chords_apart() {
    for binding in bindings() {
        for text in binding.chords {
            let chord = Chord::parse(text).unwrap();
            if chord.control {
                let told_apart = match chord.key {
                    Key::Char(character) => {
                        character.is_ascii_lowercase()
                            && !matches!(character, 'h' | 'i' | 'j' | 'm')
                            || character == '_'
                    }
                    Key::Up | Key::Down | Key::Left | Key::Right | Key::Home | Key::End => true,
                    _ => false,
                };
                assert!(told_apart, "{}: {text}", binding.name);
            }
            if chord.shift {
                let told_apart = matches!(
                    chord.key,
                    Key::Up | Key::Down | Key::Left | Key::Right | Key::Home | Key::End
                );
                assert!(told_apart, "{}: {text}", binding.name);
            }
        }
    }
}

#[test]
fn what_types_text_is_no_command_in_the_editor() {
    let contexts = [Context::Editor, Context::Tour, Context::Global];
    for character in ('!'..='~').chain([' ']) {
        assert_eq!(
            resolve(&contexts, Chord::character(character)),
            None,
            "{character}"
        );
    }
    for binding in bindings()
        .iter()
        .filter(|binding| binding.context == Context::Editor)
    {
        for text in binding.chords {
            assert!(
                !Chord::parse(text).unwrap().types(),
                "{}: {text}",
                binding.name
            );
        }
    }
}

#[test]
fn every_command_is_reached_without_knowing_its_key() {
    let mut by_palette: HashSet<Command> = HashSet::new();
    for binding in bindings() {
        if binding.palette {
            by_palette.insert(binding.command);
        }
    }
    for binding in bindings() {
        let moves = !binding.palette && !binding.chords.is_empty();
        assert!(
            moves || by_palette.contains(&binding.command),
            "{}",
            binding.name
        );
    }
}

#[test]
fn the_footer_offers_only_what_works() {
    for contexts in [
        vec![Context::Home, Context::Global],
        vec![Context::Lesson, Context::Tour, Context::Global],
        vec![Context::Editor, Context::Tour, Context::Global],
    ] {
        let shown = footer(&contexts);
        assert!(
            shown.iter().any(|(_, binding)| binding.name == "help"),
            "{contexts:?}"
        );
        for (chord, binding) in shown {
            assert_eq!(
                resolve(&contexts, chord),
                Some(binding.command),
                "{}",
                binding.name
            );
        }
    }
}

#[test]
fn the_page_is_up_to_date() {
    let written = include_str!("../../../docs/keys.md");
    assert!(
        written == document(),
        "docs/keys.md is old: `cargo run -- keys > docs/keys.md` makes it anew"
    );
}
