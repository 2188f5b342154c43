//! The step that is shown in full.

use ratatui::text::Span;

use super::{action::action, page::Page, predict};
use crate::{
    app::{
        keys::{self, Command, GlobalCommand},
        lesson::{ItemId, ItemState, LessonTarget, held_back_from, step_holds},
    },
    lesson::{Block, Check, NodeReference, Run, Step},
    postgres::visible_text,
    ui::{highlight::Language, layout::Size, markdown, theme::Role},
};

/// Rows of a difference that are shown; the results have it in full.
const DIFFERENCE: usize = 8;

/// Columns from which code is indented.
const ROOMY: usize = 64;

/// Draws the blocks of a step and the button that goes on.
pub(super) fn draw(page: &mut Page<'_>, step: &Step) {
    let place = page.tour.lesson.shown();
    let reading = page.tour.lesson.reading.is_some();
    let held_back = held_back_from(page.tour);
    let opened = page.tour.lesson.opened(place);
    let total = step.hints().count();
    let mut hints = 0;
    for (index, block) in step.blocks.iter().enumerate() {
        let id = ItemId::of_block(place, index);
        if held_back.is_some_and(|prediction| index > prediction) {
            hidden(page, block, &mut hints, opened.hints, opened.solution);
            continue;
        }
        match block {
            Block::Prose(text) => page.markdown(text),
            Block::Run(it) => run(page, id, it, reading),
            Block::Action(it) => action(page, id, it, reading),
            Block::Check(it) => check(page, id, it, reading),
            Block::Predict(it) => predict::draw(page, id, it, reading),
            Block::Hint(text) => {
                hints += 1;
                hint(page, text, (hints, total), opened.hints, reading);
            }
            Block::Solution(blocks) => {
                solution(page, id, blocks, opened.solution, reading);
            }
            Block::Setup(_) | Block::Note(_) | Block::Map(_) => {}
        }
        if held_back == Some(index) {
            page.gap();
            page.say(
                Vec::new(),
                "What follows waits for your choice: press its number. Down goes on without one.",
                Role::Dim,
            );
        }
    }
    next(page, reading);
}

/// Items that are held back: they are there to be marked, and not to be seen.
fn hidden(page: &mut Page<'_>, block: &Block, hints: &mut usize, opened: usize, solved: bool) {
    let count = match block {
        Block::Run(_) | Block::Action(_) | Block::Check(_) => 1,
        Block::Predict(it) => it.options.len(),
        Block::Hint(_) => {
            *hints += 1;
            usize::from(*hints == opened + 1)
        }
        Block::Solution(_) if !solved => 1,
        Block::Solution(blocks) => blocks
            .iter()
            .filter(|block| matches!(block, Block::Run(_) | Block::Action(_)))
            .count(),
        _ => 0,
    };
    for _ in 0..count {
        page.item();
        // The row before: what is marked there is the prediction that holds them back.
        if let Some(row) = page.item_rows.last_mut() {
            *row = row.saturating_sub(1);
        }
    }
}

fn run(page: &mut Page<'_>, id: ItemId, run: &Run, reading: bool) {
    page.gap();
    let from = page.rows.len();
    code(page, Language::Sql, &run.sql.text);
    if reading {
        return;
    }
    let state = page.tour.lesson.state(id).clone();
    let is_marked = page.item();
    let words = match &run.on {
        Some(node) => format!("run on {}", node_words(node)),
        None => "run".to_owned(),
    };
    let passed = if run.fails.is_some() {
        "it failed, as it should"
    } else if run.expect.is_some() {
        "as the lesson says"
    } else {
        "done"
    };
    let mut behind = page.state(&state, passed);
    if matches!(state, ItemState::Passed | ItemState::Differs(_)) {
        behind.extend(where_to_look(page));
    }
    page.button(&words, is_marked, false, LessonTarget::Item(id), behind);
    if where_to_look(page).is_some() {
        brought(page, id);
    }
    outcome(page, id, &state, is_marked.then_some(from));
}

/// The first lines of what a run brought.
fn brought(page: &mut Page<'_>, id: ItemId) {
    let lines = page.tour.lesson.brought.get(&id);
    let style = page.theme.style(Role::Code);
    let width = page.width.saturating_sub(2);
    let ellipsis = page.theme.glyphs.ellipsis;
    let rows = lines.into_iter().flatten().map(|line| {
        let clipped = crate::ui::text::clip(&visible_text(line), width, ellipsis);
        ratatui::text::Line::styled(format!("  {clipped}"), style)
    });
    page.rows.extend(rows);
}

