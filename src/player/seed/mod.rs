//! The rows that fill a tour's tables, made by formula so that every run has the same ones.

use std::fmt::Write as _;

mod active_active;
mod journey;

/// One table to fill.
#[derive(Debug, Clone, Copy)]
pub struct SeedTable {
    /// Its name, as a `COPY` statement takes it.
    pub table: &'static str,
    /// The columns, in the order of the rows.
    pub columns: &'static str,
    /// How many rows there are.
    pub rows: u32,
    /// Appends row `number` (from 1) in the text format of `COPY`, its end of line included.
    write_row: fn(u32, &mut String),
}

impl SeedTable {
    /// The statement that takes the rows.
    #[must_use]
    pub fn copy_statement(&self) -> String {
        format!("COPY {} ({}) FROM STDIN", self.table, self.columns)
    }

    /// The rows in the text format of `COPY`, in pieces of some ten thousand bytes.
    pub fn chunks(&self) -> impl Iterator<Item = String> + Send + use<> {
        const CHUNK: usize = 16 * 1024;
        let Self {
            rows, write_row, ..
        } = *self;
        let mut next = 1;
        std::iter::from_fn(move || {
            let mut chunk = String::with_capacity(CHUNK + 128);
            while next <= rows && chunk.len() < CHUNK {
                write_row(next, &mut chunk);
                next += 1;
            }
            (!chunk.is_empty()).then_some(chunk)
        })
    }
}

/// The tables of a tour in an order that foreign keys allow; `None` for a tour that has no rows of its own.
#[must_use]
pub fn tables(tour: &str) -> Option<&'static [SeedTable]> {
    match tour {
        "journey" => Some(&journey::TABLES),
        "active-active" => Some(&active_active::TABLES),
        _ => None,
    }
}

/// Writing to a `String` cannot fail.
fn line(into: &mut String, arguments: std::fmt::Arguments<'_>) {
    let _ = into.write_fmt(arguments);
    into.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tours_have_the_sizes_that_their_lessons_name() {
        let sizes = |tour| -> Vec<(&str, u32)> {
            let tables = tables(tour).unwrap().iter();
            tables.map(|table| (table.table, table.rows)).collect()
        };
        assert_eq!(
            sizes("journey"),
            [
                ("regions", 5),
                ("users", 1_000),
                ("orders", 10_000),
                ("order_items", 20_000)
            ]
        );
        assert_eq!(
            sizes("active-active"),
            [
                ("room_types", 2),
                ("rooms", 100),
                ("room_members", 200),
                ("messages", 500)
            ]
        );
    }

    #[test]
    fn chunks_hold_every_row_once() {
        for table in ["journey", "active-active"]
            .into_iter()
            .flat_map(|tour| tables(tour).unwrap())
        {
            let text: String = table.chunks().collect();
            assert_eq!(text.lines().count(), table.rows as usize, "{}", table.table);
            assert!(text.ends_with('\n'));
        }
    }
}
