//! A card a node; the chosen one open, with its buttons and the commands that they stand for.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    strip::harmful,
    word::{head, since},
};
use crate::{
    app::{
        Model, OpenTour, Pane, Regions, Target, Viewport,
        nodes::{Deed, NodesTarget, Offer, chosen, offers},
    },
    cluster::Node,
    ui::{
        map::{Lane, holdings, node_facts},
        text::{self, button, clip, clip_line, one_line, wrap, write},
        theme::{Role, Theme},
    },
};

/// Draws the pane.
pub(in crate::ui) fn draw(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let nodes = &tour.view.nodes;
    let dot = theme.glyphs.dot;
    let marked = match tour.nodes.marked.len() {
        0 => String::new(),
        1 => format!("{dot} 1 marked "),
        several => format!("{dot} {several} marked: an act goes to all of them "),
    };
    let title = format!(" nodes {dot} {} {marked}", nodes.len());
    let room = usize::from(area.width.saturating_sub(4));
    let title = clip(&title, room, theme.glyphs.ellipsis);
    let title = Line::styled(title, theme.style(Role::Title));
    let inner = text::pane(model, theme, Pane::Nodes, title, area, buffer, regions);
    let Some(open) = chosen(tour) else {
        let words = "the nodes are not there yet";
        write(buffer, inner, Span::styled(words, theme.style(Role::Dim)));
        return;
    };
    if inner.is_empty() {
        return;
    }
    let selected = tour.nodes.selected.min(nodes.len() - 1);
    let lanes = holdings(&tour.view);
    let width = usize::from(inner.width);
    let card = Card::new(model, tour, open, theme, width);
    let open_rows = (card.rows() + 1).min(usize::from(inner.height));
    let rows = usize::from(inner.height);
    // Closed cards take one row each; those that do not fit are counted.
    let all = open_rows + nodes.len() - 1;
    let fits = all <= rows;
    let closed = if fits {
        nodes.len() - 1
    } else {
        rows.saturating_sub(open_rows + 1)
    };
    let before = selected.min(closed.saturating_sub(closed / 2).max(
        // Near the end the rows below are free for those above.
        closed.saturating_sub(nodes.len() - 1 - selected),
    ));
    let first = selected - before;
    let shown = (closed + 1).min(nodes.len() - first);
    regions.viewports.insert(
        Pane::Nodes,
        Viewport {
            height: shown,
            width,
            content: nodes.len(),
        },
    );
    let mut row = inner.y;
    for (place, node) in nodes.iter().enumerate().skip(first).take(shown) {
        let at = Rect {
            y: row,
            height: inner.bottom().saturating_sub(row).min(1),
            ..inner
        };
        row += head_row(
            model,
            tour,
            node,
            &lanes[place],
            place == selected,
            theme,
            at,
            buffer,
            regions,
        );
        if place == selected {
            let room = Rect {
                x: inner.x + 2.min(inner.width),
                width: inner.width.saturating_sub(2),
                y: row,
                height: inner.bottom().saturating_sub(row),
            };
            row += card.draw(model, tour, node, theme, room, buffer, regions);
        }
    }
    if !fits && row < inner.bottom() {
        let words = format!("nodes {}-{} of {}", first + 1, first + shown, nodes.len());
        let at = Rect {
            y: row,
            height: 1,
            ..inner
        };
        write(buffer, at, Span::styled(words, theme.style(Role::Warning)));
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "what to draw, with what, and where to: all of it is needed for one row"
)]
fn head_row(
    model: &Model,
    tour: &OpenTour,
    node: &Node,
    lane: &Lane,
    open: bool,
    theme: &Theme,
    at: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) -> u16 {
    let mut words = head(model, tour, node, lane, theme);
    if let Some(name) = words.spans.get_mut(1).filter(|_| open) {
        name.style = theme.selected(name.style);
    }
    let marker = if open { theme.glyphs.marker } else { " " };
    let has_mark = tour.nodes.marked.contains(&node.name);
    let sign = if has_mark {
        format!("{marker}{} ", theme.glyphs.done)
    } else {
        marker.to_owned()
    };
    words
        .spans
        .insert(0, Span::styled(sign, theme.style(Role::Marked)));
    let words = clip_line(words, usize::from(at.width), theme.glyphs.ellipsis);
    write(buffer, at, words);
    regions.hit(at, Target::Nodes(NodesTarget::Node(node.name.clone())));
    at.height
}

/// What is below the head of the chosen node.
struct Card {
    facts: Vec<String>,
    /// Buttons by row.
    buttons: Vec<Vec<(usize, Offer)>>,
    /// What the chosen button does, or why it does not.
    says: Vec<String>,
    refused: bool,
    command: Vec<String>,
}

