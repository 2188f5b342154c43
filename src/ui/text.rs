//! Text in cells: clipping, buttons, frames of panes.

use std::time::Duration;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Borders, Widget},
};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::theme::{Role, Theme};
pub(super) use crate::app::wrap;
use crate::{
    app::{Model, Pane, Regions, Target, Viewport},
    postgres::visible_text,
};

/// As much of a text as fits into `width` columns, with a mark where something is missing.
pub(super) fn clip(text: &str, width: usize, ellipsis: &str) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(ellipsis.width());
    let mut clipped = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        if used + grapheme.width() > room {
            break;
        }
        used += grapheme.width();
        clipped.push_str(grapheme);
    }
    if width >= ellipsis.width() {
        clipped.push_str(ellipsis);
    }
    clipped
}

/// Text with the usual signs of typesetting written in ASCII, where the theme has nothing else. Letters of other scripts stay.
pub(super) fn typeset(text: String, theme: &Theme) -> String {
    if !theme.glyphs.active.is_ascii() || text.is_ascii() {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\u{2026}' => plain.push_str("..."),
            '\u{2192}' => plain.push_str("->"),
            '\u{2013}' | '\u{2014}' | '\u{b7}' => plain.push('-'),
            '\u{2018}' | '\u{2019}' => plain.push('\''),
            '\u{201c}' | '\u{201d}' => plain.push('"'),
            '\u{d7}' => plain.push('x'),
            '\u{a0}' => plain.push(' '),
            other => plain.push(other),
        }
    }
    plain
}

/// Writes spans at a row's start, clipped at its end; says how many columns they took.
pub(super) fn write(buffer: &mut Buffer, area: Rect, spans: impl Into<Line<'static>>) -> u16 {
    if area.width == 0 || area.height == 0 {
        return 0;
    }
    let line: Line<'static> = spans.into();
    let (end, _) = buffer.set_line(area.x, area.y, &line, area.width);
    end - area.x
}

/// Writes a button at a place if there is room, notes what it does, and says how many columns it took.
pub(super) fn button(
    buffer: &mut Buffer,
    area: Rect,
    words: &str,
    style: Style,
    target: Target,
    regions: &mut Regions,
) -> u16 {
    let text = format!("[{words}]");
    let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
    if width > area.width || area.height == 0 {
        return 0;
    }
    write(buffer, area, Span::styled(text, style));
    regions.hit(
        Rect {
            width,
            height: 1,
            ..area
        },
        target,
    );
    width
}

/// Draws a pane's border with its title and gives the area inside; the pane takes presses and the wheel everywhere.
pub(super) fn pane(
    model: &Model,
    theme: &Theme,
    pane: Pane,
    title: Line<'static>,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) -> Rect {
    regions.hit(area, Target::Pane(pane));
    let focused = model.focus == pane && model.overlays.is_empty();
    let block = Block::new()
        .borders(Borders::ALL)
        .border_set(if focused {
            theme.glyphs.border_focused
        } else {
            theme.glyphs.border
        })
        .border_style(theme.style(if focused {
            Role::BorderFocused
        } else {
            Role::Border
        }))
        .style(theme.style(Role::Text))
        .title(title);
    let inner = block.inner(area);
    block.render(area, buffer);
    inner
}

/// Draws, at the right edge of `area`, which part of a scrolled content is shown; nothing when all of it is.
pub(super) fn scrollbar(
    theme: &Theme,
    viewport: Viewport,
    offset: usize,
    area: Rect,
    buffer: &mut Buffer,
) {
    let rows = usize::from(area.height);
    if viewport.content <= viewport.height || rows == 0 || area.width == 0 {
        return;
    }
    let thumb = (rows * viewport.height / viewport.content).clamp(1, rows);
    let first = (rows - thumb) * offset.min(viewport.last_offset()) / viewport.last_offset().max(1);
    for (index, row) in (area.y..area.bottom()).enumerate() {
        let shown = (first..first + thumb).contains(&index);
        let (glyph, role) = if shown {
            (theme.glyphs.thumb, Role::BorderFocused)
        } else {
            (theme.glyphs.track, Role::Border)
        };
        buffer.set_string(area.right() - 1, row, glyph, theme.style(role));
    }
}

