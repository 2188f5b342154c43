//! What a statement that takes long waits for, as far as it is known. Pure.

use std::time::{Duration, Instant};

use super::state::PATIENCE;
use crate::{
    app::OpenTour,
    cluster::{NodeState, View},
    xray::Touched,
};

/// From when on it is said what a statement may wait for.
const REASONED: Duration = Duration::from_secs(2);

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
        Some(node) => format!("waiting for {node}, {time}"),
        None => time,
    })
}

/// The node that keeps it waiting: one that it needs, or may need, and that does not answer.
fn culprit(view: &View, touched: Option<&Touched>, own: Option<&str>) -> Option<String> {
    let needs = |name: &str| {
        own == Some(name) || touched.is_none_or(|touched| touched.nodes.iter().any(|it| it == name))
    };
    view.nodes.iter().find_map(|node| {
        let state = node.state();
        let silent = matches!(state, NodeState::Frozen | NodeState::Slow);
        (silent && needs(&node.name)).then(|| format!("{} ({state})", node.name))
    })
}
