//! `survival`: what goes on working in a kept cluster when nodes fail, and how many failures leave every shard readable. Nothing is broken
//! for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::{
    arguments::SurvivalArguments,
    failure::{Ending, UsageError},
    kept,
    output::Output,
    wrap::hang,
};
use crate::{
    cluster::{
        Fault, GroupKey, GroupKind, Prediction, Reason, ShardGroup, Subsets, View, predictions,
        subsets,
    },
    postgres::visible_text,
};

/// Columns of the text.
const WIDTH: usize = 80;

/// Failures that are named of those that leave something dark.
const NAMED: usize = 20;

/// What `--json` prints. Keys are never renamed; new ones may come.
#[derive(Serialize)]
struct Report {
    failed: BTreeMap<String, &'static str>,
    /// Why the metadata could not be read: nothing is known of shards then.
    unread: Option<String>,
    predictions: Vec<Predicted>,
    failures: Vec<Counted>,
}

#[derive(Serialize)]
struct Predicted {
    kind: &'static str,
    group: Option<Group>,
    outcome: &'static str,
    reason: Option<String>,
    caveat: Option<&'static str>,
}

#[derive(Serialize)]
struct Group {
    colocation_id: u32,
    position: usize,
    tables: Vec<String>,
    min: Option<i32>,
    max: Option<i32>,
}

#[derive(Serialize)]
struct Counted {
    failing: usize,
    total: Option<u128>,
    survive: Option<u128>,
    fatal: Vec<Fatal>,
}

#[derive(Serialize)]
struct Fatal {
    nodes: Vec<String>,
    dark: Vec<Group>,
}

/// Tells what a kept cluster survives.
pub(super) async fn survival(arguments: &SurvivalArguments, output: &Output) -> Result<Ending> {
    let mut stage = kept::find(&arguments.which).await?.stage();
    let view = stage.view().await;
    let mut faults = BTreeMap::new();
    for (nodes, fault) in [
        (&arguments.fail, Fault::Dead),
        (&arguments.freeze, Fault::Frozen),
    ] {
        for node in nodes {
            if view.node(node).is_none() {
                let known: Vec<&str> = view.nodes.iter().map(|node| node.name.as_str()).collect();
                let known = known.join(", ");
                return Err(UsageError(format!("no node `{node}`; there are {known}")).into());
            }
            faults.insert(node.clone(), fault);
        }
    }
    let told = predictions(&view, &faults);
    let workers = subsets(&view, 0, 0).workers;
    let counted: Vec<Subsets> = match arguments.failures {
        Some(failing) => vec![subsets(&view, failing, NAMED)],
        None => (0..=workers)
            .map(|failing| subsets(&view, failing, 0))
            .collect(),
    };
    if arguments.json {
        let report = report(&view, &faults, &told, &counted);
        output.line(serde_json::to_string_pretty(&report)?);
    } else {
        output.write(predicted_text(&view, &told));
        output.write(counted_text(&view, workers, &counted));
    }
    Ok(Ending::Well)
}

/// A line for each kind of statement, outcome and reason, with the groups that it is about.
fn predicted_text(view: &View, predictions: &[Prediction]) -> String {
    let mut lines: Vec<(&Prediction, Vec<GroupKey>)> = Vec::new();
    for prediction in predictions {
        let alike = |(of, _): &&mut (&Prediction, Vec<GroupKey>)| {
            of.subject.kind == prediction.subject.kind
                && of.outcome == prediction.outcome
                && of.reason == prediction.reason
                && of.subject.group.map(|key| key.colocation_id)
                    == prediction.subject.group.map(|key| key.colocation_id)
        };
        match lines.iter_mut().find(alike) {
            Some((_, groups)) => groups.extend(prediction.subject.group),
            None => lines.push((prediction, prediction.subject.group.into_iter().collect())),
        }
    }
    let mut text = String::new();
    let mut before = None;
    for (prediction, groups) in lines {
        let kind = prediction.subject.kind;
        let head = if before == Some(kind) {
            String::new()
        } else {
            kind.to_string()
        };
        before = Some(kind);
        let reason = prediction.reason.as_ref().map(ToString::to_string);
        let parts: Vec<String> = [groups_text(view, &groups), reason.unwrap_or_default()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        let head = format!("  {head:<17} {:<6} ", prediction.outcome.name());
        text.push_str(&hang(&head, &parts.join(": "), WIDTH));
    }
    for caveat in caveats(predictions) {
        let caveat = format!("where another copy answers, {caveat}.");
        text.push_str(&hang("  Mind: ", &caveat, WIDTH));
    }
    text
}

/// What several reasons leave open, once.
fn caveats(predictions: &[Prediction]) -> BTreeSet<&'static str> {
    let reasons = predictions.iter().filter_map(|it| it.reason.as_ref());
    reasons.filter_map(Reason::caveat).collect()
}

/// `groups 1, 3 of messages`.
fn groups_text(view: &View, groups: &[GroupKey]) -> String {
    let Some(group) = groups.first().and_then(|key| view.group(*key)) else {
        return String::new();
    };
    let tables = tables_text(group);
    if group.key.kind == GroupKind::Single {
        return tables;
    }
    let positions: Vec<String> = groups
        .iter()
        .filter_map(|key| Some(view.group(*key)?.ordinal.to_string()))
        .collect();
    let plural = if positions.len() == 1 { "" } else { "s" };
    format!("group{plural} {} of {tables}", positions.join(", "))
}

