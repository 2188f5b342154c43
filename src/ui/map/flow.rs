//! Where tiles stand: the same place in every lane, at the largest size that fits.

/// How a tile is drawn, from large to small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// Number, tables, size and word.
    Card,
    /// Mark and number.
    Chip,
    /// A mark.
    Dot,
    /// Half a cell.
    Half,
    /// A cell for several groups.
    Bucket,
}

impl Level {
    pub(super) const ALL: [Self; 5] = [Self::Card, Self::Chip, Self::Dot, Self::Half, Self::Bucket];

    /// Its place in [`Self::ALL`].
    pub(super) fn number(self) -> u8 {
        self as u8
    }
}

/// Columns of a card, with the gap at its right.
const CARD: u16 = 14;
/// Rows of a card.
const CARD_ROWS: u16 = 3;
/// Columns between sections.
const GAP: u16 = 2;

/// What is to be placed, and where there is room.
#[derive(Debug, Clone)]
pub(super) struct Wish<'a> {
    /// Groups by section.
    pub(super) sections: &'a [usize],
    /// Digits of the largest number.
    pub(super) digits: u16,
    /// The largest tiles that are wanted.
    pub(super) largest: Level,
    /// Half cells may be drawn.
    pub(super) halves: bool,
}

/// Where the tiles of a lane stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flow {
    pub(super) level: Level,
    /// Groups that share a cell.
    pub(super) per_cell: usize,
    /// Columns and rows of a cell.
    pub(super) cell: (u16, u16),
    /// Rows of cells.
    pub(super) rows: u16,
    width: u16,
    /// By section: its first column, the cell at which it begins, as column and row.
    starts: Vec<(usize, u16, u16)>,
}

impl Flow {
    /// The largest tiles, not larger than wanted, that fit into one of several rooms of columns and rows; and which room that is.
    pub(super) fn largest(wish: &Wish<'_>, rooms: &[(u16, u16)]) -> (Self, usize) {
        for level in Level::ALL
            .into_iter()
            .filter(|level| *level >= wish.largest && *level != Level::Bucket)
        {
            if level == Level::Half && !wish.halves {
                continue;
            }
            let widths: &[u16] = match level {
                Level::Card => &[CARD],
                Level::Chip => &[wish.digits + 2],
                Level::Dot => &[2, 1],
                Level::Half | Level::Bucket => &[1],
            };
            for width in widths {
                for (index, room) in rooms.iter().enumerate() {
                    if let Some(flow) = Self::fit(wish.sections, *room, level, *width) {
                        return (flow, index);
                    }
                }
            }
        }
        Self::buckets(wish.sections, rooms)
    }

    /// Tiles of one size, if they fit.
    fn fit(sections: &[usize], room: (u16, u16), level: Level, width: u16) -> Option<Self> {
        let height = if level == Level::Card { CARD_ROWS } else { 1 };
        let per_cell = if level == Level::Half { 2 } else { 1 };
        Self::place(sections, room, level, (width, height), per_cell, GAP)
    }

    /// As few groups a cell as possible. Always fits: in the end everything is one cell.
    fn buckets(sections: &[usize], rooms: &[(u16, u16)]) -> (Self, usize) {
        let total: usize = sections.iter().sum();
        let cells =
            |(width, rows): (u16, u16)| usize::from(width.max(1)) * usize::from(rows.max(1));
        let (index, room) = rooms
            .iter()
            .copied()
            .enumerate()
            .max_by_key(|(_, room)| cells(*room))
            .unwrap_or((0, (1, 1)));
        let room = (room.0.max(1), room.1.max(1));
        let least = total.div_ceil(cells(room)).max(2);
        // Gaps and rows that are not full take a little more.
        let tries = (least..least * 2 + 2)
            .find_map(|per_cell| Self::place(sections, room, Level::Bucket, (1, 1), per_cell, GAP));
        let flow = tries.unwrap_or_else(|| {
            // More sections than cells: they share cells.
            Self {
                level: Level::Bucket,
                per_cell: least,
                cell: (1, 1),
                rows: room.1,
                width: room.0,
                starts: vec![(0, 0, 0)],
            }
        });
        (flow, index)
    }

