//! What of the lesson is in sight. What is in sight is known from the last frame.

use super::{Follow, items, marked};
use crate::app::{Model, Pane};

/// Takes over where the last frame stood, so that going on begins from what is seen.
fn settle(model: &mut Model) {
    let shown = model.regions.lesson_offset;
    let drawn = model.regions.viewport(Pane::Lesson).height > 0;
    if let Some(tour) = model.tour.as_deref_mut()
        && drawn
    {
        tour.lesson.offset = shown;
    }
}

/// Keeps something in sight from now on.
pub(super) fn follow(model: &mut Model, follow: Follow) {
    settle(model);
    if let Some(tour) = model.tour.as_deref_mut() {
        tour.lesson.follow = follow;
    }
}

/// The wheel above the pane.
pub fn scroll(model: &mut Model, rows: isize) {
    settle(model);
    let last = model.regions.viewport(Pane::Lesson).last_offset();
    if let Some(tour) = model.tour.as_deref_mut() {
        let pane = &mut tour.lesson;
        pane.offset = pane.offset.saturating_add_signed(rows).min(last);
        pane.follow = Follow::Nothing;
    }
}

/// A page, but for one row that is seen again.
pub(super) fn page(model: &mut Model, direction: isize) {
    let height = model.regions.viewport(Pane::Lesson).height.max(2) - 1;
    scroll(
        model,
        direction * isize::try_from(height).unwrap_or(isize::MAX),
    );
}

/// Whether a row was in sight; everything is while nothing has been drawn.
fn in_sight(model: &Model, item: usize) -> bool {
    let viewport = model.regions.viewport(Pane::Lesson);
    let Some(row) = model.regions.item_rows.get(item) else {
        return true;
    };
    let offset = model.regions.lesson_offset;
    viewport.height == 0 || (offset..offset + viewport.height).contains(row)
}

/// Marks the item above or below where that is in sight, else scrolls a row.
pub(super) fn step(model: &mut Model, direction: isize) {
    let Some(tour) = model.tour.as_deref() else {
        return;
    };
    let at = marked(tour);
    let last = items(tour).len() - 1;
    let next = at.saturating_add_signed(direction).min(last);
    // A mark that was scrolled away is fetched by going its way, never by a jump.
    if next == at || !in_sight(model, next) {
        scroll(model, direction);
        return;
    }
    follow(model, Follow::Mark);
    if let Some(tour) = model.tour.as_deref_mut() {
        tour.lesson.marked = next;
        tour.lesson.aimed = Some(next);
    }
}

/// Brings the marked item into sight, a page at a time, so that what stands before it is read. False when it was in sight.
pub(super) fn approach(model: &mut Model) -> bool {
    let Some(tour) = model.tour.as_deref() else {
        return false;
    };
    let at = marked(tour);
    if in_sight(model, at) {
        return false;
    }
    let viewport = model.regions.viewport(Pane::Lesson);
    let row = model.regions.item_rows.get(at).copied().unwrap_or(0);
    let page = viewport.height.max(2) - 1;
    if row > model.regions.lesson_offset + viewport.height + page {
        scroll(model, isize::try_from(page).unwrap_or(isize::MAX));
    } else {
        follow(model, Follow::Mark);
    }
    true
}
