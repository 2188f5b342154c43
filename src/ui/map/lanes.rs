//! A lane a node, a tile a shard group, in the same column in every lane.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::{Line, Span},
};

use unicode_width::UnicodeWidthStr;

use super::{
    flow::{Flow, Level, Wish},
    picture::{Picture, TileState},
    tile::{Brush, put},
};
use crate::{
    app::{
        Model, OpenTour, Pane, Regions, Target, Viewport,
        map::{MapTarget, SectionKind},
    },
    cluster::NodeRole,
    ui::{
        nodes::word::{head, local_tables},
        text::{clip_line, one_line, write},
        theme::{Role, Theme},
    },
};

/// Columns of ` FROZEN 59s`.
const WORD: usize = 11;
/// Columns that a lane's head takes at most where it has to give way, in percent of the width.
const HEAD_SHARE: usize = 45;

/// How the lanes share the room.
struct Plan {
    flow: Flow,
    /// Columns of the heads at the left; `None`: heads stand above their tiles.
    head: Option<u16>,
    /// Rows from one lane to the next.
    pitch: u16,
    /// Lanes that are shown.
    shown: usize,
}

fn plan(tour: &OpenTour, picture: &Picture<'_>, theme: &Theme, area: Rect) -> Plan {
    let lanes = picture.lanes.len().max(1);
    let rows = usize::from(area.height);
    let each = u16::try_from((rows / lanes).max(1)).unwrap_or(1);
    let most = usize::from(area.width) * HEAD_SHARE / 100;
    let small = |columns: usize| u16::try_from(columns).unwrap_or(area.width);
    let quiet = head_width(tour);
    // Room for the word of a node that fails, so that its tiles stay where they are; else what there is.
    let heads = [quiet + WORD, quiet, quiet.min(most)].map(small);
    let sections: Vec<usize> = picture
        .sections
        .iter()
        .map(|section| section.groups.len())
        .collect();
    let largest_number = picture
        .sections
        .iter()
        .filter(|section| section.kind != SectionKind::Reference)
        .map(|section| section.groups.len())
        .max()
        .unwrap_or(0);
    let wish = Wish {
        sections: &sections,
        digits: u16::try_from(largest_number.max(10).to_string().len()).unwrap_or(2),
        largest: tour
            .map
            .detail
            .and_then(|level| Level::ALL.get(usize::from(level)))
            .copied()
            // Without groups there is nothing that could be large.
            .unwrap_or(if sections.is_empty() {
                Level::Chip
            } else {
                Level::Card
            }),
        halves: theme.glyphs.upper_half.is_some() && !theme.is_mono(),
    };
    // Tiles in one row are easier to read than heads beside several; heads above their tiles take a row of their own.
    let beside = |rows: u16| heads.map(|head| (area.width.saturating_sub(head), rows, Some(head)));
    let above = |rows: u16| (area.width.saturating_sub(2), rows, None);
    let mut rooms = beside(1).to_vec();
    if each > 1 {
        rooms.push(above(1));
        rooms.extend(beside(each));
        rooms.push(above(each - 1));
    }
    let sizes: Vec<(u16, u16)> = rooms.iter().map(|room| (room.0, room.1)).collect();
    let (flow, room) = Flow::largest(&wish, &sizes);
    let head = rooms.get(room).and_then(|room| room.2);
    let needed = flow.height().max(1) + u16::from(head.is_none());
    // A blank row between lanes, where there is room for all of them.
    let spaced = usize::from(needed + 1) * lanes <= rows + 1 && needed < 5;
    let pitch = needed + u16::from(spaced && lanes > 1);
    Plan {
        flow,
        head,
        pitch,
        shown: (rows.saturating_add(usize::from(pitch - needed)) / usize::from(pitch))
            .clamp(1, lanes),
    }
}

/// Columns of the heads of nodes that are up, the same whatever they hold at the moment: tiles must not hop.
fn head_width(tour: &OpenTour) -> usize {
    let nodes = tour.view.nodes.iter();
    let names = nodes.map(|node| one_line(&node.name).width());
    let digits = tour.view.placement_count().to_string().len();
    let local = match local_tables(&tour.view).count() {
        0 => 0,
        count => 2 + count.to_string().len(),
    };
    let port = "  :12345".len();
    let size = if digits > 1 { " 99.9 MB".len() } else { 0 };
    names.max().unwrap_or(0) + port + digits + "   shards".len() + size + local
}

