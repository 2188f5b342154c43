//! When the next frame is due although nothing happens.

use std::time::{Duration, Instant};

use super::model::Model;

/// The next moment at which the screen looks different by itself; `None` at rest.
#[must_use]
pub fn next_deadline(model: &Model, now: Instant) -> Option<Instant> {
    let notice = model.notice.as_ref().map(|notice| notice.until);
    let tour = model.tour.as_deref();
    let second = tour
        .filter(|tour| super::nodes::counts_seconds(tour))
        .map(|_| now + Duration::from_secs(1));
    let running =
        tour.and_then(|tour| super::sql::next_deadline(&tour.sql, model.settings.motion, now));
    let fading = tour.and_then(|tour| super::map::next_deadline(&tour.map, now));
    let booting =
        tour.and_then(|tour| super::update::boot_deadline(tour, model.settings.motion, now));
    [notice, second, running, fading, booting]
        .into_iter()
        .flatten()
        .min()
}
