//! What a mouse does.

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PointerKind {
    /// The left button went down.
    Press,
    /// The left button came up.
    Release,
    /// It moved with the left button down.
    Drag,
    /// It moved.
    Move,
    /// The wheel, upwards.
    ScrollUp,
    /// The wheel, downwards.
    ScrollDown,
    /// The wheel or Shift and the wheel, to the left.
    ScrollLeft,
    /// The same to the right.
    ScrollRight,
}

/// What happened, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pointer {
    /// What.
    pub kind: PointerKind,
    /// Column, from the left edge of the screen.
    pub column: u16,
    /// Row, from its top.
    pub row: u16,
}
