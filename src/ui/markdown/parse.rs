//! From Markdown's events to a tree of blocks whose text is styled.

use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, Event, Options, Parser, Tag, TagEnd,
};
use ratatui::{
    style::{Modifier, Style},
    text::Span,
};

use crate::{
    postgres::visible_text,
    ui::{
        text::typeset,
        theme::{Role, Theme},
    },
};

/// Text of one paragraph; a span that is a line break holds `\n`.
pub(super) type Text = Vec<Span<'static>>;

/// An entry of a list.
#[derive(Debug, Default)]
pub(super) struct Item {
    /// Of a task list: whether it is done.
    pub(super) done: Option<bool>,
    pub(super) nodes: Vec<Node>,
}

/// A block.
#[derive(Debug)]
pub(super) enum Node {
    Paragraph(Text),
    Heading(Text),
    List {
        start: Option<u64>,
        tight: bool,
        items: Vec<Item>,
    },
    Quote {
        kind: Option<BlockQuoteKind>,
        nodes: Vec<Node>,
    },
    Code {
        language: String,
        text: String,
    },
    Table {
        alignments: Vec<Alignment>,
        head: Vec<Text>,
        rows: Vec<Vec<Text>>,
    },
    Rule,
}

/// A block that is not closed yet.
enum Open {
    Heading,
    Paragraph,
    List {
        start: Option<u64>,
        items: Vec<Item>,
    },
    Item(Item),
    Quote(Option<BlockQuoteKind>, Vec<Node>),
    Code {
        language: String,
        text: String,
    },
    Table {
        alignments: Vec<Alignment>,
        head: Vec<Text>,
        rows: Vec<Vec<Text>>,
        cells: Vec<Text>,
    },
}

/// Deeper nesting than that is drawn flat: nobody writes it, and each level costs columns.
const DEEPEST: usize = 32;

/// Reads Markdown.
pub(super) fn parse(markdown: &str, theme: &Theme) -> Vec<Node> {
    let mut reader = Reader {
        theme,
        top: Vec::new(),
        open: Vec::new(),
        text: Vec::new(),
        styles: vec![theme.style(Role::Text)],
        links: Vec::new(),
        loose: Vec::new(),
    };
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_GFM;
    for event in Parser::new_ext(markdown, options) {
        reader.event(event);
    }
    reader.end_of_text();
    reader.top
}

