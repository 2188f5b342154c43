//! The rows of the strips: kinds of statements, those about tenants folded or with a row a shard group.

use std::time::Instant;

use super::{Picture, Probing, SPANS, probing};
use crate::{
    app::{Effect, Model, OpenTour, Pane},
    cluster::{GroupKey, StatementKind, Subject},
};

/// A row of the strips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// All of a kind.
    Kind(StatementKind),
    /// Of a kind, those about one group.
    Group(StatementKind, GroupKey),
}

impl Row {
    /// The kind.
    #[must_use]
    pub fn kind(self) -> StatementKind {
        match self {
            Self::Kind(kind) | Self::Group(kind, _) => kind,
        }
    }

    /// Whether a subject belongs to it.
    #[must_use]
    pub fn holds(self, subject: Subject) -> bool {
        match self {
            Self::Kind(kind) => subject.kind == kind,
            Self::Group(kind, group) => subject == Subject::of_group(kind, group),
        }
    }
}

/// The rows that there are now, whether they fit or not.
#[must_use]
pub fn rows(tour: &OpenTour) -> Vec<Row> {
    let pane = &tour.laboratory;
    let mut rows: Vec<Row> = Vec::new();
    for prediction in &pane.expected {
        let Subject { kind, group } = prediction.subject;
        if rows.last().is_none_or(|row| row.kind() != kind) {
            rows.push(Row::Kind(kind));
        }
        if let Some(group) = group.filter(|_| pane.unfolded.contains(&kind)) {
            rows.push(Row::Group(kind, group));
        }
    }
    rows
}

/// Chooses the row above or below; where the picture has no rows to choose, it scrolls.
pub(super) fn step(model: &mut Model, by: isize) {
    let viewport = model.regions.viewport(Pane::Laboratory);
    let Some(tour) = model.tour.as_deref_mut() else {
        return;
    };
    let count = rows(tour).len();
    let pane = &mut tour.laboratory;
    if pane.picture != Picture::Strips {
        let last = viewport.last_offset();
        pane.offset = pane.offset.saturating_add_signed(by).min(last);
        return;
    }
    let last = count.saturating_sub(1);
    pane.chosen = pane.chosen.min(last).saturating_add_signed(by).min(last);
    let height = viewport.height.max(1);
    if pane.chosen < pane.offset {
        pane.offset = pane.chosen;
    } else if pane.chosen >= pane.offset + height {
        pane.offset = pane.chosen + 1 - height;
    }
}

/// Unfolds the chosen row, or folds it; where the probes rest it starts them.
pub(super) fn fold(model: &mut Model, now: Instant) -> Vec<Effect> {
    let Some(tour) = model.tour.as_deref_mut() else {
        return Vec::new();
    };
    if !tour.laboratory.probing.is_on() && tour.laboratory.picture == Picture::Strips {
        return probing::start(model, now);
    }
    let all = rows(tour);
    let pane = &mut tour.laboratory;
    let Some(row) = all.get(pane.chosen.min(all.len().saturating_sub(1))) else {
        return Vec::new();
    };
    let kind = row.kind();
    if !kind.is_about_a_group() {
        model.say("only reads and writes of a tenant are told by shard group");
        return Vec::new();
    }
    if !pane.unfolded.remove(&kind) {
        pane.unfolded.insert(kind);
    }
    // The head of what was folded stays chosen.
    let head = rows(tour).iter().position(|row| *row == Row::Kind(kind));
    tour.laboratory.chosen = head.unwrap_or(0);
    Vec::new()
}

/// A longer or a shorter time in the strips.
pub(super) fn zoom(model: &mut Model, longer: bool) {
    if let Some(tour) = model.tour.as_deref_mut() {
        let span = &mut tour.laboratory.span;
        *span = if longer {
            (*span + 1).min(SPANS.len() - 1)
        } else {
            span.saturating_sub(1)
        };
    }
}

/// The wheel above the pane.
pub fn scroll(model: &mut Model, by: isize) {
    let last = model.regions.viewport(Pane::Laboratory).last_offset();
    if let Some(tour) = model.tour.as_deref_mut() {
        let pane = &mut tour.laboratory;
        pane.offset = pane.offset.saturating_add_signed(by).min(last);
    }
}

/// What is said in place of strips while there are none.
#[must_use]
pub fn resting(tour: &OpenTour) -> Option<String> {
    match &tour.laboratory.probing {
        Probing::Failed(reason) => Some(format!("the probes could not be started: {reason}")),
        Probing::Starting => Some("the probes start".to_owned()),
        _ => None,
    }
}
