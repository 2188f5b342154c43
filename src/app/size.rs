//! What a screen has room for.

/// What a screen has room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// Nothing: a message says how large it must be.
    TooSmall,
    /// One pane at a time.
    One,
    /// The lesson at the left, map and SQL at the right.
    Two,
    /// The nodes and the event log beside the map.
    Three,
}

/// Columns and rows below which only a message is shown.
pub const SMALLEST: (u16, u16) = (60, 20);

impl Size {
    /// What a screen of that many columns and rows has room for.
    #[must_use]
    pub fn of(columns: u16, rows: u16) -> Self {
        if columns < SMALLEST.0 || rows < SMALLEST.1 {
            Self::TooSmall
        } else if columns < 110 || rows < 30 {
            Self::One
        } else if columns < 180 {
            Self::Two
        } else {
            Self::Three
        }
    }
}
