//! One lesson's file, read from its beginning to its end.

use std::mem;
use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, OffsetIter, Options, Parser, Tag};

use super::attributes::Attributes;
use super::fence::{self, Fence};
use super::front_matter::{self, FrontMatter};
use super::html::{self, Piece};
use super::problem::{Problem, Problems};
use super::{Block, Lesson, Step, slug};

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
    let (front_matter, body) = match front_matter::split(&text) {
        Some((yaml, body)) => (front_matter::parse(yaml, &mut problems), body),
        None => {
            problems.add(
                1,
                "the lesson has no head",
                "begin the file with `---`, one `key: value` a line, and `---`",
            );
            (FrontMatter::default(), 0)
        }
    };
    let mut reader = Reader::new(&text, body, problems);
    reader.read();
    reader.finish(file, front_matter)
}

/// What a `<details>` holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfolds {
    Hint,
    Solution,
    Setup,
    Check,
    Unknown,
}

/// A `<details>` that is open.
#[derive(Debug)]
struct Unfolding {
    kind: Unfolds,
    line: usize,
    blocks: Vec<Block>,
}

struct Reader<'text, 'file> {
    text: &'text str,
    /// Where the Markdown begins.
    body: usize,
    line_ends: Vec<usize>,
    problems: Problems<'file>,
    title: Option<String>,
    introduction: Vec<Block>,
    steps: Vec<Step>,
    /// Prose that was seen and not yet put anywhere.
    prose: Option<Range<usize>>,
    unfolding: Option<Unfolding>,
    links: Vec<(usize, String)>,
}

