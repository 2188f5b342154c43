//! Markdown as styled lines of a width. In: a lesson's prose. Out: lines, none wider than was asked for.

mod parse;
mod table;
mod wrap;

use pulldown_cmark::BlockQuoteKind;
use ratatui::{
    style::Style,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    highlight::{self, Language},
    text::typeset,
    theme::{Role, Theme},
};
use crate::postgres::visible_text;
use parse::{Item, Node};
pub(super) use wrap::wrap;

/// Below that many columns nothing is indented any more.
const NARROW: usize = 8;

/// Markdown as lines, none wider than `width`.
#[must_use]
pub fn lines(markdown: &str, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    let width = width.max(1);
    blocks(&parse::parse(markdown, theme), width, theme, false)
}

/// Code as coloured lines, none wider than `width`; a line that is too long goes on below, indented.
#[must_use]
pub fn code(
    language: Option<Language>,
    text: &str,
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let width = width.max(1);
    let text = visible_text(text.trim_end_matches('\n')).replace('\t', "    ");
    let text = typeset(text, theme);
    let plain = |line: &str| vec![(0..line.len(), Role::Code)];
    let tokens = match language {
        Some(language) => highlight::code(language, &text),
        None => text.split('\n').map(plain).collect(),
    };
    let mut drawn = Vec::new();
    for (line, tokens) in text.split('\n').zip(tokens) {
        let spans: Vec<Span<'static>> = tokens
            .into_iter()
            .filter_map(|(range, role)| {
                Some(Span::styled(line.get(range)?.to_owned(), theme.style(role)))
            })
            .collect();
        let indent = line.len() - line.trim_start_matches(' ').len() + 2;
        let indent = if indent * 2 < width { indent } else { 0 };
        let mut pieces = wrap(&spans, width, width - indent, true).into_iter();
        drawn.push(pieces.next().unwrap_or_default());
        let margin = Span::styled(" ".repeat(indent), theme.style(Role::Code));
        drawn.extend(pieces.map(|piece| before(margin.clone(), piece)));
    }
    drawn
}

fn before(span: Span<'static>, mut line: Line<'static>) -> Line<'static> {
    if !span.content.is_empty() {
        line.spans.insert(0, span);
    }
    line
}

/// Blocks one below the other, with an empty line between them unless they are `tight`.
fn blocks(nodes: &[Node], width: usize, theme: &Theme, tight: bool) -> Vec<Line<'static>> {
    let mut drawn = Vec::new();
    for (index, node) in nodes.iter().enumerate() {
        if index > 0 && !tight {
            drawn.push(Line::default());
        }
        drawn.extend(block(node, width, theme));
    }
    drawn
}

fn block(node: &Node, width: usize, theme: &Theme) -> Vec<Line<'static>> {
    match node {
        Node::Paragraph(spans) | Node::Heading(spans) => wrap(spans, width, width, false),
        Node::List {
            start,
            tight,
            items,
        } => list(*start, *tight, items, width, theme),
        Node::Quote { kind, nodes } => quote(*kind, nodes, width, theme),
        Node::Code { language, text } => {
            let language = Language::of_fence(language);
            if width < NARROW {
                return code(language, text, width, theme);
            }
            let margin = Span::styled("  ", theme.style(Role::Code));
            let lines = code(language, text, width - 2, theme).into_iter();
            lines.map(|line| before(margin.clone(), line)).collect()
        }
        Node::Table {
            alignments,
            head,
            rows,
        } => table::draw(alignments, head, rows, width, theme),
        Node::Rule => vec![Line::styled(
            theme.glyphs.rule.repeat(width),
            theme.style(Role::Border),
        )],
    }
}

fn list(
    start: Option<u64>,
    tight: bool,
    items: &[Item],
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let last = start.map(|start| start.saturating_add(items.len().saturating_sub(1) as u64));
    let digits = last.map_or(1, |last| last.to_string().len() + 1);
    let mut drawn: Vec<Line<'static>> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let sign = match (start, item.done) {
            (_, Some(true)) => theme.glyphs.done.to_owned(),
            (_, Some(false)) => theme.glyphs.open.to_owned(),
            (Some(start), None) => format!("{}.", start.saturating_add(index as u64)),
            (None, None) => theme.glyphs.bullet.to_owned(),
        };
        let indent = digits.max(sign.width()) + 1;
        let indent = if width < NARROW.max(indent * 2) {
            0
        } else {
            indent
        };
        if index > 0 && !tight {
            drawn.push(Line::default());
        }
        let lines = blocks(&item.nodes, width - indent, theme, tight);
        let lines = if lines.is_empty() {
            vec![Line::default()]
        } else {
            lines
        };
        for (row, line) in lines.into_iter().enumerate() {
            let margin = match (indent, row) {
                (0, _) => String::new(),
                (_, 0) => format!("{sign}{}", " ".repeat(indent - sign.width())),
                _ => " ".repeat(indent),
            };
            drawn.push(before(Span::styled(margin, theme.style(Role::Text)), line));
        }
    }
    drawn
}

fn quote(
    kind: Option<BlockQuoteKind>,
    nodes: &[Node],
    width: usize,
    theme: &Theme,
) -> Vec<Line<'static>> {
    let (word, role) = match kind {
        None => ("", Role::Border),
        Some(BlockQuoteKind::Note) => ("Note", Role::Title),
        Some(BlockQuoteKind::Tip) => ("Tip", Role::Good),
        Some(BlockQuoteKind::Important) => ("Important", Role::Title),
        Some(BlockQuoteKind::Warning) => ("Warning", Role::Warning),
        Some(BlockQuoteKind::Caution) => ("Caution", Role::Alert),
    };
    let style = theme.style(role);
    let indent = if width < NARROW { 0 } else { 2 };
    let mut drawn = Vec::new();
    if !word.is_empty() {
        drawn.extend(wrap(
            &[Span::styled(word, style)],
            width - indent,
            width - indent,
            false,
        ));
    }
    drawn.extend(blocks(nodes, width - indent, theme, false));
    if indent == 0 {
        return drawn;
    }
    let bar = Span::styled(format!("{} ", theme.glyphs.bar), bar_style(style));
    let lines = drawn.into_iter();
    lines.map(|line| before(bar.clone(), line)).collect()
}

/// A bar is a line, not a word: weight and reversal are for words.
fn bar_style(style: Style) -> Style {
    Style::new()
        .fg(style.fg.unwrap_or_default())
        .bg(style.bg.unwrap_or_default())
}

#[cfg(test)]
mod tests;
