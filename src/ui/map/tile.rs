//! One tile, at every size.

use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Color, Style},
    text::Span,
};

use super::{
    flow::{Flow, Level},
    picture::{Picture, Tile, TileState},
};
use crate::{
    app::map::SectionKind,
    ui::{
        text::{clip, one_line, size_words, write},
        theme::{Role, Theme},
    },
};

/// What tiles are drawn with.
#[derive(Clone, Copy)]
pub(super) struct Brush<'a> {
    pub(super) picture: &'a Picture<'a>,
    pub(super) flow: &'a Flow,
    pub(super) theme: &'a Theme,
    /// The chosen column.
    pub(super) chosen: Option<usize>,
}

/// The mark of a state.
pub(super) fn mark(theme: &Theme, state: TileState) -> &'static str {
    let glyphs = theme.glyphs;
    match state {
        TileState::Active => glyphs.active,
        TileState::Reference => glyphs.reference,
        TileState::Leftover => glyphs.leftover,
        TileState::Moving => glyphs.moving,
        TileState::Arriving(percent) => glyphs.ghosts[usize::from(percent.min(99)) / 25],
        TileState::Unreachable => glyphs.unreachable,
        TileState::Failed => glyphs.failed,
    }
}

/// The word of a state.
pub(super) fn word(state: TileState) -> &'static str {
    match state {
        TileState::Active => "active",
        TileState::Reference => "reference",
        TileState::Leftover => "leftover",
        TileState::Moving => "leaving",
        TileState::Arriving(_) => "arriving",
        TileState::Unreachable => "out of reach",
        TileState::Failed => "failed",
    }
}

/// How a tile of a section looks in a state.
pub(super) fn style(theme: &Theme, section: usize, state: TileState) -> Style {
    match state {
        TileState::Active | TileState::Moving | TileState::Arriving(_) => theme.group(section),
        TileState::Reference => theme.style(Role::Strong),
        TileState::Leftover => theme.style(Role::Dim),
        TileState::Unreachable | TileState::Failed => theme.style(Role::Alert),
    }
}

