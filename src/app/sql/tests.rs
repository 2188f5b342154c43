use std::time::{Duration, Instant};

use super::*;
use crate::postgres::{Column, TransactionStatus};

/// An answer with so many columns and rows, whose values are the column's name and the row's number.
pub(super) fn answer_of(columns: &[&str], rows: usize) -> Answer {
    let mut grid = Grid::new(
        columns
            .iter()
            .map(|name| Column {
                name: (*name).to_owned(),
                type_oid: 25,
            })
            .collect(),
    );
    grid.take(
        (0..rows)
            .map(|row| {
                columns
                    .iter()
                    .map(|name| Some(format!("{name}{row}")))
                    .collect()
            })
            .collect(),
    );
    Answer {
        job: JobId(1),
        index: 0,
        node: "coordinator".to_owned(),
        statement: "SELECT * FROM t".to_owned(),
        of_lesson: false,
        pieces: vec![Piece::Grid(grid), Piece::Tag(format!("SELECT {rows}"))],
        started: Instant::now(),
        duration: Some(Duration::from_millis(1)),
        transaction: TransactionStatus::Idle,
        touched: None,
        bytes: 0,
    }
}
