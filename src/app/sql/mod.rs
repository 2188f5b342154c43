//! The SQL pane: an editor, what statements brought, their history.
//!
//! In: keys, pasted text, the mouse, and what jobs bring. Out: jobs to run. Where the pieces of an answer stand is worked out here too
//! ([`layout`]), so that what is drawn and what keys move over agree.

mod browse;
mod coming;
mod command;
mod edit;
mod elsewhere;
mod job;
mod keys;
pub mod layout;
pub mod measure;
mod meta;
mod remember;
mod running;
mod state;
mod sweeping;
mod text;
mod value;
mod waiting;
pub mod words;

#[cfg(test)]
mod tests;

pub use browse::Browse;
pub use coming::{came, touched};
pub use command::{SqlCommand, SqlTarget, command, paste, press, scroll, type_chord};
pub use edit::{Edit, Step, TAB};
pub use job::{Answer, Grid, Job, JobId, NULL, Origin, Piece};
pub use keys::KEYS;
pub use remember::{history, put};
pub use running::{LIMIT, node_name, run_for_lesson, server_ended};
pub use state::{PATIENCE, Running, SPIN, SqlPane, next_deadline};
pub use text::Written;
pub use waiting::waiting;
