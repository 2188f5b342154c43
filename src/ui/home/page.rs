//! What stands on the home screen, row by row.

use std::collections::BTreeSet;

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::{
    app::{
        Model,
        home::{Card, HomeCommand, KeptCluster, Survey},
        keys::{self, Command},
    },
    lesson::Tour,
    player::progress,
    postgres::visible_text,
    ui::{
        markdown::wrap,
        text::{clip, typeset},
        theme::{Role, Theme},
    },
};

/// Columns of a bar of progress.
const BAR: usize = 20;

/// A page that is being written.
pub(super) struct Page<'a> {
    theme: &'a Theme,
    pub(super) width: usize,
    pub(super) rows: Vec<Line<'static>>,
    /// Rows of each card: the first, and the one after the last.
    pub(super) cards: Vec<(usize, usize)>,
}

/// Writes the page.
pub(super) fn compose<'a>(model: &Model, theme: &'a Theme, width: usize) -> Page<'a> {
    let mut page = Page {
        theme,
        width,
        rows: Vec::new(),
        cards: Vec::new(),
    };
    page.say("citus-tour", Role::Heading);
    page.say(
        "Distributed PostgreSQL, learned on a real cluster on this machine.",
        Role::Dim,
    );
    page.gap();
    for card in model.home.cards() {
        let from = page.rows.len();
        let is_selected = page.cards.len() == model.home.selected;
        match card {
            Card::Tour(tour) => page.tour(model, tour, is_selected),
            Card::Kept(cluster) => page.kept(model, cluster, is_selected),
        }
        page.cards.push((from, page.rows.len()));
        page.gap();
    }
    if page.cards.is_empty() {
        page.say("There is no tour to choose from.", Role::Warning);
        page.gap();
    }
    match &model.home.survey {
        None => page.say("looking at this machine\u{2026}", Role::Dim),
        Some(survey) => page.machine(survey),
    }
    if let Some(problem) = &model.home.progress_problem {
        page.gap();
        page.signed(theme.glyphs.failed, "Progress is not kept", Role::Warning);
        page.indented(problem, Role::Text);
    }
    page
}

/// The key that calls a command, as it is written.
fn chord(command: HomeCommand) -> &'static str {
    let chords = keys::chords_of(Command::Home(command));
    chords.first().copied().unwrap_or_default()
}

