//! What hands do, free of any terminal library.

mod chord;
mod pointer;

pub use chord::{Chord, Key};
pub use pointer::{Pointer, PointerKind};
