//! Draws the lesson pane: the lesson as one page, the current step in full, what is marked kept in sight.

mod action;
mod head;
mod page;
mod predict;
mod step;

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::{
    text::{self, write},
    theme::{Role, Theme},
};
use crate::app::{Model, OpenTour, Pane, Regions, Viewport, lesson::Follow};
use page::Page;

/// Columns at the left, for the mark.
const MARGIN: u16 = 2;

/// Columns beside the text: those, one of air at the right, and one for the bar.
const MARGINS: u16 = MARGIN + 2;

/// Draws the pane.
pub(super) fn draw(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let title = if tour.lesson.reading.is_some() {
        " lesson: reading back "
    } else {
        " lesson "
    };
    let inner = text::pane(
        model,
        theme,
        Pane::Lesson,
        Line::styled(title, theme.style(Role::Title)),
        area,
        buffer,
        regions,
    );
    if inner.width <= MARGINS || inner.height == 0 {
        return;
    }
    let page = compose(model, tour, theme, usize::from(inner.width - MARGINS));
    show(&page, tour, theme, inner, buffer, regions);
}

/// The whole page, whatever of it will be in sight.
fn compose<'a>(model: &'a Model, tour: &'a OpenTour, theme: &'a Theme, width: usize) -> Page<'a> {
    let mut page = Page::new(model, tour, theme, width);
    let (lesson, step) = tour.lesson.shown();
    let Some(text) = tour.tour.lesson(lesson) else {
        return page;
    };
    head::title(&mut page, text);
    for (index, it) in text.steps.iter().enumerate() {
        if index == step {
            head::current(&mut page, it);
            step::draw(&mut page, it);
        } else {
            head::folded(&mut page, it, (lesson, index));
        }
    }
    page
}

/// The first row that is shown.
fn offset(page: &Page<'_>, tour: &OpenTour, viewport: Viewport) -> usize {
    let wanted = match tour.lesson.follow {
        Follow::Nothing => tour.lesson.offset,
        // The first step is seen together with the lesson's beginning.
        Follow::Step if tour.lesson.shown().1 == 0 => 0,
        Follow::Step => page.step_row,
        Follow::Mark => {
            let fits = |(first, last): &(usize, usize)| last - first + 2 < viewport.height;
            let whole = page.belonging_rows.filter(fits);
            let marked = page.marked_rows.unwrap_or_default();
            // What is taller than the pane is seen where it is pressed.
            let (first, last) = whole.or(Some(marked).filter(fits)).unwrap_or_else(|| {
                let row = page.item_rows.get(page.marked).copied();
                (row.unwrap_or(marked.1), row.unwrap_or(marked.1))
            });
            let mut offset = tour.lesson.offset;
            // One row more than needed on either side tells that nothing is missing.
            if last + 2 > offset + viewport.height {
                offset = (last + 2).saturating_sub(viewport.height);
            }
            offset.min(first.saturating_sub(1))
        }
    };
    wanted.min(viewport.last_offset())
}

fn show(
    page: &Page<'_>,
    tour: &OpenTour,
    theme: &Theme,
    inner: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let height = usize::from(inner.height);
    let viewport = Viewport {
        height,
        width: page.width,
        content: page.rows.len(),
    };
    let offset = offset(page, tour, viewport);
    let text = Rect {
        x: inner.x + MARGIN,
        width: inner.width - MARGINS,
        height: 1,
        ..inner
    };
    for (y, row) in (inner.y..inner.bottom()).zip(offset..) {
        let Some(line) = page.rows.get(row) else {
            break;
        };
        buffer.set_line(text.x, y, line, text.width);
        if page
            .marked_rows
            .is_some_and(|(first, last)| (first..=last).contains(&row))
        {
            let mark = Span::styled(theme.glyphs.marker, theme.style(Role::Marked));
            write(buffer, Rect { y, ..inner }, mark);
        }
    }
    for hit in &page.hits {
        let Some(y) = hit.row.checked_sub(offset).filter(|y| *y < height) else {
            continue;
        };
        let y = inner.y + u16::try_from(y).unwrap_or(0);
        let at = |columns: usize| u16::try_from(columns).unwrap_or(u16::MAX).min(text.width);
        let area = Rect {
            x: text.x + at(hit.column),
            y,
            width: at(hit.width).min(text.width - at(hit.column)),
            height: 1,
        };
        regions.hit(area, hit.target.clone());
    }
    // On the border, where it takes no room from the text.
    let edge = Rect {
        width: inner.width + 1,
        ..inner
    };
    text::scrollbar(theme, viewport, offset, edge, buffer);
    regions.viewports.insert(Pane::Lesson, viewport);
    regions.item_rows.clone_from(&page.item_rows);
    regions.lesson_offset = offset;
}

#[cfg(test)]
mod tests;
