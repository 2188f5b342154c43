//! Predictions: options to choose from, and what came of them.

use ratatui::text::{Line, Span};

use super::page::Page;
use crate::{
    app::lesson::{
        ItemId, LessonTarget,
        prediction::{is_revealed, is_right, shown_at},
    },
    lesson::Predict,
    ui::{markdown, theme::Role},
};

/// The question with its options.
pub(super) fn draw(page: &mut Page<'_>, id: ItemId, predict: &Predict, reading: bool) {
    let theme = page.theme;
    let tour = page.tour;
    let chosen = tour.lesson.predictions.get(&id);
    let chosen = chosen.cloned().unwrap_or_default();
    let revealed = is_revealed(&tour.tour, &tour.lesson, id);
    page.gap();
    let top = page.rows.len();
    let mut holds_mark = false;
    let width = page.width.saturating_sub(2).max(1);
    let mut lines = vec![Line::styled(
        "What do you expect?",
        theme.style(Role::Title),
    )];
    lines.extend(markdown::lines(&predict.question, width, theme));
    page.barred(Role::Title, lines);
    for (index, option) in predict.options.iter().enumerate() {
        let is_marked = !reading && page.item();
        let is_chosen = chosen.contains(&index);
        let sign = match (is_chosen, revealed && option.right) {
            (_, true) => theme.glyphs.done,
            (true, false) => theme.glyphs.bullet,
            (false, false) => " ",
        };
        let role = match (revealed && option.right, is_chosen, is_marked) {
            (true, ..) => Role::Good,
            (_, true, _) => Role::Strong,
            (_, _, true) => Role::Marked,
            _ => Role::Text,
        };
        let from = page.rows.len();
        let margin = vec![
            Span::styled(format!("  {} ", index + 1), theme.style(Role::Dim)),
            Span::styled(format!("({sign}) "), theme.style(role)),
        ];
        page.say(margin, &option.text, role);
        if !reading {
            page.pressable(from, &LessonTarget::Option(id, index));
            if is_marked {
                page.mark_from(from);
                holds_mark = true;
            }
        }
    }
    if holds_mark {
        // A question is answered with all of its answers in sight.
        page.belongs_from(top);
    }
    if revealed {
        verdict(page, predict, &chosen);
    } else if !chosen.is_empty() {
        page.say(vec![Span::raw("  ")], "Kept; we shall see.", Role::Dim);
    }
}

/// Predictions of earlier steps that an item has shown.
pub(super) fn recall(page: &mut Page<'_>, item: ItemId) {
    let Some(lesson) = page.tour.tour.lesson(item.lesson) else {
        return;
    };
    for (id, predict) in shown_at(lesson, item) {
        let Some(chosen) = page.tour.lesson.predictions.get(&id).cloned() else {
            continue;
        };
        page.gap();
        let width = page.width.saturating_sub(2).max(1);
        let mut lines = vec![Line::styled(
            "You were asked",
            page.theme.style(Role::Title),
        )];
        lines.extend(markdown::lines(&predict.question, width, page.theme));
        page.barred(Role::Title, lines);
        let said: Vec<&str> = chosen
            .iter()
            .filter_map(|place| predict.options.get(*place))
            .map(|option| option.text.as_str())
            .collect();
        let margin = vec![Span::raw("  ")];
        page.say(
            margin,
            &format!("You expected: {}", said.join("; ")),
            Role::Text,
        );
        verdict(page, predict, &chosen);
    }
}

/// What came true, said of the thing and not of the learner.
fn verdict(page: &mut Page<'_>, predict: &Predict, chosen: &[usize]) {
    let theme = page.theme;
    if is_right(predict, chosen) {
        let sign = vec![Span::styled(
            format!("  {} ", theme.glyphs.done),
            theme.style(Role::Good),
        )];
        page.say(sign, "It came as you expected.", Role::Good);
        return;
    }
    let right: Vec<&str> = predict
        .options
        .iter()
        .filter(|option| option.right)
        .map(|option| option.text.as_str())
        .collect();
    let sign = vec![Span::styled(
        format!("  {} ", theme.glyphs.arrow),
        theme.style(Role::Title),
    )];
    page.say(
        sign,
        &format!("What happens: {}", right.join("; ")),
        Role::Text,
    );
}
