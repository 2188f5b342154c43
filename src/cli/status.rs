//! `status`: nodes with their four facts, tables, and which node holds which shards, as text or JSON.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

use super::{
    arguments::StatusArguments,
    failure::Ending,
    kept::{self, Reached},
    output::Output,
};
use crate::{
    cluster::{Charset, GroupKind, Node, Reachability, ShardGroup, View, text_map},
    engine::words_of,
    postgres::visible_text,
    runtime::{Runtime, Served},
};

/// What `--json` prints. Keys are never renamed; new ones may come.
#[derive(Serialize)]
struct Status<'a> {
    cluster: String,
    topology: &'a str,
    runtime: &'a str,
    engine: &'a str,
    server: &'a str,
    /// The next four of somebody's own cluster only.
    #[serde(skip_serializing_if = "Option::is_none")]
    read_only: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encrypted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unseen: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    leftovers: Option<Vec<&'a str>>,
    nodes: Vec<NodeStatus<'a>>,
    tables: Vec<TableStatus>,
    placements: Vec<PlacementStatus>,
}

#[derive(Serialize)]
struct NodeStatus<'a> {
    name: &'a str,
    role: String,
    host: &'a str,
    port: u16,
    state: String,
    up: bool,
    active: Option<bool>,
    metadata_synced: Option<bool>,
    should_have_shards: Option<bool>,
    shards: usize,
}

#[derive(Serialize)]
struct TableStatus {
    name: String,
    kind: String,
    distribution_column: Option<String>,
    colocation_id: Option<u32>,
    shard_count: usize,
}

#[derive(Serialize)]
struct PlacementStatus {
    shard: u64,
    table: String,
    node: String,
    min: Option<i32>,
    max: Option<i32>,
    bytes: Option<u64>,
}

/// Shows a kept cluster.
pub(super) async fn status(arguments: &StatusArguments, output: &Output) -> Result<Ending> {
    let reached = kept::find(&arguments.which).await?;
    show(&reached, arguments.json, arguments.ascii, output).await
}

/// Shows a cluster that was reached.
pub(super) async fn show(
    reached: &Reached,
    json: bool,
    ascii: bool,
    output: &Output,
) -> Result<Ending> {
    let view = reached.stage().view().await;
    let served = reached.cluster.served();
    if json {
        let status = describe(reached, &served, &view);
        output.line(serde_json::to_string_pretty(&status)?);
    } else {
        print(reached.cluster.as_ref(), &view, ascii, output);
        remarks(reached, &view, output);
    }
    Ok(Ending::Well)
}

/// What is to be known of a cluster that is somebody's own.
fn remarks(reached: &Reached, view: &View, output: &Output) {
    let Some(encrypted) = reached.encrypted else {
        return;
    };
    let encrypted = if encrypted {
        "encrypted"
    } else {
        "not encrypted"
    };
    let writes = if reached.cluster.is_read_only() {
        "read-only"
    } else {
        "writes are allowed"
    };
    output.line(format_args!("\nThe connection is {encrypted}; {writes}."));
    if let Some(reason) = &view.outdated {
        output.line(format_args!("The catalogs could not be read: {reason}"));
    }
    let unknown = view.nodes.iter().filter(|node| is_unknown(node)).count();
    if unknown > 0 {
        let (nodes, whether) = if unknown == 1 {
            ("node does", "it runs")
        } else {
            ("nodes do", "they run")
        };
        output.line(format_args!(
            "{unknown} {nodes} not answer from here, which does not say whether {whether}: the way to them may be the coordinator's only. Sizes of shards there are not seen."
        ));
    }
    for sentence in reached.unseen.iter().chain(&reached.left_behind()) {
        output.line(sentence);
    }
}

fn is_unknown(node: &Node) -> bool {
    node.reachability == Reachability::Unknown
}

