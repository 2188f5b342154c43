//! A page that is being written: rows, what can be pressed in them, and where items begin.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::{
    app::{
        Model, OpenTour, Target,
        lesson::{ItemState, LessonTarget, hindrance, marked},
    },
    postgres::visible_text,
    ui::{
        markdown::{self, wrap},
        text::typeset,
        theme::{Role, Theme},
    },
};

/// Something that can be pressed.
#[derive(Debug)]
pub(super) struct PageHit {
    pub(super) row: usize,
    pub(super) column: usize,
    pub(super) width: usize,
    pub(super) target: Target,
}

/// A page that is being written.
pub(super) struct Page<'a> {
    pub(super) model: &'a Model,
    pub(super) tour: &'a OpenTour,
    pub(super) theme: &'a Theme,
    pub(super) width: usize,
    pub(super) rows: Vec<Line<'static>>,
    pub(super) hits: Vec<PageHit>,
    pub(super) item_rows: Vec<usize>,
    /// The first and the last row of what is marked.
    pub(super) marked_rows: Option<(usize, usize)>,
    /// The first and the last row of what is read together with what is marked, where that is more.
    pub(super) belonging_rows: Option<(usize, usize)>,
    /// The row of the current step's heading.
    pub(super) step_row: usize,
    /// Why nothing can be done now.
    pub(super) hindrance: Option<&'static str>,
    /// The place of the marked item.
    pub(super) marked: usize,
}

impl<'a> Page<'a> {
    pub(super) fn new(
        model: &'a Model,
        tour: &'a OpenTour,
        theme: &'a Theme,
        width: usize,
    ) -> Self {
        Self {
            model,
            tour,
            theme,
            width,
            rows: Vec::new(),
            hits: Vec::new(),
            item_rows: Vec::new(),
            marked_rows: None,
            belonging_rows: None,
            step_row: 0,
            hindrance: hindrance(tour),
            marked: marked(tour),
        }
    }

    /// An empty row, unless one is there already.
    pub(super) fn gap(&mut self) {
        if self.rows.last().is_some_and(|row| row.width() > 0) {
            self.rows.push(Line::default());
        }
    }

    pub(super) fn markdown(&mut self, text: &str) {
        self.gap();
        self.rows
            .extend(markdown::lines(text, self.width, self.theme));
    }

    /// Plain text, wrapped behind a margin that is repeated as spaces.
    pub(super) fn say(&mut self, margin: Vec<Span<'static>>, text: &str, role: Role) {
        let indent: usize = margin.iter().map(Span::width).sum();
        // Where there is hardly any room the margin gives way.
        let (margin, indent) = if indent * 2 > self.width {
            (Vec::new(), 0)
        } else {
            (margin, indent)
        };
        let style = self.theme.style(role);
        let width = self.width - indent;
        let mut first = Some(margin);
        for text in typeset(visible_text(text), self.theme).lines() {
            let span = Span::styled(text.replace('\t', "    "), style);
            for mut line in wrap(&[span], width, width, true) {
                let mut spans = first
                    .take()
                    .unwrap_or_else(|| vec![Span::styled(" ".repeat(indent), style)]);
                spans.append(&mut line.spans);
                self.rows.push(Line::from(spans));
            }
        }
    }

    /// Lines behind a bar, as belonging together.
    pub(super) fn barred(&mut self, role: Role, lines: impl IntoIterator<Item = Line<'static>>) {
        let bar = Span::styled(
            format!("{} ", self.theme.glyphs.bar),
            self.theme.style(role),
        );
        for mut line in lines {
            line.spans.insert(0, bar.clone());
            self.rows.push(line);
        }
    }

    /// Notes that the next item begins at the next row; says whether it is the marked one.
    pub(super) fn item(&mut self) -> bool {
        let place = self.item_rows.len();
        self.item_rows.push(self.rows.len());
        place == self.marked
    }

    /// Notes what is marked: from a row to the last one that was written.
    pub(super) fn mark_from(&mut self, row: usize) {
        let last = self.rows.len().saturating_sub(1);
        self.marked_rows = Some((row.min(last), last));
    }

    /// Notes what is read together with what is marked: from a row to the last one that was written.
    pub(super) fn belongs_from(&mut self, row: usize) {
        let last = self.rows.len().saturating_sub(1);
        self.belonging_rows = Some((row.min(last), last));
    }

    /// A row that can be pressed as a whole.
    pub(super) fn pressable(&mut self, from: usize, target: &LessonTarget) {
        for row in from..self.rows.len() {
            self.hits.push(PageHit {
                row,
                column: 0,
                width: self.width,
                target: Target::Lesson(target.clone()),
            });
        }
    }

    /// A row with a button and words behind it; the words go on below where they do not fit.
    pub(super) fn button(
        &mut self,
        words: &str,
        is_marked: bool,
        danger: bool,
        target: LessonTarget,
        behind: Vec<Span<'static>>,
    ) {
        let is_enabled = self.hindrance.is_none() || target == LessonTarget::Retry;
        let role = match (is_enabled, is_marked, danger) {
            (false, ..) => Role::ButtonDisabled,
            (true, true, _) => Role::ButtonFocused,
            (true, false, true) => Role::ButtonDanger,
            (true, false, false) => Role::Button,
        };
        let words = typeset(visible_text(words).replace(['\n', '\t'], " "), self.theme);
        let text = crate::ui::text::clip(
            &format!("[{} {words}]", self.theme.glyphs.run),
            self.width,
            self.theme.glyphs.ellipsis,
        );
        let width = text.width();
        self.hits.push(PageHit {
            row: self.rows.len(),
            column: 0,
            width,
            target: Target::Lesson(target),
        });
        let mut spans = vec![Span::styled(text, self.theme.style(role))];
        let needed: usize = behind.iter().map(Span::width).sum();
        if behind.is_empty() {
            self.rows.push(Line::from(spans));
        } else if width + 2 + needed <= self.width {
            spans.push(Span::styled("  ", self.theme.style(Role::Text)));
            spans.extend(behind);
            self.rows.push(Line::from(spans));
        } else {
            self.rows.push(Line::from(spans));
            self.rows
                .extend(wrap(&behind, self.width, self.width, false));
        }
    }

    /// A glyph and a word for how far an item is.
    pub(super) fn state(&self, state: &ItemState, passed: &str) -> Vec<Span<'static>> {
        let theme = self.theme;
        let (glyph, words, role) = match state {
            ItemState::Open => match self.hindrance {
                Some(words) => return vec![Span::styled(words, theme.style(Role::Dim))],
                None => return Vec::new(),
            },
            ItemState::Running => (self.spinner(), "under way", Role::Busy),
            ItemState::Passed => (theme.glyphs.done, passed, Role::Good),
            ItemState::Differs(_) => (
                theme.glyphs.failed,
                "not as expected; r begins the step again",
                Role::Warning,
            ),
        };
        vec![Span::styled(format!("{glyph} {words}"), theme.style(role))]
    }

    /// The sign that something is being done; it stands still where nothing may move.
    pub(super) fn spinner(&self) -> &'static str {
        let steps = self.theme.glyphs.spinner;
        if !self.model.settings.motion || steps.is_empty() {
            return self.theme.glyphs.ellipsis;
        }
        let since = self.model.now.saturating_duration_since(self.tour.opened);
        let quarter = usize::try_from(since.as_millis() / 250).unwrap_or(0);
        steps[quarter % steps.len()]
    }
}
