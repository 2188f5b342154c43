//! The hash range unrolled: which node holds which slice of it.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use unicode_width::UnicodeWidthStr;

use super::{
    legend::{column_of, tables},
    picture::Picture,
    tile::put,
};
use crate::{
    app::{
        OpenTour, Pane, Regions, Target, Viewport,
        map::{MapTarget, SectionKind},
    },
    cluster::{GroupKind, ShardGroup},
    ui::{
        text::{clip, one_line, write},
        theme::{Role, Theme},
    },
};

/// Rows of a colocation: its name, the range, its ends or the pin.
const ROWS: u16 = 3;

/// Draws the hash range of each colocation.
pub(super) fn draw(
    tour: &OpenTour,
    picture: &Picture<'_>,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let ranges: Vec<&[usize]> = picture
        .sections
        .iter()
        .filter(|section| matches!(section.kind, SectionKind::Hash(_)))
        .map(|section| section.groups.as_slice())
        .collect();
    if ranges.is_empty() {
        let words = "no table is distributed: no hash range is cut";
        write(buffer, area, Span::styled(words, theme.style(Role::Dim)));
        return;
    }
    let key_rows = u16::from(area.height > ROWS);
    let fit = usize::from(((area.height - key_rows) / ROWS).max(1));
    let announce = ranges.len() > fit;
    let offset = tour.map.offset.min(ranges.len().saturating_sub(fit));
    regions.viewports.insert(
        Pane::Map,
        Viewport {
            height: fit,
            width: usize::from(area.width),
            content: ranges.len(),
        },
    );
    let mut words = vec![Span::styled("nodes: ", theme.style(Role::Dim))];
    for (place, node) in tour.view.nodes.iter().enumerate() {
        let text = format!("{} {}  ", sign(place), one_line(&node.name));
        words.push(Span::styled(text, theme.group(place)));
    }
    if announce {
        let text = format!(
            "tables {}-{} of {}  ",
            offset + 1,
            (offset + fit).min(ranges.len()),
            ranges.len()
        );
        words.insert(0, Span::styled(text, theme.style(Role::Warning)));
    }
    if key_rows > 0 {
        write(buffer, area, Line::from(words));
    }
    for (line, groups) in ranges.iter().skip(offset).take(fit).enumerate() {
        let top = area.y + key_rows + u16::try_from(line).unwrap_or(0) * ROWS;
        let place = Rect {
            y: top,
            height: ROWS.min(area.bottom().saturating_sub(top)),
            ..area
        };
        range(tour, groups, theme, place, buffer, regions);
    }
}

/// One character for a node, the same in the range and in the key.
fn sign(place: usize) -> char {
    let digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    digits.chars().nth(place % digits.len()).unwrap_or('?')
}

/// Where a hash value stands among `width` columns.
fn column_of_value(value: i32, width: u16) -> u16 {
    let from_start = i64::from(value) - i64::from(i32::MIN);
    let column = from_start * i64::from(width) / (1 << 32);
    u16::try_from(column).unwrap_or(0)
}

fn range(
    tour: &OpenTour,
    groups: &[usize],
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let row = |offset: u16| Rect {
        y: area.y.saturating_add(offset),
        height: u16::from(offset < area.height),
        ..area
    };
    let members: Vec<&ShardGroup> = groups
        .iter()
        .filter_map(|index| tour.view.groups.get(*index))
        .collect();
    let Some(first) = members.first() else {
        return;
    };
    let column = column_of(tour, first).unwrap_or_default();
    let many = members.len() > usize::from(area.width);
    let note = if many {
        format!(
            ", up to {} a cell",
            members.len().div_ceil(usize::from(area.width.max(1))) + 1
        )
    } else {
        String::new()
    };
    let name = format!(
        "{} by hash of {column}: {} groups{note}",
        tables(first),
        members.len()
    );
    let name = clip(&name, usize::from(area.width), theme.glyphs.ellipsis);
    write(
        buffer,
        row(0),
        Span::styled(name, theme.style(Role::Strong)),
    );
    let mut pinned = None;
    for group in &members {
        let GroupKind::Hash { min, max } = group.key.kind else {
            continue;
        };
        let from = column_of_value(min, area.width);
        let to = column_of_value(max, area.width).max(from);
        let cell = Rect {
            x: area.x + from,
            width: to - from + 1,
            ..row(1)
        };
        let is_pinned = tour
            .map
            .pin
            .as_ref()
            .is_some_and(|pin| matches!(&pin.place, Some(Ok(key)) if *key == group.key));
        if is_pinned {
            pinned = Some((from, to));
        }
        let lane = slice(tour, group, theme, cell, buffer);
        regions.hit(
            cell,
            Target::Map(MapTarget::Tile(group.key, lane.unwrap_or(0))),
        );
    }
    match (pinned, &tour.map.pin) {
        (Some((from, to)), Some(pin)) => {
            let marks: String = (from..=to).map(|_| '^').collect();
            let text = format!("{marks} {}", one_line(&pin.value));
            let width = u16::try_from(text.width()).unwrap_or(u16::MAX);
            let x = (area.x + from).min(area.right().saturating_sub(width.min(area.width)));
            let place = Rect {
                x,
                width: area.right().saturating_sub(x),
                ..row(2)
            };
            write(buffer, place, Span::styled(text, theme.style(Role::Marked)));
        }
        _ => ends(theme, row(2), buffer),
    }
}

/// The lowest and the highest hash value.
fn ends(theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let (low, high) = (i32::MIN.to_string(), i32::MAX.to_string());
    let style = theme.style(Role::Dim);
    write(buffer, area, Span::styled(low.clone(), style));
    let width = u16::try_from(high.len()).unwrap_or(0);
    if area.width > width + u16::try_from(low.len()).unwrap_or(0) + 1 {
        let place = Rect {
            x: area.right() - width,
            width,
            ..area
        };
        write(buffer, place, Span::styled(high, style));
    }
}

/// A slice: its first column is its border, the rest says whose it is. Gives the lane of its first holder.
fn slice(
    tour: &OpenTour,
    group: &ShardGroup,
    theme: &Theme,
    cell: Rect,
    buffer: &mut Buffer,
) -> Option<usize> {
    let holders = group.holders();
    let holder = holders.first().copied();
    let node = holder.and_then(|id| tour.view.node_of_group(id));
    let lane = node.and_then(|node| tour.view.nodes.iter().position(|it| it.name == node.name));
    let reachable = holders
        .iter()
        .filter_map(|id| tour.view.node_of_group(*id))
        .any(crate::cluster::Node::serves);
    let mut style = if reachable {
        theme.group(lane.unwrap_or(0))
    } else {
        theme.style(Role::Alert)
    };
    if tour.map.group == Some(group.key) {
        style = theme.selected(style);
    }
    let whose = if reachable {
        lane.map_or('?', sign).to_string()
    } else {
        theme.glyphs.unreachable.to_owned()
    };
    let text = match cell.width {
        0 => return lane,
        1 => whose,
        2 => format!("{}{whose}", theme.glyphs.track),
        width => {
            let number = format!("{:02}", group.ordinal);
            let inside = usize::from(width) - 1;
            let label = if inside >= number.len() + 3 {
                format!("{number}:{whose}")
            } else {
                whose
            };
            let rest = inside.saturating_sub(label.width());
            let (before, after) = (rest / 2, rest - rest / 2);
            format!(
                "{}{}{label}{}",
                theme.glyphs.track,
                theme.glyphs.rule.repeat(before),
                theme.glyphs.rule.repeat(after)
            )
        }
    };
    put(buffer, cell, &text, style);
    lane
}