impl Card {
    fn new(model: &Model, tour: &OpenTour, node: &Node, theme: &Theme, width: usize) -> Self {
        let width = width.saturating_sub(2).max(8);
        let mut facts = node_facts(tour, node);
        if let Some((_, since_when)) = tour.nodes.since.get(&node.name)
            && since(model, tour, node).is_some()
        {
            let at = since_when.saturating_duration_since(tour.opened).as_secs();
            facts = format!(
                "{facts} {} since {:02}:{:02}",
                theme.glyphs.dot,
                at / 60,
                at % 60
            );
        }
        let offers = offers(tour, node);
        let button = tour.nodes.button.min(offers.len().saturating_sub(1));
        let chosen = offers.get(button).cloned();
        let mut buttons: Vec<Vec<(usize, Offer)>> = Vec::new();
        let mut used = width + 1;
        for (place, offer) in offers.into_iter().enumerate() {
            let wide = offer.deed.word().len() + 3;
            if used + wide > width + 1 {
                buttons.push(Vec::new());
                used = 0;
            }
            used += wide;
            if let Some(row) = buttons.last_mut() {
                row.push((place, offer));
            }
        }
        let (says, refused, command) = chosen.map_or_else(Default::default, |offer| {
            let says = offer.refused.as_ref().map_or_else(
                || format!("{}: {}", offer.deed.word(), offer.deed.says()),
                |reason| format!("{}: {}", offer.deed.word(), one_line(reason)),
            );
            let command = command(tour, node, offer.deed)
                .map(|command| wrap(&format!("$ {}", one_line(&command)), width));
            (
                wrap(&says, width),
                offer.refused.is_some(),
                command.unwrap_or_default(),
            )
        });
        Self {
            facts: wrap(&facts, width),
            buttons,
            says,
            refused,
            command,
        }
    }

    fn rows(&self) -> usize {
        self.facts.len() + self.buttons.len() + self.says.len() + self.command.len()
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "what to draw, with what, and where to: all of it is needed for one card"
    )]
    fn draw(
        &self,
        model: &Model,
        tour: &OpenTour,
        node: &Node,
        theme: &Theme,
        area: Rect,
        buffer: &mut Buffer,
        regions: &mut Regions,
    ) -> u16 {
        // Where not everything fits the buttons stay: they come first.
        let spare = usize::from(area.height).saturating_sub(self.buttons.len());
        let facts = self.facts.len().min(spare);
        let mut row = area.y;
        let mut place = |height: u16| {
            let at = Rect {
                y: row,
                height: area.bottom().saturating_sub(row).min(height),
                ..area
            };
            row += at.height;
            at
        };
        for line in self.facts.iter().take(facts) {
            let text = Span::styled(line.clone(), theme.style(Role::Dim));
            write(buffer, place(1), text);
        }
        for buttons in &self.buttons {
            let mut at = place(1);
            for (index, offer) in buttons {
                let chosen = *index == tour.nodes.button && model.focus == Pane::Nodes;
                let role = match (&offer.refused, offer.deed) {
                    (Some(_), _) => Role::ButtonDisabled,
                    (None, _) if chosen => Role::ButtonFocused,
                    (None, Deed::Act(act)) if harmful(act) => Role::ButtonDanger,
                    (None, _) => Role::Button,
                };
                let mut style = theme.style(role);
                if chosen && offer.refused.is_some() {
                    style = theme.selected(style);
                }
                let name = node.name.clone();
                let target = match offer.deed {
                    Deed::Act(act) => NodesTarget::Act(act, name),
                    Deed::Log => NodesTarget::Log(name),
                };
                let word = offer.deed.word();
                let used = button(buffer, at, word, style, Target::Nodes(target), regions);
                let used = (used + 1).min(at.width);
                at.x += used;
                at.width -= used;
            }
        }
        let role = if self.refused {
            Role::Warning
        } else {
            Role::Text
        };
        for line in &self.says {
            write(
                buffer,
                place(1),
                Span::styled(line.clone(), theme.style(role)),
            );
        }
        for line in &self.command {
            let text = Span::styled(line.clone(), theme.style(Role::Code));
            write(buffer, place(1), text);
        }
        row - area.y
    }
}

/// The shell command that a button stands for.
fn command(tour: &OpenTour, node: &Node, deed: Deed) -> Option<String> {
    let Deed::Act(act) = deed else {
        return None;
    };
    let facts = tour.facts.as_ref()?;
    let known = facts.nodes.iter().find(|it| it.name == node.name)?;
    let found = known.commands.iter().find(|(of, _)| *of == act);
    let command = found.map(|(_, command)| command.clone())?;
    (command.width() > 0).then_some(command)
}
