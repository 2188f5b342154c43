//! Nodes in lessons: actions that the topology can do, names that it has, addresses that hold on every runtime.

use std::collections::{BTreeMap, BTreeSet};

use super::server::Server;
use super::style::line_at;
use crate::lesson::load::Loaded;
use crate::lesson::markdown::ParsedLesson;
use crate::lesson::problem::Problems;
use crate::lesson::sql::{Token, tokens};
use crate::lesson::{
    ATTACHED_TOPOLOGY, Action, ActionKind, Block, Lesson, NodeAct, NodeReference, Problem, Sql,
};
use crate::topology::{NodeSpec, Role, Topology};

/// The port that stands for every node's own.
const LESSON_PORT: &str = "5432";

/// Functions that take a node's name and port, one after the other.
const NODE_FUNCTIONS: &[&str] = &[
    "citus_activate_node",
    "citus_add_inactive_node",
    "citus_add_node",
    "citus_add_secondary_node",
    "citus_copy_shard_placement",
    "citus_disable_node",
    "citus_drain_node",
    "citus_move_shard_placement",
    "citus_remove_node",
    "citus_set_coordinator_host",
    "citus_set_node_property",
    "citus_update_node",
    "replicate_table_shards",
];

/// Hosts that hold on one runtime only.
const FIXED_HOSTS: &[&str] = &["127.0.0.1", "localhost", "::1", "0.0.0.0"];

pub(super) fn problems(
    parsed: &ParsedLesson,
    loaded: &Loaded,
    topologies: &[Topology],
) -> Vec<Problem> {
    let lesson = &parsed.lesson;
    let mut problems = Problems::of(&lesson.file);
    let Some(topology) = topologies
        .iter()
        .find(|topology| topology.name == lesson.topology)
    else {
        if !lesson.topology.is_empty() {
            let known: Vec<_> = topologies
                .iter()
                .map(|topology| topology.name.as_str())
                .chain([ATTACHED_TOPOLOGY])
                .collect();
            problems.add(
                parsed.line_of("topology"),
                format!("there is no topology `{}`", lesson.topology),
                format!("the topologies are {}", known.join(", ")),
            );
        }
        return problems.into_vec();
    };
    let mut cluster = Cluster::new(topology);
    // What earlier lessons do wrong is reported with them.
    let mut unheard = Problems::of("");
    let mut at_end_of = BTreeMap::new();
    for before in chain(lesson, loaded) {
        for piece in pieces(before) {
            cluster.play(&piece, loaded, &mut unheard);
        }
        at_end_of.insert(before.id.as_str(), cluster.nodes.clone());
    }
    for piece in pieces(lesson) {
        cluster.play(&piece, loaded, &mut problems);
    }
    if let Some(end) = &lesson.end {
        let line = parsed.line_of("end");
        match at_end_of.get(end.as_str()) {
            None => problems.add(
                line,
                format!("this lesson does not begin from `{end}`, so it cannot put that back"),
                "name the lesson of `start`, or one that it begins from, or leave `end` out",
            ),
            Some(nodes) => cluster.differs_from(nodes, end, line, &mut problems),
        }
    }
    problems.into_vec()
}

/// The lessons that were played before this one, the first one first.
fn chain<'a>(lesson: &Lesson, loaded: &'a Loaded) -> Vec<&'a Lesson> {
    let mut before: Vec<&Lesson> = Vec::new();
    let mut start = lesson.start.as_deref();
    while let Some(id) = start {
        let found = loaded.lessons.iter().find(|parsed| parsed.lesson.id == id);
        let Some(found) = found else { break };
        if before.iter().any(|known| known.id == id) {
            break;
        }
        before.push(&found.lesson);
        start = found.lesson.start.as_deref();
    }
    before.reverse();
    before
}

/// What a lesson says of nodes.
pub(super) enum Piece<'a> {
    Action(&'a Action),
    Sql(&'a Sql, Option<&'a NodeReference>),
}