/// Draws the lanes; says how many groups share a cell.
pub(super) fn draw(
    model: &Model,
    tour: &OpenTour,
    picture: &Picture<'_>,
    theme: &Theme,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) -> usize {
    if area.is_empty() {
        return 1;
    }
    let all = picture.lanes.len();
    let mut room = area;
    let mut plan_now = plan(tour, picture, theme, room);
    if plan_now.shown < all && room.height > 1 {
        // The last row says which lanes are shown.
        room.height -= 1;
        plan_now = plan(tour, picture, theme, room);
    }
    let plan = plan_now;
    let offset = tour.map.offset.min(all.saturating_sub(plan.shown));
    regions.viewports.insert(
        Pane::Map,
        Viewport {
            height: plan.shown,
            width: usize::from(area.width),
            content: all,
        },
    );
    regions.map_detail = plan.flow.level.number();
    if plan.shown < all {
        let words = format!("lanes {}-{} of {all}", offset + 1, offset + plan.shown);
        let row = Rect {
            y: room.bottom(),
            height: 1,
            ..area
        };
        write(buffer, row, Span::styled(words, theme.style(Role::Warning)));
    }
    let chosen = tour.map.group.and_then(|key| {
        let groups = &picture.view.groups;
        let index = groups.binary_search_by_key(&key, |group| group.key).ok()?;
        picture.order.iter().position(|other| *other == index)
    });
    let brush = Brush {
        picture,
        flow: &plan.flow,
        theme,
        chosen,
    };
    for (line, place) in (offset..all).take(plan.shown).enumerate() {
        let top = room.y + u16::try_from(line).unwrap_or(u16::MAX) * plan.pitch;
        if top >= room.bottom() {
            break;
        }
        let whole = Rect {
            y: top,
            height: plan.pitch.min(room.bottom() - top),
            ..room
        };
        lane(model, tour, &brush, &plan, place, whole, buffer, regions);
    }
    plan.flow.per_cell
}

#[expect(
    clippy::too_many_arguments,
    reason = "what to draw, with what, and where to: all of it is needed for one lane"
)]
fn lane(
    model: &Model,
    tour: &OpenTour,
    brush: &Brush<'_>,
    plan: &Plan,
    place: usize,
    area: Rect,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let (theme, picture) = (brush.theme, brush.picture);
    let Some(node) = tour.view.nodes.get(place) else {
        return;
    };
    let is_chosen = tour.map.lane.as_deref() == Some(node.name.as_str());
    let head_area = Rect {
        height: 1,
        width: plan.head.unwrap_or(area.width),
        ..area
    };
    let text = head(model, tour, node, &picture.lanes[place], theme);
    let room = head_area
        .width
        .saturating_sub(u16::from(plan.head.is_some()));
    let mut text = whole_words(text, usize::from(room), theme.glyphs.ellipsis);
    if is_chosen && let Some(name) = text.spans.get_mut(1) {
        name.style = theme.selected(name.style);
    }
    write(buffer, head_area, text);
    regions.hit(head_area, Target::Map(MapTarget::Lane(node.name.clone())));
    let tiles_area = match plan.head {
        Some(width) => Rect {
            x: area.x + width,
            width: area.width.saturating_sub(width),
            ..area
        },
        None => Rect {
            x: area.x + 2.min(area.width),
            width: area.width.saturating_sub(2),
            y: area.y + 1,
            height: area.height.saturating_sub(1),
        },
    };
    if node.role == NodeRole::Coordinator && picture.order.is_empty() {
        plain_tables(tour, theme, tiles_area, buffer);
    }
    tiles(brush, place, tiles_area, is_chosen, buffer, regions);
}

