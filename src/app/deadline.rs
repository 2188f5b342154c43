//! When the next frame is due although nothing happens.

use std::time::{Duration, Instant};

use super::model::Model;

/// From this age on the screen counts minutes, not seconds.
const MINUTE: Duration = Duration::from_secs(60);

/// The next moment at which the screen looks different by itself; `None` at rest.
#[must_use]
pub fn next_deadline(model: &Model, now: Instant) -> Option<Instant> {
    // On the way out nothing changes any more but by what is waited for.
    if model.leaving {
        return None;
    }
    let notice = model.notice.as_ref().map(|notice| notice.until);
    let tour = model.tour.as_deref();
    let counting = tour.and_then(|tour| super::nodes::next_deadline(tour, now));
    let running =
        tour.and_then(|tour| super::sql::next_deadline(&tour.sql, model.settings.motion, now));
    let ageing = tour.and_then(|tour| super::map::next_deadline(tour, now));
    let experimenting = tour.and_then(|tour| super::laboratory::next_deadline(tour, now));
    let acting = tour
        .and_then(|tour| super::lesson::next_deadline(&tour.lesson, model.settings.motion, now));
    let booting =
        tour.and_then(|tour| super::update::boot_deadline(tour, model.settings.motion, now));
    [
        notice,
        counting,
        running,
        acting,
        ageing,
        booting,
        experimenting,
    ]
    .into_iter()
    .flatten()
    .min()
}

/// When an age that is shown in seconds, and in minutes once it is that old, changes next.
pub(super) fn next_tick(since: Instant, now: Instant) -> Instant {
    let age = now.saturating_duration_since(since).as_secs();
    let step = if age < MINUTE.as_secs() {
        1
    } else {
        MINUTE.as_secs()
    };
    since + Duration::from_secs((age / step + 1) * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_tick_by_seconds_then_by_minutes() {
        let since = Instant::now();
        let after = |millis: u64| {
            let next = next_tick(since, since + Duration::from_millis(millis));
            (next - since).as_secs()
        };
        assert_eq!(after(0), 1);
        assert_eq!(after(1_500), 2);
        assert_eq!(after(59_900), 60);
        assert_eq!(after(60_000), 120);
        assert_eq!(after(3_599_000), 3_600);
    }
}
