//! The keys that work here, those of the focused pane first.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    super::{
        text::{scrollbar, write},
        theme::{Role, Theme},
    },
    frame::{layer, with_air},
};
use crate::app::{
    Model, Regions, Screen, Viewport,
    keys::{Context, bindings, contexts, is_offered},
};

/// Keys of one line that are all named; of more the first and the last.
const FEW: usize = 4;

/// Draws the list of keys.
pub(super) fn draw(
    model: &Model,
    offset: usize,
    theme: &Theme,
    screen: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let lines = lines(model, theme);
    let height = u16::try_from(lines.len() + 2).unwrap_or(u16::MAX);
    let inner = layer("keys", (104, height), theme, screen, buffer, regions);
    let viewport = Viewport {
        height: usize::from(inner.height),
        width: usize::from(inner.width),
        content: lines.len(),
    };
    let offset = offset.min(viewport.last_offset());
    for (row, line) in (inner.y..inner.bottom()).zip(lines.into_iter().skip(offset)) {
        let place = Rect {
            y: row,
            height: 1,
            ..inner
        };
        write(buffer, place, line);
    }
    scrollbar(theme, viewport, offset, with_air(inner), buffer);
    regions.overlay = viewport;
}

fn lines(model: &Model, theme: &Theme) -> Vec<Line<'static>> {
    let here = contexts(model);
    let elsewhere = Context::ALL
        .into_iter()
        .filter(|context| !here.contains(context));
    let shown: Vec<Context> = match model.screen {
        Screen::Home => here.clone(),
        Screen::Tour => here
            .iter()
            .copied()
            .chain(elsewhere.filter(|context| *context != Context::Home))
            .collect(),
    };
    let mut lines = Vec::new();
    for context in shown {
        let bound = bindings()
            .iter()
            .filter(|binding| binding.context == context && !binding.chords.is_empty())
            .filter(|binding| is_offered(model, binding));
        // Keys that do the same, such as the numbers, share a line.
        let mut told: Vec<(Vec<&str>, &'static str)> = Vec::new();
        for binding in bound {
            match told.last_mut() {
                Some((chords, says)) if *says == binding.says => chords.extend(binding.chords),
                _ => told.push((binding.chords.to_vec(), binding.says)),
            }
        }
        let mut rows: Vec<Line<'static>> = told
            .into_iter()
            .map(|(chords, says)| {
                let chords = match chords.as_slice() {
                    [first, .., last] if chords.len() > FEW => {
                        format!("{first} {} {last}", theme.glyphs.ellipsis)
                    }
                    few => few.join(" "),
                };
                let padding = " ".repeat(24_usize.saturating_sub(chords.width()));
                Line::from(vec![
                    Span::styled(format!("{chords}{padding} "), theme.style(Role::Strong)),
                    Span::styled(says, theme.style(Role::Text)),
                ])
            })
            .collect();
        if rows.is_empty() {
            continue;
        }
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.push(Line::styled(context.title(), theme.style(Role::Heading)));
        lines.append(&mut rows);
    }
    lines
}