impl Page<'_> {
    fn say(&mut self, text: &str, role: Role) {
        self.spans(&[Span::styled(
            plain(text, self.theme),
            self.theme.style(role),
        )]);
    }

    fn spans(&mut self, spans: &[Span<'static>]) {
        self.rows.extend(wrap(spans, self.width, self.width, false));
    }

    fn gap(&mut self) {
        if self.rows.last().is_some_and(|row| row.width() > 0) {
            self.rows.push(Line::default());
        }
    }

    fn signed(&mut self, sign: &str, text: &str, role: Role) {
        self.say(&format!("{sign} {text}"), role);
    }

    fn indented(&mut self, text: &str, role: Role) {
        self.behind("  ", text, role);
    }

    /// An entry of a list.
    fn entry(&mut self, text: &str) {
        self.behind(
            &format!("  {} ", self.theme.glyphs.bullet),
            text,
            Role::Text,
        );
    }

    /// Text behind a margin that is repeated as spaces.
    fn behind(&mut self, margin: &str, text: &str, role: Role) {
        let style = self.theme.style(role);
        let indent = margin.width();
        let width = self.width.saturating_sub(indent).max(1);
        let mut margin = margin.to_owned();
        for text in plain(text, self.theme).lines() {
            for mut line in wrap(&[Span::styled(text.to_owned(), style)], width, width, false) {
                line.spans.insert(0, Span::styled(margin, style));
                self.rows.push(line);
                margin = " ".repeat(indent);
            }
        }
    }

    fn name(&mut self, name: &str, is_selected: bool, facts: &str) {
        let theme = self.theme;
        let role = if is_selected {
            Role::ButtonFocused
        } else {
            Role::Strong
        };
        let name = clip(
            &visible_text(name).replace('\n', " "),
            self.width,
            theme.glyphs.ellipsis,
        );
        self.spans(&[
            Span::styled(name, theme.style(role)),
            Span::styled(
                format!(" {} {facts}", theme.glyphs.dot),
                theme.style(Role::Dim),
            ),
        ]);
    }

    fn tour(&mut self, model: &Model, tour: &Tour, is_selected: bool) {
        let theme = self.theme;
        let dot = theme.glyphs.dot;
        let kept = model.home.progress.tour(&tour.id);
        let steps: Vec<String> = tour
            .lessons()
            .flat_map(|(_, lesson)| {
                let steps = lesson.steps.iter();
                steps.map(|step| progress::key(&lesson.id, &step.id))
            })
            .collect();
        let done = steps
            .iter()
            .filter(|step| kept.done.contains(*step))
            .count();
        let minutes: u32 = tour
            .lessons()
            .map(|(_, lesson)| u32::from(lesson.minutes))
            .sum();
        let lessons = tour.lessons().count();
        self.name(
            &tour.title,
            is_selected,
            &format!("{lessons} lessons {dot} {minutes} minutes"),
        );
        self.progress(done, steps.len());
        let here = kept.current.as_deref().and_then(|name| tour.place(name));
        let started = done > 0 || here.is_some_and(|place| place != (0, 0));
        let open = chord(HomeCommand::Open);
        let words = match here.filter(|_| started) {
            Some((lesson, step)) => tour.lesson(lesson).map(|lesson| {
                let step = lesson.steps.get(step).map_or("", |step| &step.title);
                format!("{open} goes on at: {}, {step}", lesson.title)
            }),
            None => Some(format!("{open} starts it")),
        };
        self.indented(&words.unwrap_or_default(), Role::Text);
        if is_selected && started {
            self.indented(
                &format!("{} starts from the beginning", chord(HomeCommand::Restart)),
                Role::Dim,
            );
        }
        if is_selected {
            self.phases(tour, &kept.done);
        }
        let nodes = model.home.nodes_of(&tour.id);
        if is_selected && !nodes.is_empty() {
            self.indented(&format!("it starts {}", nodes.join(", ")), Role::Dim);
        }
    }

    /// What the tour is about, and what of it is done.
    fn phases(&mut self, tour: &Tour, finished: &BTreeSet<String>) {
        let theme = self.theme;
        for phase in &tour.phases {
            let (mut done, mut all) = (0, 0);
            for lesson in &phase.lessons {
                for step in &lesson.steps {
                    all += 1;
                    let key = progress::key(&lesson.id, &step.id);
                    done += usize::from(finished.contains(&key));
                }
            }
            let (glyph, role) = if done == all {
                (theme.glyphs.done, Role::Good)
            } else {
                (theme.glyphs.open, Role::Dim)
            };
            let dot = theme.glyphs.dot;
            let words = format!("{glyph} {} {dot} {done} of {all} steps", phase.title);
            self.indented(&words, role);
        }
    }

    /// A bar and the same in figures.
    fn progress(&mut self, done: usize, all: usize) {
        let theme = self.theme;
        let [empty, .., full] = theme.glyphs.levels;
        let track = if empty.trim().is_empty() {
            theme.glyphs.leftover
        } else {
            empty
        };
        let filled = (done * BAR).checked_div(all).unwrap_or(0);
        // Something done is seen to be done.
        let filled = filled.max(usize::from(done > 0)).min(BAR);
        self.spans(&[
            Span::styled(full.repeat(filled), theme.style(Role::Good)),
            Span::styled(track.repeat(BAR - filled), theme.style(Role::Dim)),
            Span::styled(
                format!(" {done} of {all} steps done"),
                theme.style(Role::Text),
            ),
        ]);
        if let Some(line) = self.rows.last_mut()
            && self.width > BAR * 2
        {
            line.spans
                .insert(0, Span::styled("  ", theme.style(Role::Text)));
        }
    }

    fn kept(&mut self, model: &Model, cluster: &KeptCluster, is_selected: bool) {
        let title = model
            .home
            .tour(&cluster.tour)
            .map_or(cluster.tour.clone(), |tour| tour.title.clone());
        self.name(
            &cluster.name,
            is_selected,
            &format!("kept cluster of {title}"),
        );
        self.indented(&format!("runs {}", cluster.engine), Role::Text);
        let open = chord(HomeCommand::Open);
        self.indented(&format!("{open} goes on with it as it is"), Role::Text);
    }

    /// What a cluster would run on.
    fn machine(&mut self, survey: &Survey) {
        let theme = self.theme;
        match &survey.choice {
            None => self.say("looking at this machine\u{2026}", Role::Dim),
            Some(Ok(choice)) => {
                let (role, words) = if survey.real {
                    (Role::Good, "")
                } else {
                    // Glyph and word say it where the colour cannot.
                    (Role::Warning, " (this is not Citus itself)")
                };
                let glyph = if survey.real {
                    theme.glyphs.done
                } else {
                    theme.glyphs.failed
                };
                self.signed(glyph, &format!("Runs on {choice}{words}"), role);
            }
            Some(Err(reason)) => {
                self.signed(
                    theme.glyphs.failed,
                    "No cluster can be started on this machine",
                    Role::Alert,
                );
                self.indented(reason, Role::Text);
            }
        }
        for reason in &survey.reasons {
            self.indented(reason, Role::Dim);
        }
        if !survey.alternatives.is_empty() {
            self.gap();
            let words = if matches!(survey.choice, Some(Err(_))) {
                "What would help"
            } else {
                "What else could be chosen"
            };
            self.say(words, Role::Strong);
            for alternative in &survey.alternatives {
                self.entry(alternative);
            }
        }
        if !survey.leftovers.is_empty() {
            self.gap();
            let words = format!(
                "Left behind by runs that are gone; {} removes it",
                chord(HomeCommand::RemoveLeftovers)
            );
            self.signed(theme.glyphs.leftover, &words, Role::Warning);
            for leftover in &survey.leftovers {
                self.entry(leftover);
            }
        }
    }
}

/// Text from outside, with nothing in it that could steer the terminal, and no character that the theme does without.
fn plain(text: &str, theme: &Theme) -> String {
    typeset(visible_text(text).replace('\t', " "), theme)
}
