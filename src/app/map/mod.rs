//! The shard map's state: which view, what is chosen, what was touched.

mod command;
mod state;

pub use command::{KEYS, MapCommand, MapTarget, changed, command, group_facts, press, scroll};
pub use state::{GroupFacts, MapPane, MapView, TouchedTile, next_deadline, touch};