/// The parts of a head that fit whole, the first ones first; at least its mark and its name, which are clipped.
fn whole_words(mut head: Line<'static>, width: usize, ellipsis: &str) -> Line<'static> {
    while head.width() > width && head.spans.len() > 2 {
        head.spans.pop();
    }
    clip_line(head, width, ellipsis)
}

fn tiles(
    brush: &Brush<'_>,
    place: usize,
    area: Rect,
    is_chosen: bool,
    buffer: &mut Buffer,
    regions: &mut Regions,
) {
    let (flow, picture) = (brush.flow, brush.picture);
    let lane = &picture.lanes[place];
    let mut rest = lane.tiles.as_slice();
    let mut arriving = Vec::new();
    while let Some(first) = rest.first() {
        let at = flow.at(first.column);
        let mut together = 1;
        if flow.per_cell > 1 {
            while rest
                .get(together)
                .is_some_and(|next| flow.at(next.column) == at)
            {
                together += 1;
            }
        }
        let (here, after) = rest.split_at(together);
        rest = after;
        let cell = Rect {
            x: area.x.saturating_add(at.0),
            y: area.y.saturating_add(at.1),
            width: flow.cell.0,
            height: flow.cell.1,
        }
        .intersection(area);
        if cell.is_empty() {
            continue;
        }
        brush.draw(here, cell, is_chosen, buffer);
        if let TileState::Arriving(percent) = first.state {
            arriving.push((cell, percent));
        }
        if let Some(group) = picture
            .order
            .get(first.column)
            .and_then(|index| picture.view.groups.get(*index))
        {
            regions.hit(cell, Target::Map(MapTarget::Tile(group.key, place)));
        }
    }
    if flow.level == Level::Chip {
        for (cell, percent) in arriving {
            percent_beside(brush.theme, cell, percent, area, buffer);
        }
    }
}

/// How much of a move is done, where the cells at its right are free.
fn percent_beside(theme: &Theme, cell: Rect, percent: u8, area: Rect, buffer: &mut Buffer) {
    let text = format!("{percent} %");
    let place = Rect {
        x: cell.right(),
        width: u16::try_from(text.len()).unwrap_or(0),
        ..cell
    };
    let free = (place.x..place.right()).all(|x| {
        let symbol = buffer
            .cell(Position::new(x, place.y))
            .map(ratatui::buffer::Cell::symbol);
        symbol == Some(" ")
    });
    if place.right() <= area.right() && free {
        put(buffer, place, &text, theme.style(Role::Busy));
    }
}

/// Before anything is distributed the tables themselves are what there is to see.
fn plain_tables(tour: &OpenTour, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let names: Vec<String> = local_tables(&tour.view)
        .map(|table| one_line(&table.name.to_string()))
        .collect();
    if names.is_empty() {
        let words = Span::styled("no tables yet", theme.style(Role::Dim));
        write(buffer, area, words);
        return;
    }
    let (mut at, mut shown) = (Position::new(area.x, area.y), 0);
    for name in &names {
        let text = format!("{} {name}", theme.glyphs.local);
        let width = u16::try_from(Line::raw(text.as_str()).width()).unwrap_or(u16::MAX);
        let more = names.len() - shown;
        let note = format!("+{more} more");
        let note_width = u16::try_from(note.len()).unwrap_or(0);
        let last_row = at.y + 1 >= area.bottom();
        let left = area.right().saturating_sub(at.x);
        let reserve = if more > 1 && last_row {
            note_width + 2
        } else {
            0
        };
        if width.saturating_add(reserve) > left {
            if !last_row && at.x > area.x {
                at = Position::new(area.x, at.y + 1);
            } else {
                let place = Rect::new(at.x, at.y, left, 1).intersection(area);
                write(buffer, place, Span::styled(note, theme.style(Role::Dim)));
                return;
            }
        }
        let place = Rect::new(at.x, at.y, area.right().saturating_sub(at.x), 1);
        write(
            buffer,
            place.intersection(area),
            Line::from(vec![
                Span::styled(format!("{} ", theme.glyphs.local), theme.style(Role::Dim)),
                Span::styled(name.clone(), theme.style(Role::Text)),
            ]),
        );
        at.x = at.x.saturating_add(width + 2);
        shown += 1;
    }
}
