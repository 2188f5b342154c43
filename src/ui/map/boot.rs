//! How far the start of each node is, drawn as lanes.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use crate::{
    app::{Boot, Model, NodeBoot, OpenTour},
    ui::{
        text::{clip_line, one_line, wrap, write},
        theme::{Role, Theme},
    },
};

/// Steps of the sign that something is being done, a second.
const STEPS: u128 = 4;

/// Draws the start; `false`: there is nothing of it to show.
pub(super) fn draw(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
) -> bool {
    let lines = match &tour.boot {
        Boot::Starting { what, nodes } => starting(model, tour, theme, what.as_deref(), nodes),
        Boot::Failed(reason) if tour.view_at.is_none() => {
            let head = format!(
                "{} the cluster could not be started",
                theme.glyphs.node_down
            );
            let mut lines = vec![Line::styled(head, theme.style(Role::Alert))];
            for line in one_line_each(reason) {
                let parts = wrap(&line, usize::from(area.width));
                lines.extend(
                    parts
                        .into_iter()
                        .map(|part| Line::styled(part, theme.style(Role::Text))),
                );
            }
            lines
        }
        _ if tour.view_at.is_none() => {
            let words = match &tour.boot {
                Boot::Rebuilding { what } => format!("bringing the cluster to: {}", one_line(what)),
                Boot::Leaving => "this tour is being left".to_owned(),
                _ => "looking at the cluster".to_owned(),
            };
            vec![Line::from(vec![
                Span::styled(sign(model, tour, theme), theme.style(Role::Busy)),
                Span::styled(format!(" {words}"), theme.style(Role::Text)),
            ])]
        }
        _ => return false,
    };
    let more = lines.len().saturating_sub(usize::from(area.height));
    for (row, line) in (area.y..area.bottom()).zip(lines) {
        let place = Rect {
            y: row,
            height: 1,
            ..area
        };
        let line = if more > 0 && row + 1 == area.bottom() {
            Line::styled(format!("+{} more", more + 1), theme.style(Role::Warning))
        } else {
            clip_line(line, usize::from(area.width), theme.glyphs.ellipsis)
        };
        write(buffer, place, line);
    }
    true
}

fn one_line_each(text: &str) -> Vec<String> {
    text.lines().map(one_line).collect()
}

/// The sign that something is being done; it stands still where nothing may move.
fn sign(model: &Model, tour: &OpenTour, theme: &Theme) -> &'static str {
    let steps = theme.glyphs.spinner;
    if !model.settings.motion {
        return theme.glyphs.bullet;
    }
    let age = model.now.saturating_duration_since(tour.opened);
    let step = age.as_millis() * STEPS / 1000;
    let place = usize::try_from(step).unwrap_or(0) % steps.len().max(1);
    steps.get(place).copied().unwrap_or("")
}

fn starting(
    model: &Model,
    tour: &OpenTour,
    theme: &Theme,
    what: Option<&str>,
    nodes: &[(String, Option<NodeBoot>)],
) -> Vec<Line<'static>> {
    let width = nodes
        .iter()
        .map(|(name, _)| name.width())
        .max()
        .unwrap_or(0);
    let mut lines = vec![Line::from(vec![
        Span::styled(sign(model, tour, theme), theme.style(Role::Busy)),
        Span::styled(
            format!(
                " {}",
                one_line(what.unwrap_or("the servers of the cluster start"))
            ),
            theme.style(Role::Text),
        ),
    ])];
    for (name, boot) in nodes {
        let glyphs = theme.glyphs;
        let (glyph, role, level, words) = match boot {
            None => (glyphs.node_outside, Role::Dim, 0, "waits".to_owned()),
            Some(NodeBoot::Copied) => (
                glyphs.node_outside,
                Role::Busy,
                1,
                "data directory copied".to_owned(),
            ),
            Some(NodeBoot::Starting) => (glyphs.node_outside, Role::Busy, 2, "starting".to_owned()),
            Some(NodeBoot::Ready(after)) => (
                glyphs.node_up,
                Role::Good,
                4,
                format!("ready after {} ms", after.as_millis()),
            ),
        };
        let name = one_line(name);
        let blank = " ".repeat(width.saturating_sub(name.width()));
        let bar = format!(
            "{}{}",
            glyphs.levels[4].repeat(level * 2),
            glyphs.levels[1].repeat(8 - level * 2)
        );
        lines.push(Line::from(vec![
            Span::styled(format!("{glyph} "), theme.style(role)),
            Span::styled(format!("{name}{blank}  "), theme.style(Role::Strong)),
            Span::styled(bar, theme.style(role)),
            Span::styled(format!("  {words}"), theme.style(Role::Text)),
        ]));
    }
    lines
}
