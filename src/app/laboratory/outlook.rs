//! What a plan will do, before it does. Pure.

use std::collections::BTreeMap;

use super::trial::afterwards;
use crate::{
    cluster::{Fault, Outcome, View, consequences as harm, predictions, subsets},
    lesson::{FaultPlan, NodeAct, NodeReference, PlanError, Short, in_words},
    player::runtime_act,
    runtime::Act,
};

/// Workers up to which the failures that a cluster survives are counted while somebody waits for a question.
const CHEAP: usize = 12;

/// A node of a plan that the cluster does not have, with its place in the text.
pub(super) fn stranger(view: &View, plan: &FaultPlan, text: &str) -> Option<PlanError> {
    let unknown = plan.nodes().into_iter().find_map(|node| match node {
        NodeReference::Named(name) if view.node(name).is_none() => Some(name.clone()),
        _ => None,
    })?;
    let before = place_of(&unknown, text).map_or("", |at| &text[..at]);
    let known: Vec<&str> = view.nodes.iter().map(|node| node.name.as_str()).collect();
    Some(PlanError {
        column: before.chars().count() + 1,
        message: format!("there is no node `{unknown}`"),
        remedy: format!("There are {}", in_words(&known)),
    })
}

/// Where a name stands by itself: `worker` is none of `worker1`.
fn place_of(name: &str, text: &str) -> Option<usize> {
    let goes_on = |character: char| character.is_alphanumeric() || matches!(character, '_' | '-');
    let mut found = text.match_indices(name).map(|(at, _)| at);
    found.find(|at| {
        let (before, behind) = (&text[..*at], &text[at + name.len()..]);
        !before.ends_with(goes_on) && !behind.starts_with(goes_on)
    })
}

/// What stops working by each act, one sentence a line, with its time.
pub(super) fn consequences(view: &View, plan: &FaultPlan) -> Vec<String> {
    let mut told = Vec::new();
    let mut view = view.clone();
    for due in plan.due() {
        let names: Vec<String> = due.nodes.iter().map(ToString::to_string).collect();
        let head = format!("at {} {} {}", Short(due.at), due.act, in_words(&names));
        let fault = match due.act {
            NodeAct::Freeze => Some(Fault::Frozen),
            NodeAct::Stop | NodeAct::Kill | NodeAct::Destroy | NodeAct::Partition => {
                Some(Fault::Dead)
            }
            _ => None,
        };
        let unknown = due
            .nodes
            .iter()
            .any(|node| matches!(node, NodeReference::Tenant { .. }));
        if let Some(fault) = fault {
            let of: Vec<&str> = names.iter().map(String::as_str).collect();
            let harms: Vec<String> = harm(&view, &of, fault)
                .iter()
                .filter(|one| one.is_harm())
                .map(ToString::to_string)
                .collect();
            told.push(match (unknown, harms.as_slice()) {
                (true, _) => format!("{head}: what stops depends on where that tenant lives"),
                (false, []) => format!("{head}: nothing more stops"),
                (false, _) => format!("{head}: {}", harms.join("; ")),
            });
        } else {
            told.push(head);
        }
        if fault.is_some()
            && due.nodes.len() > 1
            && let Some(words) = survived(&view, due.nodes.len())
        {
            told.push(words);
        }
        let acts: Vec<(Act, String)> = names
            .into_iter()
            .map(|name| (runtime_act(due.act), name))
            .collect();
        view = afterwards(&view, &acts);
    }
    let left = predictions(&view, &BTreeMap::new());
    let broken = left
        .iter()
        .filter(|it| it.outcome != Outcome::Works)
        .count();
    if broken > 0 {
        told.push("it leaves the cluster broken: F8 puts everything back".to_owned());
    }
    told
}

/// How many failures of so many workers at once the cluster survives, where it has copies and the count is cheap:
/// `of the 6 pairs of these 4 workers 2 leave rows out of reach`.
#[must_use]
pub fn survived(view: &View, failing: usize) -> Option<String> {
    let replicated = view
        .tables
        .iter()
        .any(|table| table.replication_factor > Some(1));
    if !replicated || failing == 0 || view.nodes.len() > CHEAP + 1 {
        return None;
    }
    let counted = subsets(view, failing, 0);
    let fatal = counted.fatal_count()?;
    let (total, workers) = (counted.total?, counted.workers);
    if failing == 1 {
        return Some(match fatal {
            0 => format!(
                "any one of these {workers} workers may fail, and every row can still be read"
            ),
            1 => format!("1 of these {workers} workers, failing alone, leaves rows out of reach"),
            _ => format!(
                "{fatal} of these {workers} workers, failing alone, leave rows out of reach"
            ),
        });
    }
    let what = match (failing, total) {
        (2, _) => format!("the {total} pairs of these {workers} workers"),
        (3, _) => format!("the {total} threes of these {workers} workers"),
        _ => format!("the {total} ways to lose {failing} of these {workers} workers"),
    };
    Some(match fatal {
        0 => format!("of {what} none leaves rows out of reach"),
        1 => format!("of {what} 1 leaves rows out of reach"),
        _ => format!("of {what} {fatal} leave rows out of reach"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::sample;

    #[test]
    fn a_stranger_is_shown_where_it_stands_by_itself() {
        let text = "kill worker1 at 1 s, freeze worker at 2 s";
        let plan: FaultPlan = text.parse().unwrap();
        let problem = stranger(&sample::journey(), &plan, text).unwrap();
        assert_eq!(problem.column, "kill worker1 at 1 s, freeze ".len() + 1);
        assert!(problem.message.contains("`worker`"), "{problem:?}");
    }
}
