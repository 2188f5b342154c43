//! What goes on in an experiment or a load, a line each.

use crate::{
    cluster::Outcome,
    player::experiment::ExperimentEvent,
    workload::{LoadInterval, live_head, live_lines},
};

/// The line that is printed for an event; most need none.
pub(super) fn line(event: &ExperimentEvent) -> Option<String> {
    match event {
        ExperimentEvent::Began { specs, .. } => Some(format!(
            "{} statements are sent again and again",
            specs.len()
        )),
        ExperimentEvent::Acting { acts, .. } => {
            let words: Vec<String> = acts
                .iter()
                .map(|(act, node)| format!("{act} {node}"))
                .collect();
            Some(words.join(", "))
        }
        ExperimentEvent::Acted {
            act,
            node,
            result: Err(reason),
            ..
        } => Some(format!("{act} {node} could not be done: {reason}")),
        ExperimentEvent::Predicted { after, predictions } if !after.is_empty() => {
            let works = |outcome: Outcome| outcome == Outcome::Works;
            let bad = predictions.iter().filter(|it| !works(it.outcome)).count();
            Some(match bad {
                0 => "predicted: everything works".to_owned(),
                _ => format!(
                    "predicted: {bad} of {} do not work as ever",
                    predictions.len()
                ),
            })
        }
        ExperimentEvent::Happened(moment) => Some(moment.words.clone()),
        ExperimentEvent::Loaded(interval) => Some(second(interval)),
        ExperimentEvent::CalledOff => Some("called off".to_owned()),
        ExperimentEvent::Predicted { .. }
        | ExperimentEvent::Acted { .. }
        | ExperimentEvent::Probed(_)
        | ExperimentEvent::LoadEnded(_) => None,
    }
}

/// A second of a load, under a head where it is the first.
fn second(interval: &LoadInterval) -> String {
    let head = (interval.second == 1).then(live_head);
    let lines: Vec<String> = head.into_iter().chain(live_lines(interval)).collect();
    lines.join("\n    ")
}
