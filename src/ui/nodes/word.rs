//! A node in words: the same in the map, the strip and the panel.

use std::time::Duration;

use ratatui::text::{Line, Span};

use crate::{
    app::{Model, OpenTour, nodes},
    cluster::{Engine, Node, NodeRole, NodeState, Table, TableKind, View},
    ui::{
        map::Lane,
        text::{age, count, one_line, size_words},
        theme::{Role, Theme},
    },
};

/// A node's state; without an engine there is nothing to be outside of.
pub(in crate::ui) fn state(view: &View, node: &Node) -> NodeState {
    match node.state() {
        NodeState::Outside if view.engine == Engine::None => NodeState::Up,
        state => state,
    }
}

/// Mark and look of a state.
pub(in crate::ui) fn mark(theme: &Theme, state: NodeState) -> (&'static str, Role) {
    let glyphs = theme.glyphs;
    match state {
        NodeState::Up => (glyphs.node_up, Role::Good),
        NodeState::Slow | NodeState::Disabled | NodeState::Stale => {
            (glyphs.node_frozen, Role::Warning)
        }
        NodeState::Frozen | NodeState::LockedOut | NodeState::CutOff => {
            (glyphs.node_frozen, Role::Alert)
        }
        NodeState::Down => (glyphs.node_down, Role::Alert),
        NodeState::Stopped => (glyphs.node_down, Role::Dim),
        NodeState::Starting => (glyphs.node_outside, Role::Busy),
        NodeState::Unknown | NodeState::Absent | NodeState::Outside => {
            (glyphs.node_outside, Role::Dim)
        }
    }
}

/// The word for a state, with how long it lasts where that counts: `DOWN 12s`.
pub(in crate::ui) fn word(model: &Model, tour: &OpenTour, node: &Node) -> String {
    let state = state(&tour.view, node);
    let word = match state {
        NodeState::Down
        | NodeState::Frozen
        | NodeState::CutOff
        | NodeState::Stale
        | NodeState::Disabled
        | NodeState::LockedOut => state.to_string().to_uppercase(),
        _ => state.to_string(),
    };
    match since(model, tour, node).filter(|_| nodes::counts(state)) {
        Some(since) => format!("{word} {}", age(since)),
        None => word,
    }
}

/// For how long a node is in its state.
pub(in crate::ui) fn since(model: &Model, tour: &OpenTour, node: &Node) -> Option<Duration> {
    let (_, since) = tour.nodes.since.get(&node.name)?;
    Some(model.now.saturating_duration_since(*since))
}

/// What of the three facts of the metadata is not as usual: workers are active, synced and hold shards.
pub(in crate::ui) fn unusual(node: &Node) -> Vec<&'static str> {
    let Some(member) = node.membership else {
        return Vec::new();
    };
    let mut words = Vec::new();
    if !member.metadata_synced && member.is_active {
        words.push("metadata not synced");
    }
    if member.should_have_shards == (node.role == NodeRole::Coordinator) {
        words.push(if member.should_have_shards {
            "may hold shards"
        } else {
            "no new shards"
        });
    }
    words
}

/// A lane's head: mark, name, word, port, what it holds, and what is not as usual; the most important first.
pub(in crate::ui) fn head(
    model: &Model,
    tour: &OpenTour,
    node: &Node,
    lane: &Lane,
    theme: &Theme,
) -> Line<'static> {
    let state = state(&tour.view, node);
    let (glyph, role) = mark(theme, state);
    let mut spans = vec![
        Span::styled(format!("{glyph} "), theme.style(role)),
        Span::styled(one_line(&node.name), theme.style(Role::Strong)),
    ];
    if let Some(under_way) = tour.nodes.under_way.get(&node.name) {
        spans.push(Span::styled(
            format!(
                " {} {}",
                under_way.act,
                age(model.now.saturating_duration_since(under_way.since))
            ),
            theme.style(Role::Busy),
        ));
    } else if state != NodeState::Up {
        let text = format!(" {}", word(model, tour, node));
        spans.push(Span::styled(text, theme.style(role)));
    }
    if state != NodeState::Absent && node.port > 0 {
        spans.push(Span::styled(
            format!(" :{}", node.port),
            theme.style(Role::Dim),
        ));
    }
    if lane.shards > 0 || node.membership.is_some() {
        let text = format!("  {}", count(lane.shards, "shard"));
        spans.push(Span::styled(text, theme.style(Role::Text)));
        if lane.bytes > 0 {
            let text = format!(" {}", size_words(lane.bytes));
            spans.push(Span::styled(text, theme.style(Role::Text)));
        }
    }
    let local = match node.role {
        NodeRole::Coordinator => local_tables(&tour.view).count(),
        _ => 0,
    };
    if local > 0 {
        spans.push(Span::styled(
            format!(" {}{local}", theme.glyphs.local),
            theme.style(Role::Dim),
        ));
    }
    if lane.leftovers > 0 {
        spans.push(Span::styled(
            format!(" {}{} left over", theme.glyphs.leftover, lane.leftovers),
            theme.style(Role::Dim),
        ));
    }
    for word in unusual(node) {
        spans.push(Span::styled(format!(" {word}"), theme.style(Role::Warning)));
    }
    Line::from(spans)
}

/// Tables that are on the coordinator only.
pub(in crate::ui) fn local_tables(view: &View) -> impl Iterator<Item = &Table> {
    view.tables
        .iter()
        .filter(|table| matches!(table.kind, TableKind::Plain | TableKind::LocalManaged))
}
