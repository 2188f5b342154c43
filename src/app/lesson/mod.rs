//! The lesson pane: where the learner is, what is done, what unfolds.

mod acting;
mod answers;
mod arriving;
mod command;
mod congratulation;
mod effectless;
mod going;
mod items;
mod keys;
pub mod prediction;
mod record;
mod scrolling;
mod state;

pub use acting::{press, show_me};
pub use answers::{act_done, action_done, check_said, run_done, set_up, step_played};
pub use arriving::{enter, ready, watch_again};
pub use command::{LessonCommand, LessonTarget, command};
pub use going::{jump, rebuild, skip};
pub use items::{
    Item, held_back_from, hindrance, is_prose, items, items_of, marked, marked_item, next_deadline,
    step_holds,
};
pub use keys::KEYS;
pub use record::recall;
pub use scrolling::scroll;
pub use state::{Follow, ItemId, ItemState, LessonPane, Opened, Place};

#[cfg(test)]
mod tests;
