//! Text into lines of a width, counted in columns, cut between words or, where there is no other way, between graphemes.

use ratatui::{
    style::Style,
    text::{Line, Span},
};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Wraps spans: the first line has `first` columns, the others `rest`. Spaces are kept as they are when `exact`, else each run of them
/// is one. A span of `\n` is a line break.
pub(in crate::ui) fn wrap(
    spans: &[Span<'static>],
    first: usize,
    rest: usize,
    exact: bool,
) -> Vec<Line<'static>> {
    let mut wrapper = Wrapper {
        width: first.max(1),
        rest: rest.max(1),
        exact,
        lines: Vec::new(),
        line: Vec::new(),
        used: 0,
        spaces: (0, Style::default()),
        word: Vec::new(),
        word_width: 0,
    };
    for span in spans {
        if span.content == "\n" {
            wrapper.end_word();
            wrapper.end_line();
        } else {
            wrapper.take(&span.content, span.style);
        }
    }
    wrapper.end_word();
    if !wrapper.line.is_empty() || wrapper.lines.is_empty() {
        wrapper.end_line();
    }
    wrapper.lines
}

struct Wrapper {
    /// Columns of the line that is being filled.
    width: usize,
    rest: usize,
    exact: bool,
    lines: Vec<Line<'static>>,
    line: Vec<Span<'static>>,
    used: usize,
    /// Seen since the last word.
    spaces: (usize, Style),
    word: Vec<Span<'static>>,
    word_width: usize,
}

fn append(spans: &mut Vec<Span<'static>>, text: &str, style: Style) {
    match spans.last_mut() {
        Some(last) if last.style == style => last.content.to_mut().push_str(text),
        _ => spans.push(Span::styled(text.to_owned(), style)),
    }
}

/// A grapheme after which, and before which, a line may be cut: such scripts have no spaces.
fn is_wide(grapheme: &str) -> bool {
    grapheme.width() > 1
}

impl Wrapper {
    fn take(&mut self, text: &str, style: Style) {
        if text.is_ascii() {
            // Most text: words are found by bytes.
            for piece in text.split_inclusive(' ') {
                let word = piece.strip_suffix(' ').unwrap_or(piece);
                if !word.is_empty() {
                    append(&mut self.word, word, style);
                    self.word_width += word.len();
                }
                if word.len() < piece.len() {
                    self.space(style);
                }
            }
            return;
        }
        for grapheme in text.graphemes(true) {
            if grapheme == " " {
                self.space(style);
                continue;
            }
            let wide = is_wide(grapheme);
            if wide {
                self.end_word();
            }
            append(&mut self.word, grapheme, style);
            self.word_width += grapheme.width();
            if wide {
                self.end_word();
            }
        }
    }

    fn space(&mut self, style: Style) {
        self.end_word();
        let count = if self.exact { self.spaces.0 + 1 } else { 1 };
        self.spaces = (count, style);
    }

    fn end_word(&mut self) {
        if self.word.is_empty() {
            return;
        }
        let (spaces, style) = std::mem::take(&mut self.spaces);
        // Indentation is part of exact text; elsewhere a line never begins with a space.
        let keeps = !self.line.is_empty() || (self.exact && self.lines.is_empty());
        let spaces = if keeps { spaces } else { 0 };
        if self.used + spaces + self.word_width <= self.width {
            if spaces > 0 {
                append(&mut self.line, &" ".repeat(spaces), style);
            }
            self.used += spaces;
            self.put_word();
            return;
        }
        if !self.line.is_empty() {
            self.end_line();
        }
        if self.word_width <= self.width {
            self.put_word();
        } else {
            self.cut_word();
        }
    }

    fn put_word(&mut self) {
        for span in std::mem::take(&mut self.word) {
            append(&mut self.line, &span.content, span.style);
        }
        self.used += self.word_width;
        self.word_width = 0;
    }

    /// A word wider than a line fills as many as it needs.
    fn cut_word(&mut self) {
        self.word_width = 0;
        for span in std::mem::take(&mut self.word) {
            for grapheme in span.content.graphemes(true) {
                let mut grapheme = grapheme;
                let mut width = grapheme.width();
                if self.used + width > self.width && !self.line.is_empty() {
                    self.end_line();
                }
                if width > self.width {
                    (grapheme, width) = ("?", 1);
                }
                append(&mut self.line, grapheme, span.style);
                self.used += width;
            }
        }
    }

    fn end_line(&mut self) {
        self.lines.push(Line::from(std::mem::take(&mut self.line)));
        self.used = 0;
        self.spaces = (0, Style::default());
        self.width = self.rest;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, width: usize, exact: bool) -> Vec<String> {
        let lines = wrap(&[Span::raw(text.to_owned())], width, width, exact);
        lines.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_are_cut_between_words() {
        assert_eq!(texts("one two  three", 8, false), ["one two", "three"]);
        assert_eq!(texts("one two", 7, false), ["one two"]);
        assert_eq!(texts("", 7, false), [""]);
    }

    #[test]
    fn words_wider_than_a_line_are_cut() {
        assert_eq!(texts("a abcdefg b", 3, false), ["a", "abc", "def", "g b"]);
    }

    #[test]
    fn exact_text_keeps_its_spaces() {
        assert_eq!(texts("  a   b", 7, true), ["  a   b"]);
        assert_eq!(texts("  a   bcd", 7, true), ["  a", "bcd"]);
    }

    #[test]
    fn scripts_without_spaces_are_cut_anywhere() {
        assert_eq!(
            texts("日本語のテキスト", 5, false),
            ["日本", "語の", "テキ", "スト"]
        );
        assert_eq!(texts("日", 1, false), ["?"]);
        assert_eq!(texts("abc日本 x", 5, false), ["abc日", "本 x"]);
    }

    #[test]
    fn marks_stay_with_their_letters() {
        let text = "e\u{301}e\u{301}e\u{301}";
        assert_eq!(texts(text, 2, false), ["e\u{301}e\u{301}", "e\u{301}"]);
    }

    #[test]
    fn styles_go_on_over_lines_and_words() {
        let bold = Style::new().bold();
        let spans = [
            Span::raw("a "),
            Span::styled("b c".to_owned(), bold),
            Span::raw(",d".to_owned()),
        ];
        let lines = wrap(&spans, 3, 4, false);
        assert_eq!(lines[0].spans[1].style, bold);
        assert_eq!(lines[1].spans[0], Span::styled("c", bold));
        assert_eq!(lines[1].to_string(), "c,d");
    }
}