impl Brush<'_> {
    fn look(&self, tile: Tile, lane_chosen: bool) -> Style {
        let section = self.picture.section_of.get(tile.column).copied();
        let mut style = style(self.theme, section.unwrap_or(0), tile.state);
        if tile.touched.is_some() {
            style = style.add_modifier(self.theme.style(Role::Touched).add_modifier);
        }
        if self.chosen == Some(tile.column) && lane_chosen {
            style = self.theme.selected(style);
        }
        style
    }

    /// Draws the tiles that share a cell; `cell` is where it lies on the screen.
    pub(super) fn draw(&self, tiles: &[Tile], cell: Rect, lane_chosen: bool, buffer: &mut Buffer) {
        let worst = tiles.iter().max_by_key(|tile| tile.state).copied();
        let Some(worst) = worst else {
            return;
        };
        match self.flow.level {
            Level::Card => self.card(worst, cell, lane_chosen, buffer),
            Level::Chip => {
                let digits = usize::from(cell.width.saturating_sub(2));
                let section = self.picture.section(worst.column);
                let whole = section.is_some_and(|(_, it)| it.kind == SectionKind::Reference);
                // Of reference tables it is how many there are, where there are several.
                let number = match self.picture.number(worst.column) {
                    0 | 1 if whole => String::new(),
                    number if whole => number.to_string(),
                    number => format!("{number:0digits$}"),
                };
                let text = format!("{}{number}", mark(self.theme, worst.state));
                put(buffer, cell, &text, self.look(worst, lane_chosen));
                if let Some(wrote) = worst
                    .touched
                    .filter(|_| self.theme.glyphs.upper_half.is_none())
                {
                    // Underlines are not everywhere: letters say it too.
                    let place = Rect {
                        x: cell.x + cell.width - 1,
                        width: 1,
                        ..cell
                    };
                    let letter = if wrote { "w" } else { "r" };
                    put(buffer, place, letter, self.theme.style(Role::Busy));
                }
            }
            Level::Half => self.halves(tiles, worst, cell, lane_chosen, buffer),
            Level::Dot | Level::Bucket => {
                let chosen = tiles.iter().find(|tile| self.chosen == Some(tile.column));
                let mut look = self.look(worst, lane_chosen);
                if chosen.is_some() && lane_chosen {
                    look = self.theme.selected(look);
                }
                dot(buffer, cell, mark(self.theme, worst.state), look);
            }
        }
    }

    /// Two groups in one cell by its colours; what is not simply there needs its mark.
    fn halves(
        &self,
        tiles: &[Tile],
        worst: Tile,
        cell: Rect,
        lane_chosen: bool,
        buffer: &mut Buffer,
    ) {
        let plain = |tile: &Tile| {
            matches!(tile.state, TileState::Active | TileState::Reference)
                && tile.touched.is_none()
                && !(lane_chosen && self.chosen == Some(tile.column))
        };
        let half = self.theme.glyphs.upper_half;
        let special = tiles.iter().filter(|tile| !plain(tile));
        if let Some(tile) = special.max_by_key(|tile| tile.state) {
            let state = worst.state.max(tile.state);
            let look = self.look(Tile { state, ..*tile }, lane_chosen);
            dot(buffer, cell, mark(self.theme, state), look);
            return;
        }
        let Some(half) = half else {
            let look = self.look(worst, lane_chosen);
            dot(buffer, cell, mark(self.theme, worst.state), look);
            return;
        };
        let first = self.flow.first_of_cell(worst.column);
        let colour = |column: usize| -> Option<Color> {
            let tile = tiles.iter().find(|tile| tile.column == column)?;
            self.look(*tile, false).fg
        };
        let background = self.theme.style(Role::Text).bg.unwrap_or(Color::Reset);
        let style = match (colour(first), colour(first + 1)) {
            (Some(upper), Some(lower)) => Style::new().fg(upper).bg(lower),
            (Some(upper), None) => Style::new().fg(upper).bg(background),
            (None, Some(lower)) => Style::new().fg(background).bg(lower),
            (None, None) => return,
        };
        dot(buffer, cell, half, style);
    }

    fn card(&self, tile: Tile, cell: Rect, lane_chosen: bool, buffer: &mut Buffer) {
        let theme = self.theme;
        let group = self
            .picture
            .order
            .get(tile.column)
            .and_then(|index| self.picture.view.groups.get(*index));
        let Some(group) = group else {
            return;
        };
        let width = usize::from(cell.width.saturating_sub(1));
        let look = self.look(tile, lane_chosen);
        let word = match tile.state {
            TileState::Arriving(percent) => format!("{percent} %"),
            state => word(state).to_owned(),
        };
        let number = self.picture.number(tile.column);
        let number = match tile.state {
            TileState::Reference => format!("{} {word}", mark(theme, tile.state)),
            _ => format!("{} {number:02} {word}", mark(theme, tile.state)),
        };
        let mut names: Vec<&str> = group
            .shards
            .iter()
            .map(|shard| shard.table.name.as_str())
            .collect();
        names.dedup();
        let names = clip(&one_line(&names.join(" ")), width, theme.glyphs.ellipsis);
        let row = |offset: u16| Rect {
            y: cell.y + offset,
            height: 1,
            width: cell.width.saturating_sub(1),
            ..cell
        };
        let number = clip(&number, width, theme.glyphs.ellipsis);
        put(buffer, row(0), &format!("{number:<width$}"), look);
        write(buffer, row(1), Span::styled(names, theme.style(Role::Dim)));
        let holder = group.holders().first().copied();
        let bytes = holder.and_then(|id| group.bytes_on(id));
        if let Some(bytes) = bytes {
            let largest = self.largest();
            let full = 4 * bytes / largest.max(1);
            let bar: String = (0..4)
                .map(|step| {
                    let level = if step < full { 4 } else { 1 };
                    theme.glyphs.levels[level]
                })
                .collect();
            let text = format!("{bar} {}", size_words(bytes));
            let text = clip(&text, width, theme.glyphs.ellipsis);
            write(
                buffer,
                row(2),
                Span::styled(text, style(theme, self.section(tile), TileState::Active)),
            );
        }
    }

    fn section(&self, tile: Tile) -> usize {
        self.picture
            .section_of
            .get(tile.column)
            .copied()
            .unwrap_or(0)
    }

    /// The size of the largest group: cards are few, so that asking each time is cheap.
    fn largest(&self) -> u64 {
        let groups = &self.picture.view.groups;
        let sizes = groups.iter().filter_map(|group| {
            let holder = group.holders().first().copied()?;
            group.bytes_on(holder)
        });
        sizes.max().unwrap_or(0)
    }
}

/// Writes one mark: there may be thousands, so nothing is measured.
fn dot(buffer: &mut Buffer, cell: Rect, mark: &str, style: Style) {
    if let Some(place) = buffer.cell_mut(Position::new(cell.x, cell.y)) {
        place.set_symbol(mark).set_style(style);
    }
}

/// Writes into a cell without going through lines and spans: there may be thousands.
pub(super) fn put(buffer: &mut Buffer, cell: Rect, text: &str, style: Style) {
    let inside = cell.intersection(buffer.area);
    if inside.is_empty() {
        return;
    }
    buffer.set_stringn(inside.x, inside.y, text, usize::from(inside.width), style);
}