impl<'text, 'file> Reader<'text, 'file> {
    fn new(text: &'text str, body: usize, problems: Problems<'file>) -> Self {
        Self {
            text,
            body,
            line_ends: text.match_indices('\n').map(|(offset, _)| offset).collect(),
            problems,
            title: None,
            introduction: Vec::new(),
            steps: Vec::new(),
            prose: None,
            unfolding: None,
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
        self.close_unfolding_before(self.text.len());
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
                Event::InlineHtml(html) => self.problems.add(
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
                self.problems.add(
                    line,
                    "a fence with attributes stands inside a list or a quotation",
                    "move it to the left margin",
                );
            }
            Tag::Heading { .. } => self.problems.add(
                line,
                "a heading stands inside a list or a quotation",
                "move it to the left margin, or make it bold text",
            ),
            Tag::HtmlBlock => self.problems.add(
                line,
                "HTML stands inside a list or a quotation",
                "move it to the left margin",
            ),
            Tag::Image { .. } => self.problems.add(
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

    /// Where blocks go: what unfolds, the step, or the introduction.
    fn blocks(&mut self) -> &mut Vec<Block> {
        match (&mut self.unfolding, self.steps.last_mut()) {
            (Some(unfolding), _) => &mut unfolding.blocks,
            (None, Some(step)) => &mut step.blocks,
            (None, None) => &mut self.introduction,
        }
    }

    /// Like [`Self::blocks`], but never what unfolds.
    fn outer_blocks(&mut self) -> &mut Vec<Block> {
        match self.steps.last_mut() {
            Some(step) => &mut step.blocks,
            None => &mut self.introduction,
        }
    }

    fn flush(&mut self) {
        if let Some(range) = self.prose.take() {
            let prose = self.text[range].trim_matches('\n').trim_end();
            if !prose.is_empty() {
                self.blocks().push(Block::Prose(prose.to_owned()));
            }
        }
    }

    fn heading(&mut self, level: HeadingLevel, heading: &str, range: Range<usize>) {
        let line = self.line(range.start);
        if level > HeadingLevel::H2 {
            if self.steps.is_empty() {
                self.problems.add(
                    line,
                    "a small heading stands before the first step",
                    "begin a step with `## …`, or leave the heading out",
                );
            }
            self.prose(range);
            return;
        }
        self.flush();
        self.close_unfolding_before(range.start);
        if heading.is_empty() {
            self.problems.add(
                line,
                "a heading has no text",
                "name the step: its id is made of its heading",
            );
        }
        if level == HeadingLevel::H1 {
            if self.title.is_some() || !self.steps.is_empty() {
                self.problems.add(
                    line,
                    "the lesson has a second title",
                    "use `## …` for a step; a lesson has one `# …`",
                );
            } else {
                self.title = Some(heading.to_owned());
            }
            return;
        }
        let id = slug(heading);
        if let Some(first) = self.steps.iter().find(|step| step.id == id) {
            self.problems.add(
                line,
                format!("the step `{id}` is there already, on line {}", first.line),
                "give it another heading: progress is stored under the step's id",
            );
        }
        self.steps.push(Step {
            id,
            title: heading.to_owned(),
            line,
            blocks: Vec::new(),
        });
    }

    fn fence(&mut self, body: &str, range: Range<usize>) {
        let line = self.line(range.start);
        let source = self.text[range.clone()].trim_end();
        let (first, rest) = source.split_once('\n').unwrap_or((source, ""));
        let mark: String = first
            .chars()
            .take_while(|mark| matches!(mark, '`' | '~'))
            .collect();
        let last = rest.lines().next_back().unwrap_or_default().trim();
        if mark.is_empty() || !last.starts_with(&mark) {
            self.problems.add(
                line,
                "this fence is not closed",
                format!(
                    "write {} on a line of its own where it ends",
                    if mark.is_empty() { "```" } else { &mark }
                ),
            );
        }
        let info = &first[mark.len()..];
        match fence::read(info, body, line, &mut self.problems) {
            Fence::Shown => self.prose(range),
            Fence::Wrong => self.flush(),
            Fence::Run(run) => self.place(Block::Run(run), line),
            Fence::Check(check) => self.place(Block::Check(check), line),
            Fence::Setup(sql) => self.place(Block::Setup(sql), line),
            Fence::Action(action) => self.place(Block::Action(action), line),
            Fence::Predict(predict) => self.place(Block::Predict(predict), line),
            Fence::Expect(expect) => {
                self.flush();
                if let Some(Block::Run(run)) = self.blocks().last_mut()
                    && run.expect.is_none()
                {
                    run.expect = Some(expect);
                } else {
                    self.problems.add(
                        line,
                        "this expectation does not follow a `sql run`",
                        "put it directly behind the run whose output it shows",
                    );
                }
            }
        }
    }

    /// Puts a block where it belongs, when it may stand there.
    fn place(&mut self, block: Block, line: usize) {
        self.flush();
        let what = match &block {
            Block::Run(_) => "a run",
            Block::Check(_) => "a check",
            Block::Setup(_) => "a setup",
            Block::Action(_) => "an action",
            _ => "a prediction",
        };
        let kind = self.unfolding.as_ref().map(|unfolding| unfolding.kind);
        let place = match (kind, &block) {
            (None, Block::Setup(_)) => Err("outside `<details><summary>Setup</summary>`"),
            (None, _) if self.steps.is_empty() => Err("before the first step"),
            (Some(Unfolds::Hint), _) => Err("in a hint"),
            (Some(Unfolds::Solution), Block::Run(_) | Block::Action(_)) => Ok(()),
            (Some(Unfolds::Solution), _) => Err("in a solution"),
            (Some(Unfolds::Setup), Block::Setup(_)) => Ok(()),
            (Some(Unfolds::Setup), _) => Err("in a setup"),
            (Some(Unfolds::Check), Block::Check(_)) => Ok(()),
            (Some(Unfolds::Check), _) => Err("among folded checks"),
            (None | Some(Unfolds::Unknown), _) => Ok(()),
        };
        match place {
            Ok(()) => self.blocks().push(block),
            Err(place) => self.problems.add(
                line,
                format!("{what} stands {place}"),
                "runs, checks, actions and predictions stand in a step; setups in their `<details>`; a solution may hold runs and actions",
            ),
        }
    }

    fn html(&mut self, range: Range<usize>) {
        self.flush();
        let html = &self.text[range.clone()];
        for piece in html::pieces(html) {
            match piece {
                Piece::Open { summary, offset } => self.open(summary, range.start + offset),
                Piece::Close { offset } => self.close(range.start + offset),
                Piece::Comment { text, offset } => self.comment(text, range.start + offset),
                Piece::Other { text, offset } => self.other_html(text, range.start + offset),
            }
        }
    }

    fn open(&mut self, summary: &str, offset: usize) {
        self.close_unfolding_before(offset);
        let line = self.line(offset);
        let kind = match summary {
            "Hint" => Unfolds::Hint,
            "Solution" => Unfolds::Solution,
            "Setup" => Unfolds::Setup,
            "Check" => Unfolds::Check,
            _ => {
                self.problems.add(
                    line,
                    format!("nothing unfolds under `{summary}`"),
                    "the summaries are Hint, Solution, Setup and Check",
                );
                Unfolds::Unknown
            }
        };
        if self.steps.is_empty()
            && matches!(kind, Unfolds::Hint | Unfolds::Solution | Unfolds::Check)
        {
            self.problems.add(
                line,
                format!("a `{summary}` stands before the first step"),
                "move it into the step that it belongs to",
            );
        }
        self.unfolding = Some(Unfolding {
            kind,
            line,
            blocks: Vec::new(),
        });
    }

    fn close(&mut self, offset: usize) {
        let Some(Unfolding {
            kind,
            line,
            mut blocks,
        }) = self.unfolding.take()
        else {
            let line = self.line(offset);
            self.problems
                .add(line, "`</details>` closes nothing", "take it away");
            return;
        };
        if blocks.is_empty() {
            self.problems.add(
                line,
                match kind {
                    Unfolds::Hint => "this hint is empty",
                    Unfolds::Solution => "this solution is empty",
                    _ => "nothing stands in this `<details>`",
                },
                "write what helps the learner, or take it away",
            );
            return;
        }
        match kind {
            Unfolds::Hint => {
                let prose: Vec<_> = blocks
                    .iter()
                    .filter_map(|block| match block {
                        Block::Prose(prose) => Some(prose.as_str()),
                        _ => None,
                    })
                    .collect();
                let hint = Block::Hint(prose.join("\n\n"));
                self.outer_blocks().push(hint);
            }
            Unfolds::Solution => self.outer_blocks().push(Block::Solution(blocks)),
            Unfolds::Setup | Unfolds::Check | Unfolds::Unknown => {
                self.outer_blocks().append(&mut blocks);
            }
        }
    }

    /// Closes what the author forgot to close.
    fn close_unfolding_before(&mut self, offset: usize) {
        if let Some(unfolding) = &self.unfolding {
            let line = unfolding.line;
            self.problems.add(
                line,
                "this `<details>` is not closed",
                "write `</details>` on a line of its own behind it",
            );
            self.close(offset);
        }
    }

    fn comment(&mut self, comment: &str, offset: usize) {
        let line = self.line(offset);
        let (key, text) = comment.split_once(':').unwrap_or((comment, ""));
        let text = text.trim().to_owned();
        let block = match key.trim() {
            "note" => Block::Note(text.clone()),
            "map" => Block::Map(text.clone()),
            _ => {
                self.problems.add(
                    line,
                    "this comment is neither a note nor for the map",
                    "write `<!-- note: … -->` or `<!-- map: focus=… -->`",
                );
                return;
            }
        };
        if text.is_empty() {
            self.problems.add(
                line,
                "this comment says nothing",
                "write something behind the colon",
            );
        }
        self.outer_blocks().push(block);
    }

    fn other_html(&mut self, text: &str, offset: usize) {
        let line = self.line(offset);
        let first = text.lines().next().unwrap_or_default();
        if text.starts_with("<!--") {
            self.problems.add(
                line,
                "this comment is not closed",
                "write `-->` where it ends",
            );
        } else if self.unfolding.is_some() && !text.starts_with('<') {
            self.problems.add(
                line,
                format!("`{first}` stands directly under a summary or before `</details>` as HTML"),
                "leave an empty line below `</summary>`, else a page does not show it as Markdown",
            );
            self.blocks().push(Block::Prose(text.to_owned()));
        } else {
            self.problems.add(
                line,
                format!("`{first}` is HTML that lessons do not know"),
                "write Markdown, or `<details><summary>Hint</summary>` on one line",
            );
        }
    }

    fn finish(mut self, file: &str, front_matter: FrontMatter) -> ParsedLesson {
        let title_line = front_matter.lines.get("title").copied().unwrap_or(1);
        let same = self
            .title
            .as_ref()
            .is_none_or(|title| *title == front_matter.title);
        if self.title.is_none() {
            self.problems.add(
                title_line,
                "the lesson shows no title",
                "write `# …` with the title below the head",
            );
        } else if !same && !front_matter.title.is_empty() {
            self.problems.add(
                title_line,
                "the title in the head is not the one in the text",
                "write the same words in both places",
            );
        }
        for step in &self.steps {
            if step.blocks.is_empty() {
                self.problems.add(
                    step.line,
                    format!("the step `{}` is empty", step.id),
                    "write what it is about",
                );
            }
        }
        if self.steps.is_empty() {
            self.problems
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
                file: file.to_owned(),
                introduction: mem::take(&mut self.introduction),
                steps: mem::take(&mut self.steps),
            },
            key_lines: front_matter.lines,
            links: self.links,
            problems: self.problems.into_vec(),
        }
    }
}
