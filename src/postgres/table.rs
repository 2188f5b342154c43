//! A result as psql's aligned table. Pure.

use std::fmt::Write;

use super::outcome::ResultSet;
use super::visible::{cut, visible, width};

/// The narrowest a column gets before the table turns into records.
const NARROWEST: usize = 6;

/// The table with its `(n rows)`; no line wider than `limit` when one is given.
pub(super) fn table(result: &ResultSet, limit: Option<usize>) -> String {
    let cells = Cells::of(result);
    match limit {
        None => cells.aligned(),
        Some(limit) => match cells.narrowed(limit) {
            Some(narrowed) => narrowed.aligned(),
            None => cells.records(limit),
        },
    }
}

/// Text made safe, in lines, with the widths that it needs.
struct Cells {
    headers: Vec<String>,
    right: Vec<bool>,
    rows: Vec<Vec<Vec<String>>>,
    widths: Vec<usize>,
}

impl Cells {
    fn of(result: &ResultSet) -> Self {
        let headers: Vec<String> = result
            .columns
            .iter()
            .map(|column| visible(&column.name, false).into_owned())
            .collect();
        let lines = |value: &Option<String>| {
            let shown = visible(value.as_deref().unwrap_or_default(), true);
            shown.split('\n').map(str::to_owned).collect::<Vec<_>>()
        };
        let rows = result
            .rows
            .iter()
            .map(|row| row.iter().map(lines).collect())
            .collect();
        let right = result
            .columns
            .iter()
            .map(super::outcome::Column::is_numeric)
            .collect();
        let mut cells = Self {
            headers,
            right,
            rows,
            widths: Vec::new(),
        };
        cells.measure();
        cells
    }

    fn measure(&mut self) {
        self.widths = self.headers.iter().map(|header| width(header)).collect();
        for row in &self.rows {
            for (widest, cell) in self.widths.iter_mut().zip(row) {
                *widest = cell
                    .iter()
                    .map(|line| width(line))
                    .fold(*widest, usize::max);
            }
        }
    }

    /// Cut so that the table fits, the widest columns first; `None` when it cannot.
    fn narrowed(&self, limit: usize) -> Option<Self> {
        let mut widths = self.widths.clone();
        let mut excess =
            (widths.iter().sum::<usize>() + 3 * widths.len()).saturating_sub(limit + 1);
        while excess > 0 {
            let widest = widths.iter_mut().max_by_key(|width| **width)?;
            if *widest <= NARROWEST {
                return None;
            }
            *widest -= 1;
            excess -= 1;
        }
        let fit = |text: &String, width: usize| cut(text, width).into_owned();
        let headers = self
            .headers
            .iter()
            .zip(&widths)
            .map(|(text, w)| fit(text, *w))
            .collect();
        let fit_row = |row: &Vec<Vec<String>>| {
            let lines =
                |(cell, w): (&Vec<String>, &usize)| cell.iter().map(|l| fit(l, *w)).collect();
            row.iter().zip(&widths).map(lines).collect()
        };
        let rows = self.rows.iter().map(fit_row).collect();
        Some(Self {
            headers,
            right: self.right.clone(),
            rows,
            widths,
        })
    }

    fn aligned(&self) -> String {
        let mut text = String::new();
        let last = self.widths.len().saturating_sub(1);
        for (column, (header, width)) in self.headers.iter().zip(&self.widths).enumerate() {
            let free = width - self::width(header);
            let (before, after) = (free / 2, free - free / 2);
            let _ = write!(text, " {:before$}{header}{:after$} ", "", "");
            if column < last {
                text.push('|');
            }
        }
        if !self.headers.is_empty() {
            text.push('\n');
        }
        let rules: Vec<_> = self
            .widths
            .iter()
            .map(|width| "-".repeat(width + 2))
            .collect();
        text.push_str(if rules.is_empty() { "--" } else { "" });
        text.push_str(&rules.join("+"));
        text.push('\n');
        for row in &self.rows {
            self.push_row(&mut text, row);
        }
        push_count(&mut text, self.rows.len());
        text
    }

    fn push_row(&self, text: &mut String, row: &[Vec<String>]) {
        let height = row.iter().map(Vec::len).max().unwrap_or_default();
        let last = row.len().saturating_sub(1);
        for line in 0..height {
            for (column, cell) in row.iter().enumerate() {
                let content = cell.get(line).map_or("", String::as_str);
                let continues = line + 1 < cell.len();
                let free = self.widths[column] - width(content);
                text.push(' ');
                if self.right[column] {
                    let _ = write!(text, "{:free$}{content}", "");
                } else if column < last || continues {
                    let _ = write!(text, "{content}{:free$}", "");
                } else {
                    text.push_str(content);
                }
                if continues {
                    text.push('+');
                } else if column < last {
                    text.push(' ');
                }
                if column < last {
                    text.push('|');
                }
            }
            text.push('\n');
        }
    }

