//! One lesson's file, read from its beginning to its end.

use std::mem;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, OffsetIter, Options, Parser, Tag};

use super::attributes::Attributes;
use super::fence::{self, Fence};
use super::front_matter::{self, FrontMatter};
use super::html::{self, Piece};
use super::outline::Outline;
use super::problem::{Problem, Problems};
use super::{Block, Lesson};

/// A lesson and what else its file says.
#[derive(Debug)]
pub(super) struct ParsedLesson {
    pub(super) lesson: Lesson,
    /// The line of a key of the head; 1 when the key is not there.
    key_lines: std::collections::BTreeMap<String, usize>,
    /// Where links lead to, with their lines.
    pub(super) links: Vec<(usize, String)>,
    pub(super) problems: Vec<Problem>,
}

impl ParsedLesson {
    /// The line on which `key` stands in the head.
    pub(super) fn line_of(&self, key: &str) -> usize {
        self.key_lines.get(key).copied().unwrap_or(1)
    }
}

/// Reads one lesson.
pub(super) fn parse(file: &str, text: &str) -> ParsedLesson {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut problems = Problems::of(file);
    let (front_matter, body) = if let Some((yaml, body)) = front_matter::split(&text) {
        (front_matter::parse(yaml, &mut problems), body)
    } else {
        problems.add(
            1,
            "the lesson has no head",
            "begin the file with `---`, one `key: value` a line, and `---`",
        );
        (FrontMatter::default(), 0)
    };
    let mut reader = Reader::new(&text, body, problems);
    reader.read();
    reader.finish(file, front_matter)
}

struct Reader<'text, 'file> {
    text: &'text str,
    /// Where the Markdown begins.
    body: usize,
    line_ends: Vec<usize>,
    outline: Outline<'file>,
    /// Prose that was seen and not yet put anywhere.
    prose: Option<Range<usize>>,
    links: Vec<(usize, String)>,
}

impl<'text, 'file> Reader<'text, 'file> {
    fn new(text: &'text str, body: usize, problems: Problems<'file>) -> Self {
        Self {
            text,
            body,
            line_ends: text.match_indices('\n').map(|(offset, _)| offset).collect(),
            outline: Outline::new(problems),
            prose: None,
            links: Vec::new(),
        }
    }

    /// The line of an offset into the file.
    fn line(&self, offset: usize) -> usize {
        self.line_ends.partition_point(|end| *end < offset) + 1
    }

