//! What a user downloads and what a reader has to trust: the program's size and its dependencies.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::figure::{Bar, Figure, Unit};
use crate::ground::PROGRAM;

const BYTES_PER_MEGABYTE: f64 = 1_000_000.0;

pub(crate) fn measure() -> Result<Vec<Figure>> {
    #[expect(clippy::cast_precision_loss, reason = "no program has that many bytes")]
    let size = fs::metadata(PROGRAM)?.len() as f64 / BYTES_PER_MEGABYTE;
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"))?;
    let packages = lock.lines().filter(|line| *line == "[[package]]").count();
    let packages = f64::from(u32::try_from(packages)?);
    Ok(vec![
        Figure::number("release binary", size, Unit::Megabytes, Bar::Value(20.0)),
        Figure::number(
            "packages in `Cargo.lock`",
            packages,
            Unit::Count,
            Bar::Value(350.0),
        ),
    ])
}