fn print(cluster: &dyn Runtime, view: &View, ascii: bool, output: &Output) {
    let served = cluster.served();
    output.line(format_args!(
        "{} · {} · {}",
        cluster.kept_as().unwrap_or_else(|| cluster.id().to_owned()),
        words_of(&served),
        cluster.name()
    ));
    let endpoint = |node: &Node| format!("{}:{}", node.host, node.port);
    // Names of hosts may be long.
    let widest = |least: usize, text: &dyn Fn(&Node) -> String| {
        let widths = view
            .nodes
            .iter()
            .map(|node| visible_text(&text(node)).width());
        widths.fold(least, usize::max)
    };
    let name = widest(12, &|node| node.name.clone());
    let place = widest(16, &endpoint);
    output.line(format_args!(
        "\n  {:<name$} {:<place$} {:<16} {:<7} {:<7} {:<12} {}",
        "node", "address", "state", "active", "synced", "may hold", "shards"
    ));
    let shards = shards_by_group(view);
    for node in &view.nodes {
        let member = node.membership;
        let fact = |value: Option<bool>| value.map_or("-", |yes| if yes { "yes" } else { "no" });
        output.line(format_args!(
            "  {:<name$} {:<place$} {:<16} {:<7} {:<7} {:<12} {}",
            node.name,
            endpoint(node),
            node.state().to_string(),
            fact(member.map(|member| member.is_active)),
            fact(member.map(|member| member.metadata_synced)),
            fact(member.map(|member| member.should_have_shards)),
            shards_on(&shards, node)
        ));
    }
    output.line("");
    output.write(text_map(
        view,
        if ascii {
            Charset::Ascii
        } else {
            Charset::Unicode
        },
    ));
}

fn describe<'a>(reached: &'a Reached, served: &'a Served, view: &'a View) -> Status<'a> {
    let cluster = reached.cluster.as_ref();
    let shards = shards_by_group(view);
    Status {
        read_only: cluster.is_elsewhere().then(|| cluster.is_read_only()),
        encrypted: reached.encrypted,
        unseen: cluster.is_elsewhere().then_some(reached.unseen.as_slice()),
        leftovers: cluster.is_elsewhere().then(|| {
            let leftovers = reached.leftovers.iter();
            leftovers.map(|leftover| leftover.schema.as_str()).collect()
        }),
        cluster: cluster.kept_as().unwrap_or_else(|| cluster.id().to_owned()),
        topology: &cluster.topology().name,
        runtime: cluster.name(),
        engine: &served.engine,
        server: &served.postgres,
        nodes: view
            .nodes
            .iter()
            .map(|node| describe_node(&shards, node))
            .collect(),
        tables: view
            .tables
            .iter()
            .map(|table| TableStatus {
                name: table.name.to_string(),
                kind: table.kind.to_string(),
                distribution_column: table.distribution_column.clone(),
                colocation_id: table.colocation_id,
                shard_count: table.shard_count,
            })
            .collect(),
        placements: view
            .groups
            .iter()
            .flat_map(|group| placements(view, group))
            .collect(),
    }
}

fn describe_node<'a>(shards: &BTreeMap<i32, usize>, node: &'a Node) -> NodeStatus<'a> {
    NodeStatus {
        name: &node.name,
        role: node.role.to_string(),
        host: &node.host,
        port: node.port,
        state: node.state().to_string(),
        up: node.reachability.answers() && !is_unknown(node),
        active: node.membership.map(|member| member.is_active),
        metadata_synced: node.membership.map(|member| member.metadata_synced),
        should_have_shards: node.membership.map(|member| member.should_have_shards),
        shards: shards_on(shards, node),
    }
}

fn placements<'a>(
    view: &'a View,
    group: &'a ShardGroup,
) -> impl Iterator<Item = PlacementStatus> + 'a {
    let range = match group.key.kind {
        GroupKind::Hash { min, max } => Some((min, max)),
        _ => None,
    };
    group.shards.iter().flat_map(move |shard| {
        shard
            .placements
            .iter()
            .map(move |placement| PlacementStatus {
                shard: shard.id,
                table: shard.table.to_string(),
                node: view
                    .node_of_group(placement.group_id)
                    .map_or_else(String::new, |node| node.name.clone()),
                min: range.map(|(min, _)| min),
                max: range.map(|(_, max)| max),
                bytes: placement.bytes,
            })
    })
}

/// Counted once: hundreds of nodes hold ten thousand of them.
fn shards_by_group(view: &View) -> BTreeMap<i32, usize> {
    let shards = view.groups.iter().flat_map(|group| &group.shards);
    let mut counts = BTreeMap::new();
    for placement in shards.flat_map(|shard| &shard.placements) {
        *counts.entry(placement.group_id).or_default() += 1;
    }
    counts
}

fn shards_on(shards: &BTreeMap<i32, usize>, node: &Node) -> usize {
    let group = node.group_id();
    group
        .and_then(|group| shards.get(&group))
        .copied()
        .unwrap_or_default()
}
