//! `SUMMARY.md`: which tours, phases and lessons there are, in mdBook's syntax.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

use super::problem::Problems;
use super::slug;

/// The file's name.
pub(super) const FILE: &str = "SUMMARY.md";

/// A tour as the summary lists it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) line: usize,
    pub(super) phases: Vec<Chapter>,
}

/// A phase with its links.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Chapter {
    pub(super) title: String,
    pub(super) line: usize,
    pub(super) links: Vec<Link>,
}

/// A lesson as the summary names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) title: String,
    pub(super) file: String,
    pub(super) line: usize,
}

/// Reads the summary.
pub(super) fn parse(text: &str, problems: &mut Problems<'_>) -> Vec<Part> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let mut reader = Reader {
        problems,
        parts: Vec::new(),
        depth: 0,
        heading: None,
        link: None,
        saw_summary: false,
    };
    for (event, range) in Parser::new(&text).into_offset_iter() {
        let line = text[..range.start].matches('\n').count() + 1;
        reader.event(event, line);
    }
    let parts = reader.parts;
    if parts.is_empty() {
        problems.add(
            1,
            "the summary names no tour",
            "write `# Journey` and below it a list of phases and lessons",
        );
    }
    for part in &parts {
        if part.phases.is_empty() {
            problems.add(
                part.line,
                format!("the tour `{}` has no lessons", part.id),
                "list its phases and lessons below its heading",
            );
        }
        for phase in part.phases.iter().filter(|phase| phase.links.is_empty()) {
            problems.add(
                phase.line,
                format!("the phase `{}` has no lessons", phase.title),
                "indent its lessons below it",
            );
        }
    }
    parts
}

struct Reader<'a, 'file> {
    problems: &'a mut Problems<'file>,
    parts: Vec<Part>,
    /// How many lists we are in.
    depth: usize,
    /// The heading that we are in: level, text.
    heading: Option<(HeadingLevel, String)>,
    /// The link that we are in: target, text, line.
    link: Option<(String, String, usize)>,
    saw_summary: bool,
}

impl Reader<'_, '_> {
    fn event(&mut self, event: Event<'_>, line: usize) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => self.heading = Some((level, String::new())),
            Event::End(TagEnd::Heading(_)) => {
                if let Some((level, text)) = self.heading.take() {
                    self.heading(level, text.trim(), line);
                }
            }
            Event::Start(Tag::List(_)) => self.depth += 1,
            Event::End(TagEnd::List(_)) => self.depth = self.depth.saturating_sub(1),
            Event::Start(Tag::Link { dest_url, .. }) => {
                self.link = Some((dest_url.to_string(), String::new(), line));
            }
            Event::End(TagEnd::Link) => {
                if let Some((file, title, line)) = self.link.take() {
                    self.link(file, title.trim().to_owned(), line);
                }
            }
            Event::Text(text) | Event::Code(text) => self.text(&text, line),
            Event::SoftBreak => self.text(" ", line),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, line: usize) {
        if let Some((_, title, _)) = &mut self.link {
            title.push_str(text);
        } else if let Some((_, heading)) = &mut self.heading {
            heading.push_str(text);
        } else if !text.trim().is_empty() {
            self.problems.add(
                line,
                format!("`{}` is neither a heading nor a link", text.trim()),
                "write a phase as `- [Title]()` and a lesson as `- [Title](file.md)` below it",
            );
        }
    }

    fn heading(&mut self, level: HeadingLevel, text: &str, line: usize) {
        if level != HeadingLevel::H1 {
            self.problems.add(
                line,
                format!("`{text}` is a heading of a lower level, which mdBook leaves out"),
                "write a phase as `- [Title]()` with its lessons indented below it",
            );
            return;
        }
        if !self.saw_summary {
            self.saw_summary = true;
            if text != "Summary" {
                self.problems.add(
                    line,
                    "the first heading is not `# Summary`, and mdBook would not show it",
                    "write `# Summary` above it",
                );
            }
            return;
        }
        let id = slug(text);
        if let Some(known) = self.parts.iter().find(|part| part.id == id) {
            self.problems.add(
                line,
                format!("the tour `{id}` is there already, on line {}", known.line),
                "give it another heading",
            );
        }
        if !super::is_name(&id) {
            self.problems.add(
                line,
                format!("`{text}` gives no name to play a tour by"),
                "use letters, digits and spaces in its heading",
            );
        }
        self.parts.push(Part {
            id,
            title: text.to_owned(),
            line,
            phases: Vec::new(),
        });
    }

    fn link(&mut self, file: String, title: String, line: usize) {
        let Some(part) = self.parts.last_mut() else {
            self.problems.add(
                line,
                format!("`{title}` belongs to no tour"),
                "write the tour's heading above it: `# Journey`",
            );
            return;
        };
        match (self.depth, file.is_empty(), part.phases.last_mut()) {
            (1, true, _) => part.phases.push(Chapter { title, line, links: Vec::new() }),
            (2, false, Some(phase)) => phase.links.push(Link { title, file, line }),
            _ => self.problems.add(
                line,
                format!("`{title}` stands where neither a phase nor a lesson can stand"),
                "write a phase as `- [Title]()` and a lesson as `- [Title](file.md)` indented below it",
            ),
        }
    }
}
