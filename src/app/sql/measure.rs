//! Values in cells: how wide they are and what of them fits. Pure.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use crate::postgres::visible_text;

/// Wider values are not measured to their end: nothing shows so much of them in one line.
pub const WIDEST: usize = 240;

/// The columns that a value takes on one line, [`WIDEST`] at most.
#[must_use]
pub fn width(value: &str) -> usize {
    if value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return value.len().min(WIDEST);
    }
    let mut width = 0;
    for grapheme in value.graphemes(true) {
        width += shown(grapheme, "n").width();
        if width >= WIDEST {
            return WIDEST;
        }
    }
    width
}

/// A value on one line of at most so many columns: line ends as a sign, what could steer the terminal written out, and a mark where
/// something is left out.
#[must_use]
pub fn fit(value: &str, width: usize, newline: &str, ellipsis: &str) -> String {
    let mut text = String::new();
    let mut used = 0;
    // The place up to which there is room for the mark too.
    let mut room = 0;
    let most = width.saturating_sub(ellipsis.width());
    for grapheme in value.graphemes(true) {
        let piece = shown(grapheme, newline);
        let columns = piece.width();
        if used + columns > width {
            text.truncate(room);
            if width >= ellipsis.width() {
                text.push_str(ellipsis);
            }
            return text;
        }
        text.push_str(&piece);
        used += columns;
        if used <= most {
            room = text.len();
        }
    }
    text
}

fn shown<'v>(grapheme: &'v str, newline: &'v str) -> Cow<'v, str> {
    match grapheme {
        "\n" => Cow::Borrowed(newline),
        "\r\n" => Cow::Owned(format!("\\r{newline}")),
        "\t" => Cow::Borrowed("\\t"),
        plain if plain.len() == 1 && plain.as_bytes()[0].is_ascii_graphic() || plain == " " => {
            Cow::Borrowed(plain)
        }
        other => Cow::Owned(visible_text(other)),
    }
}

/// How wide the columns of a grid are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns {
    /// In order.
    pub widths: Vec<usize>,
}

/// Columns between two columns of a grid.
pub const GAP: usize = 3;

/// No column is made narrower than that to let the others fit.
const NARROW: usize = 16;

/// What a column gets where they cannot all be seen at once.
const WIDE: usize = 40;

impl Columns {
    /// Widths so that all fit into `room` where they can: the widest give way first.
    #[must_use]
    pub fn fit(natural: &[usize], room: usize) -> Self {
        let total = |most: usize| -> usize {
            natural
                .iter()
                .map(|width| (*width).min(most))
                .sum::<usize>()
                + GAP * natural.len().saturating_sub(1)
        };
        let most = (NARROW..=WIDEST)
            .rev()
            .find(|most| total(*most) <= room)
            .unwrap_or(WIDE)
            .min(room.max(1));
        Self {
            widths: natural
                .iter()
                .map(|width| (*width).clamp(1, most.max(1)))
                .collect(),
        }
    }

    /// The columns from `first` on that can be seen in `room`, each with its place; the last one may be cut.
    pub fn seen(
        &self,
        first: usize,
        room: usize,
    ) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let mut at = 0;
        self.widths
            .iter()
            .enumerate()
            .skip(first)
            .map_while(move |(index, width)| {
                let place = at;
                at += width + GAP;
                (place < room).then(|| (index, place, (*width).min(room - place)))
            })
    }

    /// The first column to be shown so that `column` is seen whole.
    #[must_use]
    pub fn reveal(&self, column: usize, first: usize, room: usize) -> usize {
        let mut first = first.min(column);
        let whole = |from: usize| -> usize {
            self.widths.get(from..=column).map_or(0, |widths| {
                widths.iter().sum::<usize>() + GAP * (column - from)
            })
        };
        while first < column && whole(first) > room {
            first += 1;
        }
        first
    }
}

/// Whether a row is so much wider than the room for it that it is better read one column a line.
#[must_use]
pub fn is_too_wide(natural: &[usize], room: usize) -> bool {
    let wanted: usize = natural.iter().map(|width| (*width).min(60) + GAP).sum();
    natural.len() > 1 && wanted > 2 * room.max(20)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        assert_eq!(fit("\u{1b}[31mred", 20, "↵", "…"), "\\x1B[31mred");
        assert_eq!(fit("two\nlines\tand", 20, "↵", "…"), "two↵lines\\tand");
        assert_eq!(fit("日本語", 5, "↵", "…"), "日本…");
        assert_eq!(fit("abcd", 3, "↵", "~"), "ab~");
        assert_eq!(fit("abc", 3, "↵", "…"), "abc");
        assert_eq!(fit("abc", 0, "↵", "…"), "");
        assert_eq!(width("日本\n"), 5);
    }

    #[test]
    fn the_widest_columns_give_way_first() {
        assert_eq!(Columns::fit(&[5, 10], 40).widths, [5, 10]);
        assert_eq!(Columns::fit(&[5, 100], 40).widths, [5, 32]);
        assert_eq!(Columns::fit(&[200], 70).widths, [70]);
        assert_eq!(Columns::fit(&[100, 100, 100], 30).widths, [30, 30, 30]);
        assert_eq!(Columns::fit(&[100, 100, 100], 50).widths, [40, 40, 40]);
        let columns = Columns::fit(&[100, 100, 100], 50);
        assert_eq!(columns.reveal(2, 0, 50), 2);
        assert_eq!(columns.reveal(0, 2, 50), 0);
        let seen: Vec<_> = columns.seen(1, 50).collect();
        assert_eq!(seen, [(1, 0, 40), (2, 43, 7)]);
    }

    proptest! {
        #[test]
        fn what_fits_fits(value in any::<String>(), room in 0_usize..30) {
            let text = fit(&value, room, "↵", "…");
            prop_assert!(text.width() <= room.max(1), "{:?}", text);
            prop_assert!(!text.chars().any(char::is_control));
        }

        #[test]
        fn columns_are_found_again(
            natural in prop::collection::vec(0_usize..300, 1..50), room in 0_usize..200, at in 0_usize..50
        ) {
            let columns = Columns::fit(&natural, room);
            let column = at % natural.len();
            let first = columns.reveal(column, 0, room);
            prop_assert!(room == 0 || columns.seen(first, room).any(|(index, ..)| index == column));
        }
    }
}
