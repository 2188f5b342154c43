//! The SQL pane: an editor, what statements brought, their history.

mod command;
mod job;
mod state;

pub use command::{
    KEYS, SqlCommand, SqlTarget, came, command, history, paste, press, put, run_for_lesson, scroll,
    touched, type_chord,
};
pub use job::{Answer, Grid, Job, JobId, Origin, Piece};
pub use state::{SqlPane, next_deadline};