/// A text of one line: what could steer a terminal or break the line is written out.
pub(super) fn one_line(text: &str) -> String {
    let shown = visible_text(text);
    if shown.contains(['\n', '\t']) {
        return shown.replace('\n', "\\n").replace('\t', " ");
    }
    shown
}

/// As much of a line as fits into `width` columns, with a mark where something is missing.
pub(super) fn clip_line(line: Line<'static>, width: usize, ellipsis: &str) -> Line<'static> {
    if line.width() <= width {
        return line;
    }
    let mut clipped = Line {
        spans: Vec::new(),
        ..line
    };
    let mut left = width;
    for span in line.spans {
        let wide = span.width();
        if wide > left || (wide == left && !clipped.spans.is_empty() && left == 0) {
            let text = clip(&span.content, left, ellipsis);
            clipped.spans.push(Span::styled(text, span.style));
            return clipped;
        }
        left -= wide;
        clipped.spans.push(span);
    }
    clipped
}

/// An age, as short as it is legible: `12s`, `3m`, `2h`.
pub(super) fn age(age: Duration) -> String {
    match age.as_secs() {
        seconds @ ..60 => format!("{seconds}s"),
        seconds @ 60..3600 => format!("{}m", seconds / 60),
        seconds => format!("{}h{:02}m", seconds / 3600, seconds / 60 % 60),
    }
}

/// A size in bytes with three digits at most: `8 kB`, `1.2 MB`.
pub(super) fn size_words(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let (mut unit, mut size) = (0, 1024_u128);
    while u128::from(bytes) >= size * 1024 && unit + 1 < UNITS.len() {
        (unit, size) = (unit + 1, size * 1024);
    }
    // In tenths, so that no float is needed.
    let tenths = (u128::from(bytes) * 10 + size / 2) / size;
    if tenths < 100 && tenths % 10 > 0 {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    } else {
        format!("{} {}", tenths / 10, UNITS[unit])
    }
}

/// `1 shard`, `2 shards`.
pub(super) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_counts_columns() {
        assert_eq!(clip("abc", 3, "…"), "abc");
        assert_eq!(clip("abcd", 3, "…"), "ab…");
        assert_eq!(clip("日本語", 4, "…"), "日…");
        assert_eq!(clip("abcd", 0, "…"), "");
    }

    #[test]
    fn signs_of_typesetting_have_twins() {
        let theme = |ascii| {
            Theme::new(&crate::app::Settings {
                ascii,
                ..Default::default()
            })
        };
        let text = || "a … b → “c” é".to_owned();
        assert_eq!(typeset(text(), &theme(true)), "a ... b -> \"c\" é");
        assert_eq!(typeset(text(), &theme(false)), text());
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("  one two", 5), ["  one", "  two"]);
        assert_eq!(wrap("abcdefg", 3), ["abc", "def", "g"]);
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn lines_are_clipped_where_they_end() {
        let line = |width| {
            let line = Line::from(vec![Span::raw("ab"), Span::raw("cd")]);
            clip_line(line, width, "…").to_string()
        };
        assert_eq!(line(4), "abcd");
        assert_eq!(line(3), "ab…");
        assert_eq!(line(1), "…");
    }

    #[test]
    fn sizes_and_ages_are_short() {
        let sizes = [0, 1023, 8192, 1_258_291, 104_857_600, 1 << 40].map(size_words);
        assert_eq!(sizes, ["0 B", "1023 B", "8 kB", "1.2 MB", "100 MB", "1 TB"]);
        let ages = [0, 59, 60, 3599, 7260].map(|seconds| age(Duration::from_secs(seconds)));
        assert_eq!(ages, ["0s", "59s", "1m", "59m", "2h01m"]);
        assert_eq!(one_line("a\nb\u{1b}c"), "a\\nb\\x1Bc");
    }
}