/// In the lesson's order, solutions included.
pub(super) fn pieces(lesson: &Lesson) -> Vec<Piece<'_>> {
    let steps = lesson.steps.iter().flat_map(|step| &step.blocks);
    let mut pieces = Vec::new();
    for block in lesson.introduction.iter().chain(steps) {
        match block {
            Block::Solution(blocks) => pieces.extend(blocks.iter().filter_map(piece)),
            other => pieces.extend(piece(other)),
        }
    }
    pieces
}

fn piece(block: &Block) -> Option<Piece<'_>> {
    match block {
        Block::Run(run) => Some(Piece::Sql(&run.sql, run.on.as_ref())),
        Block::Check(check) => Some(Piece::Sql(&check.sql, check.on.as_ref())),
        Block::Setup(sql) => Some(Piece::Sql(sql, None)),
        Block::Action(action) => Some(Piece::Action(action)),
        _ => None,
    }
}

/// The servers of a topology as far as a reader can tell: which node a tenant lies on is known only when it is played, so a node may be
/// one of several things.
struct Cluster<'a> {
    topology: &'a Topology,
    nodes: BTreeMap<&'a str, BTreeSet<Server>>,
    tenants: BTreeMap<&'a str, Server>,
}

impl<'a> Cluster<'a> {
    fn new(topology: &'a Topology) -> Self {
        let server = |node: &NodeSpec| {
            if node.on_demand {
                Server::Absent
            } else {
                Server::Up
            }
        };
        Self {
            topology,
            nodes: topology
                .nodes
                .iter()
                .map(|node| (node.name.as_str(), BTreeSet::from([server(node)])))
                .collect(),
            tenants: BTreeMap::new(),
        }
    }

    fn play(&mut self, piece: &Piece<'a>, loaded: &Loaded, problems: &mut Problems<'_>) {
        match piece {
            Piece::Action(action) => self.act(action, loaded, problems),
            Piece::Sql(sql, on) => {
                if let Some(NodeReference::Named(name)) = on {
                    self.reachable(name, sql.line.saturating_sub(1), problems);
                }
                self.addresses(sql, problems);
            }
        }
    }

    fn act(&mut self, action: &'a Action, loaded: &Loaded, problems: &mut Problems<'_>) {
        match &action.kind {
            ActionKind::Seed(tour) => known_tour(tour, "seed", action.line, loaded, problems),
            ActionKind::Load(load) => {
                known_tour(&load.tour, "put load on", action.line, loaded, problems);
            }
            ActionKind::Nodes(act, nodes) => {
                for node in nodes {
                    self.act_on(*act, node, action.line, problems);
                }
            }
            ActionKind::Experiment(experiment) => {
                if let Some(tour) = &experiment.load {
                    known_tour(tour, "put load on", action.line, loaded, problems);
                }
                let acts = experiment.plan.due().iter();
                let mut acts = acts.flat_map(|due| due.nodes.iter().map(|node| (due.act, node)));
                // What follows an act that is impossible is so for the same reason.
                let _ = acts.all(|(act, node)| self.act_on(act, node, action.line, problems));
            }
        }
    }

    /// Does an act to a node; false when it cannot be done, which has been told then.
    fn act_on(
        &mut self,
        act: NodeAct,
        node: &'a NodeReference,
        line: usize,
        problems: &mut Problems<'_>,
    ) -> bool {
        match node {
            NodeReference::Named(name) => {
                let Some(servers) = self.nodes.get_mut(name.as_str()) else {
                    self.unknown(name, line, problems);
                    return false;
                };
                let after: BTreeSet<_> = servers
                    .iter()
                    .filter_map(|server| server.after(act))
                    .collect();
                if after.is_empty() {
                    let words: Vec<_> = servers.iter().map(|server| server.word()).collect();
                    problems.add(
                        line,
                        format!(
                            "`{name}` is {} here: {act} cannot be done to it",
                            words.join(" or "),
                        ),
                        "add, restart or thaw it first, here or in a lesson before",
                    );
                    return false;
                }
                *servers = after;
            }
            NodeReference::Tenant { value, .. } => {
                let before = self
                    .tenants
                    .get(value.as_str())
                    .copied()
                    .unwrap_or(Server::Up);
                let Some(after) = before.after(act) else {
                    problems.add(
                        line,
                        format!(
                            "the node of {node} is {} here: {act} cannot be done to it",
                            before.word(),
                        ),
                        "restart or thaw it first",
                    );
                    return false;
                };
                self.tenants.insert(value.as_str(), after);
                for node in self
                    .topology
                    .nodes
                    .iter()
                    .filter(|node| node.role == Role::Worker)
                {
                    let servers = self.nodes.entry(node.name.as_str()).or_default();
                    let more: Vec<_> = servers
                        .iter()
                        .filter_map(|server| server.after(act))
                        .collect();
                    servers.extend(more);
                }
            }
        }
        true
    }

