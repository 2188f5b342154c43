//! What a load did from its start to its end.

use std::fmt;

use serde::Serialize;

/// All of a load. Keys are never renamed; new ones may come.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LoadReport {}

impl fmt::Display for LoadReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter)
    }
}
