//! The lesson pane: where the learner is, what is done, what unfolds.

mod command;
mod state;

pub use command::{
    KEYS, LessonCommand, LessonTarget, act_done, action_done, check_said, command, enter, jump,
    press, ready, rebuild, run_done, scroll, set_up, show_me, skip, step_played,
};
pub use state::{ItemId, ItemState, LessonPane, Opened};