/// Names are whatever somebody made them: each stays on its line.
fn tables_text(group: &ShardGroup) -> String {
    let name = |name: String| {
        let name = visible_text(&name);
        name.replace('\n', "\\n").replace('\t', "\\t")
    };
    let tables = group.shards.iter();
    let tables: Vec<String> = tables.map(|shard| name(shard.table.to_string())).collect();
    tables.join(", ")
}

/// Why nothing can be told of shards.
fn unread_text(reason: &str) -> String {
    let words = format!(
        "the metadata could not be read ({}): nothing is known of shards and workers, and none of them can be read through the coordinator while it does not answer",
        visible_text(reason)
    );
    format!("\n{}", hang("  ", &words, WIDTH))
}

fn counted_text(view: &View, workers: usize, counted: &[Subsets]) -> String {
    if let Some(reason) = &view.outdated {
        return unread_text(reason);
    }
    let number = |count: Option<u128>| count.map_or("?".to_owned(), |count| count.to_string());
    let mut text = format!(
        "\n  every shard can be read from some copy, of {workers} workers that serve now:\n  {:>7} {:>12} {:>12}\n",
        "failing", "ways", "survived"
    );
    for one in counted {
        let (total, survive) = (number(one.total), number(one.survive));
        let _ = writeln!(text, "  {:>7} {total:>12} {survive:>12}", one.failing);
    }
    if counted.iter().any(|one| one.survive.is_none()) {
        text.push_str("  ? is too many to be counted one by one\n");
    }
    for one in counted {
        for failure in &one.fatal {
            let nodes = failure.nodes.join(", ");
            let words = format!("{nodes}: {} dark", dark_text(view, &failure.dark));
            text.push_str(&hang("  not ", &words, WIDTH));
        }
        let named = one.fatal.len() as u128;
        if one.fatal_count().is_none_or(|count| count > named) && named > 0 {
            text.push_str("  and more\n");
        }
    }
    text
}

/// Groups of several colocations.
fn dark_text(view: &View, dark: &[GroupKey]) -> String {
    let mut colocations: BTreeMap<u32, Vec<GroupKey>> = BTreeMap::new();
    for key in dark {
        colocations.entry(key.colocation_id).or_default().push(*key);
    }
    let texts: Vec<String> = colocations
        .values()
        .map(|groups| groups_text(view, groups))
        .collect();
    texts.join("; ")
}

fn report(
    view: &View,
    faults: &BTreeMap<String, Fault>,
    predictions: &[Prediction],
    counted: &[Subsets],
) -> Report {
    let word = |fault: &Fault| match fault {
        Fault::Dead => "dead",
        Fault::Frozen => "frozen",
    };
    Report {
        unread: view.outdated.clone(),
        failed: faults
            .iter()
            .map(|(node, fault)| (node.clone(), word(fault)))
            .collect(),
        predictions: predictions
            .iter()
            .map(|prediction| Predicted {
                kind: prediction.subject.kind.name(),
                group: prediction.subject.group.and_then(|key| describe(view, key)),
                outcome: prediction.outcome.name(),
                reason: prediction.reason.as_ref().map(ToString::to_string),
                caveat: prediction.reason.as_ref().and_then(Reason::caveat),
            })
            .collect(),
        failures: counted
            .iter()
            .map(|one| Counted {
                failing: one.failing,
                total: one.total,
                survive: one.survive,
                fatal: one
                    .fatal
                    .iter()
                    .map(|failure| Fatal {
                        nodes: failure.nodes.clone(),
                        dark: failure
                            .dark
                            .iter()
                            .filter_map(|key| describe(view, *key))
                            .collect(),
                    })
                    .collect(),
            })
            .collect(),
    }
}

fn describe(view: &View, key: GroupKey) -> Option<Group> {
    let group = view.group(key)?;
    let range = match key.kind {
        GroupKind::Hash { min, max } => Some((min, max)),
        _ => None,
    };
    Some(Group {
        colocation_id: key.colocation_id,
        position: group.ordinal,
        tables: group
            .shards
            .iter()
            .map(|shard| shard.table.to_string())
            .collect(),
        min: range.map(|(min, _)| min),
        max: range.map(|(_, max)| max),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::{Shard, ShardGroup, TableName, View};

    fn view() -> View {
        let key = GroupKey {
            colocation_id: 1,
            kind: GroupKind::Single,
            apart: 0,
        };
        let shard = |id, name: &str| Shard {
            id,
            table: TableName::new("public", name),
            placements: Vec::new(),
        };
        let long = "long_".repeat(30);
        View {
            groups: vec![ShardGroup {
                key,
                ordinal: 1,
                shards: vec![shard(1, "a\nb\tc\u{1b}[2J"), shard(2, &long)],
            }],
            ..View::default()
        }
    }

    #[test]
    fn names_neither_break_lines_nor_run_over_them() {
        let view = view();
        let told = predictions(&view, &BTreeMap::new());
        let counted = [subsets(&view, 0, 9)];
        let text = predicted_text(&view, &told) + &counted_text(&view, 0, &counted);
        assert!(text.contains("a\\nb\\tc\\x1B[2J"), "{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
            assert!(line.starts_with("  ") || line.is_empty(), "{line}");
        }
    }

    #[test]
    fn metadata_that_could_not_be_read_are_no_good_news() {
        let view = View {
            outdated: Some("coordinator is down".to_owned()),
            ..View::default()
        };
        let text = counted_text(&view, 0, &[subsets(&view, 0, 0)]);
        assert!(text.contains("could not be read (coordinator is"), "{text}");
        assert!(!text.contains("survived"), "{text}");
        let report = report(&view, &BTreeMap::new(), &[], &[]);
        assert_eq!(report.unread.as_deref(), Some("coordinator is down"));
    }
}
