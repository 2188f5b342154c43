//! Draws editor and results.

mod editor;
mod grid;
mod paint;
mod results;
mod status;

#[cfg(test)]
mod tests;

pub(super) use editor::draw as draw_editor;
pub(super) use results::draw as draw_results;
