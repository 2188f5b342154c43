//! Draws a [`Model`](crate::app::Model): a buffer filled, and what lies where as [`Regions`](crate::app::Regions). Never changes the model,
//! never reads the clock, never names a colour outside [`theme`].

mod chrome;
pub mod highlight;
mod home;
mod laboratory;
mod layout;
mod lesson;
mod log;
mod map;
pub mod markdown;
mod nodes;
mod overlay;
mod sql;
mod text;
pub mod theme;
mod view;

pub use layout::{Areas, Size, areas};
pub use theme::Theme;
pub use view::view;
