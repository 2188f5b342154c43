//! A buffer as text, and its styles as runs.

use std::fmt::Write;

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};
use unicode_width::UnicodeWidthStr;

/// The characters, a line a row, without the spaces at its end.
pub(crate) fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in rows(buffer) {
        let mut line = String::new();
        let mut covered = 0;
        for cell in row {
            if covered > 0 {
                covered -= 1;
                continue;
            }
            line.push_str(cell.symbol());
            covered = cell.symbol().width().saturating_sub(1);
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// The styles: for each row the runs of cells that look alike, by a letter; what the letters mean stands below.
pub(crate) fn styles(buffer: &Buffer) -> String {
    let mut known: Vec<String> = Vec::new();
    let mut text = String::new();
    for row in rows(buffer) {
        let mut runs: Vec<(usize, usize)> = Vec::new();
        for cell in row {
            let style = describe(cell);
            let index = known.iter().position(|it| *it == style).unwrap_or_else(|| {
                known.push(style);
                known.len() - 1
            });
            match runs.last_mut() {
                Some((last, count)) if *last == index => *count += 1,
                _ => runs.push((index, 1)),
            }
        }
        for (index, count) in runs {
            let _ = write!(text, "{count}{}", letter(index));
        }
        text.push('\n');
    }
    for (index, style) in known.iter().enumerate() {
        let _ = writeln!(text, "{} {style}", letter(index));
    }
    text
}

fn rows(buffer: &Buffer) -> impl Iterator<Item = &[Cell]> {
    buffer
        .content()
        .chunks(usize::from(buffer.area.width).max(1))
}

fn letter(index: usize) -> String {
    let letters = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    match letters.get(index) {
        Some(letter) => char::from(*letter).to_string(),
        None => format!("<{index}>"),
    }
}

fn describe(cell: &Cell) -> String {
    let colour = |colour: Color| match colour {
        Color::Reset => "-".to_owned(),
        Color::Indexed(index) => index.to_string(),
        other => other.to_string(),
    };
    let modifier = if cell.modifier == Modifier::empty() {
        String::new()
    } else {
        format!(" {:?}", cell.modifier)
            .to_lowercase()
            .replace("modifier", "")
    };
    format!("{} on {}{modifier}", colour(cell.fg), colour(cell.bg))
}
