//! The strip of nodes that is always visible: every node with its word, and buttons as far as there is room.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

use super::word::{mark, state, word};
use crate::{
    app::{
        Boot, Model, OpenTour, Regions, Target,
        nodes::{Deed, NodesTarget, refusal},
    },
    cluster::{Node, NodeState, Reachability},
    runtime::Act,
    ui::{
        text::{button, one_line, write},
        theme::{Role, Theme},
    },
};

/// Columns of `+123, 12 not up`.
const NOTE: usize = 16;

/// A node as the strip has it.
struct Entry<'a> {
    node: &'a Node,
    words: Line<'static>,
    acts: Vec<Act>,
}

impl Entry<'_> {
    /// Columns of its words, with the gap behind them.
    fn width(&self) -> usize {
        self.words.width() + 2
    }

    /// Columns of its buttons.
    fn buttons(&self) -> usize {
        let words = self.acts.iter().map(|act| Deed::Act(*act).word().len() + 2);
        words.sum::<usize>() + usize::from(!self.acts.is_empty())
    }
}

/// Draws the strip.
pub(in crate::ui) fn draw_strip(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    if area.is_empty() {
        return;
    }
    let mut at = area;
    let used = write(buffer, at, Span::styled(" nodes  ", theme.style(Role::Dim)));
    advance(&mut at, used);
    if tour.view.nodes.is_empty() {
        starting(tour, theme, at, buffer);
        return;
    }
    let entries: Vec<Entry<'_>> = tour
        .view
        .nodes
        .iter()
        .map(|node| entry(model, tour, node, theme))
        .collect();
    let room = usize::from(at.width);
    let (first, shown) = window(&entries, tour.nodes.selected, room);
    let hidden = entries.len() - shown;
    let needed: usize = entries
        .iter()
        .skip(first)
        .take(shown)
        .map(Entry::width)
        .sum();
    let note = if hidden > 0 {
        hidden_words(tour, &entries, first, shown)
    } else {
        String::new()
    };
    let mut left = room.saturating_sub(needed + note.len());
    let mut with_buttons = vec![false; entries.len()];
    for place in by_need(tour, &entries) {
        let width = entries[place].buttons();
        let visible = (first..first + shown).contains(&place);
        if visible && width > 0 && width <= left {
            with_buttons[place] = true;
            left -= width;
        }
    }
    for (place, entry) in entries.iter().enumerate().skip(first).take(shown) {
        let used = write(buffer, at, entry.words.clone());
        let words = Rect {
            width: used,
            height: 1,
            ..at
        };
        let target = NodesTarget::Node(entry.node.name.clone());
        regions.hit(words, Target::Nodes(target));
        advance(&mut at, used);
        if with_buttons[place] {
            advance(&mut at, 1);
            for act in &entry.acts {
                let role = if harmful(*act) {
                    Role::ButtonDanger
                } else {
                    Role::Button
                };
                let target = Target::Nodes(NodesTarget::Act(*act, entry.node.name.clone()));
                let word = Deed::Act(*act).word();
                let used = button(buffer, at, word, theme.style(role), target, regions);
                advance(&mut at, used);
            }
        }
        advance(&mut at, 2);
    }
    if hidden > 0 {
        write(buffer, at, Span::styled(note, theme.style(Role::Warning)));
    } else if !model.home.attached && entries.iter().any(|entry| is_troubled(entry.node)) {
        let target = Target::Nodes(NodesTarget::PutBack);
        let style = theme.style(Role::Button);
        button(buffer, at, "all back F8", style, target, regions);
    }
}

/// Whether an act makes something stop working.
pub(super) fn harmful(act: Act) -> bool {
    matches!(
        act,
        Act::Stop | Act::Kill | Act::Freeze | Act::Destroy | Act::Partition
    )
}

fn is_troubled(node: &Node) -> bool {
    matches!(
        node.reachability,
        Reachability::Down | Reachability::Frozen | Reachability::CutOff | Reachability::Stopped
    )
}

fn advance(area: &mut Rect, by: u16) {
    let by = by.min(area.width);
    area.x += by;
    area.width -= by;
}