    /// Tells of the servers that are not what they were at the end of the lesson `end`.
    fn differs_from(
        &self,
        nodes: &BTreeMap<&str, BTreeSet<Server>>,
        end: &str,
        line: usize,
        problems: &mut Problems<'_>,
    ) {
        for (name, servers) in &self.nodes {
            if nodes.get(name).is_some_and(|before| before != servers) {
                let words: Vec<_> = servers.iter().map(|server| server.word()).collect();
                problems.add(
                    line,
                    format!(
                        "`{name}` is {} when this lesson is over, which it was not at the end of `{end}`",
                        words.join(" or ")
                    ),
                    "put the server back, or leave `end` out",
                );
            }
        }
    }

    fn reachable(&self, name: &str, line: usize, problems: &mut Problems<'_>) {
        match self.nodes.get(name) {
            None => self.unknown(name, line, problems),
            Some(servers) if servers.iter().all(|server| *server == Server::Absent) => problems
                .add(
                    line,
                    format!("`{name}` is not part of the cluster yet"),
                    format!("start it first: `console action=add node={name}`"),
                ),
            Some(_) => {}
        }
    }

    fn unknown(&self, name: &str, line: usize, problems: &mut Problems<'_>) {
        let known: Vec<_> = self.nodes.keys().copied().collect();
        problems.add(
            line,
            format!("the topology `{}` has no node `{name}`", self.topology.name),
            format!("its nodes are {}", known.join(", ")),
        );
    }

    /// Holds SQL to node names and port 5432, which are right on every runtime.
    fn addresses(&self, sql: &Sql, problems: &mut Problems<'_>) {
        let tokens = tokens(&sql.text);
        let mut in_node_function = false;
        for (index, (offset, token)) in tokens.iter().enumerate() {
            let line = line_at(sql, *offset);
            match token {
                Token::Word(word)
                    if matches!(tokens.get(index + 1), Some((_, Token::Sign('(')))) =>
                {
                    in_node_function = NODE_FUNCTIONS.contains(&word.to_ascii_lowercase().as_str());
                }
                Token::Sign(')' | ';') => in_node_function = false,
                Token::Text(host) => {
                    let port = match (tokens.get(index + 1), tokens.get(index + 2)) {
                        (Some((_, Token::Sign(','))), Some((_, Token::Number(port)))) => {
                            Some(*port)
                        }
                        _ => None,
                    };
                    let is_node = self.nodes.contains_key(host);
                    if FIXED_HOSTS.contains(host) {
                        problems.add(
                            line,
                            format!("the host `{host}` holds on one runtime only"),
                            "write the node's name and port 5432: 'worker1', 5432",
                        );
                    } else if let Some(port) = port.filter(|_| is_node || in_node_function) {
                        if !is_node {
                            self.unknown(host, line, problems);
                        } else if port != LESSON_PORT {
                            problems.add(
                                line,
                                format!("port {port} holds on one runtime only"),
                                format!(
                                    "write '{host}', {LESSON_PORT}: the player fills in what holds"
                                ),
                            );
                        }
                    }
                }
                _ => {}
            }
        }
    }
}

/// A tour that an action names is one of those that are read.
fn known_tour(
    tour: &str,
    purpose: &str,
    line: usize,
    loaded: &Loaded,
    problems: &mut Problems<'_>,
) {
    if !loaded.tours.iter().any(|known| known.id == *tour) {
        problems.add(
            line,
            format!("there is no tour `{tour}` to {purpose}"),
            "name a tour of SUMMARY.md",
        );
    }
}
