//! What goes on in an experiment or a load, a line each.

use crate::{cluster::Outcome, player::experiment::ExperimentEvent, workload::LoadInterval};

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

/// A second of a load.
fn second(interval: &LoadInterval) -> String {
    let errors: u64 = interval.total.errors.values().sum();
    let mut words = format!(
        "second {}: {} offered, {} done",
        interval.second, interval.offered, interval.total.done
    );
    if errors > 0 {
        words.push_str(&format!(", {errors} failed"));
    }
    if let Some(latency) = &interval.total.latency {
        words.push_str(&format!(
            ", half within {:.1} ms, 99 of 100 within {:.1} ms",
            latency.p50.as_secs_f64() * 1_000.0,
            latency.p99.as_secs_f64() * 1_000.0
        ));
    }
    words
}