fn entry<'a>(model: &Model, tour: &OpenTour, node: &'a Node, theme: &Theme) -> Entry<'a> {
    let now = state(&tour.view, node);
    let (glyph, role) = mark(theme, now);
    let mut spans = vec![
        Span::styled(format!("{glyph} "), theme.style(role)),
        Span::styled(one_line(&node.name), theme.style(Role::Text)),
    ];
    if let Some(under_way) = tour.nodes.under_way.get(&node.name) {
        let text = format!(" {}...", under_way.act);
        spans.push(Span::styled(text, theme.style(Role::Busy)));
    } else if !matches!(now, NodeState::Up | NodeState::Absent) {
        let text = format!(" {}", word(model, tour, node));
        spans.push(Span::styled(text, theme.style(role)));
    }
    let wanted: &[Act] = match node.reachability {
        Reachability::Absent => &[Act::Start],
        Reachability::Down | Reachability::Stopped => &[Act::Restart],
        Reachability::Frozen => &[Act::Thaw, Act::Kill],
        Reachability::CutOff => &[Act::Heal, Act::Kill],
        _ => &[Act::Stop, Act::Kill, Act::Freeze],
    };
    let acts = wanted
        .iter()
        .copied()
        .filter(|act| refusal(tour, node, Deed::Act(*act)).is_none());
    Entry {
        node,
        words: Line::from(spans),
        acts: acts.collect(),
    }
}

/// Who gets buttons first: the chosen node, then who can be brought back or added, then the others.
fn by_need(tour: &OpenTour, entries: &[Entry<'_>]) -> Vec<usize> {
    let mut places: Vec<usize> = (0..entries.len()).collect();
    places.sort_by_key(|place| {
        let chosen = *place == tour.nodes.selected;
        let node = entries[*place].node;
        let absent = node.reachability == Reachability::Absent;
        (!chosen, !is_troubled(node), !absent, *place)
    });
    places
}

/// Which nodes fit, the chosen one among them: the first, and how many.
fn window(entries: &[Entry<'_>], chosen: usize, room: usize) -> (usize, usize) {
    let total: usize = entries.iter().map(Entry::width).sum();
    if total <= room {
        return (0, entries.len());
    }
    let chosen = chosen.min(entries.len().saturating_sub(1));
    // What is not shown is counted, and the chosen node has its buttons.
    let room = room.saturating_sub(NOTE + entries[chosen].buttons());
    let mut first = 0;
    while first < chosen {
        let width: usize = entries[first..=chosen].iter().map(Entry::width).sum();
        if width <= room {
            break;
        }
        first += 1;
    }
    let mut used = 0;
    let fits = entries[first..].iter().take_while(|entry| {
        used += entry.width();
        used <= room
    });
    (first, fits.count().max(1))
}

/// What the nodes are that are not shown: `+17, 2 down`.
fn hidden_words(tour: &OpenTour, entries: &[Entry<'_>], first: usize, shown: usize) -> String {
    let hidden = entries.len() - shown;
    let outside = |place: &usize| !(first..first + shown).contains(place);
    let troubled = (0..entries.len())
        .filter(outside)
        .filter(|place| !matches!(state(&tour.view, entries[*place].node), NodeState::Up))
        .count();
    if troubled > 0 {
        format!("+{hidden}, {troubled} not up")
    } else {
        format!("+{hidden}")
    }
}

/// The names, before anything is known of the nodes.
fn starting(tour: &OpenTour, theme: &Theme, mut at: Rect, buffer: &mut Buffer) {
    let Boot::Starting { nodes, .. } = &tour.boot else {
        return;
    };
    for (name, boot) in nodes {
        let ready = matches!(boot, Some(crate::app::NodeBoot::Ready(_)));
        let (glyph, role) = if ready {
            (theme.glyphs.node_up, Role::Good)
        } else {
            (theme.glyphs.node_outside, Role::Busy)
        };
        let line = Line::from(vec![
            Span::styled(format!("{glyph} "), theme.style(role)),
            Span::styled(format!("{}  ", one_line(name)), theme.style(Role::Text)),
        ]);
        let used = write(buffer, at, line);
        advance(&mut at, used);
    }
}
