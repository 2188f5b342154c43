//! Draws the nodes: the strip that is always visible, and the panel.

mod panel;
mod strip;
pub(super) mod word;

#[cfg(test)]
mod tests;

pub(super) use panel::draw;
pub(super) use strip::draw_strip;