    /// One line a value, as psql's expanded display.
    fn records(&self, limit: usize) -> String {
        let mut text = String::new();
        let room = limit / 2;
        let name = self
            .headers
            .iter()
            .map(|header| width(header))
            .max()
            .unwrap_or(0)
            .min(room);
        for (number, row) in self.rows.iter().enumerate() {
            let title = format!("-[ RECORD {} ]", number + 1);
            let rule = limit.min(name + 30).saturating_sub(width(&title));
            let _ = writeln!(text, "{}{}", cut(&title, limit), "-".repeat(rule));
            for (header, cell) in self.headers.iter().zip(row) {
                for (index, line) in cell.iter().enumerate() {
                    let header = if index == 0 {
                        cut(header, name)
                    } else {
                        "".into()
                    };
                    let free = name - width(&header);
                    let value = cut(line, limit.saturating_sub(name + 3));
                    let _ = writeln!(text, "{header}{:free$} | {value}", "");
                }
            }
        }
        push_count(&mut text, self.rows.len());
        text
    }
}

fn push_count(text: &mut String, rows: usize) {
    let _ = match rows {
        1 => writeln!(text, "(1 row)"),
        many => writeln!(text, "({many} rows)"),
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::postgres::Column;

    fn result(columns: &[(&str, u32)], rows: &[&[Option<&str>]]) -> ResultSet {
        let column = |(name, type_oid): &(&str, u32)| Column {
            name: (*name).to_owned(),
            type_oid: *type_oid,
        };
        let row =
            |row: &&[Option<&str>]| row.iter().map(|value| value.map(str::to_owned)).collect();
        ResultSet {
            columns: columns.iter().map(column).collect(),
            rows: rows.iter().map(row).collect(),
        }
    }

    #[test]
    fn numbers_stand_at_the_right_and_headers_in_the_middle() {
        let rows = result(
            &[("count", 20), ("sum", 1700), ("state", 25)],
            &[
                &[Some("10000"), Some("3118750.00"), Some("paid")],
                &[Some("1"), None, Some("x")],
            ],
        );
        assert_eq!(
            table(&rows, None),
            " count |    sum     | state \n-------+------------+-------\n 10000 | 3118750.00 | paid\n     1 |            | x\n(2 rows)\n"
        );
    }

    #[test]
    fn a_result_without_columns_has_rows_still() {
        assert_eq!(table(&result(&[], &[&[]]), None), "--\n(1 row)\n");
    }

    #[test]
    fn lines_in_a_cell_continue_below() {
        let rows = result(&[("a", 25), ("b", 25)], &[&[Some("x\ny"), Some("1")]]);
        assert_eq!(
            table(&rows, None),
            " a | b \n---+---\n x+| 1\n y | \n(1 row)\n"
        );
        let last = result(&[("b", 25)], &[&[Some("one\nthree")]]);
        assert_eq!(
            table(&last, None),
            "   b   \n-------\n one  +\n three\n(1 row)\n"
        );
    }

    #[test]
    fn escapes_are_shown() {
        let rows = result(&[("a", 25)], &[&[Some("\x1b[31mred")]]);
        assert_eq!(
            table(&rows, None),
            "      a      \n-------------\n \\x1B[31mred\n(1 row)\n"
        );
    }

    #[test]
    fn a_limit_cuts_the_widest_then_turns_to_records() {
        let rows = result(
            &[("id", 23), ("text", 25)],
            &[&[Some("1"), Some("a rather long value")]],
        );
        assert_eq!(
            table(&rows, Some(20)),
            " id |     text      \n----+---------------\n  1 | a rather lon…\n(1 row)\n"
        );
        assert_eq!(
            table(&rows, Some(12)),
            "-[ RECORD 1…\nid   | 1\ntext | a ra…\n(1 row)\n"
        );
    }

    proptest! {
        #[test]
        fn no_line_is_wider_than_the_limit(
            names in prop::collection::vec(".{0,12}", 1..5),
            values in prop::collection::vec(".{0,30}", 1..12),
            limit in 12_usize..80,
        ) {
            let columns: Vec<_> = names.iter().map(|name| (name.as_str(), 25)).collect();
            let rows: Vec<Vec<Option<&str>>> = values
                .chunks_exact(columns.len())
                .map(|row| row.iter().map(|value| Some(value.as_str())).collect())
                .collect();
            let rows: Vec<&[Option<&str>]> = rows.iter().map(Vec::as_slice).collect();
            let set = result(&columns, &rows);
            for line in table(&set, Some(limit)).lines().filter(|line| !line.starts_with('(')) {
                prop_assert!(width(line) <= limit, "{} > {limit}: {line:?}", width(line));
            }
        }
    }
}