/// The key that leads to what a run brought, where that is not beside the lesson.
fn where_to_look(page: &Page<'_>) -> Option<Span<'static>> {
    let (columns, rows) = page.model.size;
    let beside = !matches!(Size::of(columns, rows), Size::One | Size::TooSmall);
    if beside && !page.model.zoomed {
        return None;
    }
    let chords = keys::chords_of(Command::Global(GlobalCommand::FocusResults));
    let words = format!(
        " {} {} shows what came",
        page.theme.glyphs.dot,
        chords.first()?
    );
    Some(Span::styled(words, page.theme.style(Role::Dim)))
}

/// Code, indented where there is room to lose.
pub(super) fn code(page: &mut Page<'_>, language: Language, text: &str) {
    let indent = if page.width < ROOMY { 0 } else { 2 };
    let margin = Span::styled(" ".repeat(indent), page.theme.style(Role::Code));
    for mut line in markdown::code(Some(language), text, page.width - indent, page.theme) {
        if indent > 0 {
            line.spans.insert(0, margin.clone());
        }
        page.rows.push(line);
    }
}

pub(super) fn node_words(node: &NodeReference) -> String {
    match node {
        NodeReference::Named(name) => name.clone(),
        NodeReference::Tenant { value, .. } => format!("the node of tenant {value}"),
    }
}

/// What differs, what came of predictions, and the mark.
pub(super) fn outcome(
    page: &mut Page<'_>,
    id: ItemId,
    state: &ItemState,
    marked_from: Option<usize>,
) {
    if let ItemState::Differs(difference) = state {
        differs(page, difference, Role::Warning);
    }
    if let Some(from) = marked_from {
        page.mark_from(from);
    }
    if *state == ItemState::Passed {
        predict::recall(page, id);
    }
}

fn differs(page: &mut Page<'_>, difference: &str, role: Role) {
    let difference = difference.trim();
    let margin = vec![Span::styled("  ", page.theme.style(role))];
    let from = page.rows.len();
    page.say(margin, difference, role);
    if page.rows.len() > from + DIFFERENCE {
        page.rows.truncate(from + DIFFERENCE);
        let more = format!("  {}", page.theme.glyphs.ellipsis);
        page.rows
            .push(ratatui::text::Line::styled(more, page.theme.style(role)));
    }
}

fn check(page: &mut Page<'_>, id: ItemId, check: &Check, reading: bool) {
    page.gap();
    let state = page.tour.lesson.state(id).clone();
    let done = if reading {
        let key = crate::app::lesson::prediction::key(&page.tour.tour, id.place());
        key.is_some_and(|key| page.tour.lesson.done.contains(&key))
    } else {
        state == ItemState::Passed
    };
    let is_marked = !reading && page.item();
    let (glyph, role) = if done {
        (page.theme.glyphs.done, Role::Good)
    } else {
        (page.theme.glyphs.open, Role::Text)
    };
    let from = page.rows.len();
    let sign = vec![Span::styled(format!("{glyph} "), page.theme.style(role))];
    page.say(sign, &check.sentence, role);
    if reading {
        return;
    }
    page.pressable(from, &LessonTarget::Item(id));
    if let ItemState::Differs(difference) = &state {
        differs(page, difference, Role::Dim);
    }
    if is_marked {
        page.mark_from(from);
    }
}

fn hint(
    page: &mut Page<'_>,
    text: &str,
    (number, total): (usize, usize),
    opened: usize,
    reading: bool,
) {
    let name = if total > 1 {
        format!("Hint {number} of {total}")
    } else {
        "Hint".to_owned()
    };
    if number <= opened {
        page.gap();
        let title = markdown::lines(
            &format!("*{name}*"),
            page.width.saturating_sub(2).max(1),
            page.theme,
        );
        let lines = markdown::lines(text, page.width.saturating_sub(2).max(1), page.theme);
        page.barred(Role::Title, title.into_iter().chain(lines));
    } else if number == opened + 1 && !reading {
        folded(page, &name, "h", &LessonTarget::Hint);
    }
}

/// A row that unfolds.
fn folded(page: &mut Page<'_>, words: &str, key: &str, target: &LessonTarget) {
    page.gap();
    let is_marked = page.item();
    let from = page.rows.len();
    let theme = page.theme;
    let role = if is_marked {
        Role::ButtonFocused
    } else {
        Role::Button
    };
    page.rows.push(ratatui::text::Line::from(vec![
        Span::styled(
            format!("{} {words}", theme.glyphs.folded),
            theme.style(role),
        ),
        Span::styled(format!("  {key}"), theme.style(Role::Dim)),
    ]));
    page.pressable(from, target);
    if is_marked {
        page.mark_from(from);
    }
}

fn solution(page: &mut Page<'_>, id: ItemId, blocks: &[Block], opened: bool, reading: bool) {
    if !opened {
        if !reading {
            folded(page, "Solution", "x", &LessonTarget::Solution);
        }
        return;
    }
    page.gap();
    page.say(
        vec![Span::styled(
            format!("{} ", page.theme.glyphs.unfolded),
            page.theme.style(Role::Title),
        )],
        "Solution",
        Role::Title,
    );
    for (inner, block) in blocks.iter().enumerate() {
        let id = ItemId {
            inner: Some(inner),
            ..id
        };
        match block {
            Block::Prose(text) => page.markdown(text),
            Block::Run(it) => run(page, id, it, reading),
            Block::Action(it) => action(page, id, it, reading),
            _ => {}
        }
    }
}

/// The button that goes on, and where it leads.
fn next(page: &mut Page<'_>, reading: bool) {
    let tour = page.tour;
    let (lesson, step) = tour.lesson.shown();
    let words = tour.tour.lesson(lesson).map(|it| {
        match (it.steps.get(step + 1), tour.tour.lesson(lesson + 1)) {
            (Some(step), _) => format!("next: {}", step.title),
            (None, Some(lesson)) => format!("next lesson: {}", lesson.title),
            (None, None) => "finish the tour".to_owned(),
        }
    });
    page.gap();
    let from = page.rows.len();
    let is_marked = page.item();
    let is_open = !reading && page.hindrance.is_none() && !step_holds(tour);
    let behind = match page.hindrance {
        Some(words) if !reading => vec![Span::styled(words, page.theme.style(Role::Dim))],
        _ if is_open => vec![Span::styled(
            "not all is done yet",
            page.theme.style(Role::Dim),
        )],
        _ => Vec::new(),
    };
    // Reading on is possible whatever the cluster does.
    let hindrance = page.hindrance.take_if(|_| reading);
    let words = visible_text(&words.unwrap_or_default());
    page.button(&words, is_marked, false, LessonTarget::Next, behind);
    page.hindrance = page.hindrance.or(hindrance);
    if is_marked {
        page.mark_from(from);
    }
}