    fn place(
        sections: &[usize],
        (width, rows): (u16, u16),
        level: Level,
        cell: (u16, u16),
        per_cell: usize,
        gap: u16,
    ) -> Option<Self> {
        let per_row = width / cell.0;
        if per_row == 0 || rows < cell.1 {
            return None;
        }
        let (mut x, mut row, mut first) = (0_u16, 0_u16, 0_usize);
        let mut starts = Vec::with_capacity(sections.len());
        for count in sections {
            let cells = count.div_ceil(per_cell);
            if x > 0 {
                x += gap;
                let rest = usize::from(width.saturating_sub(x) / cell.0);
                // A section that fits into one row is not torn apart.
                if rest == 0 || (rest < cells && cells <= usize::from(per_row)) {
                    (x, row) = (0, row + 1);
                }
            }
            starts.push((first, x, row));
            first += count;
            let here = usize::from((width - x) / cell.0);
            if cells <= here {
                x += u16::try_from(cells).ok()? * cell.0;
            } else {
                let rest = cells - here;
                let more = rest.div_ceil(usize::from(per_row));
                row = row.checked_add(u16::try_from(more).ok()?)?;
                let last = rest - (more - 1) * usize::from(per_row);
                x = u16::try_from(last).ok()? * cell.0;
            }
            if u32::from(row + 1) * u32::from(cell.1) > u32::from(rows) {
                return None;
            }
        }
        Some(Self {
            level,
            per_cell,
            cell,
            rows: row + 1,
            width,
            starts,
        })
    }

    /// Rows of the screen that a lane's tiles take.
    pub(super) fn height(&self) -> u16 {
        self.rows * self.cell.1
    }

    /// Where a column's cell begins, as column and row within the lane.
    pub(super) fn at(&self, column: usize) -> (u16, u16) {
        let section = self.starts.partition_point(|(first, ..)| *first <= column);
        let Some((first, x, row)) = section
            .checked_sub(1)
            .and_then(|section| self.starts.get(section))
        else {
            return (0, 0);
        };
        let cell = (column - first) / self.per_cell;
        let here = usize::from((self.width - x) / self.cell.0);
        let per_row = usize::from(self.width / self.cell.0).max(1);
        let (place, line) = if cell < here {
            (cell, 0)
        } else {
            ((cell - here) % per_row, 1 + (cell - here) / per_row)
        };
        let from = if line == 0 { *x } else { 0 };
        let small = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
        (
            from.saturating_add(small(place).saturating_mul(self.cell.0)),
            row.saturating_add(small(line)).saturating_mul(self.cell.1),
        )
    }

    /// The first column of the cell that a column shares.
    pub(super) fn first_of_cell(&self, column: usize) -> usize {
        let section = self.starts.partition_point(|(first, ..)| *first <= column);
        let first = section
            .checked_sub(1)
            .and_then(|section| self.starts.get(section))
            .map_or(0, |(first, ..)| *first);
        first + (column - first) / self.per_cell * self.per_cell
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn wish(sections: &[usize], largest: Level) -> Wish<'_> {
        Wish {
            sections,
            digits: 2,
            largest,
            halves: true,
        }
    }

    #[test]
    fn the_level_follows_the_room() {
        let level = |sections: &[usize], room: (u16, u16)| {
            let (flow, _) = Flow::largest(&wish(sections, Level::Card), &[room]);
            (flow.level, flow.per_cell)
        };
        assert_eq!(level(&[8, 1], (130, 3)), (Level::Card, 1));
        assert_eq!(level(&[8, 1], (40, 2)), (Level::Chip, 1));
        assert_eq!(level(&[32, 1], (40, 1)), (Level::Dot, 1));
        assert_eq!(level(&[64, 1], (40, 1)), (Level::Half, 2));
        assert_eq!(level(&[128, 1], (40, 1)), (Level::Bucket, 4));
    }

    #[test]
    fn a_wish_for_small_tiles_is_heeded() {
        let (flow, _) = Flow::largest(&wish(&[8], Level::Dot), &[(100, 3)]);
        assert_eq!(flow.level, Level::Dot);
    }

    proptest! {
        #[test]
        fn every_column_has_a_place_and_shares_it_only_as_announced(
            sections in proptest::collection::vec(1_usize..400, 1..12),
            width in 1_u16..120, rows in 1_u16..12, level in 0_usize..5,
        ) {
            let (flow, _) = Flow::largest(&wish(&sections, Level::ALL[level]), &[(width, rows)]);
            let total: usize = sections.iter().sum();
            let mut cells: HashMap<(u16, u16), usize> = HashMap::new();
            for column in 0..total {
                let (x, y) = flow.at(column);
                prop_assert!(x + flow.cell.0 <= width && y + flow.cell.1 <= rows, "{flow:?} {x} {y}");
                *cells.entry((x, y)).or_default() += 1;
                prop_assert_eq!(flow.at(flow.first_of_cell(column)), (x, y));
            }
            prop_assert!(cells.values().all(|count| *count <= flow.per_cell));
        }
    }
}
