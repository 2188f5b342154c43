//! What is on the screen, as data. In: a [`Msg`], what a person or the cluster did. Out: a changed [`Model`] and [`Effect`]s, what is to be
//! done outside. Pure: no I/O, and the clock comes as a parameter.
//!
//! One folder a pane, each with its state, its commands with their keys, and what they do. [`keys`] joins the panes' tables into the one
//! that feeds dispatch, footer, help, palette, buttons and `docs/keys.md`.

mod deadline;
mod effect;
pub mod home;
pub mod input;
pub mod keys;
pub mod laboratory;
pub mod lesson;
pub mod log;
pub mod map;
mod message;
mod model;
pub mod nodes;
pub mod overlay;
mod regions;
mod settings;
mod size;
pub mod sql;
mod tour;
mod update;
mod wrapping;

pub use deadline::next_deadline;
pub use effect::{Copied, Effect, Leave};
pub use message::{BootEvent, ClusterFacts, Msg, NodeFacts, SqlEvent};
pub use model::{Frames, Model, Notice, Pane, Screen};
pub use regions::{Border, Hit, Regions, Target, Viewport};
pub use settings::{ColourDepth, Settings, ThemeName};
pub use size::{SMALLEST, Size};
pub use tour::{Boot, NodeBoot, OpenTour};
pub use update::{ContentsRow, buttons, can_keep, contents, execute, matching, recalled, update};
pub(crate) use wrapping::wrap;
