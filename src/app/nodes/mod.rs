//! The nodes: what can be done to each, and what would stop working.

mod command;
mod state;

pub use command::{
    KEYS, NodesCommand, NodesTarget, acted, ask, command, confirmed, counts_seconds, exited,
    log_tail, press, scroll, viewed,
};
pub use state::{ActId, NodesPane, UnderWay};