struct Reader<'theme> {
    theme: &'theme Theme,
    top: Vec<Node>,
    open: Vec<Open>,
    /// Of the paragraph, heading or cell that is open.
    text: Text,
    styles: Vec<Style>,
    /// Where open links lead to, with the text's length before them.
    links: Vec<(String, usize)>,
    /// For each open list whether a paragraph stands in it: its entries then want air.
    loose: Vec<bool>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match self.open.last_mut() {
                Some(Open::Code { text: code, .. }) => code.push_str(&text),
                _ => self.say(&text, self.style()),
            },
            Event::Code(code) => {
                let style = self.style().patch(self.theme.style(Role::Code));
                // Inline code has to be seen without colours too, and must not shout.
                self.say(&code, style.add_modifier(Modifier::BOLD));
            }
            Event::SoftBreak => self.say(" ", self.style()),
            Event::HardBreak => self.text.push(Span::raw("\n")),
            Event::Rule => self.put(Node::Rule),
            Event::TaskListMarker(done) => {
                let item = self.open.iter_mut().rev().find_map(|open| match open {
                    Open::Item(item) => Some(item),
                    _ => None,
                });
                if let Some(item) = item {
                    item.done = Some(done);
                }
            }
            Event::InlineMath(text) | Event::DisplayMath(text) | Event::FootnoteReference(text) => {
                self.say(&text, self.style());
            }
            // What stands in HTML steers browsers; lessons say nothing in it.
            Event::Html(_) | Event::InlineHtml(_) => {}
        }
    }

    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or_default()
    }

    fn say(&mut self, text: &str, style: Style) {
        let text = typeset(visible_text(text).replace(['\t', '\n'], " "), self.theme);
        self.text.push(Span::styled(text, style));
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => {
                self.end_of_text();
                if let Some(loose) = self.loose.last_mut() {
                    *loose = true;
                }
                self.open.push(Open::Paragraph);
            }
            Tag::Heading { .. } => {
                self.end_of_text();
                self.styles.push(self.theme.style(Role::Heading));
                self.open.push(Open::Heading);
            }
            Tag::BlockQuote(kind) => {
                self.end_of_text();
                self.open.push(Open::Quote(kind, Vec::new()));
            }
            Tag::CodeBlock(kind) => {
                self.end_of_text();
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        let word = info.split_whitespace().next().unwrap_or_default();
                        word.to_owned()
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                let text = String::new();
                self.open.push(Open::Code { language, text });
            }
            Tag::List(start) => {
                self.end_of_text();
                self.loose.push(false);
                let items = Vec::new();
                self.open.push(Open::List { start, items });
            }
            Tag::Item => self.open.push(Open::Item(Item::default())),
            Tag::Table(alignments) => {
                self.end_of_text();
                self.open.push(Open::Table {
                    alignments,
                    head: Vec::new(),
                    rows: Vec::new(),
                    cells: Vec::new(),
                });
            }
            Tag::Emphasis => self.push_style(Modifier::ITALIC),
            Tag::Strong => self.push_style(Modifier::BOLD),
            Tag::Strikethrough => self.push_style(Modifier::CROSSED_OUT),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                self.links.push((dest_url.to_string(), self.text.len()));
                self.push_style(Modifier::UNDERLINED);
            }
            _ => {}
        }
    }

    fn push_style(&mut self, modifier: Modifier) {
        self.styles.push(self.style().add_modifier(modifier));
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.styles.pop();
            }
            TagEnd::Link | TagEnd::Image => {
                self.styles.pop();
                self.end_of_link();
            }
            TagEnd::TableCell => {
                let text = std::mem::take(&mut self.text);
                if let Some(Open::Table { cells, .. }) = self.open.last_mut() {
                    cells.push(text);
                }
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                if let Some(Open::Table {
                    head, rows, cells, ..
                }) = self.open.last_mut()
                {
                    let cells = std::mem::take(cells);
                    if tag == TagEnd::TableHead {
                        *head = cells;
                    } else {
                        rows.push(cells);
                    }
                }
            }
            TagEnd::Paragraph
            | TagEnd::Heading(_)
            | TagEnd::BlockQuote(_)
            | TagEnd::CodeBlock
            | TagEnd::List(_)
            | TagEnd::Item
            | TagEnd::Table => self.close(),
            _ => {}
        }
    }

    /// A reader cannot press a link: where it leads to is written behind it, unless that is what it says.
    fn end_of_link(&mut self) {
        let Some((target, from)) = self.links.pop() else {
            return;
        };
        let said: String = self.text[from.min(self.text.len())..]
            .iter()
            .map(|span| span.content.as_ref())
            .collect();
        if target.starts_with("http") && target != said {
            self.say(&format!(" ({target})"), self.theme.style(Role::Dim));
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else {
            return;
        };
        match open {
            Open::Paragraph => {
                let text = std::mem::take(&mut self.text);
                self.put(Node::Paragraph(text));
            }
            Open::Heading => {
                self.styles.pop();
                let text = std::mem::take(&mut self.text);
                self.put(Node::Heading(text));
            }
            Open::Quote(kind, nodes) => {
                self.put(Node::Quote { kind, nodes });
            }
            Open::Code { language, text } => self.put(Node::Code { language, text }),
            Open::List { start, items } => {
                let tight = !self.loose.pop().unwrap_or(false);
                self.put(Node::List {
                    start,
                    tight,
                    items,
                });
            }
            Open::Item(mut item) => {
                // An entry without a paragraph of its own holds bare text.
                if !self.text.is_empty() {
                    let text = std::mem::take(&mut self.text);
                    item.nodes.push(Node::Paragraph(text));
                }
                if let Some(Open::List { items, .. }) = self.open.last_mut() {
                    items.push(item);
                }
            }
            Open::Table {
                alignments,
                head,
                rows,
                ..
            } => self.put(Node::Table {
                alignments,
                head,
                rows,
            }),
        }
    }

    /// Bare text of a list's entry ends where a block begins.
    fn end_of_text(&mut self) {
        if !self.text.is_empty() {
            let text = std::mem::take(&mut self.text);
            self.put(Node::Paragraph(text));
        }
    }

    fn put(&mut self, node: Node) {
        let holder = self
            .open
            .iter_mut()
            .take(DEEPEST)
            .rev()
            .find_map(|open| match open {
                Open::Item(Item { nodes, .. }) | Open::Quote(_, nodes) => Some(nodes),
                _ => None,
            });
        holder.unwrap_or(&mut self.top).push(node);
    }
}