    fn read(&mut self) {
        let options =
            Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
        let mut events = Parser::new_ext(&self.text[self.body..], options).into_offset_iter();
        while let Some((event, range)) = events.next() {
            let range = range.start + self.body..range.end + self.body;
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    let heading = self.inside(&mut events);
                    self.heading(level, heading.trim(), range);
                }
                Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(_))) => {
                    let body = self.inside(&mut events);
                    self.fence(&body, range);
                }
                Event::Start(Tag::HtmlBlock) => {
                    self.inside(&mut events);
                    self.html(range);
                }
                Event::Start(_) => {
                    self.inside(&mut events);
                    self.prose(range);
                }
                _ => self.prose(range),
            }
        }
        self.flush();
        self.outline.end_unfolding();
    }

    /// Goes to the end of the block that has just begun; its text. Reports what cannot stand inside a block.
    fn inside(&mut self, events: &mut OffsetIter<'_>) -> String {
        let mut text = String::new();
        let mut depth = 1_usize;
        for (event, range) in events.by_ref() {
            let line = self.line(range.start + self.body);
            match event {
                Event::Start(tag) => {
                    depth += 1;
                    self.inner_tag(&tag, line);
                }
                Event::End(_) => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                Event::Text(piece) | Event::Code(piece) => text.push_str(&piece),
                Event::SoftBreak | Event::HardBreak => text.push(' '),
                Event::InlineHtml(html) => self.outline.problems.add(
                    line,
                    format!("`{html}` stands inside a text"),
                    "write comments on lines of their own, and Markdown in place of HTML",
                ),
                _ => {}
            }
        }
        text
    }

    fn inner_tag(&mut self, tag: &Tag<'_>, line: usize) {
        match tag {
            Tag::CodeBlock(CodeBlockKind::Fenced(info))
                if Attributes::parse(info).is_ok_and(|found| !found.pairs.is_empty()) =>
            {
                self.outline.problems.add(
                    line,
                    "a fence with attributes stands inside a list or a quotation",
                    "move it to the left margin",
                );
            }
            Tag::Heading { .. } => self.outline.problems.add(
                line,
                "a heading stands inside a list or a quotation",
                "move it to the left margin, or make it bold text",
            ),
            Tag::HtmlBlock => self.outline.problems.add(
                line,
                "HTML stands inside a list or a quotation",
                "move it to the left margin",
            ),
            Tag::Image { .. } => self.outline.problems.add(
                line,
                "a terminal shows no pictures",
                "say it in words, or let the map show it",
            ),
            Tag::Link { dest_url, .. } => self.links.push((line, dest_url.to_string())),
            _ => {}
        }
    }

    fn prose(&mut self, range: Range<usize>) {
        match &mut self.prose {
            Some(prose) => prose.end = range.end,
            None => self.prose = Some(range),
        }
    }

    fn flush(&mut self) {
        if let Some(range) = self.prose.take() {
            let prose = self.text[range].trim_matches('\n').trim_end();
            self.outline.prose(prose);
        }
    }

    fn heading(&mut self, level: HeadingLevel, heading: &str, range: Range<usize>) {
        let line = self.line(range.start);
        if level > HeadingLevel::H2 {
            self.outline.small_heading(line);
            self.prose(range);
            return;
        }
        self.flush();
        if level == HeadingLevel::H1 {
            self.outline.title(heading, line);
        } else {
            self.outline.step(heading, line);
        }
    }

    fn fence(&mut self, body: &str, range: Range<usize>) {
        let line = self.line(range.start);
        let source = self.text[range.clone()].trim();
        let (first, rest) = source.split_once('\n').unwrap_or((source, ""));
        let mark: String = first
            .chars()
            .take_while(|mark| matches!(mark, '`' | '~'))
            .collect();
        let last = rest.lines().next_back().unwrap_or_default().trim();
        if mark.is_empty() || !last.starts_with(&mark) {
            self.outline.problems.add(
                line,
                "this fence is not closed",
                format!(
                    "write {} on a line of its own where it ends",
                    if mark.is_empty() { "```" } else { &mark }
                ),
            );
        }
        let info = &first[mark.len()..];
        let fence = fence::read(info, body, line, &mut self.outline.problems);
        let block = match fence {
            Fence::Shown => {
                self.prose(range);
                return;
            }
            Fence::Wrong => None,
            Fence::Run(run) => Some(Block::Run(run)),
            Fence::Check(check) => Some(Block::Check(check)),
            Fence::Setup(sql) => Some(Block::Setup(sql)),
            Fence::Action(action) => Some(Block::Action(action)),
            Fence::Predict(predict) => Some(Block::Predict(predict)),
            Fence::Expect(expect) => {
                self.flush();
                self.outline.expect(expect, line);
                None
            }
        };
        self.flush();
        if let Some(block) = block {
            self.outline.place(block, line);
        }
    }

    fn html(&mut self, range: Range<usize>) {
        self.flush();
        let html = &self.text[range.clone()];
        for piece in html::pieces(html) {
            match piece {
                Piece::Open { summary, offset } => {
                    let line = self.line(range.start + offset);
                    self.outline.open(summary, line);
                }
                Piece::Close { offset } => {
                    let line = self.line(range.start + offset);
                    self.outline.close(line);
                }
                Piece::Comment { text, offset } => {
                    let line = self.line(range.start + offset);
                    self.outline.comment(text, line);
                }
                Piece::Other { text, offset } => self.other_html(text, range.start + offset),
            }
        }
    }

    fn other_html(&mut self, text: &str, offset: usize) {
        let line = self.line(offset);
        let first = text.lines().next().unwrap_or_default();
        if text.starts_with("<!--") {
            self.outline.problems.add(
                line,
                "this comment is not closed",
                "write `-->` where it ends",
            );
        } else if self.outline.is_unfolding() && !text.starts_with('<') {
            self.outline.problems.add(
                line,
                format!("`{first}` stands directly under a summary or before `</details>` as HTML"),
                "leave an empty line below `</summary>`, else a page does not show it as Markdown",
            );
            self.outline.prose(text);
        } else {
            self.outline.problems.add(
                line,
                format!("`{first}` is HTML that lessons do not know"),
                "write Markdown, or `<details><summary>Hint</summary>` on one line",
            );
        }
    }

    fn finish(mut self, file: &str, front_matter: FrontMatter) -> ParsedLesson {
        let title_line = front_matter.lines.get("title").copied().unwrap_or(1);
        let same = self
            .outline
            .title
            .as_ref()
            .is_none_or(|title| *title == front_matter.title);
        if self.outline.title.is_none() {
            self.outline.problems.add(
                title_line,
                "the lesson shows no title",
                "write `# …` with the title below the head",
            );
        } else if !same && !front_matter.title.is_empty() {
            self.outline.problems.add(
                title_line,
                "the title in the head is not the one in the text",
                "write the same words in both places",
            );
        }
        for step in &self.outline.steps {
            if step.blocks.is_empty() {
                self.outline.problems.add(
                    step.line,
                    format!("the step `{}` is empty", step.id),
                    "write what it is about",
                );
            }
        }
        if self.outline.steps.is_empty() {
            self.outline
                .problems
                .add(1, "the lesson has no steps", "begin each step with `## …`");
        }
        ParsedLesson {
            lesson: Lesson {
                id: front_matter.id,
                title: front_matter.title,
                minutes: front_matter.minutes,
                topology: front_matter.topology,
                engine: front_matter.engine,
                start: front_matter.start,
                end: front_matter.end,
                file: file.to_owned(),
                introduction: mem::take(&mut self.outline.introduction),
                steps: mem::take(&mut self.outline.steps),
            },
            key_lines: front_matter.lines,
            links: self.links,
            problems: self.outline.problems.into_vec(),
        }
    }
}
