//! What a statement that takes long waits for, as far as it is known. Pure.

use std::time::{Duration, Instant};

use super::state::PATIENCE;
use crate::{
    app::OpenTour,
    cluster::{NodeState, View},
    xray::Touched,
};

/// From when on it is said what a statement may wait for.
const REASONED: Duration = Duration::from_secs(1);

/// How long the statement that runs does so, and what for; `None` while that is no time at all.
#[must_use]
pub fn waiting(tour: &OpenTour, motion: bool, now: Instant) -> Option<String> {
    let elapsed = tour.sql.elapsed(now)?;
    if elapsed < PATIENCE {
        return None;
    }
    let time = if motion && elapsed < Duration::from_secs(60) {
        format!("{:.1} s", elapsed.as_secs_f64())
    } else {
        format!("{} s", elapsed.as_secs())
    };
    if tour.sql.cancelling {
        return Some(format!("cancelling, {time}"));
    }
    if elapsed < REASONED {
        return Some(time);
    }
    let answer = tour.sql.answers.last();
    let touched = answer.and_then(|answer| answer.touched.as_ref()?.as_ref().ok());
    let own = answer.map(|answer| answer.node.as_str());
    Some(match culprit(&tour.view, touched, own) {
        Some((node, frozen)) => {
            let limit = tour.sql.patience.filter(|_| frozen);
            format!("waiting for {node}, {time}{}", of(elapsed, limit))
        }
        None => time,
    })
}

/// How long it can take at most, as far as the engine says it: a new connection has its timeout, one from before has none.
fn of(elapsed: Duration, limit: Option<Duration>) -> String {
    let Some(limit) = limit.filter(|limit| !limit.is_zero()) else {
        return String::new();
    };
    let limit_words = format!("{} s", limit.as_secs_f64());
    if elapsed <= limit {
        format!(" of {limit_words}")
    } else {
        format!(" (past {limit_words}: it waits on an older connection)")
    }
}

/// The node that keeps it waiting: one that it needs, or may need, and that does not answer.
fn culprit(view: &View, touched: Option<&Touched>, own: Option<&str>) -> Option<(String, bool)> {
    let needs = |name: &str| {
        own == Some(name) || touched.is_none_or(|touched| touched.nodes.iter().any(|it| it == name))
    };
    view.nodes.iter().find_map(|node| {
        let state = node.state();
        let silent = matches!(state, NodeState::Frozen | NodeState::Slow);
        let words = || format!("{} ({state})", node.name);
        (silent && needs(&node.name)).then(|| (words(), state == NodeState::Frozen))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_in_force_is_counted_and_said_to_be_over() {
        let after = |seconds, limit: Option<u64>| {
            of(Duration::from_secs(seconds), limit.map(Duration::from_secs))
        };
        assert_eq!(after(2, Some(3)), " of 3 s");
        assert!(after(4, Some(3)).contains("past 3 s"));
        assert_eq!(after(4, None), "");
        assert_eq!(after(4, Some(0)), "");
    }
}
